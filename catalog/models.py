"""What is sold: the tree of product families, products and bundles, and what they cost."""

from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.dated import Dated, no_overlap, ordered
from common.models import Editable, EditableQuerySet, by_request, undone_only
from territories.models import User

FAMILY_CYCLE = """
    PERFORM pg_advisory_xact_lock(hashtext('catalog_family'));
    IF EXISTS (
        WITH RECURSIVE up(id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT above.parent_id FROM up JOIN catalog_family above ON above.id = up.id
        )
        SELECT 1 FROM up WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'a family below itself'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'family_cycle';
    END IF;
    RETURN NEW;
"""


@pghistory.track(meta=by_request("familyevent_request"))
class Family(Editable):
    """A product family: the grain of quota, order intake and attainment. It stands for all that lies below it."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=PROTECT,
        related_name="children",
        verbose_name=_("lies below"),
    )

    class Meta(Editable.Meta):
        triggers = [
            undone_only(),
            pgtrigger.Trigger(
                name="family_cycle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),  # type: ignore[no-untyped-call]  # pgtrigger types no arguments here
                condition=pgtrigger.Q(new__parent__isnull=False),
                func=FAMILY_CYCLE,
            ),
        ]
        ordering = [Lower("name"), "id"]
        verbose_name_plural = "families"

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(EditableQuerySet):
    """Chains over products."""

    def sold_on(self, day: date) -> Self:
        """Those that are sold on that day."""
        return self.filter(Q(retired_on=None) | Q(retired_on__gt=day))


@pghistory.track(meta=by_request("productevent_request"))
class Product(Editable):
    """Something sold, in one family, with a list price in one currency; no price means it is agreed per deal.

    The price of something recurring is that of a month. A bundle is a product made of others (`BundlePart`).
    """

    class Kind(models.TextChoices):
        SOFTWARE = "software", _("software")
        SERVICE = "service", _("service")
        HARDWARE = "hardware", _("hardware")
        RECURRING = "recurring", _("recurring")

    class Tier(models.TextChoices):
        PRIMARY = "primary", _("primary")
        ANCILLARY = "ancillary", _("ancillary")

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)
    family = models.ForeignKey(Family, on_delete=PROTECT, related_name="products")
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.SOFTWARE, db_default=Kind.SOFTWARE
    )
    tier = models.CharField(
        _("tier"), max_length=9, choices=Tier, default=Tier.PRIMARY, db_default=Tier.PRIMARY
    )
    vendor = models.CharField(_("vendor"), max_length=80, blank=True, db_default="")
    list_price_minor = models.BigIntegerField(_("list price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    is_bundle = models.BooleanField(_("bundle"), default=False, db_default=False)
    retired_on = models.DateField(_("no longer sold from"), null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = [Lower("name"), "id"]
        constraints = [
            models.CheckConstraint(
                name="product_price_not_negative",
                condition=Q(list_price_minor=None) | Q(list_price_minor__gte=0),
                violation_error_message=_("A list price is zero or more."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_recurring(self) -> bool:
        """Whether its price is that of a month."""
        return self.kind == self.Kind.RECURRING

    def is_sold_on(self, day: date) -> bool:
        """Whether it goes onto a deal that is closed on that day."""
        return self.retired_on is None or self.retired_on > day


@pghistory.track()
class BundlePart(Editable):
    """A bundle holds a product, so many times."""

    bundle = models.ForeignKey(Product, on_delete=PROTECT, related_name="parts")
    product = models.ForeignKey(Product, on_delete=PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="bundlepart_once",
                fields=["bundle", "product"],
                condition=Q(is_removed=False),
                violation_error_message=_("A product stands twice in the bundle. Give its quantity instead."),
            ),
            models.CheckConstraint(
                name="bundlepart_quantity",
                condition=Q(quantity__gte=1),
                violation_error_message=_("A quantity is one or more."),
            ),
            models.CheckConstraint(
                name="bundlepart_not_itself",
                condition=~Q(bundle=F("product")),
                violation_error_message=_("A bundle can't hold itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id} in {self.bundle_id}"


@pghistory.track()
class PriceBook(Editable):
    """Prices in one currency; the usual one of a currency is taken where a deal names none."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    is_usual = models.BooleanField(_("usual for its currency"), default=False)
    is_retired = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="pricebook_one_usual",
                fields=["currency"],
                condition=Q(is_usual=True),
                violation_error_message=_("This currency has a usual price book already."),
            ),
            models.CheckConstraint(
                name="pricebook_usual_stands", condition=Q(is_usual=False) | Q(is_retired=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Price(Dated):
    """What a product costs in a price book on `[starts_on, stops_on)`, and the tax on it, in percent."""

    book = models.ForeignKey(PriceBook, on_delete=PROTECT, related_name="prices", db_index=False)
    product = models.ForeignKey(Product, on_delete=PROTECT, related_name="prices")
    price_minor = models.BigIntegerField(_("price"))
    tax = models.DecimalField(_("tax in percent"), max_digits=6, decimal_places=3, null=True, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta(Dated.Meta):
        constraints = [
            ordered("price_ordered"),
            no_overlap(
                "price_once", "book", "product", message=_("This product has a price on these days already.")
            ),
            models.CheckConstraint(
                name="price_not_negative",
                condition=Q(price_minor__gte=0),
                violation_error_message=_("A price is zero or more."),
            ),
            models.CheckConstraint(
                name="price_tax",
                condition=Q(tax=None) | Q(tax__gte=0, tax__lte=100),
                violation_error_message=_("A tax is between 0 and 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.book_id}: {self.price_minor}"
