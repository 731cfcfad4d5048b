"""Orders over the API: booking, reading, correcting and cancelling."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
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
from common.http import person_id
from common.transaction import reach
from orders import services
from orders.models import Order
from orders.rules import MOST_PURCHASE_ORDER
from orders.selectors.orders import terms_of
from pipeline.models import Motion
from pipeline.rules.lines import MOST_QUANTITY


class LineSerializer(StrictSerializer):
    """What is ordered; `amount` is the line's whole amount in the order's currency."""

    product_id = IdField()
    quantity = WholeField(min_value=1, max_value=MOST_QUANTITY)
    amount = AmountField(source="amount_minor")


class ShareSerializer(StrictSerializer):
    """A person's share of the credit; the shares of an order total 100."""

    person_id = IdField()
    percent = PercentField(source="weight")


class BookingSerializer(StrictSerializer):
    """An order to book; with `opportunity_id` it wins that deal, of which one has read `opportunity_version`.

    Without `account_id` the deal's account, without `owner_id` the deal's owner, else the caller who books for nobody
    else, else who owned the account's territory on the day; without `shares` 100 percent to the owner.
    """

    account_id = IdField(required=False, allow_null=True, default=None)
    opportunity_id = IdField(required=False)
    opportunity_version = WholeField(min_value=1, required=False)
    owner_id = IdField(required=False)
    booked_on = DayField()
    currency = CurrencyField()
    motion = OneOfField(choices=Motion.choices)
    purchase_order = LineField(max_length=MOST_PURCHASE_ORDER, required=False, allow_blank=True)
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


class OrderDetailSerializer(OrderSerializer):
    """One order with its lines, at what is left of each, and its split: together they total `amount`."""

    lines = LineSerializer(many=True)
    shares = ShareSerializer(many=True)


class PurchaseOrderSerializer(StrictSerializer):
    """The customer's own number of an order; empty, it is missing."""

    purchase_order = LineField(max_length=MOST_PURCHASE_ORDER, allow_blank=True)


class CorrectionSerializer(StrictSerializer):
    """An order as it should be: all of its lines, and the split; without `shares` 100 percent to the owner."""

    booked_on = DayField()
    reason = LineField(max_length=200)
    lines = LineSerializer(many=True, allow_empty=False)
    shares = ShareSerializer(many=True, required=False, default=list)


class CancellationSerializer(StrictSerializer):
    """A cancellation on its own day; without `amount`, in the order's currency, the whole order."""

    booked_on = DayField()
    reason = LineField(max_length=200)
    amount = AmountField(source="amount_minor", required=False)


def _order(pk: int) -> Order:
    """The order with its value."""
    return seen(Order.objects.valued(), reach(), pk)  # type: ignore[no-any-return]


def _written(pk: int, status: int = 200) -> Response:
    """What a write answers: little, because the ledger's head is locked until it is sent."""
    return Response(OrderSerializer(_order(pk)).data, status=status)


def _inputs(body: dict[str, Any]) -> dict[str, Any]:
    """The lines and the split of a body as the services take them."""
    return {
        **body,
        "lines": [services.LineInput(**line) for line in body["lines"]],
        "shares": [services.ShareInput(**share) for share in body["shares"]],
    }


class OrderListApi(Endpoint):
    """The orders in reach, and booking one."""

    filters = ("after",)

    @lists("order_list", OrderSerializer)
    def get(self, request: Request) -> Response:
        rows = Order.objects.visible_to(reach()).valued()
        return answer_page(rows, ["-booked_on", "-id"], self.query.get("after"), OrderSerializer)

    @makes("order_book", BookingSerializer, OrderSerializer)
    def post(self, request: Request) -> Response:
        booking = _inputs(body_of(BookingSerializer, request))
        return _written(services.book(by=person_id(), **booking).pk, 201)


class OrderApi(Endpoint):
    """One order."""

    @reads("order_detail", OrderDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        order = _order(pk)
        terms, money = terms_of(order), {"currency": order.currency}
        lines = [
            {"product_id": line.product_id, "quantity": line.quantity, "amount_minor": left}
            for line, left in terms.left()
        ]
        parts = LineSerializer(lines, many=True, context=money), ShareSerializer(terms.shares, many=True)
        return Response({**OrderSerializer(order).data, "lines": parts[0].data, "shares": parts[1].data})

    @edits("order_edit", PurchaseOrderSerializer, OrderSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        change = body_of(PurchaseOrderSerializer, request, partial=True)
        services.note_purchase_order(by=person_id(), order_id=pk, version=version_of(request), **change)
        return _written(pk)


class OrderCorrectApi(Endpoint):
    """Putting an order right: its lines and its split replaced, by counter-entries."""

    @edits("order_correct", CorrectionSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        currency = seen(Order.objects.all(), reach(), pk).currency
        wish = _inputs(body_of(CorrectionSerializer, request, currency=currency))
        services.correct(by=person_id(), order_id=pk, version=version_of(request), **wish)
        return _written(pk)


class OrderCancelApi(Endpoint):
    """Taking back an order, whole or in part, by counter-entries."""

    @edits("order_cancel", CancellationSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        currency = seen(Order.objects.all(), reach(), pk).currency
        wish = body_of(CancellationSerializer, request, currency=currency)
        services.cancel(by=person_id(), order_id=pk, version=version_of(request), **wish)
        return _written(pk)
