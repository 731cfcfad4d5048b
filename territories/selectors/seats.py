"""Who sits where on a day, where nobody does, and who sits twice."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from common.calendars import Span
from common.money import WHOLE_SHARE
from territories import rules
from territories.models import Edge, Seat, Territory, User, Vacancy
from territories.selectors.tree import Node, days_in_tree, tree_on, unassigned

SEAT_ORDER = {kind: place for place, kind in enumerate(Seat.Kind)}


def seat_finder(person_ids: Iterable[int]) -> Callable[[int, date], int]:
    """The territory where one of these people sits on a day: as owner, else lead, else overlay; else *Unassigned*.

    Who only covers a territory counts there if they sit nowhere themselves. Their seats are read once.
    """
    return place_finder(Seat.objects.current().filter(user_id__in=list(person_ids)))


def place_finder(book: Iterable[Seat]) -> Callable[[int, date], int]:
    """The same by the seats of a book, which need not be the one that stands."""
    held: dict[int, list[Seat]] = defaultdict(list)
    for seat in book:
        held[seat.user_id].append(seat)

    def find(person_id: int, day: date) -> int:
        seats = [seat for seat in held[person_id] if seat.holds_on(day)]
        ranked = [(SEAT_ORDER[Seat.Kind(seat.kind)], seat.territory_id) for seat in seats]
        return min(ranked)[1] if ranked else unassigned().pk

    return find


def places_on(day: date, nodes: Container[int], people: Collection[int] | None = None) -> dict[int, int]:
    """Where everybody, or each of these people, who sits on one of these nodes on that day does so, each once, in the
    same order of seats; who only covers is nowhere.
    """
    rows = Seat.objects.on(day).exclude(kind=Seat.Kind.COVER)
    rows = rows if people is None else rows.filter(user__in=people)
    seats = rows.values_list("kind", "territory_id", "user_id")
    ranked = sorted(
        (SEAT_ORDER[Seat.Kind(kind)], node, person) for kind, node, person in seats if node in nodes
    )
    return {person: node for _rank, node, person in reversed(ranked)}


def owner_of(territory_id: int, day: date) -> User | None:
    """The person who owns a territory on that day."""
    seats = Seat.objects.on(day).filter(territory_id=territory_id, kind=Seat.Kind.OWNER)
    seat = seats.select_related("user").first()
    return seat.user if seat else None


def owners_on(territory_ids: Iterable[int], day: date) -> dict[int, int]:
    """Who owns each of these territories on that day, by their ids; vacant ones are left out."""
    seats = Seat.objects.on(day).filter(territory_id__in=list(territory_ids), kind=Seat.Kind.OWNER)
    return dict(seats.values_list("territory_id", "user_id"))


def leads_of(people: Iterable[int], day: date) -> dict[int, int]:
    """Who leads each of these people on that day: the nearest other person with a lead's seat at or above their own.

    Whom nobody leads is left out.
    """
    ids = list(people)
    place = seat_finder(ids)
    nodes = {node.territory.pk: node for node in tree_on(day)}
    found = {}
    for person in ids:
        node = nodes.get(place(person, day))
        above = [nodes[int(pk)] for pk in reversed(node.path.split("/"))] if node else []
        seats = (seat for step in above for seat in step.seats if seat.kind == Seat.Kind.LEAD)
        if lead := next((seat.user_id for seat in seats if seat.user_id != person), None):
            found[person] = lead
    return found


@dataclass(frozen=True)
class Gap:
    """Days on which a territory has nobody on its owner or lead seat, what is planned for it, and who covers."""

    territory: Territory
    kind: str
    span: Span
    plan: Vacancy | None = None
    covers: list[Seat] = field(default_factory=list)


@dataclass(frozen=True)
class Doubled:
    """Days on which one person is the owner of two territories."""

    person: User
    first: Territory
    second: Territory
    starts_on: date
    stops_on: date | None


@dataclass(frozen=True)
class Overload:
    """Days on which the shares of one person's seats come to more than 100 %, and where they sit then."""

    person: User
    span: Span
    share: int
    territories: list[Territory]


