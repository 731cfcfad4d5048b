"""Exchange rates, typed or out of a file, and the files."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.dated import Dated, no_overlap, ordered
from common.models.keeping import append_only

MOST_RATE = 1_000_000


class Rate(Dated):
    """One unit of `currency` in the reporting currency on `[starts_on, stops_on)`.

    `plan` rates are fixed for the plan year (quota and attainment), `booked` rates hold from their day (finance),
    `current` ones value the pipeline of a day. One that `is_published` came with a file; others were typed.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", _("plan rate")
        BOOKED = "booked", _("booked rate")
        CURRENT = "current", _("current rate")

    kind = models.CharField(max_length=8, choices=Kind)
    currency = models.CharField(max_length=3)
    value = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(_("source"), max_length=120, blank=True)
    is_published = models.BooleanField(default=False, db_default=False)
    recorded_by_id = models.BigIntegerField(null=True)

    class Meta(Dated.Meta):
        constraints = [
            ordered("rate_ordered"),
            models.CheckConstraint(
                name="rate_positive",
                condition=Q(value__gt=0, value__lt=MOST_RATE),
                violation_error_message=_(
                    "A rate is greater than zero, with at most 6 digits before the decimals."
                ),
            ),
            no_overlap(
                "rate_one_a_day",
                "kind",
                "currency",
                message=_("There is already a rate for this currency on one of these days."),
                is_large=True,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.value} ({self.kind})"


class RateFile(models.Model):
    """A file of published rates as it was brought here, from its first to its last day; each content is kept once."""

    name = models.CharField(_("file"), max_length=160)
    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    first_on = models.DateField()
    last_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by_id = models.BigIntegerField(null=True)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return self.name
