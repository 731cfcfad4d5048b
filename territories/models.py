"""Who a person is, where they sit, and what they lead: people, roles, the tree and its seats, all by date."""

from typing import Any

import pghistory
import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.dated import Dated, Undoable, no_overlap, ordered
from common.models import Editable, by_request, undone_only
from common.money import WHOLE_SHARE


@pghistory.track(exclude=["password", "last_login", "photo_at"], meta=by_request("userevent_request"))
class User(AbstractBaseUser, Editable):
    """A person who signs in: a lower-case e-mail address, a name, a locale and a time zone."""

    email = models.EmailField(_("e-mail"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=120)
    locale = models.CharField(_("locale"), max_length=16, default="en-US")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    work_location = models.CharField(_("work location"), max_length=120, blank=True, db_default="")
    photo_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"

    class Meta:
        triggers = [undone_only()]
        ordering = [Lower("name"), "id"]
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


@pghistory.track(meta=by_request("territoryevent_request"))
class Territory(Editable):
    """A node of the territory tree. *Unassigned* is a real node that keeps what belongs to nobody.

    `name` is today's; `Naming` says what it was called on other days.
    """

    class Kind(models.TextChoices):
        # From the top down: nothing lies below a kind that comes after its own.
        COMPANY = "company", _("company")
        REGION = "region", _("region")
        AREA = "area", _("area")
        TERRITORY = "territory", _("territory")
        OVERLAY = "overlay", _("overlay")

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(
        _("type"), max_length=9, choices=Kind, default=Kind.TERRITORY, db_default=Kind.TERRITORY
    )
    is_unassigned = models.BooleanField(default=False, editable=False)

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                name="territory_one_unassigned", fields=["is_unassigned"], condition=Q(is_unassigned=True)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Naming(Dated):
    """A territory bears a name on `[starts_on, stops_on)`; one that was never renamed has no such row."""

    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="namings")
    name = models.CharField(_("name"), max_length=120)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("naming_ordered"),
            no_overlap(
                "naming_one", "territory", message=_("This territory has another name on one of these days.")
            ),
        ]

    def __str__(self) -> str:
        return self.name


TREE_CYCLE = """
    PERFORM pg_advisory_xact_lock(hashtext('territory_tree'));
    -- A territory below which nothing ever lay closes no circle.
    IF NOT EXISTS (SELECT FROM territories_edge WHERE parent_id = NEW.child_id) THEN
        RETURN NEW;
    END IF;
    IF NEW.parent_id IS NOT NULL AND NEW.superseded_at IS NULL AND EXISTS (
        WITH RECURSIVE above(node, starts, stops) AS (
            SELECT NEW.parent_id, NEW.starts_on, NEW.stops_on
            UNION
            SELECT e.parent_id, greatest(e.starts_on, a.starts), least(e.stops_on, a.stops)
            FROM above a JOIN territories_edge e
              ON e.child_id = a.node AND e.superseded_at IS NULL AND e.parent_id IS NOT NULL
             AND daterange(e.starts_on, e.stops_on) && daterange(a.starts, a.stops)
        ) SELECT 1 FROM above WHERE node = NEW.child_id
    ) THEN
        RAISE EXCEPTION 'a territory below itself'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tree_cycle';
    END IF;
    RETURN NEW;
"""


class Edge(Undoable):
    """A territory lies below another on `[starts_on, stops_on)`; without a parent it is a root."""

    child = models.ForeignKey(Territory, on_delete=PROTECT, related_name="edges_up")
    parent = models.ForeignKey(Territory, null=True, on_delete=PROTECT, related_name="edges_down")
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("edge_ordered"),
            no_overlap(
                "edge_one_parent",
                "child",
                message=_("This territory already has a parent on one of these days."),
            ),
            models.CheckConstraint(
                name="edge_not_itself",
                condition=~Q(child=F("parent")) | Q(parent=None),
                violation_error_message=_("A territory can't lie below itself."),
            ),
        ]
        triggers = [
            *Undoable.Meta.triggers,
            pgtrigger.Trigger(
                name="tree_cycle", when=pgtrigger.Before, operation=pgtrigger.Insert, func=TREE_CYCLE
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent_id} > {self.child_id}"


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


class Succession(Dated):
    """From `starts_on` on another territory has what this one had: all of it (`is_whole`), or some of its accounts.

    Two that were merged leave a whole one, one that was split leaves one for each of its parts.
    """

    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="successions")
    heir = models.ForeignKey(Territory, on_delete=PROTECT, related_name="inheritances")
    is_whole = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("succession_ordered"),
            models.CheckConstraint(name="succession_not_itself", condition=~Q(territory=F("heir"))),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} > {self.heir_id}"


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
