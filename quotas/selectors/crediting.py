"""By which rule a fiscal year credits people, and what they come to by it."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import F, Q, Value

from common.access import AnyOf, Reach
from common.calendars import Span
from common.models import Period
from common.policies import BY_OWNER
from common.selectors import policy
from common.transaction import widened
from orders.models import Basis
from orders.selectors.known import CURRENT, AsOf
from quotas.models import LeafCell
from quotas.selectors.intake import counted, monthly_intake, people_intake, summed
from quotas.selectors.known import counting, monthly_known, people_known
from territories.selectors.owners import Owners, owned_by


def rule_of(period: Period) -> str:
    """The crediting rule of a quarter's fiscal year: that of its first day."""
    year = period.parent or period
    return str(policy("crediting_rule", year.starts_on))


def is_by_owner(period: Period) -> bool:
    """Whether the quarter's year credits who owned the territory, whoever sold it."""
    return rule_of(period) == BY_OWNER


def basis_of(period: Period) -> Basis:
    """By what a team is read where nothing else is asked: by territory where its year credits owners."""
    return Basis.TERRITORY if is_by_owner(period) else Basis.SEAT


def shows_owners(period: Period, basis: str) -> bool:
    """Whether a team's people are those who owned, or own today: by territory alone; by seat it says who sold."""
    return basis == Basis.TERRITORY and is_by_owner(period)


def credited(
    mine: Reach, people: Collection[int], period: Period, rule: str, as_of: AsOf = CURRENT
) -> dict[int, int]:
    """Several people's order intake of a period by a crediting rule, in plan money; who has none is 0."""
    if rule != BY_OWNER:
        return people_intake(people, period) if as_of.is_now else people_known(people, period.span, as_of)
    sums = dict.fromkeys(people, 0)
    for person, _day, amount in owned(mine, people, period.span, as_of):
        sums[person] += amount
    return sums


def monthly_credited(
    mine: Reach, person_id: int, months: list[Period], rule: str, as_of: AsOf = CURRENT
) -> dict[date, int]:
    """A person's order intake in each of these months, earliest first, by a crediting rule."""
    days = [month.starts_on for month in months]
    if rule != BY_OWNER:
        return monthly_intake(person_id, days) if as_of.is_now else monthly_known(person_id, months, as_of)
    sums = dict.fromkeys(days, 0)
    for _person, day, amount in owned(mine, [person_id], Span(days[0], months[-1].stops_on), as_of):
        sums[next(month.starts_on for month in months if day in month.span)] += amount
    return sums


def owned(
    mine: Reach, people: Collection[int], days: Span, as_of: AsOf = CURRENT
) -> Iterator[tuple[int, date, int]]:
    """What people are credited with as owners, on a day of each month: of the reader all of it, of others what is in
    reach.
    """
    own = {person for person in people if person == mine.user_id}
    yield from _owned(set(people) - own, days, as_of)
    with widened("leaf_cell", "credit"):
        found = list(_owned(own, days, as_of))
    yield from found


def _owned(people: Collection[int], days: Span, as_of: AsOf) -> Iterator[tuple[int, date, int]]:
    if not people:
        return
    owners = owned_by(people, days, as_of.known_at)
    for territory, day, amount in sold_in(list(owners.held), owners, days, as_of):
        if person := owners.on(territory, day):
            yield person, day, amount


def sold_in(
    territories: Collection[int], owners: Owners, days: Span, as_of: AsOf, family_id: int | None = None
) -> Iterator[tuple[int, date, int]]:
    """What was sold in these territories themselves: the territory, a day, the amount; on all days that an amount
    stands for the territory had the same owner.

    Cells say it of months in which the owner stayed, the ledger of the others, and of what was known earlier.
    """
    if not as_of.is_now:
        rows = counting(days, as_of, family_id).filter(territory__in=territories)
        yield from summed(rows, "plan_minor", "territory_id", "booked_on")
        return
    months = {month.starts_on: month.span for month in _months(days)}
    changed: set[tuple[int, Span]] = set()
    for territory, part_on, month, amount in _cells(territories, months, family_id):
        if owners.is_whole(territory, months[month]):
            yield territory, part_on, amount
        else:
            changed.add((territory, months[month]))
    if changed:
        is_theirs = reduce(or_, (_booked(territory, month) for territory, month in changed))
        rows = counting(days, as_of, family_id).filter(is_theirs)
        yield from summed(rows, "plan_minor", "territory_id", "booked_on")


def _cells(
    territories: Collection[int], months: Collection[date], family_id: int | None
) -> Iterator[tuple[int, date, date, int]]:
    """The cells of the territories themselves: of who sits there, then of who sat elsewhere, each by its index."""
    ids, keys = Value(sorted(territories)), ("territory_id", "part_on", "month_on")
    here = Q(AnyOf(F("seat_id"), ids), territory=F("seat"))
    elsewhere = Q(AnyOf(F("territory_id"), ids)) & ~Q(seat=F("territory"))
    for which in (here, elsewhere):
        cells = counted(LeafCell.objects.filter(which), months, family_id)
        yield from summed(cells, "amount_minor", *keys)


def _months(days: Span) -> list[Period]:
    return list(Period.objects.months().filter(starts_on__gte=days.start, starts_on__lt=days.stop))


def _booked(territory_id: int, days: Span) -> Q:
    return Q(territory_id=territory_id, booked_on__gte=days.start, booked_on__lt=days.stop)
