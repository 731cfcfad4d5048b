"""Who a person is: how they sign in, which roles they hold when."""

from typing import Any

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.dated import Undoable, no_overlap, ordered
from common.models import Editable, WorkCalendar, by_request, undone_only


@pghistory.track(exclude=["password", "last_login", "photo_at"], meta=by_request("userevent_request"))
class User(AbstractBaseUser, Editable):
    """A person who signs in: a lower-case e-mail address, a name, a locale and a time zone."""

    email = models.EmailField(_("e-mail"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=120)
    locale = models.CharField(_("locale"), max_length=16, default="en-US")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    work_location = models.CharField(_("work location"), max_length=120, blank=True, db_default="")
    work_calendar = models.ForeignKey(
        WorkCalendar,
        null=True,
        blank=True,
        on_delete=PROTECT,
        related_name="+",
        verbose_name=_("work calendar"),
    )
    photo_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"

    class Meta:
        triggers = [undone_only()]
        ordering = [Lower("name"), "id"]
        indexes = [models.Index(Lower("name"), "id", name="user_name")]
        constraints = [
            models.CheckConstraint(
                name="user_email_lower",
                condition=Q(email=Lower("email")),
                violation_error_message=_("An e-mail address is kept in lower case."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What a session keeps of who signed in: another password or another e-mail address ends it."""
        value = f"{self.email} {self.password}"
        return salted_hmac("territories.User.session", value, secret, algorithm="sha256").hexdigest()

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    @property
    def photo_url(self) -> str:
        """Where the person's photo is, with the instant from which it is so; empty where there is none."""
        stamp = self.photo_at and int(self.photo_at.timestamp())
        return f"{reverse('person_photo', args=[self.pk])}?at={stamp}" if stamp else ""


class Photo(models.Model):
    """A person's photo: a square JPEG of 256 pixels that we drew ourselves from what was uploaded.

    Since when it is so, and whether there is one at all, says the person (`photo_at`); one taken back is empty.
    """

    user = models.OneToOneField(User, on_delete=PROTECT, related_name="photo")
    jpeg = models.BinaryField()

    def __str__(self) -> str:
        return f"photo of {self.user_id}"


class RoleGrant(Undoable):
    """A person holds a role on `[starts_on, stops_on)`."""

    user = models.ForeignKey(User, on_delete=PROTECT, related_name="role_grants")
    role = models.CharField(max_length=12, choices=Role)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("rolegrant_ordered"),
            no_overlap(
                "rolegrant_once",
                "user",
                "role",
                message=_("This person already holds that role on these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiToken(models.Model):
    """A person's key to the API; only its hash is kept. It can never do more than its owner may.

    `way_in`: what it shares with the owner's sessions, so that another password or address ends it too.
    """

    user = models.ForeignKey(User, on_delete=PROTECT, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    way_in = models.CharField(max_length=64, db_default="", editable=False)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """When a person last opened their home page, and the time before that: what changed since is counted from there."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="visit")
    last_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_at}"
