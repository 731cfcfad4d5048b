"""Owners are told of deals that came to them, and of theirs that somebody else changed."""

from collections.abc import Iterable

from django.urls import reverse

from common.selectors import today
from pipeline.models import Opportunity
from workspace.models import Event
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


def _tell(event: Event, key: str, deal: Opportunity, by: int) -> None:
    url = reverse("opportunity_detail", args=[deal.pk])
    tell(event=event, people=[deal.owner_id], key=key, about=deal.name, url=url, by=by)
