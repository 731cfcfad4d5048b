"""Messages: people are told of what happened."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict
from common.selectors import policy
from common.transaction import act, now, reach, widened
from territories.models import User
from workspace.models import Delivery, Event, Message
from workspace.rules import next_digest
from workspace.selectors.choices import deliveries
from workspace.selectors.news import unread

AS_READER = "SELECT set_config('app.user', %(me)s, true), set_config('app.grants', 'message:own', true)"
READ = "UPDATE workspace_message SET read_at = %(now)s WHERE id = %(pk)s AND person_id = %(me)s AND read_at IS NULL"
BEFORE_SIGN_IN = {Event.INVITED, Event.ADDRESS_CHANGED}
"""The only mails to who can't sign in yet; all else waits for them on the page."""


@dataclass(frozen=True)
class Told:
    """What one person is told, once for its `key`: `about` is a name and `url` the address of a page, never an amount.

    `address`: where the mail goes, in the place of the person's own e-mail address.
    """

    person_id: int
    key: str
    about: str = ""
    url: str = ""
    count: int = 1
    address: str = ""


def tell(*, event: str, people: Iterable[int], key: str, by: int | None = None, **said: Any) -> None:
    """Tell these people the same; `said`: about, url, count and address of `Told`. For acts, as `tell_each`."""
    tell_each(event=event, news=[Told(pk, key, **said) for pk in set(people)], by=by)


def tell_each(*, event: str, news: Sequence[Told], by: int | None = None) -> None:
    """Tell people what happened to what, each once per event and key; who did it is not told, nor who chose not to be.

    For acts, which have checked authority. As few statements for thousands as for one.
    """
    rows = User.objects.filter(pk__in={one.person_id for one in news} - {by}, is_active=True)
    people = rows.only("password", "time_zone").in_bulk()
    if not people:
        return
    with widened("message", "choice"):
        chosen = deliveries(event, list(people))
        messages = [
            Message(
                **{**vars(one), "about": one.about[:200]},
                event=event,
                by_id=by,
                made_at=now(),
                delivery=chosen[one.person_id],
                mail_due_at=_due(event, chosen[one.person_id], people[one.person_id]),
            )
            for one in sorted(news, key=lambda one: (one.person_id, one.key))
            if one.person_id in people and chosen[one.person_id] != Delivery.OFF
        ]
        Message.objects.bulk_create(messages, ignore_conflicts=True, batch_size=1_000)


def _due(event: str, delivery: str, person: User) -> datetime | None:
    """When its mail leaves; None where it stays on the page."""
    if event not in BEFORE_SIGN_IN and not person.has_usable_password():
        return None
    if delivery == Delivery.DIGEST:
        return next_digest(now(), ZoneInfo(person.time_zone), policy("digest_hour"))
    return now() if delivery == Delivery.MAIL else None


def forget_mails(*, user_id: int) -> None:
    """Let no mail leave that still was to go to somebody who is let go; part of an act that checked authority."""
    with widened("message"):
        Message.objects.filter(person=user_id, mail_taken_at=None).update(mail_due_at=None)


@act
def send_again(*, by: int, message_id: int) -> Message:
    """Let a mail that the mail server refused for good be due once more, with all its tries; administrators only.

    One that may have left is not sent again. Raises Conflict for any that was not given up, or whose reader has left.
    """
    reach().require("message", "list")
    with widened("message"):
        rows = Message.objects.select_related("person")
        message: Message = found(rows.select_for_update(of=("self",)).filter(pk=message_id).first())
        if not message.is_given_up:
            raise Conflict(_("This mail was not given up, or is sent again already."), code="not_given_up")
        if not message.person.is_active:
            raise Conflict(_("%(name)s has left.") % {"name": message.person.name})
        again = {"mail_due_at": now(), "mail_taken_at": None, "mail_tries": 0, "mail_error": ""}
        Message.objects.filter(pk=message_id).update(**again)
    return message


def take_out_news(*, user_ids: Collection[int]) -> None:
    """Delete what people who are undone were told, and what was told of them: nobody has read it, nobody wrote it.

    Part of the undoing of the import that brought them in, which checked authority and that none of them signed in.
    """
    with widened("message"):
        Message.objects.filter(Q(person__in=user_ids) | Q(by__in=user_ids)).delete()


def read_message(*, person_id: int, message_id: int) -> None:
    """Remember that a person opened what they were told of; only their own counts.

    On the connection beside the request's, because a page that is read changes nothing in its own transaction.
    """
    values: dict[str, Any] = {"me": str(person_id), "pk": message_id, "now": now()}
    with transaction.atomic("aside"), connections["aside"].cursor() as cursor:
        cursor.execute(AS_READER, values)
        cursor.execute(READ, values)


@act
def read_all(*, by: int) -> int:
    """Mark all of one's news as read. Says how much was not."""
    return unread(by).update(read_at=now())
