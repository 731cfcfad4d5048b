"""Who sits where, and which seats are to be filled, by date."""

from django.db import models
from django.db.models import PROTECT, Q
from django.utils.translation import gettext_lazy as _

from common.dated import Dated, Undoable, no_overlap, ordered
from common.money import WHOLE_SHARE
from territories.models.people import User
from territories.models.tree import Territory


class Seat(Undoable):
    """A person sits on a territory on `[starts_on, stops_on)`: as owner, as lead, in an overlay, or to cover it.

    `share`: the part of their working time, in millionths of a percent. `ramp`: the percents of a full quota, month by
    month, until they carry all of it.
    """

    class Kind(models.TextChoices):
        # In this order one of several seats is the place where a person counts.
        OWNER = "owner", _("owner")
        LEAD = "lead", _("lead")
        OVERLAY = "overlay", _("overlay")
        COVER = "cover", _("temporary cover")

    LASTING = (Kind.OWNER, Kind.LEAD)
    """Those that somebody has to sit on."""

    user = models.ForeignKey(User, on_delete=PROTECT, related_name="seats")
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="seats")
    kind = models.CharField(max_length=8, choices=Kind)
    share = models.PositiveIntegerField(_("share"), default=WHOLE_SHARE, db_default=WHOLE_SHARE)
    ramp = models.CharField(_("ramp"), max_length=80, blank=True, db_default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("seat_ordered"),
            models.CheckConstraint(
                name="seat_share",
                condition=Q(share__gt=0, share__lte=WHOLE_SHARE),
                violation_error_message=_("A share is more than 0 and at most 100 percent."),
            ),
            models.CheckConstraint(
                name="seat_cover_ends",
                condition=~Q(kind="cover") | Q(stops_on__isnull=False),
                violation_error_message=_("A temporary cover has an end. Say from which day on it is over."),
            ),
            no_overlap(
                "seat_one_owner",
                "territory",
                message=_("This territory already has an owner on one of these days. End that seat first."),
                only=Q(kind="owner"),
            ),
            no_overlap(
                "seat_one_lead",
                "territory",
                message=_("This territory already has a lead on one of these days. End that seat first."),
                only=Q(kind="lead"),
            ),
            no_overlap(
                "seat_once",
                "user",
                "territory",
                "kind",
                message=_("This person already has that seat on one of these days."),
            ),
        ]
        indexes = [
            models.Index(name="seat_user", fields=["user", "starts_on"], condition=Q(superseded_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.territory_id}"


class Vacancy(Dated):
    """A seat is to be filled: open on `[starts_on, stops_on)`; `stops_on` is the planned start, if there is one.

    `ramp` is that of whoever comes.
    """

    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="vacancies")
    kind = models.CharField(max_length=8, choices=Seat.Kind)
    ramp = models.CharField(_("ramp"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        verbose_name_plural = "vacancies"
        constraints = [
            ordered("vacancy_ordered"),
            no_overlap(
                "vacancy_one",
                "territory",
                "kind",
                message=_("This seat is planned to be vacant on one of these days already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.territory_id}"
