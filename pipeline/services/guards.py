"""What every act on a deal checks before it writes."""

from datetime import date

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Forbidden, Refused, Stale
from common.money import MOST_MINOR
from common.transaction import reach
from pipeline.models import Opportunity, Stage
from territories.models import User

FIRST_YEAR, LAST_YEAR = 2000, 2100


def deal_for(action: str, opportunity_id: int, version: int) -> Opportunity:
    """The deal as the person read it, if they may do `action`. Raises NotInReach, Forbidden or Stale."""
    deals = Opportunity.objects.visible_to(reach()).select_related("stage")
    deal: Opportunity = found(deals.filter(pk=opportunity_id).first())
    reach().require("opportunity", action, deal)
    if deal.version != version:
        raise Stale()
    return deal


def open_deal(opportunity_id: int, version: int) -> Opportunity:
    """A deal that may be edited. Raises Conflict for one that is won or lost."""
    deal = deal_for("update", opportunity_id, version)
    if not deal.is_open:
        raise Conflict(
            _(
                "This opportunity is closed. A lost one can be re-opened; a won one is corrected on its order."
            ),
            code="opportunity_closed",
        )
    return deal


def stage_of(stage_id: int) -> Stage:
    """The stage with that id. Raises Refused."""
    stage: Stage | None = Stage.objects.filter(pk=stage_id).first()
    if stage is None:
        raise Refused(_("There is no such stage."), path="stage_id", code="unknown_stage")
    return stage


def check_amount(minor: int | None, path: str = "amount_minor") -> None:
    if minor is None:
        raise Refused(_("Say how much this is worth; 0 is allowed."), path=path, code="amount_missing")
    if not 0 <= minor < MOST_MINOR:
        raise Refused(
            _("An amount is zero or more, with at most 12 digits before the decimals."),
            path=path,
            code="amount_range",
        )


def check_day(day: date, path: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        message = _("A day lies between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Refused(message, path=path, code="date_range")


def check_owner(owner_id: int) -> None:
    """The person may own a deal: active, and the actor or somebody whom they lead. Raises Refused or Forbidden."""
    mine = reach()
    if not User.objects.filter(pk=owner_id, is_active=True).exists():
        raise Refused(
            _("There is no such person, or they have left."), path="owner_id", code="unknown_person"
        )
    leads = owner_id == mine.user_id or owner_id in mine.people
    if not leads and "org" not in mine.relations("opportunity", "update"):
        raise Forbidden(_("An opportunity is given to yourself or to somebody whom you lead."))
