"""A deal once more: the same account, lines and team, from the beginning."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from common.access import seen
from common.checks import check_line
from common.errors import Conflict, Refused, Stale
from common.selectors import today
from common.staging import new_ids
from common.transaction import act, reach, widened
from pipeline.models import Opportunity, OpportunityLine, Stage, StageVisit, TeamMember
from pipeline.selectors.cloning import lines_to_copy
from pipeline.services.checks import check_day, deal_for
from pipeline.services.editing import Known
from pipeline.services.opportunities import add_participants
from pipeline.services.stages import entering, model_stages, usual_stages
from pipeline.services.telling import tell_owner
from territories.models import User

MOST_NAME = 160
SAME = (
    "account_id",
    "currency",
    "price_book_id",
    "motion",
    "channel",
    "partner_id",
    "partner_rep_id",
    "source",
    "own",
)
COPIED = tuple(
    "product_id kind quantity price_minor discount term_months tax bundle_id bundle_number bundle_quantity "
    "part_minor".split()
)


@act
def clone_opportunity(*, by: int, opportunity_id: int, name: str, close_on: date) -> Opportunity:
    """Open a deal like another one, whatever became of that: its account, lines and team, in the first stage.

    Whoever may edit the other; it is its owner's, the actor's where that one has left. Lines of what is no longer sold
    are left out; otherwise the amount is the same to the cent.
    Raises NotInReach for an account of others by now, Forbidden who may open no such deal, Conflict without a stage to
    begin in, Refused on the name or the day.
    """
    deal = deal_for("update", opportunity_id)
    check_line(name, "name", MOST_NAME)
    if close_on is None:
        raise Refused(_("Say when this is expected to close."), path="close_on", code="required")
    check_day(close_on, "close_on")
    Known([]).check_close(close_on)
    place = {"owner_id": _owner(deal, by), "territory_id": _territory(deal)}
    reach().require("opportunity", "create", place)
    kept, left_out = lines_to_copy(deal, today())
    amount = sum(line.amount_minor for line in kept) if left_out else deal.amount_minor
    stage, day = _first_stage(deal), today()
    stands = {**entering(stage, day), "close_on": close_on, "amount_minor": amount, "created_on": day}
    same = {column: getattr(deal, column) for column in SAME}
    (pk,) = new_ids("pipeline_opportunity", 1)
    named = {"number": f"OPP-{pk}", "name": name.strip()}
    clone = Opportunity.objects.create(pk=pk, **named, **place, **same, **stands)
    StageVisit.objects.create(opportunity=clone, stage=stage, entered_on=day, by_id=by)
    _copy(clone, kept, deal, by)
    tell_owner(clone, by, ["owner_id"])
    return clone


def _owner(deal: Opportunity, by: int) -> int:
    return deal.owner_id if User.objects.filter(pk=deal.owner_id, is_active=True).exists() else by


def _territory(deal: Opportunity) -> int:
    """The account's, which the deal may have left when it was closed; nobody moves or merges it until the act ends.

    Raises NotInReach for an account of others by now, Stale where it was merged meanwhile, and the deal went with it.
    """
    if deal.account_id is None:
        return deal.territory_id
    account: Account = seen(Account.objects.select_for_update(no_key=True), reach(), deal.account_id)
    if account.merged_into_id:
        raise Stale()
    return account.territory_id


def _first_stage(deal: Opportunity) -> Stage:
    """Of the deal's sales model, or of the usual one where that takes no new deals. Raises Conflict."""
    stages = usual_stages() if deal.stage.sales_model.is_retired else model_stages(deal.stage.sales_model_id)
    first = next((stage for stage in stages if stage.kind == Stage.Kind.OPEN), None)
    if first is None:
        raise Conflict(_("There is no stage to begin in. An administrator adds one."), code="no_open_stage")
    return first


def _copy(clone: Opportunity, lines: Sequence[OpportunityLine], deal: Opportunity, by: int) -> None:
    """Its lines with all that was agreed, and who works on it today beside its owner."""
    OpportunityLine.objects.bulk_create(
        OpportunityLine(opportunity=clone, **{column: getattr(line, column) for column in COPIED})
        for line in lines
    )
    team = TeamMember.objects.on(today()).filter(opportunity=deal, person__is_active=True)
    others = team.exclude(person=clone.owner_id).order_by("pk")
    joined: list[dict[str, Any]] = list(others.values("person_id", "role"))
    TeamMember.objects.bulk_create(
        TeamMember(opportunity=clone, starts_on=today(), recorded_by_id=by, **one) for one in joined
    )
    with widened("deal_participant"):
        add_participants([(clone.pk, one["person_id"]) for one in joined], reason="team")
