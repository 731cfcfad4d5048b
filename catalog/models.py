"""What is sold: product families and products with their list prices."""

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.models import Editable, by_request, undone_only


@pghistory.track(meta=by_request("familyevent_request"))
class Family(Editable):
    """A product family: the grain of quota, order intake and attainment."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = [Lower("name"), "id"]
        verbose_name_plural = "families"

    def __str__(self) -> str:
        return self.name


@pghistory.track(meta=by_request("productevent_request"))
class Product(Editable):
    """Something sold, in one family, with a list price in one currency; no price means it is agreed per deal."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="products")
    list_price_minor = models.BigIntegerField(_("list price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    is_sold = models.BooleanField(_("is sold"), default=True)

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
