"""What goes with a seat that another person takes over, and the open work that is to pass on a day to come."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account, AccountTerritory
from common.calendars import Span
from common.selectors import today
from pipeline.models import Activity, Opportunity
from planning.models import HandOver, Move
from planning.selectors.people import approvals_with, open_work_of, stand_ins_with, sums_of
from quotas.models import Quota
from territories.models import Seat, User
from territories.selectors import subtree_within
from workspace.models import Approval, StandIn

NAMED = 5


def territories_of(territory_id: int, day: date, *, is_below: bool) -> list[int]:
    """A territory, and with `is_below` all below it on that day."""
    if not is_below:
        return [territory_id]
    parts = subtree_within(territory_id, Span(day, day + timedelta(days=1)))
    return sorted({node for _span, nodes in parts for node in nodes})


@dataclass(frozen=True)
class Work:
    """Somebody's open deals on some territories, with their amounts by currency and the first of them by name."""

    owner: User
    deals: int
    sums: list[tuple[str, int]]
    first: list[Opportunity]

    @property
    def more(self) -> int:
        return self.deals - len(self.first)


def open_work(deals: QuerySet[Opportunity]) -> list[Work]:
    """The deals by their owners, those of most deals first."""
    by_owner: dict[User, list[Opportunity]] = defaultdict(list)
    for deal in deals.select_related("owner").order_by("name_key", "pk"):
        by_owner[deal.owner].append(deal)
    found = [Work(owner, len(theirs), sums_of(theirs), theirs[:NAMED]) for owner, theirs in by_owner.items()]
    return sorted(found, key=lambda work: (-work.deals, work.owner.name))


@dataclass(frozen=True)
class GoesWith:
    """What hangs on a person's seat today: what stays with the territory, what may pass, what stays with the person."""

    accounts: int
    work: list[Work]
    leads: int
    activities: int
    quotas: list[Quota]
    stand_ins: list[StandIn]
    approvals: list[Approval]


def goes_with(seat: Seat) -> GoesWith:
    """What goes with this seat, and what does not."""
    there = territories_of(seat.territory_id, today(), is_below=seat.kind == Seat.Kind.LEAD)
    work = open_work_of(seat.user, there)
    return GoesWith(
        accounts=Account.objects.filter(territory__in=there).count(),
        work=open_work(work.deals),
        leads=work.leads,
        activities=work.activities,
        quotas=quotas_from([seat.user_id], today()),
        stand_ins=stand_ins_with(seat.user, today()),
        approvals=approvals_with(seat.user),
    )


def may_follow(seat: Seat, goes: GoesWith) -> bool:
    """Whether it is a question what becomes of quota with this seat: its person has some, and owns or leads."""
    return bool(goes.quotas) and seat.kind in Seat.LASTING


def sits_already(seat: Seat, user_id: int, day: date) -> tuple[list[Seat], int]:
    """The other seats of who is to take this one on that day, and the share of their time with it, as `Seat.share`."""
    rows = Seat.objects.on(day).filter(user=user_id).exclude(pk=seat.pk).select_related("territory", "user")
    seats = list(rows.order_by("territory__name", "kind"))
    return seats, seat.share + sum(one.share for one in seats)


def quotas_from(people: Iterable[int], day: date) -> list[Quota]:
    """What is asked of people in the open quarters from that day on."""
    rows = Quota.objects.current().filter(person__in=set(people), period__stops_on__gt=day)
    rows = rows.filter(period__is_closed=False).select_related("person", "period", "family")
    return list(rows.order_by("person__name", "period__starts_on", "family__name", "kind"))


def planned_hand_overs(person_id: int) -> list[HandOver]:
    """The open work that is to pass from or to a person, as long as the seat with which it passes stands."""
    rows = HandOver.objects.filter(Q(giver=person_id) | Q(taker=person_id), state=HandOver.State.PLANNED)
    found = rows.select_related("territory", "giver", "taker")
    return [row for row in found if stands(row)]


def stands(row: HandOver) -> bool:
    """Whether the one who takes over has the seat on the day on which open work passes, and is still here.

    Where a realignment of that very day gives the seat to the next one, it passes through their hands.
    """
    if not User.objects.filter(pk=row.taker_id, is_active=True).exists():
        return False
    place = {"territory": row.territory_id, "draft__starts_on": row.passes_on, "is_removed": False}
    passed_on = Move.objects.filter(kind=Move.Kind.SEAT, seat_kind=row.kind, **place)
    seats = Seat.objects.on(row.passes_on).filter(territory=row.territory_id, kind=row.kind)
    return (
        seats.filter(user=row.taker_id).exists() or passed_on.filter(came_from__person=row.taker_id).exists()
    )


def work_on_eve(row: HandOver) -> Q:
    """The open deals and activities that pass with a planned hand-over: by where their account was on the day before.

    So what moves on the day itself does not slip away, whichever job wakes first.
    """
    eve = row.passes_on - timedelta(days=1)
    there = territories_of(row.territory_id, eve, is_below=row.is_below)
    placed = AccountTerritory.in_field().on(eve).filter(account=OuterRef("account_id"))
    return Q(Exists(placed.filter(territory__in=there))) | Q(~Exists(placed), territory__in=there)


@dataclass(frozen=True)
class Handed:
    """Who will have open deals and tasks, by id, that planned hand-overs pass by a day."""

    deals: dict[int, int]
    tasks: dict[int, int]


def handed_by(day: date) -> Handed:
    """What the hand-overs that are planned up to a day will have passed by then."""
    rows = HandOver.objects.filter(state=HandOver.State.PLANNED, passes_on__lte=day)
    handed = Handed({}, {})
    for row in rows.order_by("passes_on", "pk"):
        if stands(row):
            _hand(row, Opportunity.objects.open(), handed.deals)
            _hand(row, Activity.objects.filter(done_at=None), handed.tasks)
    return handed


def _hand(row: HandOver, what: QuerySet[Any], handed: dict[int, int]) -> None:
    passed = [pk for pk, person in handed.items() if person == row.giver_id]
    had = Q(owner=row.giver_id) & ~Q(pk__in=list(handed)) | Q(pk__in=passed)
    ids = what.filter(had, work_on_eve(row)).order_by().values_list("pk", flat=True)
    handed.update(dict.fromkeys(ids, row.taker_id))
