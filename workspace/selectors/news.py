"""What a person was told, and how much of it waits for them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, QuerySet, Value

from common.transaction import reach, widened
from workspace.models import Event, Message, StandIn
from workspace.selectors.approvals import waiting_for, waits_unseen
from workspace.selectors.sentences import sentence

MOST_SHOWN = 99
MAILED_ONLY = (Event.INVITED, Event.APPROVAL_ASKED, Event.ADDRESS_CHANGED)
"""What is asked of a person stands where it waits for them, an invitation was used before they can read, and of an
address that changed its two mailboxes are told."""


@dataclass(frozen=True)
class News:
    """One piece of news with its sentence."""

    message: Message
    text: str


def news_of(person_id: int) -> QuerySet[Message]:
    """What a person was told, with who did it."""
    return Message.objects.filter(person=person_id).exclude(event__in=MAILED_ONLY).select_related("by")


def in_sentences(messages: list[Message]) -> list[News]:
    return [News(message, sentence(message)) for message in messages]


def unread(person_id: int) -> QuerySet[Message]:
    return news_of(person_id).filter(read_at=None)


def open_count(person_id: int, day: date) -> int:
    """How much waits for a person or was not read yet, counted to one more than is shown; mostly by one statement.

    What waits for whom they stand in for, or by a role, lies outside of their reach, and is counted where there is any.
    """
    stood_in_for = StandIn.objects.on(day).filter(stand_in=person_id)
    rows: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("news", unread(person_id)),
        ("waiting", waiting_for(person_id, day)),
        ("absent", stood_in_for),
    )
    parts = [_named(name, some) for name, some in rows]
    found = Counter(parts[0].union(*parts[1:], all=True).values_list("part", flat=True))
    if found.pop("absent", 0) or waits_unseen(reach()):
        with widened("approval"):
            found["waiting"] = waiting_for(person_id, day).order_by()[: MOST_SHOWN + 1].count()
    return found.total()


def _named(name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """As many rows of that name as are there, up to one more than is shown."""
    marked = rows.select_related(None).order_by().annotate(part=Value(name, CharField()))
    named: QuerySet[Any] = marked.values("part")[: MOST_SHOWN + 1]
    return named
