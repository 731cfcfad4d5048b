"""Who works on a deal, and who gets its credit."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.dated import Dated, no_overlap, ordered
from common.models import append_only
from pipeline.models.opportunities import Opportunity
from territories.models import User

WHOLE = 100_000_000
"""100 percent, in millionths of a percent."""


class TeamMember(Dated):
    """A person works on a deal in a role on `[starts_on, stops_on)`."""

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="team")
    person = models.ForeignKey(User, on_delete=PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=80, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta(Dated.Meta):
        constraints = [
            ordered("teammember_ordered"),
            no_overlap(
                "teammember_once", "opportunity", "person", message=_("This person is in the team already.")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.opportunity_id}"


class Split(models.Model):
    """Who gets the credit of a deal from a day on, as a whole. Of those that hold on a day the last recorded counts."""

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="splits")
    starts_on = models.DateField(_("from"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"split of {self.opportunity_id} from {self.starts_on}"


class SplitPart(models.Model):
    """A person's share in a split, in millionths of a percent. Revenue shares of one split total exactly 100 %."""

    class Kind(models.TextChoices):
        REVENUE = "revenue", _("revenue")
        OVERLAY = "overlay", _("overlay")

    split = models.ForeignKey(Split, on_delete=PROTECT, related_name="parts", db_index=False)
    person = models.ForeignKey(User, on_delete=PROTECT, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.REVENUE)
    weight = models.PositiveIntegerField(_("share"))

    class Meta:
        ordering: ClassVar = ["kind", "id"]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="split_total",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    PERFORM pg_advisory_xact_lock(hashtext('pipeline_splitpart'), (NEW.split_id % 256)::int);
                    IF (
                        SELECT coalesce(sum(weight), 0) FROM pipeline_splitpart
                        WHERE split_id = NEW.split_id AND kind = 'revenue'
                    ) <> 100000000 THEN
                        RAISE EXCEPTION 'shares do not total 100 percent'
                            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'split_total';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="splitpart_person_once",
                fields=["split", "kind", "person"],
                violation_error_message=_("A person stands twice in the split. Give each person one share."),
            ),
            models.CheckConstraint(
                name="splitpart_share",
                condition=Q(weight__gte=0, weight__lte=WHOLE),
                violation_error_message=_("A share is between 0 and 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.weight}"
