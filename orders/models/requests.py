"""Orders that await their booking, and what a contract review looks at."""

from collections.abc import Sequence
from typing import Any

import pghistory
from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from common.models import Editable, append_only
from orders.models.orders import Order, Papers
from pipeline.models import Motion, Opportunity
from territories.models import Territory, User

MOST_POINT = 120
"""So many characters a point of the contract review has at most."""


@pghistory.track()
class OrderRequest(Papers, Editable):
    """An order that is not booked yet, kept as it was typed: of a won deal, or without a deal.

    `lines` and `shares` are those that booking takes, `ticks` the points of the contract review that were ticked; why
    it waits is looked at anew. A deal has one that waits. `settled_at`: when it was booked. `owner` and `territory` are
    those of an order without a deal.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        WAITING = "waiting", _("in review")
        BOOKED = "booked", _("booked")
        BACK = "back", _("sent back")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (State.DRAFT, State.WAITING, State.BACK)
    """Those of which an order can still be made."""

    opportunity = models.ForeignKey(Opportunity, null=True, on_delete=PROTECT, related_name="order_requests")
    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="+")
    owner = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, null=True, on_delete=PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    booked_on = models.DateField(_("booking date"))
    currency = models.CharField(_("currency"), max_length=3)
    motion = models.CharField(_("motion"), max_length=12, choices=Motion)
    lines: Any = models.JSONField()
    shares: Any = models.JSONField()
    ticks: Any = models.JSONField(default=list, db_default=[])
    renews = models.ForeignKey(Order, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    asked_by = models.ForeignKey(User, on_delete=PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(editable=False)
    claimed_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    settled_at = models.DateTimeField(null=True, editable=False)
    order = models.OneToOneField(Order, null=True, on_delete=PROTECT, related_name="request")
    comment = models.CharField(_("why it was sent back"), max_length=500, blank=True)
    account_name: str | None

    class Meta(Editable.Meta):
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="orderrequest_waits_once",
                fields=["opportunity"],
                condition=Q(state="waiting"),
                violation_error_message=_("The order of this opportunity awaits booking already."),
            ),
            models.CheckConstraint(
                name="orderrequest_order",
                condition=Q(state="booked", order__isnull=False) | (~Q(state="booked") & Q(order=None)),
            ),
            models.CheckConstraint(
                name="orderrequest_whose",
                condition=Q(opportunity__isnull=False, owner=None, territory=None)
                | Q(opportunity=None, owner__isnull=False, territory__isnull=False),
            ),
            models.CheckConstraint(
                name="orderrequest_claimed",
                condition=Q(claimed_by=None, claimed_at=None)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="orderrequest_queue", fields=["asked_at", "id"], condition=Q(state="waiting")),
            models.Index(name="orderrequest_asker", fields=["asked_by", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.opportunity_id or self.account_id}"

    @property
    def amount_minor(self) -> int:
        """The order intake that its lines come to, in its currency."""
        return sum(line["amount_minor"] - line.get("renewed_minor", 0) for line in self.lines)

    @property
    def account_called(self) -> str:
        """What a page calls its account; read with `account_name`, which is there where the reader may read it."""
        return self.account_name or gettext("account out of your reach")

    @property
    def seller_id(self) -> int:
        """Who sold it: the deal's owner, else its own."""
        return self.opportunity.owner_id if self.opportunity else self.owner_id  # type: ignore[return-value]


@pghistory.track()
class ReviewPoint(Editable):
    """Something that is looked at in the contract before an order is booked: of one motion, or of every order."""

    text = models.CharField(_("what is looked at"), max_length=MOST_POINT)
    motion = models.CharField(_("motion"), max_length=12, choices=Motion, blank=True)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="reviewpoint_once",
                fields=["text", "motion"],
                condition=Q(is_removed=False),
                violation_error_message=_("This point is there already."),
            )
        ]

    def __str__(self) -> str:
        return self.text


class ReviewTick(models.Model):
    """A point of the contract review that was ticked when an order was booked, by whoever booked it."""

    order = models.ForeignKey(Order, on_delete=PROTECT, related_name="ticks")
    point = models.ForeignKey(ReviewPoint, on_delete=PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["point_id"]
        triggers = append_only()
        constraints = [models.UniqueConstraint(name="reviewtick_once", fields=["order", "point"])]

    def __str__(self) -> str:
        return f"{self.point_id} of {self.order_id}"


def points_for(points: Sequence[ReviewPoint], motion: str) -> list[ReviewPoint]:
    """Those of the points that are looked at in an order of that motion."""
    return [point for point in points if point.motion in ("", motion)]