def gaps_within(nodes: Sequence[Node], window: Span) -> list[Gap]:
    """Where nobody sits in the window: on the owner seat of a leaf of that tree, on the lead seat of a parent."""
    open_to_gaps = _not_held_throughout(nodes, window)
    ids = [node.territory.pk for node in open_to_gaps]
    held: dict[tuple[int, str], list[Seat]] = defaultdict(list)
    seats = Seat.objects.overlapping(window.start, window.stop).filter(territory__in=ids)
    for seat in seats.select_related("user"):
        held[seat.territory_id, seat.kind].append(seat)
    plans: dict[tuple[int, str], list[Vacancy]] = defaultdict(list)
    planned = Vacancy.objects.overlapping(window.start, window.stop).filter(territory__in=ids)
    for plan in planned.order_by("starts_on"):
        plans[plan.territory_id, plan.kind].append(plan)
    return [
        Gap(
            node.territory,
            node.needed,
            span,
            next((plan for plan in plans[key] if plan.span.shared(span)), None),
            [seat for seat in held[node.territory.pk, Seat.Kind.COVER] if seat.span.shared(span)],
        )
        for node in open_to_gaps
        for key in [(node.territory.pk, node.needed)]
        for span in rules.gaps([seat.span for seat in held[key]], window)
    ]


def _not_held_throughout(nodes: Sequence[Node], window: Span) -> list[Node]:
    """Those on whose owner's or lead's seat no one person sits on all days of the window: few of ten thousand."""
    throughout = Q(stops_on=None) | Q(stops_on__gte=window.stop)
    seats = Seat.objects.current().filter(throughout, starts_on__lte=window.start)
    held = set(seats.order_by().values_list("territory_id", "kind"))
    return [
        node
        for node in nodes
        if not node.territory.is_unassigned and (node.territory.pk, node.needed) not in held
    ]


def needed_on(territory_id: int, day: date) -> Seat.Kind:
    """The seat that somebody has to sit on that day: where nothing lies below an owner's, else a lead's."""
    has_below = Edge.objects.on(day).filter(parent_id=territory_id).exists()
    return Seat.Kind.LEAD if has_below else Seat.Kind.OWNER


def empty_from(territory_id: int, kind: str, day: date) -> date:
    """The first day on which nobody has that seat, of the days around that one, else after it; the day itself where
    somebody always has it. Days on which the territory is not in the tree are not empty.
    """
    places = [place.span for place in days_in_tree(territory_id)]
    first = min((place.start for place in places), default=day)
    always = Span(first, date.max - timedelta(days=1))
    held = Seat.objects.current().filter(territory_id=territory_id, kind=kind)
    taken = [*(seat.span for seat in held), *rules.gaps(places, always)]
    return next((span.start for span in rules.gaps(taken, always) if span.stop > day), day)


def overloaded_within(window: Span) -> list[Overload]:
    """People whose seats take more than 100 % of their time on a day of the window, by name."""
    overlapping = Seat.objects.overlapping(window.start, window.stop)
    # Who never comes to more than all of their time, were it all on one day, needs no look at the days.
    sums = overlapping.order_by().values("user_id").annotate(all=Sum("share"))
    seats = overlapping.filter(user__in=sums.filter(all__gt=WHOLE_SHARE).values("user_id"))
    held: dict[User, list[Seat]] = defaultdict(list)
    rows = seats.select_related("user", "territory").order_by("user__name", "user_id", "starts_on")
    for seat in rows:
        held[seat.user].append(seat)
    return [
        Overload(person, both, share, [seat.territory for seat in theirs if seat.span.shared(both)])
        for person, theirs in held.items()
        for span, share in rules.overloads((seat.span, seat.share) for seat in theirs)
        if (both := span.shared(window))
    ]


def doubled_within(window: Span) -> list[Doubled]:
    """People who own two territories on the same day of the window."""
    owning = Seat.objects.overlapping(window.start, window.stop).filter(kind=Seat.Kind.OWNER)
    counts = owning.order_by().values("user_id").annotate(number=Count("pk"))
    seats = owning.filter(user__in=counts.filter(number__gt=1).values("user_id"))
    held: dict[int, list[Seat]] = defaultdict(list)
    found = []
    for second in seats.select_related("user", "territory").order_by("user__name", "starts_on"):
        for first in held[second.user_id]:
            if both := first.span.shared(second.span):
                stop = both.stop if both.stop < date.max else None
                found.append(Doubled(second.user, first.territory, second.territory, both.start, stop))
        held[second.user_id].append(second)
    return found


def seats_of_territory(territory_id: int) -> QuerySet[Seat]:
    """Who was ever said to sit on a territory, newest first."""
    rows = Seat.objects.filter(territory_id=territory_id)
    return rows.select_related("user").order_by("-starts_on", "kind")


def seats_of_person(user_id: int) -> QuerySet[Seat]:
    """Where a person sits, sat and will sit, newest first, as known now."""
    rows = Seat.objects.current().filter(user_id=user_id)
    return rows.select_related("territory").order_by("-starts_on", "kind")


def plans_of_territory(territory_id: int, day: date) -> QuerySet[Vacancy]:
    """What is planned for the empty seats of a territory from that day on."""
    return Vacancy.objects.overlapping(day, None).filter(territory_id=territory_id).order_by("starts_on")
