"""What somebody asks for and another decides."""

from typing import Any

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.models import Editable
from territories.models import User


@pghistory.track()
class Approval(Editable):
    """Somebody asks for something that another decides: one person (`approver`), or anybody of a role.

    `kind` names what is done when it is granted (`settings.APPROVALS`), `payload` its values. What waited for a person
    who left is asked of the administrators. `answered_for` is the
    absent approver for whom a stand-in answered; `effect` what who answered read that it does. Nobody answers what they
    asked for themselves.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    about = models.CharField(max_length=200)
    url = models.CharField(max_length=300, blank=True)
    payload: Any = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    asked_by = models.ForeignKey(User, on_delete=PROTECT, related_name="approvals_asked")
    approver = models.ForeignKey(
        User, verbose_name=_("asked of"), null=True, on_delete=PROTECT, related_name="approvals_to_answer"
    )
    role = models.CharField(_("asked of role"), max_length=12, choices=Role, blank=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    answered_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    answered_for = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    effect = models.TextField(_("what it does"), blank=True, default="", editable=False)
    answered_at = models.DateTimeField(null=True)

    class Meta(Editable.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="approval_waiting_once",
                fields=["kind", "key"],
                condition=Q(state="waiting"),
                violation_error_message=_("This is asked for already, and waits for an answer."),
            ),
            models.CheckConstraint(
                name="approval_one_address",
                condition=Q(approver=None) ^ Q(role=""),
            ),
            models.CheckConstraint(
                name="approval_not_own",
                condition=Q(answered_by=None) | Q(state="withdrawn") | ~Q(answered_by=F("asked_by")),
                violation_error_message=_("Nobody answers what they asked for themselves."),
            ),
            models.CheckConstraint(
                name="approval_answer_whole",
                condition=Q(state="waiting", answered_by=None, answered_at=None)
                | (~Q(state="waiting") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
