"""What accounts could buy, and how much work they ask for, as far as the reader sees the accounts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Q, Value

from accounts.bulk.workload import DATED, classed, potentials
from accounts.models import CoverageModel, Potential, TouchNorm
from accounts.rules.workload import workload
from common.access import AnyOf
from common.models import Period
from common.selectors import today
from common.transaction import widened


@dataclass(frozen=True)
class Total:
    """A potential in the reporting currency, of how many accounts it is known, and of how many it is not."""

    minor: int = 0
    known: int = 0
    missing: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(self.minor + other.minor, self.known + other.known, self.missing + other.missing)


def newest(account_ids: Collection[int], year_id: int | None = None) -> dict[tuple[int, int, int], Potential]:
    """What counts by account, family and fiscal year: the row of the newest day, the last one recorded of that day."""
    rows = Potential.objects.filter(Q(AnyOf(F("account_id"), Value(sorted(set(account_ids))))))
    if year_id is not None:
        rows = rows.filter(year_id=year_id)
    last = rows.order_by("year_id", "account_id", "family_id", "-as_of", "-id")
    found = last.distinct("year_id", "account_id", "family_id")
    return {(row.account_id, row.family_id, row.year_id): row for row in found}


def said_before(account_ids: Collection[int]) -> dict[tuple[int, int, int, date], Potential]:
    """What was said of accounts by family, fiscal year and day; the last that was recorded of each day."""
    rows = Potential.objects.filter(Q(AnyOf(F("account_id"), Value(sorted(set(account_ids)))))).order_by("id")
    return {(row.account_id, row.family_id, row.year_id, row.as_of): row for row in rows}


def potential_of_accounts(account_ids: Collection[int], year: Period) -> dict[int, int]:
    """The potential of each account in a fiscal year over all families; one of which nothing is known is not in it."""
    found: dict[int, int] = defaultdict(int)
    for (account_id, _family, _year), row in newest(account_ids, year.pk).items():
        if row.amount_minor is not None:
            found[account_id] += row.amount_minor
    return dict(found)


def potential_of(territory_ids: Collection[int], year: Period, day: date) -> dict[int, Total]:
    """The potential of the accounts that lie in each territory on a day; a territory without accounts is not in it."""
    with widened(*DATED):
        rows = potentials(territory_ids, year.pk, day)
    return {pk: Total(minor, known, missing) for pk, minor, known, missing in rows}


@dataclass
class Work:
    """The minutes a year that accounts ask for, how many they are, and of how many no norm says it.

    `by_way` counts the accounts by how their segment is sold to; under nothing those of which nobody said.
    """

    minutes: int = 0
    accounts: int = 0
    missing: int = 0
    by_way: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Work") -> None:
        self.minutes += other.minutes
        self.accounts += other.accounts
        self.missing += other.missing
        self.by_way.update(other.by_way)


def workload_of(territory_ids: Collection[int], day: date) -> dict[int, Work]:
    """The work that the accounts of each territory ask for by the norms of that day; none for one without accounts."""
    ways = dict(CoverageModel.objects.on(day).values_list("segment", "way"))
    found: dict[int, Work] = defaultdict(Work)
    with widened(*DATED):
        rows = classed(territory_ids, day, is_today=day == today())
    for pk, segment, _tier, accounts, touches, minutes in rows:
        asked = None if touches is None or minutes is None else workload(accounts, touches, minutes)
        found[pk].add(
            Work(
                minutes=asked or 0,
                accounts=accounts,
                missing=accounts if asked is None else 0,
                by_way=Counter({ways.get(segment, ""): accounts}),
            )
        )
    return dict(found)


@dataclass(frozen=True)
class Cell:
    """A family and a fiscal year of an account: what counts, and what was said before."""

    newest: Potential | None
    earlier: Sequence[Potential]


@dataclass(frozen=True)
class YearOf:
    """An account's potential in a fiscal year: by family, and in all; None where nothing is known."""

    year: Period
    cells: Mapping[int, Cell]
    total: int | None


def potential_table(account_id: int, years: Sequence[Period]) -> list[YearOf]:
    """What an account could buy in each of these years, by family."""
    said: dict[tuple[int, int], list[Potential]] = defaultdict(list)
    rows = Potential.objects.filter(account_id=account_id, year__in=years).select_related("recorded_by")
    for row in rows.order_by("-as_of", "-id"):
        said[row.year_id, row.family_id].append(row)
    return [_year_of(year, said) for year in years]


def _year_of(year: Period, said: Mapping[tuple[int, int], list[Potential]]) -> YearOf:
    cells = {family: Cell(rows[0], rows[1:]) for (pk, family), rows in said.items() if pk == year.pk}
    known = [
        cell.newest.amount_minor
        for cell in cells.values()
        if cell.newest and cell.newest.amount_minor is not None
    ]
    return YearOf(year, cells, sum(known) if known else None)


def norms(day: date) -> list[TouchNorm]:
    """The norms that hold on a day, by segment and tier."""
    return list(TouchNorm.objects.on(day).order_by("segment", "tier"))


def coverage_models(day: date) -> list[CoverageModel]:
    """How each segment is sold to on a day."""
    return list(CoverageModel.objects.on(day).order_by("segment"))
