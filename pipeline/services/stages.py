"""The way of a deal through its stages; it is won only by booking its order."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common.checks import check_text
from common.errors import Conflict, Refused
from common.selectors import today
from common.transaction import act
from pipeline.models import Opportunity, Stage, StageVisit
from pipeline.rules import Move, category_after_stage_change, stage_move
from pipeline.services.guards import deal_for, stage_of


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
    move = stage_move(deal.stage.kind, stage.kind)
    if move is Move.BOOK:
        raise Refused(
            _("An opportunity is won by booking its order."), path="stage_id", code="win_by_booking"
        )
    if stage.pk == deal.stage_id:
        return deal
    if move is Move.REFUSED:
        raise _refused(deal)
    if move is Move.LOSE:
        check_text(lost_reason, "lost_reason", missing=_("Say why it was lost."))
    if move is Move.ADVANCE:
        return _enter(deal, stage, by=by, on=today())
    closed_on = today() if move is Move.LOSE else None
    reason = lost_reason.strip() if move is Move.LOSE else ""
    return _enter(deal, stage, by=by, on=today(), closed_on=closed_on, lost_reason=reason)


@act
def close_won(*, by: int, opportunity_id: int, version: int, won_on: date) -> Opportunity:
    """Win an open deal on the day of its booking, which becomes its close date; the expected one stays in history.

    Part of booking an order, by whoever may book the deal. Raises Conflict for a deal that is not open.
    """
    deal = deal_for("book", opportunity_id, version)
    if stage_move(deal.stage.kind, Stage.Kind.WON) is not Move.BOOK:
        raise _refused(deal)
    won = Stage.objects.filter(kind=Stage.Kind.WON).first()
    if won is None:
        raise Conflict(_("There is no won stage. Ask an administrator to add one."), code="no_won_stage")
    return _enter(deal, won, by=by, on=won_on, closed_on=won_on, close_on=won_on)


def _refused(deal: Opportunity) -> Conflict:
    if deal.state == Stage.Kind.WON:
        return Conflict(_("A won opportunity stays won; cancel its order instead."), code="opportunity_won")
    return Conflict(_("Re-open this lost opportunity before it is won."), code="opportunity_lost")


def _enter(deal: Opportunity, stage: Stage, *, by: int, on: date, **changes: Any) -> Opportunity:
    closes = stage.kind != Stage.Kind.OPEN
    category = category_after_stage_change(
        deal.category_is_manual, deal.category, stage.category, closes=closes
    )
    Opportunity.objects.change(
        deal.pk,
        deal.version,
        stage=stage,
        state=stage.kind,
        category=category,
        category_is_manual=deal.category_is_manual and not closes,
        stage_since_on=on,
        **changes,
    )
    StageVisit.objects.create(opportunity=deal, stage=stage, entered_on=on, by_id=by)
    deal.refresh_from_db()
    return deal
