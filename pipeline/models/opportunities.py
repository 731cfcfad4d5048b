"""Deals in play: opportunities with their lines, the stages they passed, and who may read them."""

from typing import Self

import pghistory
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import PROTECT, DecimalField, F, Q, Value
from django.db.models.functions import Cast, Coalesce, Lower, Now, Round
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from catalog.models import PriceBook, Product
from common.dated import OfRequest
from common.models import Editable, EditableQuerySet, append_only, by_request, undone_only
from common.noting import noted, noted_for
from pipeline.models.keeping import stood
from pipeline.models.stages import Category, Stage
from territories.models import Partner, PartnerRep, Territory, User
from workspace.models import own_column


class Motion(models.TextChoices):
    """What kind of business an order or a deal is; apart from whether the customer is new."""

    NEW = "new", _("New")
    EXPANSION = "expansion", _("Expansion")
    RENEWAL = "renewal", _("Renewal")
    DISPLACEMENT = "displacement", _("Displacement")


class Channel(models.TextChoices):
    """Through whom a deal is sold."""

    DIRECT = "direct", _("Direct")
    PARTNER = "partner", _("Partner")


class OpportunityQuerySet(EditableQuerySet):
    """Chains over deals."""

    def open(self) -> Self:
        return self.filter(state=Opportunity.State.OPEN)

    def standing(self) -> Self:
        """Those that were not merged into another one."""
        return self.exclude(state=Opportunity.State.MERGED)


