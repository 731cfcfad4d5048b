"""How people come in, who answers for them while they are away, and which tours they have seen."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.dated import Dated, no_overlap, ordered
from territories.models import User


class SetupLink(models.Model):
    """A link by which the first administrator is made, once; only the hash of its secret is kept."""

    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"set-up link {self.pk}"


class Invitation(models.Model):
    """A person is invited to choose their password. The link is computed from it and the installation's secret key."""

    user = models.ForeignKey(User, on_delete=PROTECT, related_name="invitations")
    nonce = models.CharField(max_length=64)
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="invitation_one_open",
                fields=["user"],
                condition=Q(accepted_at=None, revoked_at=None),
                violation_error_message=_("This person has an open invitation already."),
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} of {self.user_id}"


class StandIn(Dated):
    """Somebody answers for an absent person on `[starts_on, stops_on)`."""

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="stand_ins")
    stand_in = models.ForeignKey(User, on_delete=PROTECT, related_name="stands_in_for")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta(Dated.Meta):
        constraints = [
            ordered("standin_ordered"),
            no_overlap(
                "standin_one_a_day", "person", message=_("Somebody stands in on one of these days already.")
            ),
            models.CheckConstraint(
                name="standin_somebody_else",
                condition=~Q(person=F("stand_in")),
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in_id} for {self.person_id}"


class TourSeen(models.Model):
    """A person has been shown the tour of a role."""

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="tours_seen")
    role = models.CharField(max_length=12, choices=Role)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(name="tourseen_once", fields=["person", "role"])]

    def __str__(self) -> str:
        return f"{self.role} tour of {self.person_id}"


class Recent(models.Model):
    """What a person opened last, newest first, as `account:42`: never a name, so that lost access shows nothing."""

    person = models.OneToOneField(User, on_delete=PROTECT, primary_key=True, related_name="recent")
    items = ArrayField(models.CharField(max_length=40))
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"recent of {self.person_id}"
