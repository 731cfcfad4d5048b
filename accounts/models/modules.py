"""Modules: named bundles of accounts that move as one."""

import pghistory
from django.db import models
from django.db.models import PROTECT
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from common.dated import Undoable, no_overlap, ordered
from common.models import Editable, by_request, undone_only
from territories.models import User


@pghistory.track(meta=by_request("moduleevent_request"))
class Module(Editable):
    """A named bundle of accounts that move as one. With `conditions` it can be filled by them (`accounts.rules`)."""

    name = models.CharField(_("name"), max_length=120)
    note = models.CharField(_("note"), max_length=400, blank=True)
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="module_name_once",
                violation_error_message=_("There is a module of that name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ModuleMember(Undoable):
    """An account is in a module on `[starts_on, stops_on)`; in one a day."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="memberships")
    module = models.ForeignKey(Module, on_delete=PROTECT, related_name="members")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("modulemember_ordered"),
            no_overlap(
                "modulemember_one",
                "account",
                message=_("This account is in a module on one of these days already."),
            ),
        ]
        indexes = [
            models.Index(
                name="modulemember_module",
                fields=["module", "starts_on"],
                condition=models.Q(superseded_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.module_id}"