@pghistory.track(exclude=["name_key"], meta=by_request("opportunityevent_request"))
class Opportunity(Editable):
    """A deal: who might buy what, for how much, when, and how far it is.

    `territory` follows the account; `state` and `category` follow the stage, unless a person set the category.
    """

    class State(models.TextChoices):
        """Those of the stage's kind, and what was merged into another deal."""

        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")
        MERGED = "gone", _("merged")

    account = models.ForeignKey(
        Account,
        null=True,
        blank=True,
        on_delete=PROTECT,
        related_name="opportunities",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=160)
    # The list is sorted and searched by it: a plain column, because row policies keep lower(name) out of an index.
    name_key = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.CharField(max_length=160, db_collation="C"),
        db_persist=True,
    )
    number = models.CharField(max_length=40, unique=True)
    # Found by the indexes that begin with them.
    owner = models.ForeignKey(
        User, on_delete=PROTECT, related_name="opportunities", verbose_name=_("owner"), db_index=False
    )
    territory = models.ForeignKey(
        Territory,
        on_delete=PROTECT,
        related_name="opportunities",
        verbose_name=_("territory"),
        db_index=False,
    )
    stage = models.ForeignKey(Stage, on_delete=PROTECT, related_name="opportunities", verbose_name=_("stage"))
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    category = models.CharField(_("forecast category"), max_length=12, choices=Category)
    category_is_manual = models.BooleanField(_("category set by hand"), default=False)
    motion = models.CharField(_("motion"), max_length=12, choices=Motion, default=Motion.NEW)
    channel = models.CharField(
        _("channel"), max_length=8, choices=Channel, default=Channel.DIRECT, db_default="direct"
    )
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=PROTECT, related_name="+", verbose_name=_("partner")
    )
    partner_rep = models.ForeignKey(
        PartnerRep,
        null=True,
        blank=True,
        on_delete=PROTECT,
        related_name="+",
        verbose_name=_("their representative"),
    )
    source = models.CharField(_("source"), max_length=80, blank=True, db_default="")
    currency = models.CharField(_("currency"), max_length=3)
    price_book = models.ForeignKey(
        PriceBook, null=True, blank=True, on_delete=PROTECT, related_name="+", verbose_name=_("price book")
    )
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    close_on = models.DateField(_("close date"))
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step due"), null=True, blank=True)
    lost_reason = models.CharField(_("reason for the loss"), max_length=200, blank=True)
    lost_to = models.CharField(_("lost to"), max_length=80, blank=True, db_default="")
    won_reason = models.CharField(_("reason for the win"), max_length=200, blank=True, db_default="")
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=PROTECT, related_name="duplicates", editable=False
    )
    awaits_booking_since = models.DateTimeField(_("awaiting booking"), null=True, editable=False)
    created_on = models.DateField()
    stage_since_on = models.DateField()
    closed_on = models.DateField(_("closed on"), null=True)
    pushes = models.PositiveSmallIntegerField(default=0)
    own = own_column()

    objects = OpportunityQuerySet.as_manager()

    class Meta(Editable.Meta):
        triggers = [
            undone_only(),
            *stood(),
            *noted("opportunity", ["owner_id", "territory_id"], state="state"),
        ]
        verbose_name_plural = "opportunities"
        constraints = [
            models.CheckConstraint(
                name="opportunity_amount",
                condition=Q(amount_minor=None) | Q(amount_minor__gte=0),
                violation_error_message=_("An amount is zero or more."),
            ),
            models.CheckConstraint(
                name="opportunity_closed_on",
                condition=Q(state="open", closed_on=None) | (~Q(state="open") & Q(closed_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="opportunity_merged",
                condition=Q(state="gone", merged_into__isnull=False)
                | (~Q(state="gone") & Q(merged_into=None)),
            ),
            models.CheckConstraint(
                name="opportunity_awaits", condition=Q(awaits_booking_since=None) | Q(state="won")
            ),
            models.CheckConstraint(
                name="opportunity_channel",
                condition=Q(channel="partner", partner__isnull=False)
                | Q(channel="direct", partner=None, partner_rep=None),
                violation_error_message=_(
                    "A deal through a partner names the partner; a direct one names none."
                ),
            ),
        ]
        indexes = [
            models.Index(
                name="opportunity_owner", fields=["owner", "close_on", "id"], condition=Q(state="open")
            ),
            # With amounts, and the owner for the row policy: what is open is summed without a look at the deals.
            models.Index(
                name="opportunity_node",
                fields=["territory", "close_on", "id"],
                include=["owner", "currency", "amount_minor"],
                condition=Q(state="open"),
            ),
            models.Index(name="opportunity_close", fields=["close_on", "id"], condition=Q(state="open")),
            models.Index(
                name="opportunity_owner_closed", fields=["owner", "closed_on"], condition=~Q(closed_on=None)
            ),
            models.Index(
                name="opportunity_node_closed",
                fields=["territory", "closed_on"],
                condition=~Q(closed_on=None),
            ),
            models.Index(
                name="opportunity_stage", fields=["stage", "close_on", "id"], condition=Q(state="open")
            ),
            models.Index(name="opportunity_owner_all", fields=["owner", "close_on", "id"]),
            models.Index(name="opportunity_node_all", fields=["territory", "close_on", "id"]),
            models.Index(name="opportunity_close_all", fields=["close_on", "id"]),
            models.Index(name="opportunity_name_key", fields=["name_key", "id"]),
            models.Index(
                name="opportunity_awaiting",
                fields=["awaits_booking_since"],
                condition=Q(awaits_booking_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state == Opportunity.State.OPEN

    @property
    def awaits_booking(self) -> bool:
        return self.awaits_booking_since is not None

    @property
    def keeps_contract(self) -> bool:
        """Whether an order rests on its contract: it was won and is booked."""
        return self.state == Opportunity.State.WON and not self.awaits_booking


NUMBER = DecimalField(max_digits=40, decimal_places=10)


def line_amount() -> Coalesce:
    """quantity x price x term x (100 - discount) / 100, rounded once, half away from zero; or a bundle's part."""
    each = Cast("quantity", NUMBER) * Cast("price_minor", NUMBER) * Coalesce("term_months", Value(1))
    return Coalesce(
        "part_minor", Cast(Round(each * (Value(100) - F("discount")) / Value(100)), models.BigIntegerField())
    )


@pghistory.track(exclude=["amount_minor"], meta=by_request("opportunitylineevent_request"))
class OpportunityLine(Editable):
    """A product on a deal: how many at which price, for how long, less which discount in percent.

    `kind` is the product's as it was. The lines that came with one bundle share its `bundle_number` on the deal: each
    tells how many bundles at which price less which discount, has so much of its own product, and its part of what
    the bundles cost (`part_minor`). `amount_minor` is worked out by the database.
    """

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="lines")
    product = models.ForeignKey(Product, on_delete=PROTECT, related_name="+", verbose_name=_("product"))
    kind = models.CharField(_("kind"), max_length=10, choices=Product.Kind, default=Product.Kind.SOFTWARE)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    price_minor = models.BigIntegerField(_("price each"))
    discount = models.DecimalField(
        _("discount in percent"), max_digits=9, decimal_places=6, default=0, db_default=0
    )
    term_months = models.PositiveSmallIntegerField(_("term in months"), null=True, blank=True)
    tax = models.DecimalField(_("tax in percent"), max_digits=6, decimal_places=3, null=True, blank=True)
    bundle = models.ForeignKey(Product, null=True, on_delete=PROTECT, related_name="+")
    bundle_number = models.PositiveSmallIntegerField(null=True)
    bundle_quantity = models.PositiveIntegerField(null=True)
    part_minor = models.BigIntegerField(null=True)
    amount_minor = models.GeneratedField(
        expression=line_amount(), output_field=models.BigIntegerField(), db_persist=True
    )
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="opportunityline_positive",
                condition=Q(quantity__gte=1, price_minor__gte=0),
                violation_error_message=_(
                    "A line has a quantity of one or more and a price of zero or more."
                ),
            ),
            models.CheckConstraint(
                name="opportunityline_discount",
                condition=Q(discount__gte=0, discount__lte=100),
                violation_error_message=_("A discount is between 0 and 100 percent."),
            ),
            models.CheckConstraint(
                name="opportunityline_term",
                condition=Q(term_months=None) | Q(kind="recurring", term_months__gte=1, term_months__lte=120),
                violation_error_message=_("A term is 1 to 120 months, for what is recurring alone."),
            ),
            models.CheckConstraint(
                name="opportunityline_bundle",
                condition=Q(bundle=None, bundle_number=None, bundle_quantity=None, part_minor=None)
                | Q(
                    bundle__isnull=False,
                    bundle_number__isnull=False,
                    bundle_quantity__gte=1,
                    part_minor__gte=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class StageVisit(models.Model):
    """A deal entered a stage on a day; the row before it tells where it came from."""

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="visits")
    stage = models.ForeignKey(Stage, on_delete=PROTECT, related_name="+")
    entered_on = models.DateField()
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    request_id = models.UUIDField(null=True, db_default=OfRequest(), editable=False)

    class Meta:
        ordering = ["id"]
        triggers = append_only(unless_undone=True)
        indexes = [
            BrinIndex(name="stagevisit_recorded", fields=["recorded_at"], autosummarize=True),
            models.Index(name="stagevisit_entered", fields=["entered_on", "opportunity"]),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id} {self.stage_id}"


class Participant(models.Model):
    """A person who may read a deal because credit or a team touched it; never removed."""

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=PROTECT, related_name="deal_participations")
    reason = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [noted_for("opportunity", "opportunity_id")]
        constraints = [models.UniqueConstraint(name="deal_participant_once", fields=["user", "opportunity"])]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.opportunity_id}"
