"""What moved in the pipeline of a quarter between the ends of two days, and how what was won ties to order intake."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, Sum

from common.access import Reach
from common.errors import NotInReach
from common.models import Period, Rate
from common.money import round_half_away
from common.selectors import today
from common.transaction import widened
from forecasts.selectors.calls import led_nodes
from orders.models import BookingEvent, Credit
from pipeline.models import Category, Opportunity, Standing
from pipeline.rules.movement import Outcome, Part, Stood, steps
from pipeline.rules.splits import NOTHING, WHOLE, Share, share_of
from pipeline.selectors.opportunities import factors
from pipeline.selectors.standings import OpenDeal, Row, Value, Whose, moved_between, open_on, value_on
from pipeline.selectors.team import share_finder, shared_with
from territories.models import Territory
from territories.selectors import subtrees_on

READ = ("standing", "opportunity", "split", "split_part", "order", "booking_event", "credit")
"""What is read beyond the reach: who led a deal on one of the days is told what it counted then, and no row of it."""
BOOKED = (*BookingEvent.BOOKED, BookingEvent.Kind.NEW_DATE)
"""How an order came to be booked on its day."""
Shares = Callable[[int, bool, date, date], Share]
"""What of a deal counts, by whether it counts whole without a split: on a day, as it was recorded by another one."""
OUTCOMES = {
    Opportunity.State.WON: Outcome.WON,
    Opportunity.State.LOST: Outcome.LOST,
    Opportunity.State.MERGED: Outcome.REMOVED,
}


@dataclass(frozen=True)
class Step:
    """One part of what moved: what it comes to, and by how much each deal changed, the biggest first."""

    part: Part
    minor: int
    changes: list[tuple[int, int]]


@dataclass(frozen=True)
class Booked:
    """What a won deal was booked at, in plan money, and on which day; with a person's share it is their credit."""

    minor: int
    on: date
    share: Share | None = None


@dataclass(frozen=True)
class Movement:
    """The open pipeline of a quarter at the ends of two days, and the steps from the one to the other.

    `booked`: the orders of what was won. A won deal that has none yet counts at what it was worth.
    """

    start: Value
    end: Value
    steps: list[Step]
    booked: Mapping[int, Booked]

    @property
    def unbooked(self) -> list[tuple[int, int]]:
        """The won deals without an order yet, with what they count."""
        return [(pk, change) for pk, change in self.of(Part.WON).changes if pk not in self.booked]

    def of(self, part: Part) -> Step:
        found = next((step for step in self.steps if step.part is part), None)
        return found or Step(part, 0, [])


def movement(first: date, last: date, period: Period, whose: Whose) -> Movement:
    """What moved from the end of the first day to the end of the last one, in plan money, each deal rounded once.

    A currency without a plan rate on both days adds nothing to any figure.
    """
    then, now = _rates(first, last)
    with widened(*READ):
        rows = list(moved_between(first, last, period.span, whose, is_rate_changed=then != now))
        won = [pk for pk, was, row in rows if _is_won(row) and not (was and _is_won(was))]
        booked = booked_of(won, whose.person)
        shares = _shares(whose, [pk for pk, _was, _row in rows])
        start = _value_on(first, period, whose, whose.first, then)
        end = _value_on(last, period, whose, whose.last, now)
    parts: dict[Part, list[tuple[int, int]]] = {}
    for pk, was, row in rows:
        before = _stood(pk, was, first, now, shares) if was else None
        worth_then = _stood(pk, was, first, then, shares).worth if was else 0
        after = _booked(_stood(pk, row, last, now, shares), booked.get(pk))
        for part, change in steps(before, after, period.span, worth_then).items():
            parts.setdefault(part, []).append((pk, change))
    return Movement(start, end, [_step(part, parts[part]) for part in Part if part in parts], booked)


def _rates(first: date, last: date) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """The plan rates of both days, of the currencies that have one on each."""
    then, now = factors(Rate.Kind.PLAN, first), factors(Rate.Kind.PLAN, last)
    return {code: then[code] for code in then.keys() & now}, {code: now[code] for code in then.keys() & now}


def _shares(whose: Whose, deals: Collection[int]) -> Shares:
    """What of these deals counts: in territories each whole, of a person their share."""
    if whose.person is not None:
        return share_finder(whose.person, deals)
    return lambda _pk, is_theirs, _day, _known_on: WHOLE if is_theirs else NOTHING


def _value_on(
    day: date, period: Period, whose: Whose, nodes: Sequence[int], rates: Mapping[str, Decimal]
) -> Value:
    if whose.person is None:
        return value_on(day, period.span, whose, nodes, rates)
    counted = _counted_on(day, period, whose, nodes, rates)
    return Value(
        sum(minor for _deal, minor in counted),
        len(counted),
        sum(deal.worth is None and not deal.is_without_amount for deal, _minor in counted),
        sum(deal.is_without_amount for deal, _minor in counted),
    )


