"""Close plans: milestones of a deal, and the templates that lay them out."""

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Editable
from pipeline.models.opportunities import Opportunity
from territories.models import User


@pghistory.track()
class PlanTemplate(Editable):
    """Steps that usually lead to a close."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_retired = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class PlanStep(Editable):
    """A milestone of a template, so many days before the close date. Without a position it was taken out."""

    template = models.ForeignKey(PlanTemplate, on_delete=PROTECT, related_name="steps")
    name = models.CharField(_("milestone"), max_length=160)
    days_before = models.PositiveSmallIntegerField(_("days before the close date"))
    position = models.PositiveSmallIntegerField(null=True)

    class Meta(Editable.Meta):
        ordering = ["template", F("position").asc(nulls_last=True), "id"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Milestone(Editable):
    """A step towards the close of a deal: whose it is, when it was planned first, is planned now, and was met."""

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="milestones")
    name = models.CharField(_("milestone"), max_length=160)
    owner = models.ForeignKey(User, on_delete=PROTECT, related_name="milestones", verbose_name=_("owner"))
    first_planned_on = models.DateField(editable=False)
    planned_on = models.DateField(_("planned"))
    met_on = models.DateField(_("met"), null=True, blank=True)
    reason = models.CharField(_("why it was moved"), max_length=200, blank=True)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["planned_on", "id"]
        indexes = [
            models.Index(
                name="milestone_due",
                fields=["owner", "planned_on"],
                condition=Q(met_on=None, is_removed=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
