"""People are told of leads with which nothing was done: the owner once, after twice the time whoever leads them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.urls import reverse

from common.selectors import organisation, today
from common.transaction import context, now
from pipeline.models import Lead
from pipeline.selectors.leads import untouched
from territories.selectors import leads_of
from workspace.models import Event
from workspace.services import Told, tell_each

OWNER, LEAD = 1, 2
"""How far it was told: to the owner, and then to whoever leads them."""


def tell_untouched() -> int:
    """The organisation's own job, safe to run twice: each lead is told of once to its owner and once to their lead.

    Says how many leads were told of.
    """
    if organisation() is None:
        return 0
    return _tell_owners() + _tell_their_leads()


def _waiting(times: int, alerts: int) -> list[Lead]:
    rows = Lead.objects.filter(untouched(now(), times), untouched_alerts__lt=alerts)
    return list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk"))


def _note(found: Sequence[Lead], alerts: int) -> int:
    return Lead.objects.filter(pk__in=[one.pk for one in found]).update(untouched_alerts=alerts)


def _tell_owners() -> int:
    found = _waiting(1, OWNER)
    news = [_told(owner, theirs, "") for owner, theirs in _by_owner(found).items()]
    tell_each(event=Event.LEAD_UNTOUCHED, news=news)
    return _note(found, OWNER)


def _tell_their_leads() -> int:
    found = _waiting(2, LEAD)
    theirs = _by_owner(found)
    above = leads_of(theirs, today())
    for owner, waiting in theirs.items():
        if owner in above:
            news = [_told(above[owner], waiting, f"?owner={owner}")]
            tell_each(event=Event.LEAD_UNTOUCHED, news=news, by=owner)
    return _note(found, LEAD)


def _by_owner(found: Sequence[Lead]) -> Mapping[int, list[Lead]]:
    theirs: dict[int, list[Lead]] = defaultdict(list)
    for one in found:
        theirs[one.owner_id].append(one)
    return theirs


def _told(person_id: int, waiting: Sequence[Lead], query: str) -> Told:
    """One lead by its name, several by how many there are."""
    first, key = waiting[0], f"{context().request_id} {waiting[0].pk}"
    if len(waiting) == 1:
        return Told(person_id, key, str(first), reverse("lead_detail", args=[first.pk]))
    address = reverse("lead_list") + (f"{query}&untouched=1" if query else "?untouched=1")
    return Told(person_id, key, str(first), address, count=len(waiting))
