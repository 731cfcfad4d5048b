"""What a person opened last, by name as far as they may still open it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django_stubs_ext import StrOrPromise

from common.access import Reach
from common.transaction import now
from salesops.selectors.kinds import KINDS
from workspace.models import Recent

KEPT = timedelta(days=90)
BY_KEY = {kind.key: kind for kind in KINDS}


@dataclass(frozen=True)
class Opened:
    """Something that was opened: its kind in words, its name as it is now, and its page."""

    label: StrOrPromise
    symbol: str
    name: str
    detail: str
    url: str


def recent(mine: Reach) -> list[Opened]:
    """What the reader opened last and still may open, newest first; nothing after 90 days without opening any."""
    row = Recent.objects.filter(person_id=mine.user_id, opened_at__gt=now() - KEPT).first()
    places = [item.partition(":") for item in row.items] if row else []
    ids: dict[str, list[int]] = defaultdict(list)
    for key, _colon, pk in places:
        ids[key].append(int(pk))
    named = {key: BY_KEY[key].named(mine, theirs) for key, theirs in ids.items() if key in BY_KEY}
    return [
        Opened(BY_KEY[key].label, BY_KEY[key].symbol, *found, reverse(BY_KEY[key].page, args=[pk]))
        for key, _colon, pk in places
        if (found := named.get(key, {}).get(int(pk)))
    ]
