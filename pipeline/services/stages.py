"""The way of a deal through its stages; it is won only by booking its order."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.checks import check_text, note_of
from common.errors import Conflict, Refused, Stale
from common.policies import REQUIRED
from common.selectors import policy, today
from common.transaction import act, now
from pipeline.models import OPEN_CATEGORIES, Opportunity, Stage, StageVisit
from pipeline.rules.stages import Asks, category_after_stage_change, stage_asks
from pipeline.selectors.criteria import Asked, left_stage, passed
from pipeline.selectors.offers import competitors_of_each
from pipeline.services.checks import MERGED, check_choice, deal_for
from pipeline.services.credit import end_waiting_split
from pipeline.services.telling import tell_owner, tell_sent_back
from workspace.models import ListValue
from workspace.selectors.lists import aliases, offered
from workspace.services import listed

# Who publishes a model locks its stages: nobody takes one out between its choice and the deal's arrival.
ONE_STAGE = "SELECT * FROM pipeline_stage WHERE id = %s AND position IS NOT NULL FOR KEY SHARE"
WON_STAGE = """
SELECT * FROM pipeline_stage WHERE sales_model_id = %s AND kind = 'won' AND position IS NOT NULL FOR KEY SHARE
"""
MODEL_STAGES = """
SELECT * FROM pipeline_stage WHERE sales_model_id = %s AND position IS NOT NULL ORDER BY position FOR KEY SHARE
"""
USUAL_STAGES = """
SELECT stage.* FROM pipeline_stage stage JOIN pipeline_salesmodel model ON model.id = stage.sales_model_id
WHERE model.is_usual AND stage.position IS NOT NULL ORDER BY stage.position FOR KEY SHARE OF stage
"""
STANDING_STAGES = """
SELECT * FROM pipeline_stage WHERE position IS NOT NULL ORDER BY sales_model_id, position FOR KEY SHARE
"""
MOST_COMPETITOR = 80
CONFLICTS = {
    Asks.REOPENING: gettext_lazy("Re-open this lost opportunity before it is won."),
    Asks.CANCELLATION: gettext_lazy("A won opportunity stays won; cancel its order instead."),
    Asks.SURVIVOR: MERGED,
}


@act
def move_stage(
    *,
    by: int,
    opportunity_id: int,
    version: int,
    stage_id: int,
    lost_reason: str = "",
    lost_to: str = "",
    category: str = "",
) -> Opportunity:
    """Move a deal to another stage, lose it (which asks why), or re-open a lost one. A category set by hand stays.

    `lost_to`: the competitor who won it, if it was one. What was said of a loss goes when the deal is re-opened.
    `category`: the one that the deal takes by hand in an open stage, also in the one where it is.

    Whoever may edit the deal; a won stage, whose refusal has the code `win_by_booking`, is for whoever may book it.
    Raises Conflict for a won deal, Refused (`criterion_missing`) where the deal does not bring what a stage that it
    leaves behind requires. What else such a stage asks for is told by `selectors.criteria.passed`.
    """
    stage = stage_of(stage_id)
    deal = deal_for("book" if stage.kind == Stage.Kind.WON else "update", opportunity_id, version)
    by_hand = _by_hand(deal, category) if stage.kind == Stage.Kind.OPEN else {}
    if stage.pk != deal.stage_id:
        rival = competitor(deal, lost_to)
        _move(deal, by, entering(stage, today(), deal, lost_reason=lost_reason, lost_to=rival) | by_hand)
        deal.refresh_from_db()
    elif by_hand:
        Opportunity.objects.change(deal.pk, version, **by_hand)
        deal.refresh_from_db()
        tell_owner(deal, by, by_hand)
    return deal


def _by_hand(deal: Opportunity, category: str) -> dict[str, Any]:
    """The columns of a category that a person chose; nothing where the deal has it. Raises Refused."""
    if not category or (deal.category_is_manual and category == deal.category):
        return {}
    check_choice(category, "category", dict(OPEN_CATEGORIES))
    return {"category": category, "category_is_manual": True}


@act
def lose_opportunity(
    *, by: int, opportunity_id: int, version: int, lost_reason: str, lost_to: str = ""
) -> Opportunity:
    """Lose an open deal, in the lost stage of its sales model. Who may, and what is refused: as `move_stage`."""
    deal = deal_for("update", opportunity_id, version)
    lost = [stage for stage in model_stages(deal.stage.sales_model_id) if stage.kind == Stage.Kind.LOST]
    if not deal.is_open or not lost:
        raise Conflict(_("This opportunity is closed already."), code="opportunity_closed")
    said = {"lost_reason": lost_reason, "lost_to": lost_to}
    return move_stage(by=by, opportunity_id=opportunity_id, version=version, stage_id=lost[0].pk, **said)


def close_won(
    *,
    by: int,
    deal: Opportunity,
    version: int,
    won_on: date,
    won_reason: str = "",
    awaits_booking: bool = False,
) -> None:
    """Win an open deal on the day of its booking, which becomes its close date; the expected one stays in history.

    `awaits_booking`: its order cannot be booked yet. Part of booking an order, whose act asks whether the person may.
    Raises Stale, Conflict for a deal that is not open, Refused where Settings ask why it was won and nobody says.
    """
    if deal.version != version:
        raise Stale()
    won = next(iter(Stage.objects.raw(WON_STAGE, [deal.stage.sales_model_id])), None)
    if won is None:
        message = _("There is no won stage. An administrator adds one to its sales model.")
        raise Conflict(message, code="no_won_stage")
    stands = entering(won, won_on, deal, is_booked=True)
    stands |= {"close_on": won_on, "won_reason": _won_reason(won_reason)}
    stands["awaits_booking_since"] = now() if awaits_booking else None
    _move(deal, by, stands)


def settle_won(*, by: int, deal: Opportunity, version: int, won_on: date, won_reason: str = "") -> None:
    """The order of a won deal that awaited its booking is booked; its day becomes the close date.

    Part of booking it, whose act asks whether the person may. Raises Stale.
    """
    _won_as(deal, version, won_on, won_reason, awaits_booking_since=None)
    tell_owner(deal, by, ["stage_id"])


def note_won(*, by: int, deal: Opportunity, version: int, won_on: date, won_reason: str = "") -> None:
    """The order of a won deal is changed while it awaits its booking; its day becomes the close date.

    Part of keeping it, whose act asks whether the person may. Raises Stale.
    """
    is_moved = deal.closed_on != won_on
    _won_as(deal, version, won_on, won_reason)
    if is_moved:
        tell_owner(deal, by, ["close_on"])


def _won_as(deal: Opportunity, version: int, won_on: date, won_reason: str, **more: Any) -> None:
    if won_reason.strip():
        deal.won_reason = _won_reason(won_reason)
    days = {"close_on": won_on, "closed_on": won_on}
    Opportunity.objects.change(deal.pk, version, won_reason=deal.won_reason, **days, **more)


def won_on_another_day(*, by: int, opportunity_id: int, won_on: date) -> None:
    """A won deal was won on the day on which its order is booked now. Part of that act, which asks whether they may."""
    deal = Opportunity.objects.select_for_update().get(pk=opportunity_id)
    Opportunity.objects.change(deal.pk, deal.version, close_on=won_on, closed_on=won_on)
    tell_owner(deal, by, ["close_on"])


def send_back(*, by: int, deal: Opportunity, version: int, comment: str) -> None:
    """Open a won deal whose order cannot be booked again, in its last open stage, with the close date and the category
    that it had before it was won; its owner is told why.

    Part of sending an order back, whose act asks whether the person may. Raises Stale.
    """
    stage = last_open_stage(deal)
    stands = {"stage": stage, "state": stage.kind, "category": stage.category, "stage_since_on": today()}
    ends = {"closed_on": None, "awaits_booking_since": None, "won_reason": ""}
    Opportunity.objects.change(deal.pk, version, **{**stands, **_as_it_was_open(deal)}, **ends)
    StageVisit.objects.create(opportunity=deal, by_id=by, stage=stage, entered_on=today())
    tell_sent_back(deal, by, comment)


def _as_it_was_open(deal: Opportunity) -> dict[str, Any]:
    """What winning a deal wrote over: its expected close date, and its category where a person chose it."""
    events = apps.get_model("pipeline.OpportunityEvent")._default_manager
    rows = events.filter(pgh_obj_id=deal.pk, state=Opportunity.State.OPEN).order_by("-pgh_id")
    was = rows.values("close_on", "category", "category_is_manual").first()
    if was is None:
        return {}
    by_hand = {"category": was["category"], "category_is_manual": True} if was["category_is_manual"] else {}
    return {"close_on": was["close_on"], **by_hand}


def last_open_stage(deal: Opportunity) -> Stage:
    """The open stage that the deal was in last, else, where that is no part of its model any more, the first one."""
    order = [stage for stage in model_stages(deal.stage.sales_model_id) if stage.kind == Stage.Kind.OPEN]
    been = deal.visits.filter(stage__in=order).order_by("-id").values_list("stage_id", flat=True)[:1]
    return next((stage for stage in order if stage.pk in been), order[0])


def stage_of(stage_id: int) -> Stage:
    """The stage with that id, which nobody takes out until the act ends. Raises Refused."""
    stage: Stage | None = next(iter(Stage.objects.raw(ONE_STAGE, [stage_id])), None)
    if stage is None:
        raise Refused(_("There is no such stage."), path="stage_id", code="unknown_stage")
    return stage


def model_stages(model_id: int) -> list[Stage]:
    """The stages of a sales model in their order, which nobody takes out until the act ends."""
    return list(Stage.objects.raw(MODEL_STAGES, [model_id]))


def usual_stages() -> list[Stage]:
    """Those of the usual sales model in their order, which nobody takes out until the act ends."""
    return list(Stage.objects.raw(USUAL_STAGES))


def standing_stages() -> list[Stage]:
    """Those of all sales models, model by model, which nobody takes out until the act ends."""
    return list(Stage.objects.raw(STANDING_STAGES))


def entering(
    stage: Stage,
    on: date,
    deal: Opportunity | None = None,
    *,
    lost_reason: str = "",
    lost_to: str = "",
    is_booked: bool = False,
    behind: Sequence[Asked] | None = None,
    reason_of: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """What becomes of a deal, or of a new one, that enters a stage on a day.

    Every way into a stage passes here. `behind`: what `criteria.passed` says, and `reason_of`: what `lost_reason_of`
    says, where they were asked for many at once.
    Raises Refused or Conflict where the stage asks for what it does not bring.
    """
    asks = stage_asks(stage.kind, deal.state if deal else None)
    if asks in CONFLICTS:
        raise Conflict(CONFLICTS[asks], code=asks)
    _check_model(stage, deal)
    if deal:
        _check_criteria(stage, passed(deal, left_stage(deal), stage) if behind is None else behind)
    if asks is Asks.BOOKING and not is_booked:
        message = _("An opportunity starts in an open stage, and is won by booking its order.")
        raise Refused(message, path="stage_id", code=asks)
    if asks is Asks.REASON:
        lost_reason = (reason_of or lost_reason_of)(lost_reason)
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
        "lost_to": lost_to if asks is Asks.REASON else "",
    }


def lost_reason_of(text: str) -> str:
    """Why a deal is lost, as its list writes it. Raises Refused where nobody says, or it is not in the list."""
    check_text(text, "lost_reason", missing=_("Say why it was lost."))
    return listed(ListValue.List.LOST_REASON, text, "lost_reason")


class Rivals:
    """How the competitors of deals are written, asked once for all deals of an act."""

    def __init__(self, deal_ids: Iterable[int]) -> None:
        self._on = competitors_of_each(deal_ids)
        listed_ones = {one.casefold(): one for one in offered(ListValue.List.COMPETITOR)}
        self._listed = aliases(ListValue.List.COMPETITOR) | listed_ones

    def written(self, deal: Opportunity, text: str) -> str:
        """As the deal or the list writes it, or what it was merged into; else as typed."""
        on_it = {one.casefold(): one for one in self._on.get(deal.pk, ())}
        return on_it.get(text.casefold()) or self._listed.get(text.casefold(), text)


def competitor(deal: Opportunity, name: str, rivals: Rivals | None = None) -> str:
    """A competitor as it is written; `rivals`: where that was asked for many deals at once."""
    text = note_of(name, "lost_to", MOST_COMPETITOR)
    return (rivals or Rivals([deal.pk])).written(deal, text) if text else ""


def _won_reason(text: str) -> str:
    """Why a deal was won, as its list writes it. Raises Refused where it has to be said, or is not in the list."""
    if not text.strip() and policy("won_reason") != REQUIRED:
        return ""
    check_text(text, "won_reason", missing=_("Say why it was won."))
    return listed(ListValue.List.WON_REASON, text, "won_reason")


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


def _check_criteria(stage: Stage, behind: Sequence[Asked]) -> None:
    """Going forward asks for what the stages that are left behind require. Raises Refused, naming each of it."""
    missing = [
        f"{asked.criterion.text} ({asked.criterion.stage.name})"
        for asked in behind
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
    if new["state"] != Opportunity.State.OPEN:
        end_waiting_split(by, deal, new["state"])
    tell_owner(deal, by, ["stage_id"])
