"""Fields of a company's own on accounts, contacts, leads, opportunities and orders, and the column of their values."""

from typing import Any

import pghistory
from django.db import models
from django.db.models import Deferrable, Q, Value
from django.utils.translation import gettext_lazy as _

from common.models import Editable

MOST_FIELDS = 50


def own_column() -> Any:
    """What a record holds in its own fields, by their keys; a field that says nothing has no key.

    No index: what a row policy guards is never found by one over JSON, and reach narrows the rows before that.
    """
    empty: Any = Value({}, models.JSONField())
    return models.JSONField(_("own fields"), default=dict, db_default=empty, blank=True, editable=False)


@pghistory.track()
class OwnField(Editable):
    """One field of the company's own on one kind of record: what it is called, what it holds, and who sees it.

    `key` names it in `own` of the records, in files and programs, and never changes; `choices` are those of a list, in
    their order, each with the number by which records hold it. `position` is its place among those that are in use;
    one that was retired has none, and what records hold of it stays to be read.
    """

    class Subject(models.TextChoices):
        ACCOUNT = "account", _("Accounts")
        CONTACT = "contact", _("Contacts")
        LEAD = "lead", _("Leads")
        OPPORTUNITY = "opportunity", _("Opportunities")
        ORDER = "order", _("Orders")

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        AMOUNT = "amount", _("amount")
        DAY = "day", _("date")
        LIST = "list", _("list")
        FLAG = "flag", _("yes or no")

    class Sight(models.TextChoices):
        GENERAL = "general", _("general")
        RESTRICTED = "restricted", _("restricted")
        PERSONAL = "personal", _("personal data")

    subject = models.CharField(_("of"), max_length=11, choices=Subject)
    key = models.CharField(_("key"), max_length=40)
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    sight = models.CharField(_("class"), max_length=10, choices=Sight, default=Sight.GENERAL)
    choices: Any = models.JSONField(_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("needed in forms"), default=False)
    is_column = models.BooleanField(_("column of lists"), default=False)
    position = models.PositiveSmallIntegerField(null=True)

    class Meta(Editable.Meta):
        ordering = ["subject", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="ownfield_key_once",
                fields=["subject", "key"],
                violation_error_message=_("Another field has this key already."),
            ),
            models.UniqueConstraint(
                name="ownfield_place_once",
                fields=["subject", "position"],
                deferrable=Deferrable.DEFERRED,
                violation_error_message=_("Somebody else changed these fields just now. Try again."),
            ),
            models.CheckConstraint(
                name="ownfield_most",
                condition=Q(position=None) | Q(position__gte=1, position__lte=MOST_FIELDS),
                violation_error_message=_("There are 50 fields in use already. Retire one first."),
            ),
            models.CheckConstraint(name="ownfield_key", condition=Q(key__regex="^[a-z][a-z0-9_]*$")),
            models.CheckConstraint(
                name="ownfield_choices",
                condition=Q(kind="list") | Q(choices=[]),
                violation_error_message=_("Only a list has choices."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_retired(self) -> bool:
        return self.position is None
