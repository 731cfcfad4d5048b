"""Realignments: drafts of moves from a day on, and the open work that passes with them."""

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Coverage, Module, Rule
from common.models import Editable
from pipeline.models import Activity, Opportunity
from planning.rules.work import Work
from territories.models import Seat, Territory, User


@pghistory.track(exclude=["preview"])
class Draft(Editable):
    """A realignment: moves that take effect together on `starts_on`, seen before they are made.

    `preview` is what it would change, worked out of the state whose `digest` is kept; `undoes` names the one that this
    one takes back. A published draft is never changed again.
    """

    class State(models.TextChoices):
        OPEN = "open", _("draft")
        ASKED = "asked", _("waits for approval")
        QUEUED = "queued", _("being published")
        PUBLISHED = "published", _("published")
        DROPPED = "dropped", _("dropped")

    name = models.CharField(_("name"), max_length=120)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    starts_on = models.DateField(_("from"))
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    made_by = models.ForeignKey(User, on_delete=PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    undoes = models.ForeignKey("self", null=True, on_delete=PROTECT, related_name="undone_by")
    preview: Any = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    previewed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=400, blank=True)

    class Meta(Editable.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                "made_by",
                name="draft_name_once",
                condition=~Q(state="dropped"),
                violation_error_message=_("You have a realignment of that name already."),
            ),
            models.CheckConstraint(
                name="draft_published_at",
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QuotaPolicy(models.TextChoices):
    """What becomes of quota on a move."""

    TERRITORY = "territory", _("follows the territory")
    PERSON = "person", _("stays where it is")
    ACCOUNTS = "accounts", _("moves with the accounts")


@pghistory.track()
class Move(Editable):
    """One move of a draft.

    *node*: `territory` goes below `into`. *seat*: `person` (nobody: vacant) takes the seat of `seat_kind` on
    `territory`. *accounts*: those of `account_ids` go `into` a territory. *module*: the accounts of `module` do.
    *rule*: `rule` leads `into` another territory, with the accounts that it placed. Accounts move in the field; what a
    rule of specialists or partners placed moves among overlays, and back with that `rule` named. `came_from` keeps what
    was before it was published: by account the territory, or the parent, the seat's person, the rule's territory.
    """

    class Kind(models.TextChoices):
        NODE = "node", _("territory")
        SEAT = "seat", _("person")
        ACCOUNTS = "accounts", _("accounts")
        MODULE = "module", _("module")
        RULE = "rule", _("rule")

    class OpenWork(models.TextChoices):
        USUAL = Work.USUAL.value, _("as usual: near commits stay, the rest goes")
        GO = Work.GO.value, _("goes with the account")
        UNTIL = Work.UNTIL.value, _("stays with its owner until a day")
        CLOSED = Work.CLOSED.value, _("stays with its owner until closed")

    draft = models.ForeignKey(Draft, on_delete=PROTECT, related_name="moves")
    kind = models.CharField(max_length=8, choices=Kind)
    territory = models.ForeignKey(Territory, null=True, on_delete=PROTECT, related_name="+")
    into = models.ForeignKey(Territory, null=True, on_delete=PROTECT, related_name="+")
    person = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")
    seat_kind = models.CharField(max_length=8, choices=Seat.Kind, blank=True)
    module = models.ForeignKey(Module, null=True, on_delete=PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, null=True, on_delete=PROTECT, related_name="+")
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    came_from = models.JSONField(default=dict)
    open_work = models.CharField(max_length=6, choices=OpenWork, default=OpenWork.USUAL)
    stays_until = models.DateField(null=True)
    quota = models.CharField(max_length=9, choices=QuotaPolicy, default=QuotaPolicy.PERSON)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="move_whole",
                condition=Q(kind="node", territory__isnull=False)
                | Q(kind="seat", territory__isnull=False, seat_kind__in=["owner", "lead"])
                | (Q(kind="accounts", into__isnull=False) & ~Q(account_ids=[]))
                | Q(kind="module", module__isnull=False, into__isnull=False)
                | Q(kind="rule", rule__isnull=False, into__isnull=False),
            ),
            models.CheckConstraint(
                name="move_stays_until",
                condition=Q(open_work="until", stays_until__isnull=False)
                | (~Q(open_work="until") & Q(stays_until=None)),
                violation_error_message=_("Say until which day open work stays."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.draft_id}"

    @property
    def coverage(self) -> str:
        """For what the accounts that it takes along are covered."""
        return self.rule.coverage if self.rule else Coverage.FIELD


class Passing(Editable):
    """An open deal or task of a moved account: it passes to the owner of the account's territory on `passes_on`.

    Without a day it stays with `person` until it is closed. It passes only while that person has it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    draft = models.ForeignKey(Draft, on_delete=PROTECT, related_name="passings")
    opportunity = models.ForeignKey(Opportunity, null=True, on_delete=PROTECT, related_name="passings")
    activity = models.ForeignKey(Activity, null=True, on_delete=PROTECT, related_name="passings")
    person = models.ForeignKey(User, on_delete=PROTECT, related_name="+")
    passes_on = models.DateField(null=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)

    class Meta(Editable.Meta):
        constraints = [
            models.CheckConstraint(
                name="passing_of_one",
                condition=Q(opportunity__isnull=False, activity=None)
                | Q(opportunity=None, activity__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="passing_due", fields=["passes_on"], condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id or self.activity_id} from {self.person_id}"
