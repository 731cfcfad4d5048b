"""Orders, those that await their booking, and what happened to them: lines and shares of each event."""

from typing import Any, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from catalog.models import Family, Product
from common.dated import OfRequest
from common.models import Editable, EditableQuerySet, append_only
from common.noting import noted, noted_for
from orders.rules import MOST_PURCHASE_ORDER
from pipeline.models import Motion, Opportunity
from territories.models import Territory, User
from workspace.models import own_column


def on_insert(name: str, func: str, **options: Any) -> pgtrigger.Trigger:
    """A trigger before each new row, unless `options` say otherwise."""
    given = {"when": pgtrigger.Before, "operation": pgtrigger.Insert, **options}
    return pgtrigger.Trigger(name=name, func=func, **given)


class OrderQuerySet(EditableQuerySet):
    """Chains over orders."""

    def valued(self) -> Self:
        """Each with its value now as `amount_minor`, which is summed for the rows of a page alone."""
        events = BookingEvent.objects.filter(order=OuterRef("pk")).order_by().values("order")
        value = Subquery(events.annotate(value=Sum("amount_minor")).values("value"))
        return self.annotate(amount_minor=Coalesce(value, 0))


@pghistory.track()
class Order(Editable):
    """A commitment of a customer: a signed contract or an accepted purchase order.

    Its value is the sum of what its events changed: `amount_minor` where that was asked for; so is `account_name`.
    """

    class State(models.TextChoices):
        BOOKED = "booked", _("booked")
        CANCELLED = "cancelled", _("cancelled")

    number = models.CharField(max_length=40, unique=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="orders", verbose_name=_("account")
    )
    opportunity = models.OneToOneField(
        Opportunity, null=True, blank=True, on_delete=models.PROTECT, related_name="order"
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="orders")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="orders")
    purchase_order = models.CharField(_("purchase order"), max_length=MOST_PURCHASE_ORDER, blank=True)
    motion = models.CharField(_("motion"), max_length=12, choices=Motion)
    is_new_business = models.BooleanField()
    currency = models.CharField(_("currency"), max_length=3)
    booked_on = models.DateField(_("booking date"))
    state = models.CharField(max_length=10, choices=State, default=State.BOOKED)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    own = own_column()
    amount_minor: int
    account_name: str | None

    objects = OrderQuerySet.as_manager()

    class Meta(Editable.Meta):
        triggers = [*noted("order", ["owner_id", "territory_id"], state="state")]
        ordering = ["-booked_on", "-id"]
        indexes = [
            models.Index(name="order_node_day", fields=["territory", "-booked_on", "-id"]),
            models.Index(name="order_owner_day", fields=["owner", "-booked_on", "-id"]),
            models.Index(name="order_day", fields=["-booked_on", "-id"]),
            models.Index(
                name="order_purchase_order", fields=["purchase_order"], condition=~Q(purchase_order="")
            ),
        ]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class OrderRequest(Editable):
    """The order of a won deal for which something is missing, kept as it was typed until it is booked or sent back.

    `lines` and `shares` are those that booking takes; what is missing is looked at anew. A deal has one that waits.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("awaiting booking")
        BOOKED = "booked", _("booked")
        BACK = "back", _("sent back")

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="order_requests")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    booked_on = models.DateField(_("booking date"))
    purchase_order = models.CharField(_("purchase order"), max_length=MOST_PURCHASE_ORDER, blank=True)
    motion = models.CharField(_("motion"), max_length=12, choices=Motion)
    lines: Any = models.JSONField()
    shares: Any = models.JSONField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(editable=False)
    order = models.OneToOneField(Order, null=True, on_delete=models.PROTECT, related_name="request")
    comment = models.CharField(_("why it was sent back"), max_length=500, blank=True)
    account_name: str | None

    class Meta(Editable.Meta):
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="orderrequest_waits_once",
                fields=["opportunity"],
                condition=Q(state="waiting"),
                violation_error_message=_("The order of this opportunity awaits booking already."),
            ),
            models.CheckConstraint(
                name="orderrequest_order",
                condition=Q(state="booked", order__isnull=False) | (~Q(state="booked") & Q(order=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.opportunity_id}"

    @property
    def amount_minor(self) -> int:
        """What its lines come to, in the deal's currency."""
        return sum(line["amount_minor"] for line in self.lines)


class Participant(models.Model):
    """A person who may read an order because they hold credit in it; never removed."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="order_participations")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [noted_for("order", "order_id")]
        constraints = [models.UniqueConstraint(name="order_participant_once", fields=["user", "order"])]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.order_id}"


class BookingEvent(models.Model):
    """Something that changed order intake: a booking, a correction, a cancellation, an opening entry.

    Never edited. `amount_minor` is the change, in the order's currency, and the sum of its revenue credits.
    """

    class Kind(models.TextChoices):
        BOOKING = "booking", _("booking")
        CORRECTION = "correction", _("correction")
        CANCELLATION = "cancellation", _("cancellation")
        OPENING = "opening", _("opening entry")

    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    booked_on = models.DateField()
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    request_id = models.UUIDField(null=True, db_default=OfRequest(), editable=False)

    class Meta:
        ordering = ["id"]
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                name="bookingevent_order", condition=Q(kind="opening") | Q(order__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.booked_on}"


class OrderLine(models.Model):
    """What was ordered: a product, how many, for how much in all, net of discount and tax.

    An order's lines are those of its last booking or correction; older ones stay for the record.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    event = models.ForeignKey(BookingEvent, on_delete=models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                name="orderline_positive",
                condition=Q(quantity__gte=1, amount_minor__gte=0),
                violation_error_message=_(
                    "A line has a quantity of one or more and an amount of zero or more."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class SplitShare(models.Model):
    """A person's share of an order's credit from one event on; shares of one event total exactly 100 %."""

    event = models.ForeignKey(BookingEvent, on_delete=models.PROTECT, related_name="shares")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    weight = models.PositiveIntegerField(help_text=_("Millionths of a percent: 100 % is 100 000 000."))

    class Meta:
        ordering = ["id"]
        triggers = [
            *append_only(),
            on_insert(
                "split_total",
                """
                    PERFORM pg_advisory_xact_lock(hashtextextended('orders_splitshare', NEW.event_id));
                    IF (
                        SELECT sum(weight) FROM orders_splitshare WHERE event_id = NEW.event_id
                    ) <> 100000000 THEN
                        RAISE EXCEPTION 'shares do not total 100 percent'
                            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'split_total';
                    END IF;
                    RETURN NULL;
                """,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="splitshare_person_once",
                fields=["event", "person"],
                violation_error_message=_("A person stands twice in the split. Give each person one share."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.weight}"
