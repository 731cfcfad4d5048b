"""Closing a period and opening it again: one administrator asks, another one answers."""

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Refused
from common.models import Period
from common.transaction import act, reach
from workspace.models import Approval
from workspace.selectors.periods import CLOSE, REOPEN, closed_with, opened_with, why_not_closed
from workspace.services.approvals import Asked, ask, check_granted


@act
def ask_closing(*, by: int, period_id: int, reason: str) -> Approval:
    """Ask another administrator to close a period that has ended; administrators only.

    Raises Conflict where it is closed, still runs, a month before it is open or nobody else is administrator, Refused
    without a reason.
    """
    period = _period(period_id)
    _refuse_open_before(period)
    return _ask(by, CLOSE, period, _("Close %(code)s"), reason)


@act
def ask_reopening(*, by: int, period_id: int, reason: str) -> Approval:
    """Ask another administrator to open a closed period again; administrators only.

    Raises Conflict where it is open or nobody else is administrator, Refused without a reason.
    """
    period = _period(period_id)
    if not period.is_closed:
        raise Conflict(_open(period), code="period_open")
    return _ask(by, REOPEN, period, _("Reopen %(code)s"), reason)


def _ask(by: int, kind: str, period: Period, about: str, reason: str) -> Approval:
    if not reason.strip():
        raise Refused(_("Say why; whoever answers reads it."), path="reason", code="reason_needed")
    payload, about = {"period_id": period.pk}, about % {"code": period.code}
    asked = Asked(str(period.pk), about, reverse("calendar"), payload, reason.strip())
    return ask(by=by, kind=kind, asked=asked)


def _period(period_id: int) -> Period:
    reach().require("period", "update")
    period: Period = found(
        Period.objects.select_related("parent__parent__parent").filter(pk=period_id).first()
    )
    return period


def _open(period: Period) -> str:
    return _("%(code)s is open already.") % {"code": period.code}


def _refuse_open_before(period: Period) -> None:
    if why := why_not_closed(period):
        raise Conflict(why.message, code=why.code)


@act
def close_period(*, by: int, approval_id: int, period_id: int) -> list[int]:
    """Close a period that has ended with all inside it; only out of a granted approval. Answers what it closed.

    What is being booked into it is in the books before, or finds it closed. Raises Forbidden without the approval of a
    second person, Conflict where it is closed, still runs or a month before it is open.
    """
    check_granted(by=by, approval_id=approval_id, kind=CLOSE, payload={"period_id": period_id})
    period = _period(period_id)
    closed = [one.pk for one in closed_with(period).select_for_update(of=("self",)).order_by("pk")]
    period.refresh_from_db(fields=["is_closed"])  # somebody may have been faster
    _refuse_open_before(period)
    Period.objects.filter(pk__in=closed).update(is_closed=True, version=F("version") + 1)
    return closed


@act
def reopen_period(*, by: int, approval_id: int, period_id: int) -> None:
    """Open a closed period with all inside it and those that hold it; only out of a granted approval.

    A day is open when no period that holds it is closed, so a closed quarter opens with its month; its other months
    stay closed. Raises Forbidden without the approval of a second person, Conflict where the period is open already.
    """
    check_granted(by=by, approval_id=approval_id, kind=REOPEN, payload={"period_id": period_id})
    period = _period(period_id)
    opened = [one.pk for one in opened_with(period).select_for_update(of=("self",)).order_by("pk")]
    if period.pk not in opened:
        raise Conflict(_open(period), code="period_open")
    Period.objects.filter(pk__in=opened).update(is_closed=False, closed_seq=None, version=F("version") + 1)
