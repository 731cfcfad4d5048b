"""What was asked of whom, and the cells that the roll-up derives from the ledger."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Family
from common.dated import Dated, ordered
from common.models import Period, Run
from orders.models import Credit
from pipeline.models import Motion
from quotas.rules import Key
from territories.models import Territory, User


class Quota(Dated):
    """An amount asked of one person *or* one territory for one period, in plan money of the reporting currency.

    `family` empty: all families. `kind` own: a manager's own selling quota, beside the one they are assigned.
    A change supersedes the row: every version stays.
    """

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", _("assigned")
        OWN = "own", _("own selling quota")

    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="quotas")
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="quotas"
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="quotas")
    family = models.ForeignKey(Family, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ASSIGNED)
    measure = models.CharField(max_length=16, choices=Credit.Measure, default=Credit.Measure.ORDER_INTAKE)
    motion = models.CharField(
        max_length=12, choices=[("", _("all")), *Motion.choices], blank=True, default=""
    )
    amount_minor = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("quota_ordered"),
            models.CheckConstraint(
                name="quota_person_or_territory",
                condition=Q(person__isnull=False, territory=None) | Q(person=None, territory__isnull=False),
                violation_error_message=_("A quota is for one person or for one territory."),
            ),
            models.CheckConstraint(
                name="quota_not_negative",
                condition=Q(amount_minor__gte=0),
                violation_error_message=_("A quota is zero or more."),
            ),
            models.CheckConstraint(
                name="quota_of_all_motions",
                condition=Q(motion=""),
                violation_error_message=_("A quota is for all motions together."),
            ),
            models.UniqueConstraint(
                name="quota_one_standing",
                fields=["person", "territory", "period", "family", "kind", "measure", "motion"],
                condition=Q(superseded_at=None),
                nulls_distinct=False,
                violation_error_message=_("There already is a quota for this period; change that one."),
            ),
        ]
        indexes = [
            models.Index(
                name="quota_period", fields=["period", "person", "territory"], condition=Q(superseded_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id or self.territory_id} {self.period_id}: {self.amount_minor}"

    @property
    def key(self) -> Key:
        return Key(self.person_id, self.territory_id, self.period_id, self.family_id, self.kind)


# The rows are derived from the ledger, whose references are checked: theirs are not checked a second time.
DERIVED: Any = {"on_delete": models.CASCADE, "related_name": "+", "db_index": False, "db_constraint": False}
SLICE = ["family", "motion", "is_new_business", "measure", "kind"]


class Cell(models.Model):
    """Order intake in one month of what has a slice in common, in plan money, and of how many credits."""

    month_on = models.DateField()
    family = models.ForeignKey(Family, **DERIVED)
    motion = models.CharField(max_length=12)
    is_new_business = models.BooleanField()
    measure = models.CharField(max_length=16)
    kind = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    credits = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk} {self.month_on}"


class LeafCell(Cell):
    """Order intake of one person on one seat in (a part of) one month: the roll-up's first step.

    `part_on` is the month's first day, or the day on which the seat's or the territory's place in the tree changed.
    """

    seat = models.ForeignKey(Territory, **DERIVED)
    territory = models.ForeignKey(Territory, **DERIVED)
    person = models.ForeignKey(User, **DERIVED)
    part_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="leafcell_key", fields=["month_on", "seat", "territory", "person", "part_on", *SLICE]
            )
        ]
        indexes = [
            models.Index(name="leafcell_person", fields=["person", "month_on"]),
            models.Index(
                name="leafcell_elsewhere", fields=["territory", "month_on"], condition=~Q(seat=F("territory"))
            ),
        ]


class NodeCell(Cell):
    """Order intake of one node's subtree in one month, as sold: each credit under the tree of its booking date.

    `amount_minor` is by the seller's seat (the team tree), `territory_minor` by the account's territory; `parent` is
    the node directly above on those days, so that a node that moved counts under each of its parents for its time.
    Only nodes that have others below them: the order intake of a lowest territory is the sum of its leaf cells.
    """

    node = models.ForeignKey(Territory, **DERIVED)
    parent = models.ForeignKey(Territory, null=True, **DERIVED)
    territory_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="nodecell_key", fields=["node", "month_on", "parent", *SLICE], nulls_distinct=False
            )
        ]


class MonthDigest(models.Model):
    """What all cells of one month come to, as a hash; empty while they are ahead of it.

    A run's output hash is made of these.
    """

    month_on = models.DateField(primary_key=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.month_on}"


class RunPart(models.Model):
    """Some fiscal quarters that whoever is free works out for the run in progress, whose snapshot this names.

    Its row is locked while somebody does. The table keeps nothing over a crash of the database, which ends every run.
    """

    months = ArrayField(models.DateField())
    entries = models.BigIntegerField()
    snapshot = models.CharField(max_length=64)
    code = models.IntegerField()
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}"


class PartPiece(models.Model):
    """A piece of what a part changes in one kind of cells, as COPY writes it; in the order of their ids."""

    part = models.ForeignKey(RunPart, **DERIVED)
    cells = models.CharField(max_length=32)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.part_id} {self.pk}"


class QuotaCell(models.Model):
    """A node's quota of one quarter: what it was assigned, and what its subtree adds up to."""

    node = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+", db_index=False)
    period = models.ForeignKey(Period, on_delete=models.CASCADE, related_name="+", db_index=False)
    family = models.ForeignKey(Family, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    assigned_minor = models.BigIntegerField(null=True)
    rolled_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="quotacell_key", fields=["period", "node", "family"], nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.period_id}"


class Publication(models.Model):
    """Which run's figures stand, and how far: the row that every attainment page names as its age.

    The digests say which tree and calendar (`tree`), and which seats and quotas (`plan`), the cells were made of, and
    `inputs` each of these apart; `plan_mark` is the cheap sign that one of them may have changed since.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    refreshed_at = models.DateTimeField()
    tree_digest = models.CharField(max_length=64)
    plan_digest = models.CharField(max_length=64)
    plan_mark = models.CharField(max_length=80)
    inputs = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = [models.CheckConstraint(name="publication_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"as of {self.as_of}"
