"""What a person was told, and how much of it waits for them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from common.transaction import reach, widened
from workspace.models import Event, Message
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


OPEN = """
SELECT
    (SELECT count(*) FROM (SELECT FROM workspace_message WHERE person_id = %(me)s AND read_at IS NULL
        AND event <> ALL (%(mailed_only)s) LIMIT %(most)s) news),
    (SELECT count(*) FROM (SELECT FROM workspace_approval WHERE state = 'waiting' AND kind = ANY (%(kinds)s)
        AND asked_by_id IS DISTINCT FROM %(me)s AND (approver_id = %(me)s OR role = ANY (%(roles)s))
        LIMIT %(most)s) waiting),
    EXISTS (SELECT FROM workspace_standin WHERE stand_in_id = %(me)s AND superseded_at IS NULL
        AND starts_on <= %(day)s AND (stops_on IS NULL OR stops_on > %(day)s))
"""


def open_count(person_id: int, day: date) -> int:
    """How much waits for the reader or was not read yet, counted to one more than is shown; mostly by one statement.

    By hand, because every page asks it: to build it each time took a fifth of a list. What waits for whom they stand in
    for, or by a role, lies outside of their reach, and is asked as the inbox does where there is any.
    """
    asked: dict[str, Any] = {
        "me": person_id,
        "day": day,
        "roles": list(reach().roles),
        "kinds": list(settings.APPROVALS),
        "mailed_only": [str(event) for event in MAILED_ONLY],
        "most": MOST_SHOWN + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(OPEN, asked)
        news, waiting, is_stand_in = cursor.fetchone()
    if is_stand_in or waits_unseen(reach()):
        with widened("approval"):
            waiting = waiting_for(person_id, day).order_by()[: MOST_SHOWN + 1].count()
    return int(news + waiting)
