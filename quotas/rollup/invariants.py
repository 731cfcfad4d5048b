"""What must hold of ledger, cells, splits, seats and tree: one statement a file, which finds where it does not.

A statement answers with the broken places, each in words; its first line says what holds. `%(months)s` are the fiscal
months that are looked at, null for all; `%(as_of)s` is the fiscal day whose night it is, null outside of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from common.errors import Refused
from quotas.rollup.asking import column

FOLDER = Path(__file__).parent.parent / "invariants"


@dataclass(frozen=True)
class Invariant:
    """What holds, under the name by which it is told, and the statement that finds where it does not."""

    name: str
    holds: str
    statement: str


@cache
def invariants(folder: Path = FOLDER) -> tuple[Invariant, ...]:
    """All of a folder, in the order of their names."""
    return tuple(_read(path) for path in sorted(folder.glob("*.sql")))


def _read(path: Path) -> Invariant:
    first, statement = path.read_text(encoding="utf-8").split("\n", 1)
    name, holds = first.removeprefix("-- ").split(" ", 1)
    return Invariant(name, holds, statement)


def broken_places(
    invariant: Invariant, months: Sequence[date] | None, as_of: date | None = None
) -> list[str]:
    """The first places in those months (None: all) where it does not hold; none where all is well."""
    asked = {"months": None if months is None else list(months), "as_of": as_of}
    return column(invariant.statement, asked)


def checked(folder: Path, months: Sequence[date] | None, as_of: date) -> list[str]:
    """What was found to hold of all in that folder, in words. Raises Refused at the first that does not."""
    found = []
    for invariant in invariants(folder):
        if places := broken_places(invariant, months, as_of):
            words = {"name": invariant.name, "holds": invariant.holds, "place": "; ".join(places)}
            message = _("%(name)s does not hold: %(holds)s It is broken at: %(place)s.") % words
            raise Refused(message, code="invariant_broken")
        found.append(f"{invariant.name} {invariant.holds}")
    return found
