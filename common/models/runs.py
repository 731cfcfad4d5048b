"""What jobs did, what happened once under a key, and what changed when."""

from typing import Any

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.models.keeping import APPEND_ONLY


class RunGate(models.Model):
    """A table that is only locked: the gate before which jobs wait, so that each takes its snapshot behind it."""

    class Meta:
        constraints = [models.CheckConstraint(name="rungate_empty", condition=Q(pk=None))]

    def __str__(self) -> str:
        return "the gate"


PUBLISHED_STANDS = pgtrigger.Trigger(
    name="published_stands",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__state="published"),
    func=APPEND_ONLY,
)


class Run(models.Model):
    """One run of a job for one fiscal day: what went in, what came out, when, and whether it stands.

    A run that somebody asks for stands here before it begins; one in progress is seen when it ends. `inputs`: what it
    read, each with its version: `ledger_seq` and `ledger` (the last entry and its hash), `code`, and digests. `checks`:
    what was found to hold before it was published. `totals`: the company's figures then, by quarter, in minor units.
    `read_at`: from when on, by the database's clock, what is recorded is not among its inputs. A published run is never
    changed. One that the time limit ended has a row of its own for each time.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waiting")
        PUBLISHED = "published", _("published")
        FAILED = "failed", _("failed")
        TIMED_OUT = "timed_out", _("timed out")

    job = models.CharField(max_length=32)
    as_of = models.DateField()
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    ledger_seq = models.BigIntegerField(null=True)
    input_hash = models.CharField(max_length=64, blank=True)
    output_hash = models.CharField(max_length=64, blank=True)
    inputs = models.JSONField(default=dict, db_default={})
    checks = models.JSONField(default=list, db_default=[])
    totals = models.JSONField(default=dict, db_default={})
    changed_rows = models.BigIntegerField(default=0)
    peak_memory_kb = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    asked_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]
        triggers = [PUBLISHED_STANDS]
        indexes = [models.Index(name="run_job_state", fields=["job", "state", "-as_of"])]
        constraints = [
            models.UniqueConstraint(
                name="run_asked_once",
                fields=["job", "as_of"],
                condition=Q(state="asked"),
                violation_error_message=_("A run is waiting to begin already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.pk}"

    @property
    def has_failed(self) -> bool:
        """Whether it ended and nothing of it was published."""
        return self.state in (Run.State.FAILED, Run.State.TIMED_OUT)


class IdempotencyKey(models.Model):
    """An effect that happened once: whose, under which key, with which body, and what was answered."""

    person_id = models.BigIntegerField()
    key = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key_once", fields=["person_id", "key"])]

    def __str__(self) -> str:
        return self.key


class InTransaction(models.Func):
    """The number of the running transaction: a later one has a higher one, whichever of the two commits first."""

    template = "pg_current_xact_id()::text::bigint"
    arity = 0

    def __init__(self, **extra: Any) -> None:
        super().__init__(output_field=models.BigIntegerField(), **extra)


class RowChange(models.Model):
    """A row of a resource (an object of the access table) was made, changed or taken out by a transaction.

    Written by triggers (`common.noting`), read in the order of `xact` and `id` (`common.changes`), taken out after a
    month. `became`: the state that the row entered; `before`: by what who may read it was decided, where that changed.
    """

    class Kind(models.TextChoices):
        MADE = "made"
        CHANGED = "changed"
        GONE = "gone"

    xact = models.BigIntegerField(db_default=InTransaction())
    resource = models.CharField(max_length=20)
    row_id = models.BigIntegerField()
    kind = models.CharField(max_length=7, choices=Kind)
    became = models.CharField(max_length=12, blank=True)
    before = models.JSONField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(name="rowchange_order", fields=["resource", "xact", "id"]),
            BrinIndex(name="rowchange_recorded", fields=["recorded_at"], autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.row_id} {self.kind}"
