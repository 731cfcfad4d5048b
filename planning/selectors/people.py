"""What hangs on a person: who may leave, or who passes a seat on."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from accounts.models import Hold
from common.selectors import today
from pipeline.models import Activity, Lead, Opportunity
from territories.models import RoleGrant, Seat, User
from workspace.models import Approval, StandIn


@dataclass(frozen=True)
class OpenWork:
    """What somebody has still to do: open deals, and how many open leads and activities."""

    deals: QuerySet[Opportunity]
    leads: int
    activities: int


def open_work_of(person: User, there: Collection[int] | None = None) -> OpenWork:
    """A person's open work, as far as the reader may see it: all of it, or only what lies on these territories."""
    mine = Q(owner=person) if there is None else Q(owner=person, territory__in=there)
    return OpenWork(
        deals=Opportunity.objects.open().filter(mine),
        leads=Lead.objects.open().filter(mine).count(),
        activities=Activity.objects.filter(mine, done_at=None).count(),
    )


def sums_of(deals: Iterable[Opportunity]) -> list[tuple[str, int]]:
    """What deals come to, by currency."""
    sums: dict[str, int] = defaultdict(int)
    for deal in deals:
        sums[deal.currency] += deal.amount_minor or 0
    return sorted(sums.items())


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
    day, work = today(), open_work_of(person)
    deals = list(work.deals.only("currency", "amount_minor"))
    seats = Seat.objects.overlapping(day, None).filter(user=person)
    holds = Hold.objects.overlapping(day, None).filter(person=person)
    return Hangs(
        deals=len(deals),
        sums=sums_of(deals),
        leads=work.leads,
        activities=work.activities,
        seats=list(seats.select_related("territory").order_by("starts_on", "kind")),
        stand_ins=stand_ins_with(person, day),
        approvals=approvals_with(person),
        holds=list(holds.select_related("account").order_by("account__name_key", "starts_on")),
    )


def stand_ins_with(person: User, day: date) -> list[StandIn]:
    """Who stands in for a person on that day or later, and for whom they do."""
    rows = StandIn.objects.overlapping(day, None).filter(Q(person=person) | Q(stand_in=person))
    return list(rows.select_related("person", "stand_in").order_by("starts_on"))


def approvals_with(person: User) -> list[Approval]:
    """What waits for a person's answer, or what they asked for and waits."""
    waiting = Approval.objects.filter(Q(approver=person) | Q(asked_by=person), state=Approval.State.WAITING)
    return list(waiting.select_related("asked_by"))


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
