"""Credit that somebody says is wrong, or missing, and what became of it."""

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.models import Editable
from orders.models.ledger import Credit
from orders.models.orders import BookingEvent, Order
from territories.models import Territory, User

MOST_SAID = 500
"""So many characters a dispute and its answer have at most."""


@pghistory.track()
class Dispute(Editable):
    """A person says what is wrong with a credit of theirs, or that they should have some in an order; who may put the
    order right answers.

    `order` is that of the credit; none for an opening entry. `about` is its number, or where the entry came from.
    `territory`: whose directors answer, that of the order. `event`: the entry that puts it right, where it was granted.
    """

    class Cause(models.TextChoices):
        AMOUNT = "amount", _("the amount")
        SHARE = "share", _("the share")
        PERSON = "person", _("a person is missing")
        TERRITORY = "territory", _("the territory")
        DATE = "date", _("the date or the period")
        RATE = "rate", _("the rate")
        OTHER = "other", _("something else")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    credit = models.ForeignKey(Credit, null=True, on_delete=PROTECT, related_name="disputes")
    order = models.ForeignKey(Order, null=True, on_delete=PROTECT, related_name="disputes")
    about = models.CharField(max_length=200)
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="+")
    raised_by = models.ForeignKey(User, on_delete=PROTECT, related_name="disputes")
    raised_at = models.DateTimeField(db_default=Now(), editable=False)
    cause = models.CharField(_("what is wrong"), max_length=9, choices=Cause)
    text = models.CharField(_("why"), max_length=MOST_SAID)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=MOST_SAID, blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    event = models.ForeignKey(BookingEvent, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta(Editable.Meta):
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="dispute_about", condition=Q(credit__isnull=False) | Q(order__isnull=False)
            ),
            models.UniqueConstraint(
                name="dispute_of_credit_once",
                fields=["raised_by", "credit"],
                condition=Q(state="open", credit__isnull=False),
                violation_error_message=_("You dispute this credit already. Wait for the answer."),
            ),
            models.UniqueConstraint(
                name="dispute_of_order_once",
                fields=["raised_by", "order"],
                condition=Q(state="open", credit=None),
                violation_error_message=_("You dispute this order already. Wait for the answer."),
            ),
            models.CheckConstraint(
                name="dispute_answered",
                condition=Q(state__in=["open", "withdrawn"], answered_by=None, answered_at=None, event=None)
                | (
                    Q(state="refused", answered_by__isnull=False, answered_at__isnull=False, event=None)
                    & ~Q(answer="")
                )
                | Q(
                    state="granted",
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                    event__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="dispute_answered_by_another",
                condition=Q(answered_by=None) | ~Q(answered_by=F("raised_by")),
                violation_error_message=_("Nobody answers a dispute that they raised themselves."),
            ),
        ]
        indexes = [
            models.Index(name="dispute_state", fields=["state", "-id"]),
        ]

    def __str__(self) -> str:
        return self.about

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
