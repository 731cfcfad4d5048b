"""What people are told, and how each wants to hear of it."""

from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.access import ScopedQuerySet
from territories.models import User


class Event(models.TextChoices):
    """What a person can be told of; each chooses how (`Choice`)."""

    INVITED = "invited", _("An invitation to sign in")
    ACCOUNT_CAME = "account_came", _("An account came to me")
    DEAL_CAME = "deal_came", _("A deal came to me")
    DEAL_CHANGED = "deal_changed", _("My deal was changed by somebody else")
    LEAD_CAME = "lead_came", _("A lead came to me")
    LEAD_UNTOUCHED = "lead_untouched", _("A lead of mine is untouched")
    SEAT_CAME = "seat_came", _("A seat came to me")
    SEAT_WENT = "seat_went", _("My seat is handed over")
    REALIGNED = "realigned", _("A realignment touches me")
    UNPUBLISHED = "unpublished", _("A realignment of mine was not published")
    FORECAST_DUE = "forecast_due", _("My forecast call is due within 24 hours")
    FORECAST_LATE = "forecast_late", _("My forecast call is late")
    APPROVAL_ASKED = "approval_asked", _("I am asked to approve or accept")
    APPROVAL_ANSWERED = "approval_answered", _("What I asked for was answered")
    CREDIT_CHANGED = "credit_changed", _("My credit of an order was changed by somebody else")
    ORDER_ANSWERED = "order_answered", _("An order that I handed in was booked, sent back or cancelled")
    DISPUTE_RAISED = "dispute_raised", _("A credit is disputed, and I can answer")
    DISPUTE_ANSWERED = "dispute_answered", _("My dispute was answered")
    MENTIONED = "mentioned", _("I am mentioned in a comment")
    RUN_FAILED = "run_failed", _("A run failed")
    WEBHOOK_PAUSED = "webhook_paused", _("A webhook of mine was paused")
    ADDRESS_CHANGED = "address_changed", _("Another e-mail address to sign in with")


class Delivery(models.TextChoices):
    """How a person hears of an event."""

    PAGE = "page", _("on the page")
    MAIL = "mail", _("e-mail now")
    DIGEST = "digest", _("daily digest")
    OFF = "off", _("not at all")


# In what a message is about: between a thing that was handed over and who has it now.
TO = "\n"


class Message(models.Model):
    """One piece of news for one person: what happened to what, by whom. Told at most once per person, event and key.

    It holds names and the address of a page, no amounts. A mail goes to the person's own e-mail address, or to the one
    that is told that it is, or was, theirs (`address`). It is due at `mail_due_at`; it is taken before it leaves, so
    that it leaves at most once, and given back where the mail server refused it.
    """

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="messages")
    event = models.CharField(max_length=20, choices=Event)
    key = models.CharField(max_length=120)
    about = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=1)
    url = models.CharField(max_length=300, blank=True)
    address = models.EmailField(max_length=254, blank=True, db_default="")
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=8, choices=Delivery)
    mail_due_at = models.DateTimeField(null=True)
    mail_taken_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(name="message_once", fields=["person", "event", "key"])]
        indexes = [
            models.Index(name="message_unread", fields=["person", "-id"], condition=Q(read_at=None)),
            models.Index(
                name="message_mail_due",
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False, mail_taken_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.person_id}"

    @property
    def is_given_up(self) -> bool:
        """The mail server refused its mail so often that it is not tried again."""
        return bool(self.mail_error and self.mail_taken_at and not self.mailed_at)

    @property
    def goes_to(self) -> str:
        """The address that its mail is sent to."""
        return self.address or self.person.email


class Choice(models.Model):
    """How one person wants to hear of one event; without a row the event's default holds."""

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="choices")
    event = models.CharField(max_length=20, choices=Event)
    delivery = models.CharField(max_length=8, choices=Delivery)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="choice_once", fields=["person", "event"])]

    def __str__(self) -> str:
        return f"{self.event}: {self.delivery}"
