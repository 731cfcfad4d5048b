"""Where accounts are by date, and why; who keeps one through a move."""

from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from common.dated import Dated, DatedQuerySet, Undoable, no_overlap, ordered
from territories.models import Territory, User


class Coverage(models.TextChoices):
    """For whom an account is in a territory: each of them has one territory a day."""

    FIELD = "field", _("field")
    SPECIALIST = "specialist", _("specialist")
    PARTNER = "partner", _("partner")


class Cause(models.TextChoices):
    """What put an account into a territory."""

    MANUAL = "manual", _("by hand")
    RULE = "rule", _("by rule")
    IMPORT = "import", _("by import")
    REALIGNMENT = "realignment", _("by realignment")


class AccountTerritory(Undoable):
    """An account is in a territory on `[starts_on, stops_on)`, and why.

    `cause_id` and `cause_version` tell which rule, and as it stood when; or which realignment.
    """

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="territories")
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="account_assignments")
    coverage = models.CharField(
        max_length=10, choices=Coverage, default=Coverage.FIELD, db_default=Coverage.FIELD
    )
    cause = models.CharField(max_length=11, choices=Cause, default=Cause.MANUAL, db_default=Cause.MANUAL)
    cause_id = models.BigIntegerField(null=True, editable=False)
    cause_version = models.IntegerField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("accountterritory_ordered"),
            no_overlap(
                "accountterritory_one",
                "account",
                "coverage",
                message=_("This account already is in a territory on one of these days."),
                is_large=True,
            ),
        ]
        indexes = [
            models.Index(
                name="accountterritory_node",
                fields=["territory", "starts_on"],
                condition=Q(superseded_at=None),
            ),
            models.Index(
                name="accountterritory_ends",
                fields=["stops_on"],
                condition=Q(superseded_at=None, stops_on__isnull=False),
            ),
            models.Index(
                name="accountterritory_cause",
                fields=["cause", "cause_id"],
                condition=Q(superseded_at=None, cause_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.territory_id}"

    @classmethod
    def in_field(cls) -> DatedQuerySet:
        """The territories that own the accounts and get the credit, without those of specialists and partners."""
        return cls.objects.filter(coverage=Coverage.FIELD)


class Hold(Dated):
    """An account stays with a person on `[starts_on, stops_on)`, whatever rules and realignments say."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="holds")
    person = models.ForeignKey(User, on_delete=PROTECT, related_name="held_accounts")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("hold_ordered"),
            no_overlap(
                "hold_one", "account", message=_("This account is held by somebody on one of these days.")
            ),
            models.CheckConstraint(
                name="hold_ends",
                condition=Q(stops_on__isnull=False),
                violation_error_message=_("A hold has an end. Say from which day on it is over."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} with {self.person_id}"


class MovedAccount(models.Model):
    """An account whose territory changed and whose open work has not followed yet; `pipeline` drains these."""

    # Not checked: an account that was undone since has nothing to follow, and need not wait for the queue.
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="moves_to_follow", db_constraint=False
    )
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.account_id)
