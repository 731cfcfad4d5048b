"""Files that were brought in: what they held, what was applied, and what was refused and why."""

from django.db import models
from django.db.models.functions import Now

from territories.models import User


class Batch(models.Model):
    """One import of one folder by one profile. The hash of its files makes the same import twice change nothing."""

    profile = models.CharField(max_length=80)
    files_hash = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    rejects = models.JSONField(default=list)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="import_batches")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.profile} {self.pk}"
