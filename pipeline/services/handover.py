"""Open work passes from one person to another, all of it at once."""

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import Refused
from common.transaction import act, context, reach
from pipeline.models import Activity, Opportunity
from territories.models import User
from workspace.models import Event
from workspace.services import tell


@act
def hand_over(*, by: int | None, from_id: int, to_id: int, within: Q | None = None) -> tuple[int, int]:
    """Give all open deals and activities of one person to another; whoever may give deals to anybody.

    `within`: only those, by territory or account. The receiver is told once. What is won, lost or done stays where
    it was. Answers how many deals and activities.
    """
    reach().require("opportunity", "give", {"owner_id": to_id})
    for name in ("opportunity", "activity"):
        reach().require(name, "update")
    if not User.objects.filter(pk=to_id, is_active=True).exists():
        raise Refused(_("There is no such person, or they have left."), path="successor_id")
    there = within or Q()
    new = {"owner_id": to_id, "version": F("version") + 1}
    theirs = Opportunity.objects.open().filter(there, owner_id=from_id)
    first = theirs.order_by("pk").first()
    deals = theirs.update(**new)
    activities = Activity.objects.filter(there, owner_id=from_id, done_at=None).update(**new)
    if first:
        url = reverse("opportunity_detail", args=[first.pk]) if deals == 1 else reverse("opportunity_list")
        said = {"key": f"{from_id}:{context().request_id}", "about": first.name, "url": url, "count": deals}
        tell(event=Event.DEAL_CAME, people=[to_id], by=by, **said)
    return deals, activities
