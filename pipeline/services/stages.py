"""The way of a deal through its stages; it is won only by booking its order."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.checks import check_text
from common.errors import Conflict, Refused, Stale
from common.selectors import today
from common.transaction import act
from pipeline.models import Opportunity, Stage, StageVisit
from pipeline.rules import Asks, category_after_stage_change, stage_asks
from pipeline.services.checks import deal_for
from pipeline.services.telling import tell_owner
from workspace.models import ListValue
from workspace.services import listed

CONFLICTS = {
    Asks.REOPENING: gettext_lazy("Re-open this lost opportunity before it is won."),
    Asks.CANCELLATION: gettext_lazy("A won opportunity stays won; cancel its order instead."),
}


@act
def move_stage(
    *, by: int, opportunity_id: int, version: int, stage_id: int, lost_reason: str = ""
) -> Opportunity:
    """Move a deal to another stage, lose it (which asks why), or re-open a lost one. A category set by hand stays.

    Whoever may edit the deal; a won stage, whose refusal has the code `win_by_booking`, is for whoever may book it.
    Raises Conflict for a won deal.
    """
    stage = stage_of(stage_id)
    deal = deal_for("book" if stage.kind == Stage.Kind.WON else "update", opportunity_id, version)
    if stage.pk != deal.stage_id:
        _move(deal, by, entering(stage, today(), deal, lost_reason=lost_reason))
        deal.refresh_from_db()
    return deal


def close_won(*, by: int, deal: Opportunity, version: int, won_on: date) -> None:
    """Win an open deal on the day of its booking, which becomes its close date; the expected one stays in history.

    Part of booking an order, whose act asks whether the person may. Raises Stale, Conflict for a deal that is not open.
    """
    if deal.version != version:
        raise Stale()
    won = Stage.objects.filter(kind=Stage.Kind.WON).first()
    if won is None:
        message = _("There is no won stage. An administrator brings the stages in with an import.")
        raise Conflict(message, code="no_won_stage")
    _move(deal, by, {**entering(won, won_on, deal, is_booked=True), "close_on": won_on})


def stage_of(stage_id: int) -> Stage:
    """The stage with that id. Raises Refused."""
    stage: Stage | None = Stage.objects.filter(pk=stage_id).first()
    if stage is None:
        raise Refused(_("There is no such stage."), path="stage_id", code="unknown_stage")
    return stage


def entering(
    stage: Stage, on: date, deal: Opportunity | None = None, *, lost_reason: str = "", is_booked: bool = False
) -> dict[str, Any]:
    """What becomes of a deal, or of a new one, that enters a stage on a day.

    Every way into a stage passes here. Raises Refused or Conflict where the stage asks for what it does not bring.
    """
    asks = stage_asks(stage.kind, deal.state if deal else None)
    if asks in CONFLICTS:
        raise Conflict(CONFLICTS[asks], code=asks)
    if asks is Asks.BOOKING and not is_booked:
        message = _("An opportunity starts in an open stage, and is won by booking its order.")
        raise Refused(message, path="stage_id", code=asks)
    if asks is Asks.REASON:
        check_text(lost_reason, "lost_reason", missing=_("Say why it was lost."))
        lost_reason = listed(ListValue.List.LOST_REASON, lost_reason, "lost_reason")
    closes = stage.kind != Stage.Kind.OPEN
    by_hand = deal.category if deal and deal.category_is_manual else ""
    category, is_manual = category_after_stage_change(stage.category, closes=closes, by_hand=by_hand)
    return {
        "stage": stage,
        "state": stage.kind,
        "category": category,
        "category_is_manual": is_manual,
        "stage_since_on": on,
        "closed_on": on if closes else None,
        "lost_reason": lost_reason if asks is Asks.REASON else "",
    }


def _move(deal: Opportunity, by: int, new: dict[str, Any]) -> None:
    Opportunity.objects.change(deal.pk, deal.version, **new)
    entered = {"stage": new["stage"], "entered_on": new["stage_since_on"]}
    StageVisit.objects.create(opportunity=deal, by_id=by, **entered)
    tell_owner(deal, by, ["stage_id"])
