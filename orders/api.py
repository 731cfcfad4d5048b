"""Orders over the API: booking, reading and cancelling."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import AmountField, StrictSerializer, answer_page, caller_id, version_of
from common.http import seen
from common.money import parse_share, plain_share
from common.transaction import reach
from orders import services
from orders.models import Order
from pipeline.models import Motion


class PercentField(serializers.Field[int, str, str, Any]):
    """A share in percent as text, with up to six decimals: "33.333333"."""

    def to_internal_value(self, data: Any) -> int:
        try:
            return parse_share(data)
        except (TypeError, ValueError) as error:
            raise serializers.ValidationError(str(error), code="share_format") from error

    def to_representation(self, value: int) -> str:
        return plain_share(value)


class LineSerializer(StrictSerializer):
    """What is ordered; `amount` is the line's whole amount in the order's currency."""

    product_id = serializers.IntegerField()
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)
    amount = AmountField(source="amount_minor")


class ShareSerializer(StrictSerializer):
    """A person's share of the credit; the shares of an order total 100."""

    person_id = serializers.IntegerField()
    percent = PercentField(source="weight")


class BookingSerializer(StrictSerializer):
    """An order to book; with `opportunity_id` it wins that deal, whose version is `opportunity_version`."""

    account_id = serializers.IntegerField()
    opportunity_id = serializers.IntegerField(required=False)
    opportunity_version = serializers.IntegerField(required=False)
    owner_id = serializers.IntegerField(required=False)
    booked_on = serializers.DateField()
    currency = serializers.RegexField("^[A-Z]{3}$")
    motion = serializers.ChoiceField(choices=Motion.choices)
    purchase_order = serializers.CharField(max_length=80, required=False, allow_blank=True)
    lines = LineSerializer(many=True, allow_empty=False)
    shares = ShareSerializer(many=True, allow_empty=False)


class OrderSerializer(StrictSerializer):
    """A booked order."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    number = serializers.CharField()
    account_id = serializers.IntegerField()
    opportunity_id = serializers.IntegerField(allow_null=True)
    owner_id = serializers.IntegerField()
    booked_on = serializers.DateField()
    currency = serializers.CharField()
    motion = serializers.CharField()
    state = serializers.CharField()
    purchase_order = serializers.CharField()


class CancellationSerializer(StrictSerializer):
    """A cancellation on its own day; without `amount` the whole order."""

    booked_on = serializers.DateField()
    reason = serializers.CharField(max_length=200)
    amount = AmountField(source="amount_minor", required=False)
    currency = serializers.CharField(required=False)


class OrderListApi(APIView):
    """The orders in reach, and booking one."""

    @extend_schema(responses=OrderSerializer(many=True), operation_id="orders_list")
    def get(self, request: Request) -> Response:
        return answer_page(Order.objects.visible_to(reach()), ["-booked_on", "-id"], request, OrderSerializer)

    @extend_schema(request=BookingSerializer, responses={201: OrderSerializer})
    def post(self, request: Request) -> Response:
        body = BookingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        booking = {**body.validated_data}
        booking["lines"] = [services.LineInput(**line) for line in booking["lines"]]
        booking["shares"] = [services.ShareInput(**share) for share in booking["shares"]]
        order = services.book(by=caller_id(), **booking)
        return Response(OrderSerializer(order).data, status=201)


class OrderApi(APIView):
    """One order."""

    @extend_schema(responses=OrderSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(OrderSerializer(seen(Order.objects.all(), reach(), pk)).data)


class OrderCancelApi(APIView):
    """Taking back an order, whole or in part, by counter-entries."""

    @extend_schema(request=CancellationSerializer, responses=OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body = CancellationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wish = {key: value for key, value in body.validated_data.items() if key != "currency"}
        services.cancel(by=caller_id(), order_id=pk, version=version_of(request), **wish)
        return Response(OrderSerializer(seen(Order.objects.all(), reach(), pk)).data)
