"""A file of quotas, read strictly: every line is understood in full, or every fault is listed and nothing applies."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.money import parse_plain, plain

COLUMNS = ("person", "territory", "period", "family", "kind", "amount")
NEEDED, ASSIGNEE = {"period", "amount"}, {"person", "territory"}
MOST_ROWS = 20_000


Key = tuple[int | None, int | None, int, int | None, str]
"""Which quota a line is about: person, territory, quarter, family, kind."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell of the file, and what would be right."""

    row: int
    column: str
    value: str
    remedy: str


@dataclass(frozen=True)
class Line:
    """One quota of the file: of a person or of a territory, for a quarter, for one family or for all."""

    row: int
    person_id: int | None
    territory_id: int | None
    period_id: int
    family_id: int | None
    amount_minor: int
    kind: str = "assigned"

    @property
    def key(self) -> Key:
        return self.person_id, self.territory_id, self.period_id, self.family_id, self.kind


@dataclass(frozen=True)
class Known:
    """What the names in the file stand for: ids by e-mail and by code, the kinds, and the decimals of an amount."""

    people: Mapping[str, int]
    territories: Mapping[str, int]
    periods: Mapping[str, int]
    families: Mapping[str, int]
    kinds: Sequence[str]
    decimals: int


def read_lines(text: str, known: Known) -> tuple[list[Line], list[Fault]]:
    """The file's lines and its faults; where there is a fault the lines are not to be used."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        return [], [
            Fault(reader.line_num, "", "", _("This is not a CSV file: %(error)s.") % {"error": error})
        ]
    faults = _wrong_head(rows)
    if faults:
        return [], faults
    lines: list[Line] = []
    for number, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            line, wrong = _read(number, dict(zip(rows[0], row, strict=False)), len(row) - len(rows[0]), known)
            faults += wrong
            lines += [line] if line else []
    return lines, faults + list(_repeated(lines))


def _wrong_head(rows: Sequence[Sequence[str]]) -> list[Fault]:
    head = [name.strip() for name in rows[0]] if rows else []
    is_known = set(head) <= set(COLUMNS) and len(set(head)) == len(head)
    if not (is_known and set(head) >= NEEDED and set(head) & ASSIGNEE):
        remedy = _("The first line names the columns: %(columns)s. Family and kind may be left out.")
        values = {"columns": ", ".join(COLUMNS)}
        return [Fault(1, "", ", ".join(head)[:200], remedy % values)]
    if len(rows) - 1 > MOST_ROWS:
        remedy = _("A file has at most %(most)s lines; cut it into several.") % {"most": MOST_ROWS}
        return [Fault(len(rows), "", "", remedy)]
    rows[0][:] = head  # type: ignore[index]
    return []


def _read(number: int, cells: dict[str, str], extra: int, known: Known) -> tuple[Line | None, list[Fault]]:
    values = {name: cells.get(name, "").strip() for name in COLUMNS}
    faults: list[Fault] = []

    def wrong(column: str, remedy: str) -> None:
        faults.append(Fault(number, column, values.get(column, ""), remedy))

    def named(column: str, ids: Mapping[str, int], remedy: str) -> int | None:
        key = values[column].lower() if column == "person" else values[column]
        if key and key not in ids:
            wrong(column, remedy)
        return ids.get(key)

    if extra:
        wrong("", _("This line does not have as many cells as the first one."))
    if bool(values["person"]) == bool(values["territory"]):
        wrong(
            "person", _("Give the e-mail of a person or the code of a territory, and leave the other empty.")
        )
    person = named("person", known.people, _("Nobody in your reach has this e-mail address."))
    territory = named("territory", known.territories, _("No territory in your reach has this code."))
    period = known.periods.get(values["period"])
    if period is None:
        wrong(
            "period",
            _("Give the code of a quarter that is open, such as %(code)s.") % {"code": _newest(known)},
        )
    family = named(
        "family", known.families, _("No product family has this code. Leave it empty for all families.")
    )
    kind = values["kind"] or known.kinds[0]
    if kind not in known.kinds:
        wrong("kind", _("Give one of: %(known)s.") % {"known": ", ".join(known.kinds)})
    amount = _amount(values["amount"], known.decimals, wrong)
    if faults or period is None or amount is None:
        return None, faults
    return Line(number, person, territory, period, family, amount, kind), []


def _newest(known: Known) -> str:
    return max(known.periods, default="2026-Q1")


def _amount(text: str, decimals: int, wrong: object) -> int | None:
    try:
        amount = parse_plain(text, decimals)
    except ValueError:
        remedy = _("Write it with a full stop and without separators, such as %(example)s.")
        wrong("amount", remedy % {"example": plain(1000 * 10**decimals, decimals)})  # type: ignore[operator]
        return None
    if amount < 0:
        wrong("amount", _("A quota is zero or more."))  # type: ignore[operator]
        return None
    return amount


def _repeated(lines: Sequence[Line]) -> Iterator[Fault]:
    seen: dict[object, int] = {}
    for line in lines:
        first = seen.setdefault(line.key, line.row)
        if first != line.row:
            remedy = _("Line %(row)s already holds this quota. Keep one of them.") % {"row": first}
            yield Fault(line.row, "", "", remedy)
