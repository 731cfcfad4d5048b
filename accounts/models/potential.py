"""What accounts could buy in a year, and how much work they ask for: the norms behind workload."""

from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from catalog.models import Family
from common.access import ScopedQuerySet
from common.dated import Dated, OfRequest, no_overlap, ordered
from common.models import Period, append_only
from territories.models import User

MOST_TOUCHES, MOST_MINUTES = 1000, 10_000


class Potential(models.Model):
    """What an account could buy of a product family in a fiscal year, in the reporting currency, as of a day.

    Of several the one as of the newest day counts, of one day the last that was recorded. Without an amount it is
    not known any more.
    """

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="potentials")
    family = models.ForeignKey(Family, on_delete=PROTECT, related_name="potentials", db_index=False)
    year = models.ForeignKey(Period, on_delete=PROTECT, related_name="potentials", db_index=False)
    amount_minor = models.BigIntegerField(_("potential"), null=True, blank=True)
    as_of = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=120, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    request_id = models.UUIDField(null=True, db_default=OfRequest(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        triggers = append_only(unless_undone=True)
        constraints = [
            models.CheckConstraint(
                name="potential_amount",
                condition=Q(amount_minor=None) | Q(amount_minor__gte=0),
                violation_error_message=_("A potential is zero or more."),
            )
        ]
        indexes = [
            models.Index(name="potential_newest", fields=["year", "account", "family", "-as_of", "-id"]),
            models.Index(name="potential_recorded", fields=["recorded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.family_id} {self.year_id}"


class TouchNorm(Dated):
    """How often accounts of a segment and tier are to be touched a year, and how long a touch takes."""

    segment = models.CharField(_("segment"), max_length=80, blank=True)
    tier = models.CharField(_("tier"), max_length=80, blank=True)
    touches = models.PositiveIntegerField(_("touches a year"))
    minutes = models.PositiveIntegerField(_("minutes a touch"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("touchnorm_ordered"),
            models.CheckConstraint(
                name="touchnorm_range",
                condition=Q(touches__lte=MOST_TOUCHES, minutes__lte=MOST_MINUTES),
                violation_error_message=_("At most 1,000 touches a year, of at most 10,000 minutes each."),
            ),
            no_overlap(
                "touchnorm_one",
                "segment",
                "tier",
                message=_("There is a norm for this segment and tier on one of these days already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment} {self.tier}: {self.touches} x {self.minutes}"


class CoverageModel(Dated):
    """How accounts of a segment are sold to."""

    class Way(models.TextChoices):
        FIELD = "field", _("field")
        INSIDE = "inside", _("inside")
        PARTNER = "partner", _("partner")

    segment = models.CharField(_("segment"), max_length=80)
    way = models.CharField(_("sold to by"), max_length=7, choices=Way)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("coveragemodel_ordered"),
            no_overlap(
                "coveragemodel_one",
                "segment",
                message=_("This segment is covered otherwise on one of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment}: {self.way}"
