"""Mails: which are due, and which did not leave."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from common.http import Page, page_by_key
from common.transaction import now, widened
from workspace.models import Delivery, Message

LONG = timedelta(minutes=15)
"""A mail that was taken longer ago was broken off; one that is due longer waits for the mail server."""


def due() -> QuerySet[Message]:
    """The mails that should leave now, oldest first."""
    waiting = Message.objects.filter(mail_due_at__lte=now(), mail_taken_at=None, person__is_active=True)
    return waiting.order_by("mail_due_at", "id")


def due_letter() -> list[Message]:
    """What the next mail holds: one message, or all that is due of a person's digest."""
    first = due().first()
    if first is None or first.delivery != Delivery.DIGEST:
        return [first] if first else []
    return list(due().filter(person=first.person_id, delivery=Delivery.DIGEST))


def unsent() -> QuerySet[Message]:
    """The mails that were refused, that wait for long, or that may not have left; for administrators."""
    before = now() - LONG
    broken_off = Q(mail_taken_at__lt=before)
    waits = Q(mail_taken_at=None, mail_due_at__lt=before, person__is_active=True)
    rows = Message.objects.filter(mail_due_at__isnull=False, mailed_at=None).select_related("person")
    return rows.filter(~Q(mail_error="") | broken_off | waits)


def any_unsent() -> bool:
    """Whether there is a mail to look at."""
    with widened("message"):
        return unsent().exists()


def unsent_page(after: str | None) -> Page[Message]:
    """One page of them, newest first."""
    with widened("message"):
        return page_by_key(unsent(), ["-id"], after)
