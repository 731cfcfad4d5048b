"""Deals in play: stages, opportunities with their lines, the stages they passed, and the activities around them."""

from typing import Self

import pghistory
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from catalog.models import Product
from common.dated import OfRequest
from common.models import Editable, EditableQuerySet, append_only, by_request, undone_only
from territories.models import Territory, User


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


class Motion(models.TextChoices):
    """What kind of business an order or a deal is; apart from whether the customer is new."""

    NEW = "new", _("New")
    EXPANSION = "expansion", _("Expansion")
    RENEWAL = "renewal", _("Renewal")


@pghistory.track()
class Stage(Editable):
    """A step of the sales cycle, with its usual win probability and forecast category.

    Stages come from an import (a profile's `[[table]] entity = "stage"`) or the demo company; no page edits them.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    name = models.CharField(_("name"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), unique=True)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.OPEN)
    probability = models.PositiveSmallIntegerField(_("probability in percent"))
    category = models.CharField(_("forecast category"), max_length=12, choices=Category)

    class Meta(Editable.Meta):
        ordering = ["position"]
        constraints = [
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
        ]

    def __str__(self) -> str:
        return self.name


class OpportunityQuerySet(EditableQuerySet):
    """Chains over deals."""

    def open(self) -> Self:
        return self.filter(state=Stage.Kind.OPEN)


@pghistory.track(exclude=["name_key"], meta=by_request("opportunityevent_request"))
class Opportunity(Editable):
    """A deal: who might buy what, for how much, when, and how far it is.

    `territory` follows the account; `state` and `category` follow the stage, unless a person set the category.
    """

    account = models.ForeignKey(
        Account,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=160)
    # The list is sorted and searched by it: a plain column, because row policies keep lower(name) out of an index.
    name_key = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.CharField(max_length=160, db_collation="C"),
        db_persist=True,
    )
    number = models.CharField(max_length=40, unique=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("owner")
    )
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("territory")
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("stage")
    )
    state = models.CharField(max_length=4, choices=Stage.Kind, default=Stage.Kind.OPEN)
    category = models.CharField(_("forecast category"), max_length=12, choices=Category)
    category_is_manual = models.BooleanField(_("category set by hand"), default=False)
    motion = models.CharField(_("motion"), max_length=12, choices=Motion, default=Motion.NEW)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    close_on = models.DateField(_("close date"))
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step due"), null=True, blank=True)
    lost_reason = models.CharField(_("reason for the loss"), max_length=200, blank=True)
    created_on = models.DateField()
    stage_since_on = models.DateField()
    closed_on = models.DateField(_("closed on"), null=True)
    pushes = models.PositiveSmallIntegerField(default=0)

    objects = OpportunityQuerySet.as_manager()

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        verbose_name_plural = "opportunities"
        constraints = [
            models.CheckConstraint(
                name="opportunity_amount",
                condition=Q(amount_minor=None) | Q(amount_minor__gte=0),
                violation_error_message=_("An amount is zero or more."),
            ),
            models.CheckConstraint(
                name="opportunity_closed_on",
                condition=Q(state="open", closed_on=None) | (~Q(state="open") & Q(closed_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="opportunity_owner", fields=["owner", "close_on", "id"], condition=Q(state="open")
            ),
            models.Index(
                name="opportunity_node", fields=["territory", "close_on", "id"], condition=Q(state="open")
            ),
            models.Index(name="opportunity_close", fields=["close_on", "id"], condition=Q(state="open")),
            models.Index(
                name="opportunity_stage", fields=["stage", "close_on", "id"], condition=Q(state="open")
            ),
            models.Index(name="opportunity_owner_all", fields=["owner", "close_on", "id"]),
            models.Index(name="opportunity_node_all", fields=["territory", "close_on", "id"]),
            models.Index(name="opportunity_close_all", fields=["close_on", "id"]),
            models.Index(name="opportunity_name_key", fields=["name_key", "id"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state == Stage.Kind.OPEN


@pghistory.track(meta=by_request("opportunitylineevent_request"))
class OpportunityLine(Editable):
    """A product on a deal: how many at which price."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="lines")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    price_minor = models.BigIntegerField(_("price each"))
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="opportunityline_positive",
                condition=Q(quantity__gte=1, price_minor__gte=0),
                violation_error_message=_(
                    "A line has a quantity of one or more and a price of zero or more."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.price_minor


class StageVisit(models.Model):
    """A deal entered a stage on a day; the row before it tells where it came from."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="visits")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    entered_on = models.DateField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    request_id = models.UUIDField(null=True, db_default=OfRequest(), editable=False)

    class Meta:
        ordering = ["id"]
        triggers = append_only(unless_undone=True)
        indexes = [BrinIndex(name="stagevisit_recorded", fields=["recorded_at"], autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.opportunity_id} {self.stage_id}"


class Participant(models.Model):
    """A person who may read a deal because credit or a team touched it; never removed."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deal_participations")
    reason = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(name="deal_participant_once", fields=["user", "opportunity"])]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.opportunity_id}"


@pghistory.track()
class Activity(Editable):
    """Something done or to be done with a customer: a phone call, a meeting, a demo, a task."""

    class Kind(models.TextChoices):
        CALL = "call", _("Phone call")
        EMAIL = "email", _("E-mail")
        MEETING = "meeting", _("Meeting")
        DEMO = "demo", _("Demo")
        PRESENTATION = "presentation", _("Presentation")
        FOLLOW_UP = "follow_up", _("Follow-up")
        TASK = "task", _("Task")

    kind = models.CharField(_("type"), max_length=12, choices=Kind)
    subject = models.CharField(_("subject"), max_length=160)
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="activities"
    )
    opportunity = models.ForeignKey(
        Opportunity, null=True, blank=True, on_delete=models.PROTECT, related_name="activities"
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="activities")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(_("outcome"), max_length=4000, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta(Editable.Meta):
        verbose_name_plural = "activities"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="activity_has_subject",
                condition=Q(account__isnull=False) | Q(opportunity__isnull=False),
                violation_error_message=_("Say which account or opportunity this was about."),
            ),
            models.CheckConstraint(
                name="activity_due_or_done",
                condition=Q(due_on__isnull=False) | Q(done_at__isnull=False),
                violation_error_message=_("Say when this is due, or mark it as done."),
            ),
        ]
        indexes = [models.Index(F("owner"), F("due_on"), name="activity_todo", condition=Q(done_at=None))]

    def __str__(self) -> str:
        return self.subject
