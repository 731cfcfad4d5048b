"""What people called, what the pipeline looked like each night, and how good the calls were."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.access import ScopedQuerySet
from common.models import Period, Run, append_only
from pipeline.models import Category, Opportunity, Stage
from territories.models import Territory, User


class Submission(models.Model):
    """A person's own forecast call for a period, in plan money, independent of any roll-up. Kept for ever."""

    class Category(models.TextChoices):
        COMMIT = "commit", _("Commit")
        BEST_CASE = "best_case", _("Best Case")

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="submissions")
    node = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="submissions")
    is_team = models.BooleanField(
        help_text=_("The call is for the node's whole team, not for the person alone.")
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="submissions")
    category = models.CharField(_("category"), max_length=12, choices=Category, default=Category.COMMIT)
    amount_minor = models.BigIntegerField(_("amount"))
    note = models.CharField(_("note"), max_length=1000, blank=True)
    submitted_at = models.DateTimeField(db_default=Now())
    is_late = models.BooleanField(default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                name="submission_not_negative",
                condition=Q(amount_minor__gte=0),
                violation_error_message=_("A call is zero or more."),
            )
        ]
        indexes = [models.Index(name="submission_period", fields=["period", "person", "-submitted_at"])]

    def __str__(self) -> str:
        return str(self.period)


class SnapshotLine(models.Model):
    """An open deal as it stood at the end of one fiscal day, in its own currency and in plan money. Never edited."""

    as_of = models.DateField()
    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+", db_index=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=12, choices=Category)
    close_on = models.DateField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(null=True)
    plan_minor = models.BigIntegerField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        triggers = append_only()
        constraints = [models.UniqueConstraint(name="snapshotline_once", fields=["as_of", "opportunity"])]

    def __str__(self) -> str:
        return f"{self.as_of} {self.opportunity_id}"


class Score(models.Model):
    """How one person's or team's call for one period turned out at one horizon: forecast, actual, and who called.

    `forecast_minor` empty: no call at that horizon. The absolute amounts are sums over those who called (`callers`:
    the person, or all below the team), empty where nobody did. Derived: each night writes the rows that differ.
    """

    class Subject(models.TextChoices):
        PERSON = "person", _("person")
        NODE = "node", _("team")

    subject = models.CharField(max_length=6, choices=Subject)
    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    node = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+", db_index=False)
    period = models.ForeignKey(Period, on_delete=models.CASCADE, related_name="scores")
    category = models.CharField(max_length=12)
    horizon_days = models.PositiveSmallIntegerField()
    forecast_minor = models.BigIntegerField(null=True)
    called_at = models.DateTimeField(null=True)
    actual_minor = models.BigIntegerField()
    absolute_error_minor = models.BigIntegerField(null=True)
    absolute_actual_minor = models.BigIntegerField(null=True)
    callers = models.PositiveIntegerField(default=1)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="score_key",
                fields=["period", "subject", "person", "node", "category", "horizon_days"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="score_subject",
                condition=Q(subject="person", person__isnull=False) | Q(subject="node", person=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.period_id}"

    @property
    def error_minor(self) -> int | None:
        """Forecast less actual; None without a call."""
        return None if self.forecast_minor is None else self.forecast_minor - self.actual_minor
