"""Deals as they stood: for each stretch of days what a deal was worth, whose it was, and how far it had come."""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import DO_NOTHING, F, Q
from django.utils.translation import gettext_lazy as _

from common.access import ScopedQuerySet
from common.models import APPEND_ONLY
from pipeline.models.opportunities import Opportunity
from pipeline.models.stages import Category, Stage
from territories.models import Territory, User


class StandingQuerySet(ScopedQuerySet):
    """Chains over the past of deals."""

    def on(self, day: date) -> Self:
        """How every deal stood at the end of that day; on a day that is not over, how it stands by now."""
        return self.filter(Q(stops_on__gt=day) | Q(stops_on=None), starts_on__lte=day)

    def standing(self) -> Self:
        """Without those that had been merged into another one."""
        return self.exclude(state=Opportunity.State.MERGED)


class Standing(models.Model):
    """A deal at the end of each day of `[starts_on, stops_on)`, in the organisation's days; the last one is open.

    Kept by triggers on deals (`pipeline.models.keeping`) and written in no other way. Of a deal that came from a file
    its row tells the days before: it was open since its creation, in a stage and a category that are not known
    (empty), until the day since which it is in its stage. What was learned later of a past day changes nothing here.
    """

    # None is checked: an undone import takes its deals along, and their past with them.
    opportunity = models.ForeignKey(
        Opportunity, on_delete=DO_NOTHING, related_name="standings", db_constraint=False, db_index=False
    )
    starts_on = models.DateField()
    stops_on = models.DateField(null=True)
    owner = models.ForeignKey(
        User, on_delete=DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    territory = models.ForeignKey(
        Territory, on_delete=DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(max_length=4, choices=Opportunity.State)
    stage = models.ForeignKey(
        Stage, null=True, on_delete=DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    category = models.CharField(_("forecast category"), max_length=12, choices=Category, blank=True)
    close_on = models.DateField(_("close date"))
    closed_on = models.DateField(_("closed on"), null=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"), null=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="kept_by_triggers",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=f"IF pg_trigger_depth() > 1 THEN RETURN NULL; END IF;{APPEND_ONLY}",
            )
        ]
        constraints = [
            models.UniqueConstraint(name="standing_starts_once", fields=["opportunity", "starts_on"]),
            models.UniqueConstraint(
                name="standing_open_once", fields=["opportunity"], condition=Q(stops_on=None)
            ),
            models.CheckConstraint(
                name="standing_ordered", condition=Q(stops_on=None) | Q(stops_on__gt=F("starts_on"))
            ),
        ]
        indexes = [
            models.Index(
                name="standing_owner",
                fields=["owner", "stops_on", "starts_on", "close_on"],
                condition=Q(state="open"),
            ),
            models.Index(
                name="standing_node",
                fields=["territory", "stops_on", "starts_on", "close_on"],
                condition=Q(state="open"),
            ),
            models.Index(
                name="standing_owner_ended", fields=["owner", "starts_on"], condition=~Q(state="open")
            ),
            models.Index(
                name="standing_node_ended", fields=["territory", "starts_on"], condition=~Q(state="open")
            ),
            models.Index(
                name="standing_close", fields=["close_on", "stops_on", "starts_on"], condition=Q(state="open")
            ),
            models.Index(name="standing_starts", fields=["starts_on"]),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id} {self.starts_on}"
