"""Customers, their people, and the territory that each of them is in, by date."""

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q, Value
from django.db.models.functions import Concat, Lower, Now
from django.utils.translation import gettext_lazy as _

from common.dated import Undoable, no_overlap, ordered
from common.models import Editable, by_request, undone_only
from territories.models import Territory, User

PROFILE = "name number industry employees annual_revenue_minor town region country postcode".split()


@pghistory.track(exclude=["name_key", "place_key"], meta=by_request("accountevent_request"))
class Account(Editable):
    """A customer or prospect. `territory` is where it is today; `AccountTerritory` says where on any day."""

    name = models.CharField(_("name"), max_length=160)
    # Lists are ordered and searched by it: a plain column, because row policies keep lower(name) out of an index.
    name_key = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.CharField(max_length=160, db_collation="C"),
        db_persist=True,
    )
    number = models.CharField(_("number"), max_length=40, unique=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue_minor = models.BigIntegerField(_("annual revenue"), null=True, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    region = models.CharField(_("state or region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    place_key = models.GeneratedField(
        expression=Lower(Concat("town", Value(", "), "region", Value(", "), "country")),
        output_field=models.CharField(max_length=250, db_collation="C"),
        db_persist=True,
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=PROTECT, related_name="subsidiaries")
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="accounts", editable=False)
    first_ordered_on = models.DateField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = ["name_key", "id"]
        constraints = [
            models.CheckConstraint(
                name="account_not_own_parent",
                condition=Q(parent=None) | ~Q(parent=F("id")),
                violation_error_message=_("An account can't be its own parent."),
            )
        ]
        indexes = [
            models.Index(name="account_territory_name_key", fields=["territory", "name_key", "id"]),
            models.Index(name="account_name_key", fields=["name_key", "id"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parent_name(self) -> str:
        """The parent's name where the reader may see it."""
        parent = Account.objects.filter(pk=self.parent_id).first() if self.parent_id else None
        return parent.name if parent else ""


class AccountTerritory(Undoable):
    """An account is in a territory on `[starts_on, stops_on)`, and why."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="territories")
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="account_assignments")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("accountterritory_ordered"),
            no_overlap(
                "accountterritory_one",
                "account",
                message=_("This account already is in a territory on one of these days."),
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
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.territory_id}"


class Participant(models.Model):
    """A person who may read an account because credit or a team touched it; never removed."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=PROTECT, related_name="account_participations")
    reason = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(name="account_participant_once", fields=["user", "account"])]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.account_id}"


class MovedAccount(models.Model):
    """An account whose territory changed and whose open work has not followed yet; `pipeline` drains these."""

    # Not checked: an account that was undone since has nothing to follow, and need not wait for the queue.
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="moves_to_follow", db_constraint=False
    )
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.account_id)


@pghistory.track()
class Contact(Editable):
    """A person at an account."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    class Meta(Editable.Meta):
        ordering = [Lower("name"), "id"]

    def __str__(self) -> str:
        return self.name
