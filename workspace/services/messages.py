"""Messages: people are told of what happened."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from common.transaction import act, now, widened
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
) -> None:
    """Tell people what happened to what, each once per event and key; who did it is not told, nor who chose not to be.

    For acts, which have checked authority. `about` is a name and `url` the address of a page: never an amount.
    """
    rows = User.objects.filter(pk__in=set(people) - {by}, is_active=True)
    zones = dict(rows.order_by("pk").values_list("pk", "time_zone"))
    if not zones:
        return
    said = {"event": event, "key": key, "about": about[:200], "url": url, "by_id": by, "count": count}
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
        return next_digest(now(), ZoneInfo(zone))
    return now() if delivery == Delivery.MAIL else None


def read_message(*, message: Message) -> None:
    """Remember that a person opened what they were told of; their own messages only are in reach."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=now())


@act
def read_all(*, by: int) -> int:
    """Mark all of one's news as read. Says how much was not."""
    return unread(by).update(read_at=now())
