"""Open work passes from one person to another: one deal, or all of it at once."""

from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common.checks import check_text
from common.errors import Refused
from common.selectors import today
from common.transaction import act, because, context, now, reach, widened
from pipeline.models import Activity, Lead, Opportunity
from pipeline.services.checks import check_person, hold_deal, open_deal
from pipeline.services.editing import check_owner
from pipeline.services.passing import pass_activities
from pipeline.services.telling import tell_given
from territories.selectors import seat_finder
from workspace.models import Event
from workspace.services import tell


@act
def give_opportunity(
    *, by: int, opportunity_id: int, version: int, owner_id: int, reason: str, with_activities: bool = True
) -> Opportunity:
    """Give one open deal to another owner from now on, with the reason; both are told.

    Whoever may edit the deal, to somebody whom they may give deals to. `with_activities`: what its owner had still to
    do for it goes along. Raises Stale, Conflict for a deal that is closed, Forbidden, Refused without a reason.
    """
    deal = open_deal(opportunity_id, version)
    check_text(reason, "reason", missing=_("Say why it goes to somebody else."))
    if owner_id == deal.owner_id:
        raise Refused(_("It is theirs already. Choose somebody else."), path="owner_id", code="same_owner")
    check_owner(owner_id)
    giver = deal.owner_id
    with because(reason.strip()):
        if with_activities:
            hold_deal(deal.pk)
            pass_activities({deal.pk: owner_id})
        Opportunity.objects.change(deal.pk, version, owner_id=owner_id)
    with widened("opportunity"):
        deal.refresh_from_db()
    tell_given(deal, giver, by, reason.strip())
    return deal


@act
def hand_over(*, by: int | None, from_id: int, to_id: int, within: Q | None = None) -> tuple[int, int]:
    """Give all open deals, leads and activities of one person to another; whoever may give deals to anybody.

    `within`: only those, by territory or account; their leads stay on their territory. The receiver is told once of
    the deals, once of the leads. What is won, lost or done stays where it was. Answers how many deals and activities.
    """
    reach().require("opportunity", "give", {"owner_id": to_id})
    for name in ("opportunity", "lead", "activity"):
        reach().require(name, "update")
    check_person(to_id, "successor_id")
    there = within or Q()
    new = {"owner_id": to_id, "version": F("version") + 1}
    theirs = Opportunity.objects.open().filter(there, owner_id=from_id)
    first = theirs.order_by("pk").first()
    deals = theirs.update(**new)
    activities = Activity.objects.filter(there, owner_id=from_id, done_at=None).update(**new)
    _give_leads(by, from_id, to_id, within)
    if first:
        url = reverse("opportunity_detail", args=[first.pk]) if deals == 1 else reverse("opportunity_list")
        said = {"key": f"{from_id}:{context().request_id}", "about": first.name, "url": url, "count": deals}
        tell(event=Event.DEAL_CAME, people=[to_id], by=by, **said)
    return deals, activities


def _give_leads(by: int | None, from_id: int, to_id: int, within: Q | None) -> None:
    """The open leads go along; their clock starts anew with who has them now.

    They go where that person sits, with what was done for them, so that who has them reads it; where a seat is handed
    over they stay on its territory.
    """
    theirs = Lead.objects.open().filter(owner_id=from_id)
    new: dict[str, Any] = {"owner_id": to_id, "owned_at": now(), "touched_at": None, "untouched_alerts": 0}
    if within is None:
        new["territory_id"] = seat_finder([to_id])(to_id, today())
    else:
        theirs = theirs.filter(within)
    leads = list(theirs.order_by("pk"))
    if not leads:
        return
    ids = [one.pk for one in leads]
    Lead.objects.filter(pk__in=ids).update(**new, version=F("version") + 1)
    if "territory_id" in new:
        Activity.objects.filter(lead__in=ids).update(territory_id=new["territory_id"])
    url = reverse("lead_detail", args=ids) if len(ids) == 1 else reverse("lead_list")
    key = f"{from_id}:{context().request_id}"
    tell(event=Event.LEAD_CAME, people=[to_id], by=by, key=key, about=str(leads[0]), url=url, count=len(ids))
