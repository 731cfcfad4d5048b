"""What was done or is to be done with customers and leads."""

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from common.models import Editable
from common.noting import noted
from pipeline.models.leads import Lead
from pipeline.models.opportunities import Opportunity
from pipeline.rules.touches import TOUCHES
from territories.models import Territory, User


@pghistory.track()
class Activity(Editable):
    """Something done or to be done with a customer: a phone call, a meeting, a demo, a task.

    `done_on` is the day of `done_at` by its owner's clock, and `at` the hour of what is planned, by the same clock.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("Phone call")
        EMAIL = "email", _("E-mail")
        MEETING = "meeting", _("Meeting")
        DEMO = "demo", _("Demo")
        PRESENTATION = "presentation", _("Presentation")
        FOLLOW_UP = "follow_up", _("Follow-up")
        VISIT = "visit", _("Visit")
        NOTE = "note", _("Note")
        TASK = "task", _("Task")

    kind = models.CharField(_("type"), max_length=12, choices=Kind)
    subject = models.CharField(_("subject"), max_length=160)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=PROTECT, related_name="activities")
    opportunity = models.ForeignKey(
        Opportunity, null=True, blank=True, on_delete=PROTECT, related_name="activities"
    )
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=PROTECT, related_name="activities")
    contacts: "models.ManyToManyField[Contact, ActivityContact]" = models.ManyToManyField(
        Contact, through="ActivityContact", related_name="activities", verbose_name=_("with")
    )
    owner = models.ForeignKey(User, on_delete=PROTECT, related_name="activities")
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="+")
    outcome = models.TextField(_("outcome"), max_length=4000, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    at = models.TimeField(_("at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_on = models.DateField(null=True, blank=True, editable=False)

    class Meta(Editable.Meta):
        triggers = [*noted("activity", ["owner_id", "territory_id"])]
        verbose_name_plural = "activities"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="activity_has_subject",
                condition=Q(account__isnull=False) | Q(opportunity__isnull=False) | Q(lead__isnull=False),
                violation_error_message=_("Say which account, opportunity or lead this was about."),
            ),
            models.CheckConstraint(
                name="activity_due_or_done",
                condition=Q(due_on__isnull=False) | Q(done_at__isnull=False),
                violation_error_message=_("Say when this is due, or mark it as done."),
            ),
            models.CheckConstraint(
                name="activity_at_on_a_day",
                condition=Q(at=None) | Q(due_on__isnull=False),
                violation_error_message=_("Say on which day, where you say at which hour."),
            ),
            models.CheckConstraint(
                name="activity_done_on",
                condition=Q(done_at__isnull=True, done_on__isnull=True)
                | Q(done_at__isnull=False, done_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(F("owner"), F("due_on"), name="activity_todo", condition=Q(done_at=None)),
            models.Index(
                name="activity_account_done",
                fields=["account", "-done_at"],
                condition=Q(done_at__isnull=False),
            ),
            # With what the rows' policies look at, so that the last touch of many accounts is read off the index.
            models.Index(
                name="activity_touch",
                fields=["account", "-done_on"],
                include=["owner", "territory"],
                condition=Q(kind__in=sorted(TOUCHES), done_on__isnull=False),
            ),
            models.Index(
                name="activity_done", fields=["-done_on", "-id"], condition=Q(done_on__isnull=False)
            ),
            models.Index(
                name="activity_owner_done", fields=["owner", "done_on"], condition=Q(done_on__isnull=False)
            ),
            models.Index(name="activity_planned", fields=["due_on", "id"], condition=Q(done_on=None)),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def contact_ids(self) -> list[int]:
        """With whom it was or is to be, as far as the reader may see them."""
        return [contact.pk for contact in self.contacts.all()]

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


class ActivityContact(models.Model):
    """A contact took part in an activity."""

    activity = models.ForeignKey(Activity, on_delete=PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="activitycontact_once", fields=["activity", "contact"])]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.activity_id}"
