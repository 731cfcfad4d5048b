"""Orders over the API: booking, reading and cancelling."""

from rest_framework.request import Request
from rest_framework.response import Response

from common.api import (
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
    caller_id,
    edits,
    lists,
    makes,
    reads,
    version_of,
)
from common.fields import (
    AmountField,
    CurrencyField,
    DayField,
    IdField,
    LineField,
    OneOfField,
    PercentField,
    WholeField,
)
from common.http import seen
from common.transaction import reach
from orders import services
from orders.models import Order
from orders.selectors import valued_orders
from pipeline.models import Motion


class LineSerializer(StrictSerializer):
    """What is ordered; `amount` is the line's whole amount in the order's currency."""

    product_id = IdField()
    quantity = WholeField(min_value=1, max_value=1_000_000)
    amount = AmountField(source="amount_minor")


class ShareSerializer(StrictSerializer):
    """A person's share of the credit; the shares of an order total 100."""

    person_id = IdField()
    percent = PercentField(source="weight")


class BookingSerializer(StrictSerializer):
    """An order to book; with `opportunity_id` it wins that deal, of which one has read `opportunity_version`.

    Without `account_id` the deal's account, without `owner_id` the deal's owner or that of the account's territory
    on the day, without `shares` 100 percent to the owner.
    """

    account_id = IdField(required=False, allow_null=True, default=None)
    opportunity_id = IdField(required=False)
    opportunity_version = WholeField(min_value=1, required=False)
    owner_id = IdField(required=False)
    booked_on = DayField()
    currency = CurrencyField()
    motion = OneOfField(choices=Motion.choices)
    purchase_order = LineField(max_length=80, required=False, allow_blank=True)
    lines = LineSerializer(many=True, allow_empty=False)
    shares = ShareSerializer(many=True, required=False, default=list)


class OrderSerializer(StrictSerializer):
    """A booked order; `amount` is its value now, with everything that was corrected or cancelled."""

    id = IdField()
    version = WholeField()
    number = LineField()
    account_id = IdField()
    opportunity_id = IdField(allow_null=True)
    owner_id = IdField()
    territory_id = IdField()
    booked_on = DayField()
    currency = CurrencyField()
    amount = AmountField(source="amount_minor")
    motion = OneOfField(choices=Motion.choices)
    state = OneOfField(choices=Order.State.choices)
    purchase_order = LineField(allow_blank=True)


class CancellationSerializer(StrictSerializer):
    """A cancellation on its own day; without `amount`, in the order's currency, the whole order."""

    booked_on = DayField()
    reason = LineField(max_length=200)
    amount = AmountField(source="amount_minor", required=False)


def _answer(pk: int, status: int = 200) -> Response:
    return Response(OrderSerializer(seen(valued_orders(reach()), reach(), pk)).data, status=status)


class OrderListApi(Endpoint):
    """The orders in reach, and booking one."""

    filters = ("after",)

    @lists("order_list", OrderSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(
            valued_orders(reach()), ["-booked_on", "-id"], self.query.get("after"), OrderSerializer
        )

    @makes("order_book", BookingSerializer, OrderSerializer)
    def post(self, request: Request) -> Response:
        booking = body_of(BookingSerializer, request)
        booking["lines"] = [services.LineInput(**line) for line in booking["lines"]]
        booking["shares"] = [services.ShareInput(**share) for share in booking["shares"]]
        return _answer(services.book(by=caller_id(), **booking).pk, 201)


class OrderApi(Endpoint):
    """One order."""

    @reads("order_detail", OrderSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(pk)


class OrderCancelApi(Endpoint):
    """Taking back an order, whole or in part, by counter-entries."""

    @edits("order_cancel", CancellationSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        order: Order = seen(Order.objects.all(), reach(), pk)
        wish = body_of(CancellationSerializer, request, currency=order.currency)
        services.cancel(by=caller_id(), order_id=pk, version=version_of(request), **wish)
        return _answer(pk)
