"""What is known of a customer: goals, strategy, financials, challenges."""

from django.db import models
from django.db.models import PROTECT
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from common.models import append_only
from territories.models import User


class Topic(models.TextChoices):
    """What a profile speaks of, in this order."""

    GOALS = "goals", _("Goals")
    STRATEGY = "strategy", _("Strategy")
    FINANCIALS = "financials", _("Financials")
    CHALLENGES = "challenges", _("Challenges")


class ProfileNote(models.Model):
    """What somebody wrote of one topic of an account, and of which day it is true. The newest counts; all are kept."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="profile_notes")
    topic = models.CharField(_("topic"), max_length=10, choices=Topic)
    text = models.TextField(_("text"), max_length=4000)
    as_of = models.DateField(_("as of"))
    written_by = models.ForeignKey(User, on_delete=PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        triggers = append_only()
        ordering = ["-as_of", "-id"]
        indexes = [models.Index(name="profilenote_newest", fields=["account", "topic", "-as_of", "-id"])]

    def __str__(self) -> str:
        return f"{self.topic} of {self.account_id}"
