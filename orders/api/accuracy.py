"""Entry accuracy over the API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Endpoint, StrictSerializer, reads
from common.fields import IdField, LineField, OneOfField, RatioField, WholeField
from common.http import a_period
from common.selectors import running_quarter
from common.transaction import reach
from orders.models import BookingEvent
from orders.selectors import accuracy

PERIOD = OpenApiParameter("period", OpenApiTypes.STR, description="2026-Q2; without it the running quarter.")


class EntryErrorSerializer(StrictSerializer):
    """How many of the orders were put right for a cause; one with two causes stands under both."""

    cause = OneOfField(choices=BookingEvent.Cause.choices)
    orders = WholeField()


class EntryLineSerializer(StrictSerializer):
    """The orders that one person entered; in the total everybody's. `median_days`: of working days, as "1.500000"."""

    person_id = IdField(source="key", allow_null=True)
    name = LineField(allow_blank=True)
    orders = WholeField()
    right = WholeField()
    accuracy = RatioField(allow_null=True)
    by_cause = EntryErrorSerializer(many=True)
    late = WholeField()
    in_time = RatioField(allow_null=True)
    median_days = RatioField(source="days", allow_null=True)


class EntryAccuracySerializer(StrictSerializer):
    """Who entered the orders of a quarter, and how well, the lowest accuracy first; `total` is of all of them."""

    period = LineField()
    results = EntryLineSerializer(many=True)
    total = EntryLineSerializer()


class EntryAccuracyApi(Endpoint):
    """How many orders of a quarter had to be put right, for what, and how soon they were entered."""

    filters = ("period",)
    asks = ("order", "inspect")

    @reads("insight_entry_accuracy", EntryAccuracySerializer, PERIOD)
    def get(self, request: Request) -> Response:
        period = a_period(self.query) or running_quarter()
        found = accuracy.Entries(reach(), period.span)
        lines, total = list(map(_line, found.lines)), _line(found.total)
        answer = {"period": period.code, "results": lines, "total": total}
        return Response(EntryAccuracySerializer(answer).data)


def _line(line: accuracy.Line) -> dict[str, Any]:
    same = ("key", "name", "orders", "right", "accuracy", "late", "in_time", "days")
    by_cause = [{"cause": cause, "orders": number} for cause, number in line.errors]
    return {**{name: getattr(line, name) for name in same}, "by_cause": by_cause}
