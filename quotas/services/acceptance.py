"""Asking people to accept what is asked of them: once per person and fiscal year, and anew where it changes."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from common.errors import Conflict
from common.models import Period
from common.transaction import act
from quotas.rules import Key
from quotas.selectors.acceptance import ACCEPT, Year, acceptance_key, standing_ids
from territories.models import User
from workspace.services import ask_anew, withdraw_waiting
from workspace.services.approvals import Asked, check_granted


def ask_acceptance(*, by: int | None, changed: Iterable[Key]) -> None:
    """Ask everybody whose quotas changed to accept those of the year, in the place of what they were asked before.

    For acts, which have checked authority. The organisation's own jobs ask nobody, nobody is asked by themselves, and
    a quota of a territory asks nobody.
    """
    keys = [key for key in changed if key.person_id] if by else []
    if not keys or by is None:
        return
    years = Period.objects.select_related("parent").in_bulk({key.period_id for key in keys})
    codes = {years[key.period_id].parent_id: years[key.period_id].parent for key in keys}
    wanted = {(key.person_id or 0, years[key.period_id].parent_id or 0) for key in keys}
    # Two who set quotas of one person at once wait here, so that the second asks about both.
    here = User.objects.filter(pk__in={person for person, _year in wanted}, is_active=True).order_by("pk")
    people = set(here.select_for_update(no_key=True).values_list("pk", flat=True)) - {by}
    standing = standing_ids(wanted)
    why = _("The quotas changed.")
    withdraw_waiting(by=by, kind=ACCEPT, keys=[acceptance_key(year) for year in wanted], why=why)
    asked = [
        _asked(year, str(codes[year[1]]), ids)
        for year, ids in sorted(standing.items())
        if ids and year[0] in people
    ]
    ask_anew(by=by, kind=ACCEPT, asked=asked, why=why)


def _asked(year: Year, code: str, ids: list[int]) -> Asked:
    about = _("Quotas for %(year)s") % {"year": code}
    payload = {"person_id": year[0], "year_id": year[1], "quota_ids": ids}
    return Asked(acceptance_key(year), about, payload=payload, approver_id=year[0])


@act
def accept_quotas(
    *, by: int, approval_id: int, person_id: int, year_id: int, quota_ids: Sequence[int]
) -> None:
    """Accept one's own quotas of a fiscal year as they stand; the approval itself keeps the day.

    Raises Conflict where other quotas stand by now than were asked about.
    """
    payload = {"person_id": person_id, "year_id": year_id, "quota_ids": list(quota_ids)}
    check_granted(by=by, approval_id=approval_id, kind=ACCEPT, payload=payload)
    year = (person_id, year_id)
    if standing_ids([year])[year] != list(quota_ids):
        message = _(
            "These quotas changed after you were asked. Refuse them with that note, to be asked anew."
        )
        raise Conflict(message, code="quotas_changed")
