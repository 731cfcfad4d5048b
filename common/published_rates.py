"""Bringing in a file of published rates: what is new, what it changes, and what stays because somebody typed it."""

import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from io import BytesIO
from typing import NamedTuple

from django.utils.translation import gettext as _

from common import euro_rates
from common.calendars import Span
from common.dated import supersede_all
from common.errors import Refused
from common.euro_rates import Held, Published
from common.models import Rate, RateFile
from common.said import Said
from common.selectors import the_organisation
from common.staging import Cell, append
from common.transaction import kept

MOST_BYTES = 5_000_000
MOST_UNPACKED = 20_000_000
SOURCE = "European Central Bank"


def published(content: bytes) -> Published:
    """The rates of a file as the European Central Bank publishes it, packed or not. Raises Refused at `file`."""
    try:
        return euro_rates.read(_unpacked(content).decode("utf-8-sig"))
    except Said as said:
        raise _refused(_(said.text) % said.values) from None
    except UnicodeDecodeError:
        raise _refused(
            _("The file is not text. Take it as the bank publishes it: CSV, or that as ZIP.")
        ) from None


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            names = [name for name in packed.namelist() if name.lower().endswith(".csv")]
            if len(names) != 1:
                raise _refused(
                    _("The ZIP file holds not one CSV file, but %(count)s.") % {"count": len(names)}
                )
            with packed.open(names[0]) as part:
                text = part.read(MOST_UNPACKED + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise _refused(_("The ZIP file is damaged. Take it from the bank again.")) from None
    if len(text) > MOST_UNPACKED:
        raise _refused(_("The file unpacks to more than 20 MB."))
    return text


def _refused(message: str) -> Refused:
    return Refused(message, path="file", code="rate_file")


def file_of(pk: int) -> Published | None:
    """What is in a file that was kept, read once in a transaction; None where there is none of that number."""
    return kept(("rate file", pk), lambda: _file_of(pk))


def _file_of(pk: int) -> Published | None:
    row = RateFile.objects.filter(pk=pk).first()
    return published(bytes(row.content)) if row else None


@dataclass(frozen=True)
class Asked:
    """Which rates of a file are to be brought in, as which kind, from which day on.

    `ends_typed`: a rate that was typed before, without an end, ends where the first of them begins; else it stays.
    """

    kind: str
    currencies: tuple[str, ...]
    starts_on: date
    ends_typed: bool = False


class New(NamedTuple):
    """A rate to be recorded."""

    currency: str
    starts_on: date
    stops_on: date | None
    value: Decimal
    source: str
    is_published: bool


@dataclass
class Line:
    """What becomes of one currency: how many of its rates are new, changed, as they are, or give way to a typed one."""

    currency: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    typed: list[Rate] = field(default_factory=list)
    ended: list[Rate] = field(default_factory=list)
    gaps: list[Span] = field(default_factory=list)
    first: date | None = None
    newest: Held | None = None


@dataclass
class Plan:
    """What bringing in would do: a line for each currency, the rows that are superseded and those that are recorded."""

    asked: Asked
    lines: list[Line] = field(default_factory=list)
    old: list[Rate] = field(default_factory=list)
    new: list[New] = field(default_factory=list)

    @property
    def is_here(self) -> bool:
        """Whether rates of the file stand already as it has them."""
        return any(line.unchanged for line in self.lines)

    @property
    def added(self) -> int:
        return sum(line.added for line in self.lines)

    @property
    def changed(self) -> int:
        return sum(line.changed for line in self.lines)

    @cached_property
    def digest(self) -> str:
        """Of all that would be done: another one says that it is not what was shown."""
        facts = [*(str(row.pk) for row in self.old), *map(repr, self.new)]
        return hashlib.sha256("|".join([repr(self.asked), *facts]).encode()).hexdigest()


def plan_of(file: Published, asked: Asked) -> Plan:
    """What bringing in these rates would do. Raises Refused where the file lacks a currency that it takes."""
    reporting = the_organisation().reporting_currency
    if reporting not in file.currencies:
        message = _("The file has no rate of %(currency)s, the reporting currency.")
        raise Refused(message % {"currency": reporting}, code="no_rate")
    standing: dict[str, list[Rate]] = {currency: [] for currency in asked.currencies}
    rows = Rate.objects.overlapping(asked.starts_on, None).filter(
        kind=asked.kind, currency__in=asked.currencies
    )
    for row in rows.order_by("starts_on"):
        standing[row.currency].append(row)
    plan = Plan(asked)
    for currency in asked.currencies:
        rates, gaps = euro_rates.held(file, currency, reporting)
        _add(plan, currency, rates, gaps, standing[currency], file.days[-1])
    return plan


def _add(
    plan: Plan,
    currency: str,
    rates: Sequence[Held],
    gaps: Sequence[Span],
    standing: Sequence[Rate],
    last: date,
) -> None:
    """The line of a currency. A typed rate stays, and so does one of a later day than the file has."""
    asked = plan.asked
    line = Line(currency, gaps=[gap for gap in gaps if gap.stop > asked.starts_on])
    line.ended = [row for row in standing if asked.ends_typed and _runs_on(row, asked.starts_on)]
    line.typed = [row for row in standing if not row.is_published and row not in line.ended]
    later = [row for row in standing if row.is_published and row.starts_on > last]
    taken = [(row.starts_on, row.stops_on) for row in line.typed] + [
        (row.starts_on, None) for row in later[:1]
    ]
    wanted, line.kept = euro_rates.beside(euro_rates.since(rates, asked.starts_on), taken)
    ours = [row for row in standing if row.is_published and row not in later]
    plan.lines.append(line)
    if wanted:
        _compare(plan, line, wanted, ours)
        line.first, line.newest = wanted[0].start, wanted[-1]


def _runs_on(row: Rate, day: date) -> bool:
    """Whether a rate was typed until further notice, before a day."""
    return not row.is_published and row.stops_on is None and row.starts_on < day


def _compare(plan: Plan, line: Line, wanted: Sequence[Held], ours: Sequence[Rate]) -> None:
    """Count what is new and what differs, and note the rows that go and come."""
    covered, by_start = wanted[0].start, {row.starts_on: row for row in ours}
    same = {one for one in wanted if _is_same(one, by_start.get(one.start))}
    starts = {one.start for one in same}
    for one in wanted:
        before = by_start.get(one.start)
        line.added += before is None
        line.changed += before is not None and before.value != one.value
        line.unchanged += before is not None and before.value == one.value
    # What ended before the file begins, and what it therefore says nothing about, stays.
    reached = [row for row in (*ours, *line.ended) if row.stops_on is None or row.stops_on > covered]
    gone = [row for row in reached if row.starts_on not in starts or not row.is_published]
    plan.old += gone
    plan.new += [_cut(row, covered) for row in gone if row.starts_on < covered]
    plan.new += [New(line.currency, *one, SOURCE, True) for one in wanted if one not in same]


def _is_same(one: Held, row: Rate | None) -> bool:
    return row is not None and (row.stops_on, row.value) == (one.stop, one.value)


def _cut(row: Rate, stop: date) -> New:
    return New(row.currency, row.starts_on, stop, row.value, row.source, row.is_published)


def bring_in(plan: Plan, by: int | None) -> None:
    """Supersede what goes and record what comes, each with one statement. Raises Stale where somebody was faster."""
    since = supersede_all(plan.old)
    said: dict[str, Cell] = {"kind": plan.asked.kind, "recorded_by_id": by}
    if since:  # what replaces a row is recorded in the instant in which that one is superseded
        said["recorded_at"] = max(since.values())
    append(Rate._meta.db_table, (*said, *New._fields), ((*said.values(), *row) for row in plan.new))