def _counted_on(
    day: date,
    period: Period,
    whose: Whose,
    nodes: Sequence[int],
    rates: Mapping[str, Decimal],
    most: int | None = None,
) -> list[tuple[OpenDeal, int]]:
    """The deals that were open at the end of a day, with what each counts; a share of 0 % is none."""
    found = open_on(day, period.span, whose, nodes, rates, most if whose.person is None else None)
    share_on = _shares(whose, [deal.pk for deal in found])
    shares = [(deal, share_on(deal.pk, deal.is_theirs, day, day)) for deal in found]
    return [(deal, share.of(deal.worth or 0)) for deal, share in shares if share != NOTHING]


def open_deals(
    first: date, last: date, period: Period, whose: Whose, most: int, *, is_end: bool
) -> list[tuple[int, int]]:
    """The deals behind the start or the end of a movement, with what each counts; the biggest first, so many."""
    day, nodes = (last, whose.last) if is_end else (first, whose.first)
    with widened(*READ):
        counted = _counted_on(day, period, whose, nodes, _rates(first, last)[is_end], most)
    return sorted(((deal.pk, minor) for deal, minor in counted), key=lambda one: (-one[1], one[0]))[:most]


def _step(part: Part, changes: list[tuple[int, int]]) -> Step:
    ordered = sorted(changes, key=lambda change: (-abs(change[1]), change[0]))
    return Step(part, sum(change for _pk, change in ordered), ordered)


def _is_won(row: Row) -> bool:
    return row.state == Opportunity.State.WON


def _stood(pk: int, row: Row, day: date, rates: Mapping[str, Decimal], shares: Shares) -> Stood:
    """A deal at the end of a day, its amount by these rates; once it closed, shared as on the day of that."""
    outcome = OUTCOMES.get(Opportunity.State(row.state), Outcome.OPEN)
    if outcome is Outcome.OPEN and row.category == Category.OMITTED:
        outcome = Outcome.REMOVED
    by, rate = row.closed_on or day, rates.get(row.currency)
    close_on = by if outcome is Outcome.WON else row.close_on
    worth = round_half_away(row.amount_minor * rate) if rate and row.amount_minor else 0
    return Stood(outcome, close_on, by, worth, shares(pk, row.is_theirs, by, day))


def _booked(deal: Stood, booked: Booked | None) -> Stood:
    """A won deal as it was booked: at all that it came to, or at what one person was credited of it."""
    if booked is None:
        return deal
    dated = replace(deal, close_on=booked.on, on=booked.on)
    if booked.share is None:
        return replace(dated, worth=booked.minor)
    return replace(dated, share=booked.share, credit=booked.minor)


def booked_of(deals: Collection[int], person: int | None = None) -> dict[int, Booked]:
    """At what these deals were booked and when, whoever has the credit; what changed later is left out.

    Of a person: what they were credited, and their share of the order.
    """
    if not deals:
        return {}
    with widened(*READ):
        rows = Credit.objects.intake().filter(
            event__kind__in=BOOKED, event__order__opportunity__in=list(deals)
        )
        columns = ("event__order__opportunity_id", "event__order__booked_on", "person_id")
        credits = list(rows.order_by().values_list(*columns).annotate(minor=Sum("plan_minor")))
    days = {pk: on for pk, on, _person, _minor in credits}
    split: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, _on, whose, minor in credits:
        split[pk][whose] = int(minor)
    if person is None:
        return {pk: Booked(sum(split[pk].values()), on) for pk, on in days.items()}
    return {
        pk: Booked(split[pk].get(person, 0), on, share_of(person, None, split[pk])) for pk, on in days.items()
    }


def own_deals(person: int) -> Whose:
    """The deals of a person: those they own, and those in whose split or order they have a share."""
    with widened(*READ):
        rows = Credit.objects.intake().filter(person=person, event__kind__in=BOOKED)
        credited = rows.order_by().exclude(event__order__opportunity=None)
        deals = {*credited.values_list("event__order__opportunity_id", flat=True), *shared_with(person)}
    return Whose(person=person, deals=sorted(deals))


@dataclass(frozen=True)
class Asked:
    """Of whom a page tells what moved: of territories with all below them, of the reader alone, or of everybody."""

    whose: Whose
    territories: Sequence[Territory] = ()
    is_own: bool = False

    @property
    def names(self) -> str:
        return ", ".join(node.name for node in self.territories)


