"""The work that the accounts of territories ask for, against who is there to do it, and what could be sold there."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from accounts.models import CoverageModel
from accounts.rules.workload import MINUTES, capacity, load, ramp_on
from accounts.selectors.potential import Total, Work, potential_of, workload_of
from common.access import Reach
from common.calendars import Span
from common.models import Period
from common.money import WHOLE_SHARE
from common.selectors import period_of, policy
from territories.models import Seat
from territories.rules import ramp_percents
from territories.selectors import subtree_within


@dataclass(frozen=True)
class Workload:
    """What territories ask for and have on a day; the potential is that of the fiscal year, if there is one.

    Who does not see all accounts there (`is_whole`) is not told a load.
    """

    work: Work
    capacity: Fraction
    potential: Total
    year: Period | None
    is_whole: bool = True

    @property
    def hours(self) -> Fraction | None:
        """The hours a year that are planned; None where no account has a norm."""
        return Fraction(self.work.minutes, MINUTES) if self.work.accounts > self.work.missing else None

    @property
    def capacity_hours(self) -> Fraction | None:
        """The hours a year that those who own the territories have for customers; None where nobody owns them."""
        return self.capacity / MINUTES if self.capacity else None

    @property
    def load(self) -> Fraction | None:
        is_known = self.is_whole and self.hours is not None
        return load(self.work.minutes, self.capacity) if is_known else None

    @property
    def potential_minor(self) -> int | None:
        return self.potential.minor if self.potential.known else None

    @property
    def ways(self) -> list[tuple[str, int]]:
        """How many accounts are sold to how; last those of which nobody said."""
        labels = [(way.value, str(way.label)) for way in CoverageModel.Way]
        return [(label, self.work.by_way[way]) for way, label in [*labels, ("", "")] if self.work.by_way[way]]


def workload_below(mine: Reach, node_id: int, day: date) -> Workload:
    """The workload of a territory with all below it on a day, as far as the reader sees the accounts."""
    parts = subtree_within(node_id, Span(day, day + timedelta(days=1)))
    found = workload_within({node for _span, nodes in parts for node in nodes}, day)
    return replace(found, is_whole=mine.allows("account", "read", {"territory_id": node_id}))


def workload_within(nodes: Collection[int], day: date) -> Workload:
    """The workload, capacity and potential of several territories together."""
    work, potential = Work(), Total()
    for other in workload_of(nodes, day).values():
        work.add(other)
    year = _year(day)
    for total in potential_of(nodes, year, day).values() if year else ():
        potential += total
    return Workload(work, sum(capacities(nodes, day).values(), Fraction(0)), potential, year)


def capacities(nodes: Collection[int], day: date) -> dict[int, Fraction]:
    """The minutes a year that the owners of territories have for customers, by their seats as of a day."""
    hours, selling = policy("working_hours", day), policy("selling_percent", day)
    found: dict[int, Fraction] = defaultdict(Fraction)
    for seat in Seat.objects.on(day).filter(territory__in=nodes, kind=Seat.Kind.OWNER):
        ramp = ramp_on(ramp_percents(seat.ramp), _months(seat.starts_on, day))
        found[seat.territory_id] += capacity(hours, selling, ramp, Fraction(seat.share, WHOLE_SHARE))
    return dict(found)


def _months(start: date, day: date) -> int:
    """The whole months from a day to another. Example: 31 January to 28 February → 0, to 1 March → 1."""
    return (day.year - start.year) * 12 + day.month - start.month - (day.day < start.day)


def _year(day: date) -> Period | None:
    quarter = period_of(day)
    return quarter.parent if quarter else None
