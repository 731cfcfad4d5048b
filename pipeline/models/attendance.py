"""Who is asked to an event, and who came."""

import pghistory
from django.db import models
from django.db.models import PROTECT
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from common.models import Editable
from pipeline.models.leads import Lead, SalesEvent


class Attendance(Editable):
    """Somebody is invited to an event, or was there."""

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        CAME = "came", _("came")
        STAYED_AWAY = "stayed_away", _("stayed away")

    state = models.CharField(_("state"), max_length=11, choices=State, default=State.INVITED)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        abstract = True
        ordering = ["id"]


@pghistory.track()
class EventContact(Attendance):
    """A contact is invited to an event, or was there; whoever reads the contact reads it."""

    event = models.ForeignKey(SalesEvent, on_delete=PROTECT, related_name="contacts")
    contact = models.ForeignKey(Contact, on_delete=PROTECT, related_name="+", verbose_name=_("contact"))

    class Meta(Attendance.Meta):
        constraints = [
            models.UniqueConstraint(
                name="eventcontact_once",
                fields=["event", "contact"],
                violation_error_message=_("This person is on the list already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} at {self.event_id}"

    @property
    def name(self) -> str:
        return self.contact.name


@pghistory.track()
class EventLead(Attendance):
    """A lead is invited to an event, or was there; whoever reads the lead reads it."""

    event = models.ForeignKey(SalesEvent, on_delete=PROTECT, related_name="guests")
    lead = models.ForeignKey(Lead, on_delete=PROTECT, related_name="+", verbose_name=_("lead"))

    class Meta(Attendance.Meta):
        constraints = [
            models.UniqueConstraint(
                name="eventlead_once",
                fields=["event", "lead"],
                violation_error_message=_("This lead is on the list already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} at {self.event_id}"

    @property
    def name(self) -> str:
        return str(self.lead)