def asked_of(mine: Reach, node_id: int | None, first: date, last: date, *, own: bool = False) -> Asked:
    """Whose deals a reader asks for: of a territory as it was on both days, their own, or of all they lead today.

    Raises NotInReach for a territory that they do not lead.
    """
    relations = mine.relations("opportunity")
    if node_id is None and not own and "org" in relations:
        return Asked(Whose(is_everybody=True))
    nodes: list[Territory] = []
    if node_id is not None:
        nodes = _led(mine, node_id)
    elif not own and "sub" in relations and mine.user_id:
        nodes = list(led_nodes(mine.user_id, today()).order_by("name", "pk"))
    if not nodes:
        return Asked(own_deals(mine.user_id or 0), is_own=True)
    whose = Whose(first=_below(mine, nodes, first), last=_below(mine, nodes, last))
    return Asked(whose, nodes)


def _led(mine: Reach, node_id: int) -> list[Territory]:
    relations = mine.relations("opportunity")
    if "org" not in relations and not ("sub" in relations and node_id in mine.territories):
        raise NotInReach()
    nodes = list(Territory.objects.filter(pk=node_id))
    if not nodes:
        raise NotInReach()
    return nodes


def _below(mine: Reach, nodes: Sequence[Territory], day: date) -> list[int]:
    """What hung below these territories on a day, of what the reader led then or leads today."""
    below = subtrees_on([node.pk for node in nodes], day)
    if "org" in mine.relations("opportunity") or below <= mine.territories:
        return sorted(below)
    seats = led_nodes(mine.user_id or 0, day).values_list("pk", flat=True)
    return sorted(below & (mine.territories | subtrees_on(list(seats), day)))


@dataclass(frozen=True)
class Tie:
    """How what was won leads to the order intake of the same days: each line adds to it, and they come to `intake`.

    `won_before`: what was booked in these days for deals that were won already at the end of the first one;
    `booked_later`: for deals that were not won yet at the end of the last one.
    """

    won: int
    dated_outside: int
    unbooked: int
    won_before: int
    booked_later: int
    without_deal: int
    changed: int
    opened: int
    intake: int

    @property
    def elsewhere(self) -> int:
        """What is left: a deal counts where it is, its order where its account was on the booking date.

        Of a person, and of everybody, nothing is.
        """
        deals = self.won + self.dated_outside + self.unbooked + self.won_before + self.booked_later
        return self.intake - deals - self.without_deal - self.changed - self.opened


def tie(moved: Movement, first: date, last: date, period: Period, whose: Whose) -> Tie:
    """Order intake of the quarter with a booking date after the first day, up to the last, against what was won."""
    won = moved.of(Part.WON)
    theirs = Q(territory__in=whose.last) if whose.person is None else Q(person=whose.person)
    own = Q() if whose.is_everybody else theirs
    start = max(first + timedelta(days=1), period.starts_on)
    stop = min(last + timedelta(days=1), period.stops_on)
    dated = Q(booked_on__gte=start, booked_on__lt=stop)
    sums = {name: Sum("plan_minor", filter=which) for name, which in _kinds(first, last).items()}
    with widened(*READ):
        found = Credit.objects.intake().filter(own, dated).aggregate(intake=Sum("plan_minor"), **sums)
    booked = [(moved.booked[pk].on, change) for pk, change in won.changes if pk in moved.booked]
    return Tie(
        won=-won.minor,
        dated_outside=sum(change for on, change in booked if not start <= on < stop),
        unbooked=sum(change for _pk, change in moved.unbooked),
        **{name: int(value or 0) for name, value in found.items()},
    )


def _kinds(first: date, last: date) -> dict[str, Q]:
    """Which credit is in which line of order intake that no deal won between these days leads to."""
    kinds = BookingEvent.Kind
    booking, before, later = Q(event__kind__in=BOOKED), _won_on(first), _won_on(last)
    with_deal = booking & Q(event__order__opportunity__isnull=False)
    return {
        "won_before": booking & before,
        "booked_later": with_deal & ~before & ~later,
        "without_deal": booking & Q(event__order__opportunity=None),
        "changed": ~Q(event__kind__in=[*BOOKED, kinds.OPENING]),
        "opened": Q(event__kind=kinds.OPENING),
    }


def _won_on(day: date) -> Q:
    deal = OuterRef("event__order__opportunity")
    return Q(Exists(Standing.objects.on(day).filter(opportunity=deal, state=Opportunity.State.WON)))


@dataclass(frozen=True)
class Change:
    """A deal and what it counts or changes; without the deal where the reader may not see it any more."""

    deal: Opportunity | None
    minor: int


def changes_of(mine: Reach, changes: Sequence[tuple[int, int]]) -> list[Change]:
    """The deals of a step, or of the start or the end, with what each comes to."""
    rows = Opportunity.objects.visible_to(mine).select_related("account", "owner", "stage")
    deals = rows.in_bulk([pk for pk, _minor in changes])
    return [Change(deals.get(pk), minor) for pk, minor in changes]
