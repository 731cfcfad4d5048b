"""Where programs are told of changes: addresses that people registered, and what was sent there."""

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.models import Editable
from territories.models import User

MOST_ADDRESS = 500


class Happening(models.TextChoices):
    """What a program can be told of: a resource of the API, and what became of a row of it."""

    ACCOUNT_CREATED = "account.created", _("An account was added")
    ACCOUNT_CHANGED = "account.changed", _("An account changed")
    CONTACT_CREATED = "contact.created", _("A contact was added")
    CONTACT_CHANGED = "contact.changed", _("A contact changed")
    LEAD_CREATED = "lead.created", _("A lead was added")
    LEAD_CHANGED = "lead.changed", _("A lead changed")
    LEAD_CONVERTED = "lead.converted", _("A lead was converted")
    LEAD_DISQUALIFIED = "lead.disqualified", _("A lead was disqualified")
    DEAL_CREATED = "opportunity.created", _("A deal was opened")
    DEAL_CHANGED = "opportunity.changed", _("A deal changed")
    DEAL_WON = "opportunity.won", _("A deal was won")
    DEAL_LOST = "opportunity.lost", _("A deal was lost")
    ACTIVITY_CREATED = "activity.created", _("An activity was noted")
    ACTIVITY_CHANGED = "activity.changed", _("An activity changed")
    ORDER_BOOKED = "order.booked", _("An order was booked")
    ORDER_CHANGED = "order.changed", _("An order changed")
    ORDER_CANCELLED = "order.cancelled", _("An order was cancelled")


# Where it stands in the changes and how often sending failed are no decisions, and no history; salts are secret.
@pghistory.track(exclude=["salt", "old_salt", "xact", "number", "home", "failures"])
class Webhook(Editable):
    """An address that is told of what happened to the rows that its owner may read.

    The secret that signs what is sent there is computed from `salt` and the installation's secret key; that of
    `old_salt` signs too until `old_until`. `xact`, `number`, `home`: the place up to which changes were looked at.
    """

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="webhooks")
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=MOST_ADDRESS)
    happenings: "ArrayField[list[str], list[str]]" = ArrayField(
        models.CharField(max_length=24, choices=Happening)
    )
    is_paused = models.BooleanField(_("paused"), default=False)
    is_failing = models.BooleanField(_("paused because sending failed"), default=False)
    removed_at = models.DateTimeField(_("removed"), null=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    salt = models.CharField(max_length=64)
    old_salt = models.CharField(max_length=64, blank=True)
    old_until = models.DateTimeField(_("former secret signs until"), null=True)
    xact = models.BigIntegerField()
    number = models.BigIntegerField(default=0)
    home = models.CharField(max_length=64)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta(Editable.Meta):
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="webhook_happenings",
                condition=Q(happenings__len__gte=1),
                violation_error_message=_("Choose at least one thing to be told of."),
            ),
            models.CheckConstraint(name="webhook_failing", condition=Q(is_failing=False) | Q(is_paused=True)),
        ]
        indexes = [
            models.Index(name="webhook_on", fields=["id"], condition=Q(is_paused=False, removed_at=None))
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """What a webhook was told at once: a list of happenings, each the id of a row and what became of it.

    It is due until it was answered with 2xx, or was tried so often that it is given up. `status` and `error` are those
    of the last try; what is sent again is another one.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        GIVEN_UP = "given_up", _("given up")

    webhook = models.ForeignKey(Webhook, on_delete=PROTECT, related_name="deliveries", db_index=False)
    happenings: Any = models.JSONField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(name="webhookdelivery_of", fields=["webhook", "-id"]),
            models.Index(name="webhookdelivery_due", fields=["due_at", "id"], condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} of {self.webhook_id}"

    @property
    def is_given_up(self) -> bool:
        return self.state == WebhookDelivery.State.GIVEN_UP
