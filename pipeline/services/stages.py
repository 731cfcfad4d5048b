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
from pipeline.rules.stages import Asks, category_after_stage_change, stage_asks
from pipeline.selectors.criteria import left_stage, passed
from pipeline.services.checks import deal_for
from pipeline.services.telling import tell_owner
from workspace.models import ListValue
from workspace.services import listed

# Who publishes a model locks its stages: nobody takes one out between its choice and the deal's arrival.
ONE_STAGE = "SELECT * FROM pipeline_stage WHERE id = %s AND position IS NOT NULL FOR KEY SHARE"
WON_STAGE = """
SELECT * FROM pipeline_stage WHERE sales_model_id = %s AND kind = 'won' AND position IS NOT NULL FOR KEY SHARE
"""
USUAL_STAGES = """
SELECT stage.* FROM pipeline_stage stage JOIN pipeline_salesmodel model ON model.id = stage.sales_model_id
WHERE model.is_usual AND stage.position IS NOT NULL ORDER BY stage.position FOR KEY SHARE OF stage
"""
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
    Raises Conflict for a won deal, Refused (`criterion_missing`) where the deal does not bring what a stage that it
    leaves behind requires. What else such a stage asks for is told by `selectors.criteria.passed`.
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
    won = next(iter(Stage.objects.raw(WON_STAGE, [deal.stage.sales_model_id])), None)
    if won is None:
        message = _("There is no won stage. An administrator adds one to its sales model.")
        raise Conflict(message, code="no_won_stage")
    _move(deal, by, {**entering(won, won_on, deal, is_booked=True), "close_on": won_on})


def stage_of(stage_id: int) -> Stage:
    """The stage with that id, which nobody takes out until the act ends. Raises Refused."""
    stage: Stage | None = next(iter(Stage.objects.raw(ONE_STAGE, [stage_id])), None)
    if stage is None:
        raise Refused(_("There is no such stage."), path="stage_id", code="unknown_stage")
    return stage


def usual_stages() -> list[Stage]:
    """Those that a file's deals may be in, which nobody takes out until the act ends; files name stages alone."""
    return list(Stage.objects.raw(USUAL_STAGES))


def entering(
    stage: Stage, on: date, deal: Opportunity | None = None, *, lost_reason: str = "", is_booked: bool = False
) -> dict[str, Any]:
    """What becomes of a deal, or of a new one, that enters a stage on a day.

    Every way into a stage passes here. Raises Refused or Conflict where the stage asks for what it does not bring.
    """
    asks = stage_asks(stage.kind, deal.state if deal else None)
    if asks in CONFLICTS:
        raise Conflict(CONFLICTS[asks], code=asks)
    _check_model(stage, deal)
    if deal:
        _check_criteria(stage, deal)
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


def _check_model(stage: Stage, deal: Opportunity | None) -> None:
    """A deal goes to another sales model while it is open, into an open stage, where new deals are taken."""
    if deal and stage.sales_model_id == deal.stage.sales_model_id:
        return
    if deal and not (deal.is_open and stage.kind == Stage.Kind.OPEN):
        message = _("%(stage)s belongs to another sales model. Choose a stage of the deal's own one.")
        raise Refused(message % {"stage": stage.name}, path="stage_id", code="other_model")
    if stage.sales_model.is_retired:
        message = _("%(model)s takes no new deals. Choose a stage of another sales model.")
        raise Refused(message % {"model": stage.sales_model.name}, path="stage_id", code="model_retired")


def _check_criteria(stage: Stage, deal: Opportunity) -> None:
    """Going forward asks for what the stages that are left behind require. Raises Refused, naming each of it."""
    missing = [
        f"{asked.criterion.text} ({asked.criterion.stage.name})"
        for asked in passed(deal, left_stage(deal), stage)
        if asked.criterion.is_required and not asked.is_met
    ]
    if missing:
        message = _("Before %(stage)s this has to be true: %(criteria)s.")
        words = {"stage": stage.name, "criteria": "; ".join(missing)}
        raise Refused(message % words, path="stage_id", code="criterion_missing")


def _move(deal: Opportunity, by: int, new: dict[str, Any]) -> None:
    Opportunity.objects.change(deal.pk, deal.version, **new)
    entered = {"stage": new["stage"], "entered_on": new["stage_since_on"]}
    StageVisit.objects.create(opportunity=deal, by_id=by, **entered)
    tell_owner(deal, by, ["stage_id"])
