"""What of a person's quotas follows their territory to somebody else from a day on, and what stays."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog.models import Family
from common.errors import Refused
from common.locale import format_money
from common.models import Period
from common.selectors import the_organisation
from orders.models import Credit
from planning.rules.quota import by_days
from quotas.models import Quota
from quotas.rules import Key
from territories.models import Seat, User


class Cut(NamedTuple):
    """One of a person's quotas for a quarter, cut at the day on which a territory of theirs goes to somebody else."""

    key: Key
    period: Period
    stays: int
    goes: int


def cuts_of(person_id: int, day: date) -> list[Cut]:
    """What of a person's quotas follows their territory from a day on: the running quarter by days, later ones in full.

    Raises Refused for who sits elsewhere too: nobody knows which part of their quota is the territory's.
    """
    found = []
    for period in open_quarters(day):
        held = quotas_held({"person": person_id}, period)
        if held:
            refuse_several(person_id, day)
        for key, amount in held.items():
            found.append(Cut(key, period, *by_days(amount, period.span, max(day, period.starts_on))))
    return found


def quota_in_words(cuts: Sequence[Cut], name: str, to: str) -> list[str]:
    """*2026-Q2 Software: $300.00 goes to Paul Peer, $200.00 stays with Rita Rep*, for each quota."""
    currency = the_organisation().reporting_currency
    families = Family.objects.in_bulk({cut.key.family_id for cut in cuts if cut.key.family_id})
    message = _("%(quota)s: %(goes)s goes to %(to)s, %(stays)s stays with %(name)s.")
    return [
        message
        % {
            "quota": f"{cut.period.code} {families.get(cut.key.family_id or 0, '')}".strip(),
            "goes": format_money(cut.goes, currency),
            "to": to,
            "stays": format_money(cut.stays, currency),
            "name": name,
        }
        for cut in cuts
    ]


def refuse_several(person_id: int, day: date) -> None:
    """Raises Refused for who had more than one owner's or lead's seat on the day before, whatever became of them since:
    nobody knows which part of their quota is the territory's.
    """
    seats = Seat.objects.on(day - timedelta(days=1)).filter(user=person_id, kind__in=Seat.LASTING)
    if seats.count() > 1:
        name = User.objects.values_list("name", flat=True).get(pk=person_id)
        message = _("%(name)s has several seats and one quota. Let it stay, and set the new quotas by hand.")
        raise Refused(message % {"name": name}, path="quota", code="several_seats")


def open_quarters(day: date) -> list[Period]:
    """The open quarters from the one that holds the day to the end of its fiscal year."""
    running = Period.objects.quarters().holding(day).first()
    rows = Period.objects.quarters().filter(parent=running.parent_id if running else None, stops_on__gt=day)
    return list(rows.filter(is_closed=False).order_by("starts_on"))


def quotas_held(holder: Mapping[str, int], period: Period) -> dict[Key, int]:
    """The assigned quotas of a person or a territory in a quarter."""
    rows = Quota.objects.current().filter(
        **holder, period=period, kind=Quota.Kind.ASSIGNED, measure=Credit.Measure.ORDER_INTAKE
    )
    return {row.key: row.amount_minor for row in rows}
