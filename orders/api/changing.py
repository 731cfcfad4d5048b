"""What becomes of an order over the API."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import Endpoint, StrictSerializer, body_of, edits, version_of
from common.fields import AmountField, DayField, LineField, OneOfField
from common.http import person_id
from common.transaction import reach
from orders import services
from orders.api.orders import (
    OrderSerializer,
    ShareSerializer,
    StandingLineSerializer,
    inputs_of,
    shares_of,
    written,
)
from orders.models import BookingEvent, Order


class AmendmentSerializer(StrictSerializer):
    """What a customer has from a day on: all lines of the order; `shares` are those of what is new."""

    booked_on = DayField()
    reason = LineField(max_length=200)
    lines = StandingLineSerializer(many=True, allow_empty=False)
    shares = ShareSerializer(many=True, required=False, default=list)


class CorrectionSerializer(AmendmentSerializer):
    """An order as it should be: all of its lines, and the split; without `shares` 100 percent to the owner."""

    cause = OneOfField(choices=BookingEvent.Cause.choices)


class NewSplitSerializer(StrictSerializer):
    """How the credit is shared from a day on; `line_shares`: of each line in turn, empty for one without its own."""

    booked_on = DayField()
    reason = LineField(max_length=200)
    shares = ShareSerializer(many=True, required=False, default=list)
    line_shares = serializers.ListField(child=ShareSerializer(many=True), required=False, default=list)


class NewDateSerializer(StrictSerializer):
    """The day on which an order was really signed."""

    booked_on = DayField()
    reason = LineField(max_length=200)


class CancellationSerializer(StrictSerializer):
    """A cancellation on its own day; without `amount`, in the order's currency, the whole order."""

    booked_on = DayField()
    reason = LineField(max_length=200)
    amount = AmountField(source="amount_minor", required=False)


class OrderCorrectApi(Endpoint):
    """Putting an order right: its lines and its split replaced, by counter-entries."""

    @edits("order_correct", CorrectionSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        currency = seen(Order.objects.all(), reach(), pk).currency
        wish = inputs_of(body_of(CorrectionSerializer, request, currency=currency))
        services.correct(by=person_id(), order_id=pk, version=version_of(request), **wish)
        return written(pk)


class OrderAmendApi(Endpoint):
    """What its customer adds to an order, or takes from it, from a day on."""

    @edits("order_amend", AmendmentSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        currency = seen(Order.objects.all(), reach(), pk).currency
        wish = inputs_of(body_of(AmendmentSerializer, request, currency=currency))
        services.amend(by=person_id(), order_id=pk, version=version_of(request), **wish)
        return written(pk)


class OrderSplitApi(Endpoint):
    """Sharing the credit of an order anew from a day on."""

    @edits("order_split", NewSplitSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(NewSplitSerializer, request)
        wish |= {
            "shares": shares_of(wish["shares"]),
            "line_shares": list(map(shares_of, wish["line_shares"])),
        }
        services.split_anew(by=person_id(), order_id=pk, version=version_of(request), **wish)
        return written(pk)


class OrderDayApi(Endpoint):
    """Putting an order on the day on which it was really signed."""

    @edits("order_day", NewDateSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(NewDateSerializer, request)
        services.book_on_another_day(by=person_id(), order_id=pk, version=version_of(request), **wish)
        return written(pk)


class OrderCancelApi(Endpoint):
    """Taking back an order, whole or in part, by counter-entries."""

    @edits("order_cancel", CancellationSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        currency = seen(Order.objects.all(), reach(), pk).currency
        wish = body_of(CancellationSerializer, request, currency=currency)
        services.cancel(by=person_id(), order_id=pk, version=version_of(request), **wish)
        return written(pk)
