"""How many activities are asked of people, and the address by which a calendar reads theirs."""

from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.dated import Dated, no_overlap, ordered
from pipeline.models.activities import Activity
from territories.models import User

MOST_TARGET = 10_000


class ActivityTarget(Dated):
    """How many activities of a kind a person is to do a day, month or year on `[starts_on, stops_on)`.

    Without a kind: of all kinds together. A day is a working day, a year the fiscal year.
    """

    class Per(models.TextChoices):
        DAY = "day", _("a working day")
        MONTH = "month", _("a month")
        YEAR = "year", _("a year")

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("type"), max_length=12, choices=Activity.Kind, blank=True, db_default="")
    per = models.CharField(_("per"), max_length=5, choices=Per)
    number = models.PositiveIntegerField(_("number"))
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta(Dated.Meta):
        constraints = [
            ordered("activitytarget_ordered"),
            models.CheckConstraint(
                name="activitytarget_number",
                condition=Q(number__gte=1, number__lte=MOST_TARGET),
                violation_error_message=_("A target is a number from 1 to 10,000."),
            ),
            no_overlap(
                "activitytarget_one",
                "person",
                "kind",
                "per",
                message=_("There is a target of this kind on one of these days already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.number} a {self.per}"


class CalendarLink(models.Model):
    """The secret address by which a person's own calendar program reads what they have planned.

    Only its hash is kept; it reads one calendar and nothing else. `way_in`: what it shares with the person's sessions,
    so that another password or address ends it too.
    """

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    way_in = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="calendarlink_one_works", fields=["person"], condition=Q(revoked_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"calendar of {self.person_id}"
