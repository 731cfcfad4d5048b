"""How an account is classified, by date."""

from django.db import models
from django.db.models import PROTECT
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from common.dated import Undoable, no_overlap, ordered
from territories.models import User

CLASSES = ("segment", "tier", "business_unit", "is_strategic")


class Classification(Undoable):
    """An account's segment, tier, business unit and strategic flag on `[starts_on, stops_on)`."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="classifications")
    segment = models.CharField(_("segment"), max_length=80, blank=True)
    tier = models.CharField(_("tier"), max_length=80, blank=True)
    business_unit = models.CharField(_("business unit"), max_length=80, blank=True)
    is_strategic = models.BooleanField(_("strategic"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("classification_ordered"),
            no_overlap(
                "classification_one",
                "account",
                message=_("This account is classified otherwise on one of these days."),
            ),
        ]
        indexes = [
            models.Index(
                name="classification_starts",
                fields=["starts_on"],
                condition=models.Q(superseded_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.segment} {self.tier}"
