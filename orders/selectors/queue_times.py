"""How long orders of the queue take to be booked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField
from django.db.models.functions import Extract, TruncWeek

from common.access import Reach
from common.selectors import the_organisation
from common.transaction import now
from orders.models import OrderRequest
from orders.selectors.awaiting import requests_in

WEEKS = 8


class Percentile(Aggregate):
    """The value at a share of the ordered values, between two of them where it falls there."""

    function = "PERCENTILE_CONT"
    output_field = FloatField()
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Week:
    """What of the queue was booked in a week, and how long it took from the first handing in, in hours."""

    starts_on: date
    booked: int
    median_hours: Decimal
    slow_hours: Decimal


def times_to_book(mine: Reach) -> list[Week]:
    """Median and 90th percentile of the last weeks in which something was booked, the newest first."""
    took: Any = ExpressionWrapper(F("settled_at") - F("asked_at"), output_field=DurationField())
    hours: Any = Extract(took, "epoch") / 3600.0
    zone = ZoneInfo(the_organisation().time_zone)
    rows = requests_in(mine, (OrderRequest.State.BOOKED,)).filter(settled_at__gte=_since(zone))
    weeks = (
        rows.order_by()
        .annotate(week=TruncWeek("settled_at", tzinfo=zone))
        .values("week")
        .annotate(
            booked=Count("pk"),
            median=Percentile(hours, share="0.5"),
            slow=Percentile(hours, share="0.9"),
        )
        .order_by("-week")
    )
    return [
        Week(row["week"].date(), row["booked"], _hours(row["median"]), _hours(row["slow"])) for row in weeks
    ]


def _since(zone: ZoneInfo) -> datetime:
    """The Monday with which the first of these weeks begins."""
    here = now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return here - timedelta(days=here.weekday(), weeks=WEEKS - 1)


def _hours(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.1"))
