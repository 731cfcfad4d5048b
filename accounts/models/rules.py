"""Rules that say which territory accounts belong to, and the runs that put them there."""

import pghistory
from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.models.places import Coverage
from common.models import Editable
from territories.models import Territory, User
from workspace.models import Approval


@pghistory.track()
class Rule(Editable):
    """Accounts of which `conditions` hold belong to a territory; of several rules the lowest `priority` decides.

    `conditions` is a list of groups, of which one has to hold; a group is a list of conditions, which all have to
    (`accounts.rules.conditions`). Who `spares_placed` leaves accounts alone that a person placed.
    """

    name = models.CharField(_("name"), max_length=120)
    coverage = models.CharField(
        _("coverage"), max_length=10, choices=Coverage, default=Coverage.FIELD, db_default=Coverage.FIELD
    )
    territory = models.ForeignKey(
        Territory, on_delete=PROTECT, related_name="rules", verbose_name=_("territory")
    )
    priority = models.PositiveIntegerField(_("priority"), default=100)
    conditions = models.JSONField(_("conditions"), default=list)
    spares_placed = models.BooleanField(_("spares accounts placed by hand"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(Editable.Meta):
        ordering = ["coverage", "priority", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="rule_name_once",
                violation_error_message=_("There is a rule of that name already."),
            ),
            models.CheckConstraint(
                name="rule_priority",
                condition=Q(priority__gte=1, priority__lte=1_000_000),
                violation_error_message=_("A priority is a whole number from 1 to 1,000,000."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class RuleRun(Editable):
    """The rules in use are applied to all accounts from a day on: asked for by a person, done by the worker.

    `digest` is that of what was previewed; `counts` what the run did. `written_at` is the one instant in which it ended
    rows and recorded others. A run that `takes_back` another one applies no rule: it puts accounts back. `approval`:
    what was granted where a second person had to approve it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    starts_on = models.DateField(_("from"))
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    digest = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=400, blank=True)
    asked_by = models.ForeignKey(User, on_delete=PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    written_at = models.DateTimeField(null=True, editable=False)
    takes_back = models.ForeignKey(
        "self", null=True, on_delete=PROTECT, related_name="counter_runs", editable=False
    )
    approval = models.ForeignKey(Approval, null=True, on_delete=PROTECT, related_name="+", editable=False)

    class Meta(Editable.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="rulerun_one_waiting",
                fields=["state"],
                condition=Q(state="waiting"),
                violation_error_message=_("A run of the rules waits already. Let it end first."),
            )
        ]

    def __str__(self) -> str:
        return f"rules from {self.starts_on}"
