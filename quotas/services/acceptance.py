"""Asking people to accept what is asked of them: once per person and fiscal year, and anew where it changes."""

from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from common.errors import Conflict
from common.models import Period
from common.transaction import act, widened
from quotas.models import Quota
from quotas.rules import Key
from quotas.selectors.acceptance import ACCEPT, Year, standing_ids
from territories.models import User
from workspace.models import Approval
from workspace.services import ask_anew, withdraw_waiting
from workspace.services.approvals import Asked, check_granted

MOST_NAMED = 3


def ask_acceptance(*, by: int | None, changed: Iterable[Key]) -> None:
    """Ask everybody whose quotas changed to accept those of the year, in the place of what they were asked before.

    For acts, which have checked authority. The organisation's own jobs ask nobody, nobody is asked by themselves, and
    a quota of a territory asks nobody.
    """
    if by is None or not (years := _years_of(changed)):
        return
    # Two who set quotas of one person at once wait here, so that the second asks about both.
    here = User.objects.filter(pk__in={year.person_id for year in years}, is_active=True).order_by("pk")
    people = set(here.select_for_update(no_key=True).values_list("pk", flat=True)) - {by}
    standing, why = standing_ids(years), _("The quotas changed.")
    withdraw_waiting(by=by, kind=ACCEPT, keys=[year.key for year in years], why=why)
    asked = [
        _asked(year, years[year], ids)
        for year, ids in sorted(standing.items())
        if ids and year.person_id in people
    ]
    ask_anew(by=by, kind=ACCEPT, asked=asked, why=why)


def refuse_accepted(quotas: Collection[Quota]) -> None:
    """Raises Conflict where somebody accepted one of these: then it is agreed, and another amount is asked for anew."""
    years = {
        Year(row.person_id, row.period.parent_id) for row in quotas if row.person_id and row.period.parent_id
    }
    ids = {row.pk for row in quotas}
    with widened("approval"):
        granted = Approval.objects.filter(
            kind=ACCEPT, state=Approval.State.GRANTED, key__in=[year.key for year in years]
        )
        rows = granted.select_related("approver").order_by("approver__name")
        names = [str(row.approver) for row in rows if ids.intersection(row.payload["quota_ids"])]
    if names:
        message = _("%(names)s accepted these quotas. Set another amount instead; it is asked about anew.")
        raise Conflict(message % {"names": ", ".join(names[:MOST_NAMED])}, code="accepted")


def _years_of(changed: Iterable[Key]) -> dict[Year, str]:
    """The people and fiscal years that these quotas are of, each with the name of the year."""
    keys = list(changed)
    periods = Period.objects.select_related("parent").in_bulk({key.period_id for key in keys})
    return {
        Year(key.person_id, year.pk): str(year)
        for key in keys
        if key.person_id and (year := periods[key.period_id].parent)
    }


def _asked(year: Year, code: str, ids: list[int]) -> Asked:
    about = _("Quotas for %(year)s") % {"year": code}
    return Asked(year.key, about, payload={**year._asdict(), "quota_ids": ids}, approver_id=year.person_id)


@act
def accept_quotas(
    *, by: int, approval_id: int, person_id: int, year_id: int, quota_ids: Sequence[int]
) -> None:
    """Accept one's own quotas of a fiscal year as they stand; the approval itself keeps the day.

    Raises Conflict where other quotas stand by now than were asked about.
    """
    payload = {"person_id": person_id, "year_id": year_id, "quota_ids": list(quota_ids)}
    check_granted(by=by, approval_id=approval_id, kind=ACCEPT, payload=payload)
    year = Year(person_id, year_id)
    if standing_ids([year])[year] != list(quota_ids):
        message = _("These quotas changed after you were asked. Refuse them with that note.")
        raise Conflict(message, code="quotas_changed")
