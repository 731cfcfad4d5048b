"""Messages: people are told of what happened."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict
from common.selectors import policy
from common.transaction import act, now, reach, widened
from territories.models import User
from workspace.models import Delivery, Message
from workspace.rules import next_digest
from workspace.selectors.choices import deliveries
from workspace.selectors.news import unread


def tell(
    *,
    event: str,
    people: Iterable[int],
    key: str,
    about: str = "",
    url: str = "",
    by: int | None = None,
    count: int = 1,
    address: str = "",
) -> None:
    """Tell people what happened to what, each once per event and key; who did it is not told, nor who chose not to be.

    For acts, which have checked authority. `about` is a name and `url` the address of a page: never an amount.
    `address`: where the mail goes, in the place of the person's own e-mail address.
    """
    rows = User.objects.filter(pk__in=set(people) - {by}, is_active=True)
    zones = dict(rows.order_by("pk").values_list("pk", "time_zone"))
    if not zones:
        return
    said = {"event": event, "key": key, "about": about[:200], "url": url, "by_id": by, "count": count}
    said["address"] = address
    with widened("message", "choice"):
        chosen = deliveries(event, list(zones))
        messages = [
            Message(
                person_id=pk, delivery=chosen[pk], mail_due_at=_due(chosen[pk], zone), made_at=now(), **said
            )
            for pk, zone in zones.items()
            if chosen[pk] != Delivery.OFF
        ]
        Message.objects.bulk_create(messages, ignore_conflicts=True)


def _due(delivery: str, zone: str) -> datetime | None:
    """When its mail leaves; None where it stays on the page."""
    if delivery == Delivery.DIGEST:
        return next_digest(now(), ZoneInfo(zone), policy("digest_hour"))
    return now() if delivery == Delivery.MAIL else None


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


def read_message(*, message: Message) -> None:
    """Remember that a person opened what they were told of; their own messages only are in reach."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=now())


@act
def read_all(*, by: int) -> int:
    """Mark all of one's news as read. Says how much was not."""
    return unread(by).update(read_at=now())
