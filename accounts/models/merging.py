"""Duplicates: that one account was merged into another, and who asked whether an account exists."""

from typing import Any

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from common.models import Editable, append_only
from territories.models import User


@pghistory.track()
class AccountMerge(Editable):
    """An account was merged into another one; `moved` keeps what went over, so that it can be put back.

    Once it is undone, `kept` says what stayed with the other one because it was changed since.
    """

    survivor = models.ForeignKey(Account, on_delete=PROTECT, related_name="merges")
    merged = models.ForeignKey(Account, on_delete=PROTECT, related_name="mergers")
    reason = models.CharField(_("reason"), max_length=200)
    moved: Any = models.JSONField(default=dict)
    kept: Any = models.JSONField(default=dict)
    by = models.ForeignKey(User, on_delete=PROTECT, related_name="+", db_index=False)
    merged_at = models.DateTimeField(db_default=Now(), editable=False)
    undone_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, editable=False)

    class Meta(Editable.Meta):
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="accountmerge_two",
                condition=~Q(survivor=F("merged")),
                violation_error_message=_("An account is not merged into itself."),
            ),
            models.UniqueConstraint(
                name="accountmerge_once",
                fields=["merged"],
                condition=Q(undone_at=None),
                violation_error_message=_("This account is merged already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.survivor_id}"


class Lookup(models.Model):
    """Somebody asked whether an account exists that they may not see: what they typed, and whether there was one."""

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="account_lookups", db_index=False)
    name = models.CharField(max_length=160, blank=True)
    web_domain = models.CharField(max_length=120, blank=True)
    tax_number = models.CharField(max_length=40, blank=True)
    has_found = models.BooleanField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        triggers = append_only()
        ordering = ["-id"]
        indexes = [models.Index(name="lookup_person", fields=["person", "asked_at"])]

    def __str__(self) -> str:
        return f"{self.person_id} asked for {self.name}"
