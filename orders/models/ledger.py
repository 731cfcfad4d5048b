"""The ledger: append-only credits behind every figure, numbered and chained, and whose cells are behind it."""

from typing import Self

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Family
from common.access import ScopedQuerySet
from common.models import Rate, append_only
from orders.models.orders import BookingEvent, OrderLine, on_insert
from pipeline.models import Motion
from territories.models import Territory, User

PERIOD_CLOSED = """
    PERFORM 1 FROM common_period WHERE starts_on <= NEW.booked_on AND stops_on > NEW.booked_on FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM common_period
        WHERE is_closed AND starts_on <= NEW.booked_on AND stops_on > NEW.booked_on
    ) THEN
        RAISE EXCEPTION 'booked in a closed period'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_closed';
    END IF;
    RETURN NEW;
"""

HEAD_LOAD = """
    PERFORM set_config('app.ledger_head', seq || ':' || hash, true)
    FROM orders_ledgerhead WHERE id = 1 FOR UPDATE;
    RETURN NULL;
"""

HEAD_NEXT = """
    NEW.ledger_seq := split_part(current_setting('app.ledger_head'), ':', 1)::bigint + 1;
    NEW.hash := encode(sha256(convert_to(
        split_part(current_setting('app.ledger_head'), ':', 2) || '|' || orders_credit_text(NEW), 'UTF8'
    )), 'hex');
    PERFORM set_config('app.ledger_head', NEW.ledger_seq || ':' || NEW.hash, true);
    RETURN NEW;
"""

HEAD_STORE = """
    UPDATE orders_ledgerhead SET seq = split_part(current_setting('app.ledger_head'), ':', 1)::bigint,
        hash = split_part(current_setting('app.ledger_head'), ':', 2) WHERE id = 1;
    RETURN NULL;
"""


class LedgerHead(models.Model):
    """The last sequence number and hash of the ledger: one row, locked until the commit of whoever posts."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [models.CheckConstraint(name="ledgerhead_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.seq)


class Basis(models.TextChoices):
    """Which tree a figure follows: the seats of those who sold, or the territories of the accounts."""

    SEAT = "seat", _("by seat")
    TERRITORY = "territory", _("by territory")


class CreditQuerySet(ScopedQuerySet):
    """Chains over the ledger."""

    def intake(self) -> Self:
        """What counts as order intake: everything but overlay credit."""
        return self.exclude(kind=Credit.Kind.OVERLAY)

    def named(self) -> Self:
        """With everything that a row of a page names."""
        return self.select_related("family", "person", "seat", "territory", "plan_rate", "booked_rate")


class Credit(models.Model):
    """One line of the ledger: this person got this much order intake on this day. Appended, never changed.

    `seat` is the territory where the person sat on the booking date, `territory` the account's on that date.
    Amounts: `amount_minor` in `currency`; `booked_minor` and `plan_minor` in the reporting currency. Beside order
    intake, in plan money: TCV, ACV and ARR; and units. Entries from before these were kept have none of them.
    """

    class Kind(models.TextChoices):
        REVENUE = "revenue", _("order intake")
        OVERLAY = "overlay", _("overlay")
        OPENING = "opening", _("opening entry")

    class Measure(models.TextChoices):
        ORDER_INTAKE = "order_intake", _("order intake")

    event = models.ForeignKey(BookingEvent, on_delete=models.PROTECT, related_name="credits")
    line = models.ForeignKey(OrderLine, null=True, on_delete=models.PROTECT, related_name="credits")
    kind = models.CharField(max_length=8, choices=Kind)
    measure = models.CharField(max_length=16, choices=Measure, default=Measure.ORDER_INTAKE)
    motion = models.CharField(max_length=12, choices=Motion)
    is_new_business = models.BooleanField()
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credits", db_index=False)
    seat = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="credits_by_seat", db_index=False
    )
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="credits", db_index=False)
    booked_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    booked_minor = models.BigIntegerField()
    booked_rate = models.ForeignKey(
        Rate, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    plan_minor = models.BigIntegerField()
    plan_rate = models.ForeignKey(Rate, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    units = models.BigIntegerField(default=0, db_default=0)
    tcv_minor = models.BigIntegerField(default=0, db_default=0)
    acv_minor = models.BigIntegerField(default=0, db_default=0)
    arr_minor = models.BigIntegerField(default=0, db_default=0)
    reverses = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(max_length=200, blank=True)
    ledger_seq = models.BigIntegerField(unique=True, editable=False, default=0)
    hash = models.CharField(max_length=64, editable=False, default="")

    objects = CreditQuerySet.as_manager()

    class Meta:
        ordering = ["ledger_seq"]
        triggers = [
            *append_only(),
            on_insert("a_period_closed", PERIOD_CLOSED),
            on_insert("head_load", HEAD_LOAD, level=pgtrigger.Statement),
            on_insert("b_head_next", HEAD_NEXT),
            on_insert("head_store", HEAD_STORE, level=pgtrigger.Statement, when=pgtrigger.After),
        ]
        indexes = [
            # The list, newest first, and its sum of those in reach.
            models.Index(
                name="credit_day",
                fields=["-booked_on", "-ledger_seq"],
                include=["plan_minor", "kind", "seat", "territory", "person"],
            ),
            models.Index(name="credit_seat_day", fields=["seat", "booked_on"]),
            models.Index(name="credit_territory_day", fields=["territory", "booked_on"]),
            models.Index(name="credit_person_day", fields=["person", "booked_on"]),
            models.Index(name="credit_reverses", fields=["reverses"], condition=Q(reverses__isnull=False)),
            models.Index(
                name="credit_out_of_territory", fields=["booked_on"], condition=~Q(seat=F("territory"))
            ),
            BrinIndex(name="credit_recorded", fields=["recorded_at"], autosummarize=True),
            BrinIndex(name="credit_booked", fields=["booked_on"], autosummarize=True, pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.ledger_seq}: {self.amount_minor} {self.currency}"


class DirtyCell(models.Model):
    """A person, a seat and a month whose attainment is behind the ledger; `quotas` drains these."""

    seat = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+", db_index=False)
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    month_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.person_id} {self.month_on}"
