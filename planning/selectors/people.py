"""What hangs on a person who may leave."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from common.selectors import today
from pipeline.models import Activity, Opportunity
from territories.models import Seat, User
from territories.selectors import people_choices
from workspace.models import Approval, StandIn


@dataclass(frozen=True)
class Hangs:
    """What hangs on a person today: open work, seats, whom they stand in for, what waits for an answer."""

    deals: int
    sums: list[tuple[str, int]]
    activities: int
    seats: list[Seat]
    stand_ins: list[StandIn]
    approvals: list[Approval]

    @property
    def has_work(self) -> bool:
        return bool(self.deals or self.activities)

    @property
    def lasting_seats(self) -> list[Seat]:
        """Those that somebody has to sit on."""
        return [seat for seat in self.seats if seat.kind != Seat.Kind.OVERLAY]


def hangs_on(person: User) -> Hangs:
    """What hangs on a person, as far as the reader may see it: all of it for an administrator."""
    day = today()
    sums: dict[str, int] = defaultdict(int)
    amounts = Opportunity.objects.open().filter(owner=person).values_list("currency", "amount_minor")
    for currency, minor in amounts:
        sums[currency] += minor or 0
    seats = Seat.objects.overlapping(day, None).filter(user=person)
    waiting = Approval.objects.filter(state=Approval.State.WAITING)
    return Hangs(
        deals=len(amounts),
        sums=sorted(sums.items()),
        activities=Activity.objects.filter(owner=person, done_at=None).count(),
        seats=list(seats.select_related("territory").order_by("starts_on", "kind")),
        stand_ins=_stand_ins(person, day),
        approvals=list(waiting.filter(Q(approver=person) | Q(asked_by=person)).select_related("asked_by")),
    )


def _stand_ins(person: User, day: date) -> list[StandIn]:
    rows = StandIn.objects.overlapping(day, None).filter(Q(person=person) | Q(stand_in=person))
    return list(rows.select_related("person", "stand_in").order_by("starts_on"))


def successors(person: User) -> list[tuple[int, str]]:
    """The people who may take over from a person: everybody else who is here."""
    return [(pk, label) for pk, label in people_choices() if pk != person.pk]
