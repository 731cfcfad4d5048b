"""Orders, those that await their booking, and what happened to them: lines and shares of each event."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from catalog.models import Family, Product
from common.dated import OfRequest
from common.models import Editable, EditableQuerySet, append_only
from common.noting import noted, noted_for
from orders.rules import MOST_ACCEPTED, MOST_ADDRESS, MOST_PURCHASE_ORDER, Measures, measures
from pipeline.models import Motion, Opportunity
from territories.models import Territory, User
from workspace.models import own_column


def on_insert(name: str, func: str, **options: Any) -> pgtrigger.Trigger:
    """A trigger before each new row, unless `options` say otherwise."""
    given = {"when": pgtrigger.Before, "operation": pgtrigger.Insert, **options}
    return pgtrigger.Trigger(name=name, func=func, **given)


class OrderQuerySet(EditableQuerySet):
    """Chains over orders."""

    def standing(self) -> Self:
        """Those that were not taken back."""
        return self.filter(state__in=Order.STANDING)

    def numbered(self, account_ids: Iterable[int]) -> Self:
        """Those that stand under a purchase order, of these accounts and of what was merged into them; each with whose
        it is now as `customer_id`.
        """
        named = list(account_ids)
        theirs = Account.objects.filter(Q(pk__in=named) | Q(merged_into__in=named))
        rows = self.standing().filter(account__in=theirs.values("pk")).exclude(purchase_order="").order_by()
        return rows.annotate(customer_id=Coalesce("account__merged_into", "account"))

    def valued(self) -> Self:
        """Each with its value now as `amount_minor`, which is summed for the rows of a page alone."""
        events = BookingEvent.objects.filter(order=OuterRef("pk")).order_by().values("order")
        value = Subquery(events.annotate(value=Sum("amount_minor")).values("value"))
        return self.annotate(amount_minor=Coalesce(value, 0))


class Papers(models.Model):
    """What the papers of an order say: the customer's and our own numbers, when it was signed, and two addresses."""

    purchase_order = models.CharField(_("purchase order"), max_length=MOST_PURCHASE_ORDER, blank=True)
    contract_number = models.CharField(
        _("contract number"), max_length=MOST_PURCHASE_ORDER, blank=True, db_default=""
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    bill_to = models.CharField(_("bill to"), max_length=MOST_ADDRESS, blank=True, db_default="")
    ship_to = models.CharField(_("ship to"), max_length=MOST_ADDRESS, blank=True, db_default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.purchase_order


@pghistory.track()
class Order(Papers, Editable):
    """A commitment of a customer: a signed contract or an accepted purchase order.

    Its value is the sum of what its events changed: `amount_minor` where that was asked for; so is `account_name`.
    """

    class State(models.TextChoices):
        BOOKED = "booked", _("booked")
        FULFILLED = "fulfilled", _("fulfilled")
        CLOSED = "closed", _("closed")
        CANCELLED = "cancelled", _("cancelled")

    STANDING = (State.BOOKED, State.FULFILLED, State.CLOSED)
    """An order that was not taken back, however far it is on its way to cash."""
    PROGRESS = ("delivered_on", "invoiced_on", "paid_on")
    """The days that its state follows from, in the order in which they usually come."""

    number = models.CharField(max_length=40, unique=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="orders", verbose_name=_("account")
    )
    opportunity = models.OneToOneField(
        Opportunity, null=True, blank=True, on_delete=models.PROTECT, related_name="order"
    )
    renews = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals", db_index=False
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="orders")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="orders")
    motion = models.CharField(_("motion"), max_length=12, choices=Motion)
    is_new_business = models.BooleanField()
    currency = models.CharField(_("currency"), max_length=3)
    booked_on = models.DateField(_("booking date"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.BOOKED)
    delivered_on = models.DateField(_("delivered"), null=True, blank=True)
    invoiced_on = models.DateField(_("invoiced"), null=True, blank=True)
    paid_on = models.DateField(_("paid"), null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    own = own_column()
    amount_minor: int
    account_name: str | None

    objects = OrderQuerySet.as_manager()

    class Meta(Editable.Meta):
        triggers = [*noted("order", ["owner_id", "territory_id"], state="state")]
        ordering = ["-booked_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="order_renewed_once",
                fields=["renews"],
                condition=~Q(state="cancelled"),
                violation_error_message=_("This order is renewed already."),
            ),
            models.CheckConstraint(
                name="order_progress_since_booking",
                condition=(Q(delivered_on=None) | Q(delivered_on__gte=F("booked_on")))
                & (Q(invoiced_on=None) | Q(invoiced_on__gte=F("booked_on")))
                & (Q(paid_on=None) | Q(paid_on__gte=F("booked_on"))),
                violation_error_message=_(
                    "An order is delivered, invoiced and paid on its booking date or later. Change those days first."
                ),
            ),
            models.CheckConstraint(
                name="order_state_of_progress",
                condition=Q(state="cancelled")
                | Q(state="booked", delivered_on=None)
                | (Q(state="fulfilled", delivered_on__isnull=False) & (Q(invoiced_on=None) | Q(paid_on=None)))
                | Q(
                    state="closed",
                    delivered_on__isnull=False,
                    invoiced_on__isnull=False,
                    paid_on__isnull=False,
                ),
            ),
        ]
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

    @property
    def is_standing(self) -> bool:
        return self.state in self.STANDING


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
    """Something that changed order intake, or who has the credit of it: a booking and what became of it.

    Never edited. `amount_minor` is the change, in the order's currency, and the sum of its revenue credits.
    `exceptions`: what those decide who work the queue and would have kept it from being booked; why they accepted it.
    """

    class Kind(models.TextChoices):
        BOOKING = "booking", _("booking")
        RENEWAL = "renewal", _("renewal")
        AMENDMENT = "amendment", _("amendment")
        NEW_SPLIT = "new_split", _("new split")
        NEW_DATE = "new_date", _("new booking date")
        CORRECTION = "correction", _("correction")
        CANCELLATION = "cancellation", _("cancellation")
        OPENING = "opening", _("opening entry")

    class Cause(models.TextChoices):
        AMOUNT = "amount", _("wrong amount")
        PRODUCT = "product", _("wrong product")
        CUSTOMER = "customer", _("wrong customer")
        DATE = "date", _("wrong date")
        SPLIT = "split", _("wrong split")
        REQUEST = "request", _("the customer's request")
        PRICE = "price", _("price agreement")
        OTHER = "other", _("other")

    class Doubt(models.TextChoices):
        TOO_OLD = "too_old", _("booking date too far back")
        NO_TERRITORY = "no_territory", _("account without a territory")
        PRICE_LOW = "price_low", _("price below the limit")

    BOOKED = (Kind.BOOKING, Kind.RENEWAL)
    """How an order begins."""
    STAMPED = (*BOOKED, Kind.AMENDMENT, Kind.NEW_DATE)
    """Whose new credits bear the seats, the territory and the rates of the event's own day."""
    TERMS = (*BOOKED, Kind.AMENDMENT, Kind.NEW_SPLIT, Kind.NEW_DATE, Kind.CORRECTION)
    """What an order's lines and split are from then on: each writes all of them."""
    FIXES_DAY = (Kind.AMENDMENT, Kind.CANCELLATION)
    """What happens to an order on a day of its own: an order with such an event keeps its booking date."""
    NO_ERROR = ("", Cause.REQUEST)
    """Causes of corrections that are no error of who entered the order: what moves with a seat has none."""

    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    booked_on = models.DateField()
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    cause = models.CharField(_("cause"), max_length=8, choices=Cause, blank=True, default="", db_default="")
    source = models.CharField(max_length=200, blank=True)
    exceptions: "ArrayField[list[str], list[str]]" = ArrayField(
        models.CharField(max_length=12, choices=Doubt), default=list, db_default=[]
    )
    accepted_because = models.CharField(
        _("why it was accepted"), max_length=MOST_ACCEPTED, blank=True, default="", db_default=""
    )
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
            models.CheckConstraint(name="bookingevent_cause", condition=Q(cause="") | Q(kind="correction")),
            models.CheckConstraint(
                name="bookingevent_accepted",
                condition=Q(exceptions=[], accepted_because="")
                | (~Q(exceptions=[]) & ~Q(accepted_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.booked_on}"

    @property
    def is_beginning(self) -> bool:
        """Whether the order begins with it."""
        return self.kind in self.BOOKED

    @property
    def exceptions_said(self) -> list[str]:
        """What was accepted, in words."""
        return [str(self.Doubt(code).label) for code in self.exceptions]


class OrderLine(models.Model):
    """What was ordered: a product, how many, for how much in all, net of discount and tax.

    An order's lines are those of the last event that has any; older ones stay for the record. `origin`: the first of
    the lines that this one goes on with, which has the credits. `renewed_minor` is what of the amount the customer had
    before, which is no order intake. `term_months`: for how many months the amount is, where the line recurs; a one-off
    has none. What an amendment adds at a higher price alone has a quantity of 0.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    event = models.ForeignKey(BookingEvent, on_delete=models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    renewed_minor = models.BigIntegerField(default=0, db_default=0)
    term_months = models.PositiveSmallIntegerField(_("term in months"), null=True)
    origin = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["id"]
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                name="orderline_positive",
                condition=Q(amount_minor__gte=0),
                violation_error_message=_("A line has an amount of zero or more."),
            ),
            models.CheckConstraint(
                name="orderline_renewed",
                condition=Q(renewed_minor__gte=0, renewed_minor__lte=F("amount_minor")),
                violation_error_message=_("What is renewed of a line is a part of its amount."),
            ),
            models.CheckConstraint(
                name="orderline_term",
                condition=Q(term_months=None) | Q(term_months__gte=1, term_months__lte=120),
                violation_error_message=_("A term is 1 to 120 months."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"

    @property
    def root_id(self) -> int:
        """The line that has the credits."""
        return self.origin_id or self.pk

    @property
    def sold_on(self) -> date:
        """The day whose seats, territory and rates its credits bear; of a corrected line the order's booking date."""
        return self.event.booked_on if self.event.kind in BookingEvent.STAMPED else self.order.booked_on

    @property
    def intake_minor(self) -> int:
        """What of it is order intake."""
        return self.amount_minor - self.renewed_minor

    @property
    def measures(self) -> Measures:
        return measures(self.amount_minor, self.renewed_minor, self.quantity, self.term_months)


class SplitShare(models.Model):
    """A person's share of an order's credit from one event on, of all its lines or of one `line` alone.

    Revenue shares of a line, or of all that have none of their own, total exactly 100 %; overlay shares anything.
    """

    class Kind(models.TextChoices):
        REVENUE = "revenue", _("order intake")
        OVERLAY = "overlay", _("overlay")

    event = models.ForeignKey(BookingEvent, on_delete=models.PROTECT, related_name="shares")
    line = models.ForeignKey(OrderLine, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REVENUE, db_default=Kind.REVENUE)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    weight = models.PositiveIntegerField(help_text=_("Millionths of a percent: 100 % is 100 000 000."))

    class Meta:
        ordering = ["id"]
        triggers = [
            *append_only(),
            on_insert(
                "split_total",
                """
                    PERFORM pg_advisory_xact_lock(hashtext('orders_splitshare'), (NEW.event_id % 256)::int);
                    IF NEW.kind = 'revenue' AND (
                        SELECT sum(weight) FROM orders_splitshare
                        WHERE event_id = NEW.event_id AND line_id IS NOT DISTINCT FROM NEW.line_id
                          AND kind = 'revenue'
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
                fields=["event", "line", "kind", "person"],
                nulls_distinct=False,
                violation_error_message=_("A person stands twice in the split. Give each person one share."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.weight}"
