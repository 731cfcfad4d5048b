"""What moved in the pipeline of a quarter between the ends of two days, and how what was won ties to order intake."""

from collections.abc import Collection, Mapping, Sequence
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
from pipeline.selectors.opportunities import factors
from pipeline.selectors.standings import Row, Value, Whose, moved_between, value_on
from territories.models import Territory
from territories.selectors import subtrees_on

READ = ("standing", "order", "booking_event", "credit")
"""What is read beyond the reach: who led a deal on one of the days is told what it counted then, and no row of it."""
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
    """What a won deal was booked at, in plan money, and on which day."""

    minor: int
    on: date


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
    then, now = factors(Rate.Kind.PLAN, first), factors(Rate.Kind.PLAN, last)
    then, now = ({code: rates[code] for code in then.keys() & now.keys()} for rates in (then, now))
    with widened(*READ):
        rows = list(moved_between(first, last, period.span, whose, is_rate_changed=then != now))
        booked = booked_of([pk for pk, was, row in rows if _is_won(row) and not (was and _is_won(was))])
        start = value_on(first, period.span, whose, whose.first, then)
        end = value_on(last, period.span, whose, whose.last, now)
    parts: dict[Part, list[tuple[int, int]]] = {}
    for pk, was, row in rows:
        before = _stood(was, first, now) if was else None
        worth_then = _stood(was, first, then).worth if was else 0
        after = _booked(_stood(row, last, now), booked.get(pk))
        for part, change in steps(before, after, period.span, worth_then).items():
            parts.setdefault(part, []).append((pk, change))
    return Movement(start, end, [_step(part, parts[part]) for part in Part if part in parts], booked)


def _step(part: Part, changes: list[tuple[int, int]]) -> Step:
    ordered = sorted(changes, key=lambda change: (-abs(change[1]), change[0]))
    return Step(part, sum(change for _pk, change in ordered), ordered)


def _is_won(row: Row) -> bool:
    return row.state == Opportunity.State.WON


def _stood(row: Row, day: date, rates: Mapping[str, Decimal]) -> Stood:
    """A deal at the end of a day, its amount by these rates."""
    outcome = OUTCOMES.get(Opportunity.State(row.state), Outcome.OPEN)
    if outcome is Outcome.OPEN and row.category == Category.OMITTED:
        outcome = Outcome.REMOVED
    by, rate = row.closed_on or day, rates.get(row.currency)
    close_on = by if outcome is Outcome.WON else row.close_on
    worth = round_half_away(row.amount_minor * rate) if rate and row.amount_minor else 0
    return Stood(outcome, close_on, by, worth, row.is_theirs)


def _booked(deal: Stood, booked: Booked | None) -> Stood:
    """A won deal as it was booked."""
    return replace(deal, close_on=booked.on, on=booked.on, worth=booked.minor) if booked else deal


def booked_of(deals: Collection[int]) -> dict[int, Booked]:
    """At what these deals were booked and when, whoever has the credit; what changed later is left out."""
    if not deals:
        return {}
    with widened(*READ):
        rows = Credit.objects.filter(
            event__kind=BookingEvent.Kind.BOOKING, event__order__opportunity__in=list(deals)
        )
        sums = rows.intake().order_by().values_list("event__order__opportunity_id", "event__booked_on")
        return {pk: Booked(minor, on) for pk, on, minor in sums.annotate(minor=Sum("plan_minor"))}


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
        return Asked(Whose(owners=[mine.user_id or 0]), is_own=True)
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

    `won_before`: what was booked in these days for deals that were won already at the end of the first one.
    """

    won: int
    dated_outside: int
    unbooked: int
    won_before: int
    without_deal: int
    changed: int
    opened: int
    intake: int

    @property
    def shared(self) -> int:
        """What is left: a deal counts whole where it is, its order where the credit is."""
        deals = self.won + self.dated_outside + self.unbooked + self.won_before
        return self.intake - deals - self.without_deal - self.changed - self.opened


def tie(moved: Movement, first: date, last: date, period: Period, whose: Whose) -> Tie:
    """Order intake of the quarter with a booking date after the first day, up to the last, against what was won."""
    won = moved.of(Part.WON)
    own = Q() if whose.is_everybody else Q(person__in=whose.owners) | Q(territory__in=whose.last)
    start = max(first + timedelta(days=1), period.starts_on)
    stop = min(last + timedelta(days=1), period.stops_on)
    dated = Q(booked_on__gte=start, booked_on__lt=stop)
    sums = {name: Sum("plan_minor", filter=which) for name, which in _kinds(first).items()}
    with widened(*READ):
        found = Credit.objects.intake().filter(own, dated).aggregate(intake=Sum("plan_minor"), **sums)
    booked = [(moved.booked[pk].on, change) for pk, change in won.changes if pk in moved.booked]
    return Tie(
        won=-won.minor,
        dated_outside=sum(change for on, change in booked if not start <= on < stop),
        unbooked=sum(change for _pk, change in moved.unbooked),
        **{name: int(value or 0) for name, value in found.items()},
    )


def _kinds(first: date) -> dict[str, Q]:
    """Which credit is in which line of order intake that no deal won after the first day leads to."""
    kinds, deal = BookingEvent.Kind, OuterRef("event__order__opportunity")
    won = Standing.objects.on(first).filter(opportunity=deal, state=Opportunity.State.WON)
    booking = Q(event__kind=kinds.BOOKING)
    return {
        "won_before": booking & Q(Exists(won)),
        "without_deal": booking & Q(event__order__opportunity=None),
        "changed": Q(event__kind__in=[kinds.CORRECTION, kinds.CANCELLATION]),
        "opened": Q(event__kind=kinds.OPENING),
    }


@dataclass(frozen=True)
class Change:
    """A deal in one part of what moved, and by how much; without the deal where the reader may not see it any more."""

    deal: Opportunity | None
    minor: int


def changes_of(mine: Reach, step: Step, most: int) -> list[Change]:
    """The biggest changes of a step with their deals."""
    shown = step.changes[:most]
    rows = Opportunity.objects.visible_to(mine).select_related("account", "owner", "stage")
    deals = rows.in_bulk([pk for pk, _minor in shown])
    return [Change(deals.get(pk), minor) for pk, minor in shown]
