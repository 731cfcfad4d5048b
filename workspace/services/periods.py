"""Opening a closed period again: one administrator asks, another one answers."""

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Refused
from common.models import Period
from common.transaction import act, reach
from workspace.models import Approval
from workspace.selectors.periods import REOPEN, opened_with
from workspace.services.approvals import Asked, ask, check_granted


@act
def ask_reopening(*, by: int, period_id: int, reason: str) -> Approval:
    """Ask another administrator to open a closed period again; administrators only.

    Raises Conflict where it is open or nobody else is administrator, Refused without a reason.
    """
    reach().require("period", "update")
    period: Period = found(Period.objects.filter(pk=period_id).first())
    if not period.is_closed:
        raise Conflict(_open(period), code="period_open")
    if not reason.strip():
        raise Refused(_("Say why; whoever answers reads it."), path="reason", code="reason_needed")
    about, payload = _("Reopen %(code)s") % {"code": period.code}, {"period_id": period.pk}
    asked = Asked(str(period.pk), about, reverse("calendar"), payload, reason.strip())
    return ask(by=by, kind=REOPEN, asked=asked)


def _open(period: Period) -> str:
    return _("%(code)s is open already.") % {"code": period.code}


@act
def reopen_period(*, by: int, approval_id: int, period_id: int) -> None:
    """Open a closed period with all inside it and those that hold it; only out of a granted approval.

    A day is open when no period that holds it is closed, so a closed quarter opens with its month; its other months
    stay closed. Raises Forbidden without the approval of a second person, Conflict where the period is open already.
    """
    check_granted(by=by, approval_id=approval_id, kind=REOPEN, payload={"period_id": period_id})
    reach().require("period", "update")
    period: Period = found(Period.objects.select_related("parent").filter(pk=period_id).first())
    opened = [one.pk for one in opened_with(period).select_for_update(of=("self",)).order_by("pk")]
    if period.pk not in opened:
        raise Conflict(_open(period), code="period_open")
    Period.objects.filter(pk__in=opened).update(is_closed=False, version=F("version") + 1)
