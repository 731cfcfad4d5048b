"""Ways of selling: models with their stages, what is asked before a deal goes on, and how deals are qualified."""

from typing import Any, Self

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import PROTECT, Deferrable, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.models import Editable, EditableQuerySet, append_only
from territories.models import User


class Category(models.TextChoices):
    """Forecast categories, weakest first."""

    OMITTED = "omitted", _("Omitted")
    PIPELINE = "pipeline", _("Pipeline")
    BEST_CASE = "best_case", _("Best Case")
    MOST_LIKELY = "most_likely", _("Most Likely")
    COMMIT = "commit", _("Commit")
    CLOSED = "closed", _("Closed")


OPEN_CATEGORIES = [choice for choice in Category.choices if choice[0] != Category.CLOSED]
"""Those that a person may choose: *Closed* is what a booking makes of a deal."""


@pghistory.track()
class SalesModel(Editable):
    """One way of selling; a retired one takes no new deals, those in it go on. The usual one is offered first."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    about = models.CharField(_("what it is for"), max_length=200, blank=True)
    is_usual = models.BooleanField(default=False)
    is_retired = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["-is_usual", "name"]
        constraints = [
            models.UniqueConstraint(
                name="salesmodel_one_usual", fields=["is_usual"], condition=Q(is_usual=True)
            ),
            models.CheckConstraint(
                name="salesmodel_usual_stands", condition=Q(is_usual=False) | Q(is_retired=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """A sales model as it was published once: `content` holds its stages, criteria and questions in their words."""

    sales_model = models.ForeignKey(SalesModel, on_delete=PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content: Any = models.JSONField()
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-number"]
        triggers = append_only()
        constraints = [models.UniqueConstraint(name="modelversion_once", fields=["sales_model", "number"])]

    def __str__(self) -> str:
        return f"version {self.number} of {self.sales_model_id}"


class StageQuerySet(EditableQuerySet):
    """Chains over stages."""

    def offered(self) -> Self:
        """Those that deals can enter: of their model's present version."""
        return self.filter(position__isnull=False)


def once_in(name: str, owner: str, column: str, message: Any) -> ExclusionConstraint:
    """No two standing rows of one owner with the same value; looked at when the act ends, so that two may swap it."""
    return ExclusionConstraint(
        name=name,
        expressions=[(owner, RangeOperators.EQUAL), (column, RangeOperators.EQUAL)],
        condition=Q(position__isnull=False),
        deferrable=Deferrable.DEFERRED,
        violation_error_message=message,
    )


@pghistory.track()
class Stage(Editable):
    """A step of a sales model, with its usual win probability and forecast category.

    Without a position it was taken out of the model, and no deal enters it any more.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    sales_model = models.ForeignKey(SalesModel, on_delete=PROTECT, related_name="stages")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), null=True)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.OPEN)
    probability = models.PositiveSmallIntegerField(_("probability in percent"))
    category = models.CharField(_("forecast category"), max_length=12, choices=Category)
    stalled_after_days = models.PositiveSmallIntegerField(_("stalled after days"), null=True, blank=True)

    objects = StageQuerySet.as_manager()

    class Meta(Editable.Meta):
        ordering = ["sales_model", F("position").asc(nulls_last=True), "id"]
        constraints = [
            once_in(
                "stage_name_once",
                "sales_model",
                "name",
                _("Two stages of a sales model can't have the same name."),
            ),
            once_in(
                "stage_position_once", "sales_model", "position", _("Two stages have the same position.")
            ),
            models.CheckConstraint(
                name="stage_probability",
                condition=Q(probability__lte=100),
                violation_error_message=_("A probability is at most 100 percent."),
            ),
            models.CheckConstraint(
                name="stage_ends",
                condition=Q(kind="open")
                | Q(kind="won", probability=100, category="closed")
                | Q(kind="lost", probability=0, category="omitted"),
                violation_error_message=_(
                    "A won stage has 100 percent and the category Closed; a lost one has 0 percent and Omitted."
                ),
            ),
            models.CheckConstraint(
                name="stage_stalled_after",
                condition=Q(stalled_after_days=None) | Q(stalled_after_days__gte=1),
                violation_error_message=_("A stage is stalled after one day or more."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Criterion(Editable):
    """What should be true before a deal leaves a stage for a later one; a required one keeps it from going on.

    It is ticked by hand, or looked at by the product itself. Without a position it is asked no more.
    """

    class Check(models.TextChoices):
        BY_HAND = "", _("ticked by hand")
        AMOUNT = "amount", _("there is an amount above zero")
        PRODUCTS = "products", _("there are products")
        NEXT_STEP = "next_step", _("there is a next step")
        DECIDER = "decider", _("somebody who decides is a stakeholder")
        CLOSE_PLAN = "close_plan", _("there is a close plan")
        ANSWERS = "answers", _("every question is answered")

    stage = models.ForeignKey(Stage, on_delete=PROTECT, related_name="criteria")
    text = models.CharField(_("criterion"), max_length=160)
    check_of = models.CharField(_("looked at by"), max_length=12, choices=Check, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    position = models.PositiveSmallIntegerField(null=True)

    class Meta(Editable.Meta):
        ordering = ["stage", F("position").asc(nulls_last=True), "id"]
        constraints = [
            once_in("criterion_once", "stage", "text", _("The same criterion stands twice at one stage."))
        ]

    def __str__(self) -> str:
        return self.text


@pghistory.track()
class Question(Editable):
    """A question by which deals of a model are qualified. Without a position it is asked no more."""

    sales_model = models.ForeignKey(SalesModel, on_delete=PROTECT, related_name="questions")
    text = models.CharField(_("question"), max_length=160)
    help = models.CharField(_("what a good answer says"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(null=True)

    class Meta(Editable.Meta):
        ordering = ["sales_model", F("position").asc(nulls_last=True), "id"]
        constraints = [once_in("question_once", "sales_model", "text", _("The same question stands twice."))]

    def __str__(self) -> str:
        return self.text
