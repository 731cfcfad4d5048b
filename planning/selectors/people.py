"""What hangs on a person who may leave."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from accounts.models import Hold
from common.selectors import today
from pipeline.models import Activity, Lead, Opportunity
from territories.models import RoleGrant, Seat, User
from workspace.models import Approval, StandIn


@dataclass(frozen=True)
class Hangs:
    """What hangs on a person today: open work, seats, accounts they hold, stand-ins, what waits for an answer."""

    deals: int
    sums: list[tuple[str, int]]
    leads: int
    activities: int
    seats: list[Seat]
    stand_ins: list[StandIn]
    approvals: list[Approval]
    holds: list[Hold]

    @property
    def has_work(self) -> bool:
        return bool(self.deals or self.leads or self.activities)

    @property
    def lasting_seats(self) -> list[Seat]:
        """Those that somebody has to sit on."""
        return [seat for seat in self.seats if seat.kind in Seat.LASTING]


def hangs_on(person: User) -> Hangs:
    """What hangs on a person, as far as the reader may see it: all of it for an administrator."""
    day = today()
    sums: dict[str, int] = defaultdict(int)
    amounts = Opportunity.objects.open().filter(owner=person).values_list("currency", "amount_minor")
    for currency, minor in amounts:
        sums[currency] += minor or 0
    seats = Seat.objects.overlapping(day, None).filter(user=person)
    holds = Hold.objects.overlapping(day, None).filter(person=person)
    waiting = Approval.objects.filter(state=Approval.State.WAITING)
    return Hangs(
        deals=len(amounts),
        sums=sorted(sums.items()),
        leads=Lead.objects.open().filter(owner=person).count(),
        activities=Activity.objects.filter(owner=person, done_at=None).count(),
        seats=list(seats.select_related("territory").order_by("starts_on", "kind")),
        stand_ins=_stand_ins(person, day),
        approvals=list(waiting.filter(Q(approver=person) | Q(asked_by=person)).select_related("asked_by")),
        holds=list(holds.select_related("account").order_by("account__name_key", "starts_on")),
    )


def _stand_ins(person: User, day: date) -> list[StandIn]:
    rows = StandIn.objects.overlapping(day, None).filter(Q(person=person) | Q(stand_in=person))
    return list(rows.select_related("person", "stand_in").order_by("starts_on"))


@dataclass(frozen=True)
class OldSeat:
    """A seat that a person held when they left, and the names of who sits there now."""

    seat: Seat
    now: list[str]


def old_seats(person: User) -> list[OldSeat]:
    """The owner's and lead's seats that ended last, all on one day, and who has them today."""
    ended = Seat.objects.current().filter(user=person, stops_on__lte=today(), kind__in=Seat.LASTING)
    seats = list(ended.select_related("territory").order_by("-stops_on", "territory__name"))
    last = [seat for seat in seats if seat.stops_on == seats[0].stops_on]
    sitting = Seat.objects.on(today()).filter(territory__in=[seat.territory_id for seat in last])
    names: dict[tuple[int, str], list[str]] = defaultdict(list)
    for seat in sitting.select_related("user").order_by("user__name"):
        names[seat.territory_id, seat.kind].append(seat.user.name)
    return [OldSeat(seat, names[seat.territory_id, seat.kind]) for seat in last]


def last_role(person: User) -> str:
    """The role that a person held last; empty where they never had one."""
    grants = RoleGrant.objects.current().filter(user=person).exclude(stops_on__lte=F("starts_on"))
    grant = grants.order_by("-stops_on", "-starts_on", "-pk").first()
    return grant.role if grant else ""
