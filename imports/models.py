"""Files that were brought in: what they held, what was applied, and what was refused and why."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from imports.rules.sheets import Sheet
from imports.rules.steps import STEPS
from territories.models import User


class Batch(models.Model):
    """One import: a folder by one profile, or one table of the set-up (`table`), pasted or from a file.

    A table is checked first, then applied whole. `request_id` and `applied_at` are those of the transaction that
    applied it: the history, and the dated rows recorded in that instant, say what it made. The hash of the files makes
    the same folder twice change nothing; that of the changes tells whether a table still does what was shown.
    """

    sheet: Sheet | None = None
    """A table's lines, where they were read just now."""

    class State(models.TextChoices):
        CHECKED = "checked", _("checked")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")

    state = models.CharField(max_length=8, choices=State, default=State.APPLIED)
    profile = models.CharField(max_length=80)
    table = models.CharField(max_length=16, blank=True)
    name = models.CharField(max_length=160, blank=True)
    content = models.BinaryField(default=bytes)
    style = models.JSONField(default=dict)
    files_hash = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    sums = models.JSONField(default=dict)
    changes_hash = models.CharField(max_length=64, blank=True)
    rejects = models.JSONField(default=list)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="import_batches")
    request_id = models.UUIDField(null=True)
    started_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="batch_one_checked", fields=["by", "table"], condition=Q(state="checked")
            ),
            models.CheckConstraint(
                name="batch_states",
                condition=Q(state="checked", applied_at=None, request_id=None, undone_at=None, undone_by=None)
                | Q(state="applied", undone_at=None, undone_by=None)
                & (Q(table="") | Q(applied_at__isnull=False, request_id__isnull=False))
                | Q(
                    state="undone",
                    applied_at__isnull=False,
                    request_id__isnull=False,
                    undone_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.pk}"

    @property
    def title(self) -> str:
        """What it is about: its table, or the profile of its folder."""
        return str(_(STEPS[self.table].title)) if self.table else self.profile
