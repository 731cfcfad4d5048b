"""Owners are told of deals that came to them, and of theirs that somebody else changed; so is who shares the work."""

from collections.abc import Iterable, Sequence

from django.urls import reverse

from common.selectors import today
from pipeline.models import Milestone, Opportunity
from territories.models import User
from workspace.models import TO, Event
from workspace.selectors.subjects import readers
from workspace.services import tell

WORTH_TELLING = {"amount_minor", "currency", "stage_id", "close_on", "category"}


def tell_owner(deal: Opportunity, by: int, changed: Iterable[str]) -> None:
    """Tell the deal's owner, who may read it, what somebody else did to it; changes once a day and person.

    Whom it was taken from is not told: the deal may be out of their reach.
    """
    if deal.owner_id == by:
        return
    names = set(changed)
    if "owner_id" in names:
        _tell(Event.DEAL_CAME, f"{deal.pk} {deal.version}", deal, by)
    elif names & WORTH_TELLING:
        _tell(Event.DEAL_CHANGED, f"{deal.pk} {by} {today()}", deal, by)


def _tell(event: Event, key: str, deal: Opportunity, by: int, why: str = "") -> None:
    url = reverse("opportunity_detail", args=[deal.pk])
    tell(event=event, people=[deal.owner_id], key=key, about=_about(deal.name, why), url=url, by=by)


def tell_sent_back(deal: Opportunity, by: int, comment: str) -> None:
    """Tell the owner that their won deal is open again, and why."""
    if deal.owner_id != by:
        _tell(Event.DEAL_CHANGED, f"{deal.pk} {deal.version}:back", deal, by, comment)


def tell_given(deal: Opportunity, from_id: int, by: int, reason: str) -> None:
    """Tell whom a deal came to, and whom it was taken from: to that one it may be out of reach by now, and then the
    message leads to the deals that are left.
    """
    tell_owner(deal, by, ["owner_id"])
    if from_id != by:
        about = f"{deal.name}{TO}{_about(deal.owner.name, reason)}"
        url = reverse("opportunity_list")
        if readers("opportunity", deal.pk, User.objects.filter(pk=from_id)):
            url = reverse("opportunity_detail", args=[deal.pk])
        said = {"key": f"{deal.pk} {deal.version}:given", "about": about, "url": url}
        tell(event=Event.DEAL_CHANGED, people=[from_id], by=by, **said)


def tell_team(deal: Opportunity, person_id: int, by: int, member_id: int) -> None:
    """Tell somebody that they work on a deal now."""
    url = reverse("opportunity_detail", args=[deal.pk])
    said = {"key": f"{deal.pk} {member_id}:team", "about": deal.name, "url": url}
    tell(event=Event.DEAL_CAME, people=[person_id], by=by, **said)


def tell_milestones(deal: Opportunity, milestones: Sequence[Milestone], by: int) -> None:
    """Tell somebody which milestones of a deal's plan are theirs now; all of them are one person's."""
    first, url = milestones[0], reverse("opportunity_detail", args=[deal.pk])
    key = f"{deal.pk} {first.pk} {first.version}:milestone"
    said = {"about": f"{first.name}{TO}{deal.name}", "url": url, "count": len(milestones)}
    tell(event=Event.DEAL_CAME, people=[first.owner_id], key=key, by=by, **said)


def _about(name: str, why: str) -> str:
    return f"{name}: {why}" if why else name
