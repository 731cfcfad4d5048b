"""Orders over the API: booking one, reading them."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    CLOCKS,
    Endpoint,
    StrictSerializer,
    body_of,
    edits,
    lists,
    makes,
    reads,
    shown,
    version_of,
)
from common.fields import (
    AmountField,
    CurrencyField,
    DayField,
    FlagField,
    IdField,
    LineField,
    OneOfField,
    PercentField,
    TextField,
    WholeField,
)
from common.http import person_id
from common.incremental import ChangesEndpoint, reads_on
from common.transaction import reach
from orders import services
from orders.models import Order, SplitShare
from orders.rules import MOST_ACCEPTED, MOST_ADDRESS, MOST_PURCHASE_ORDER, MOST_TICKS
from orders.selectors.known import CLOCKS as CLOCK_NAMES
from orders.selectors.known import AsOf
from orders.selectors.orders import order_page, terms_of
from pipeline.models import Motion
from pipeline.rules.lines import MOST_MONTHS, MOST_QUANTITY
from workspace.api.own import OwnValuesField

ACCEPTED = "Why it is booked although something would keep it from that; who works the queue says it."


class ShareSerializer(StrictSerializer):
    """A person's share of the credit; the revenue shares of an order, or of a line, total 100, overlay anything."""

    person_id = IdField()
    percent = PercentField(source="weight")
    kind = OneOfField(choices=SplitShare.Kind.choices, default=SplitShare.Kind.REVENUE)


class LineSerializer(StrictSerializer):
    """What is ordered; `amount` is the line's whole amount in the order's currency, `renewed` what of it renews.

    `term_months`: for how many months it recurs; without it something recurring has 12, anything else none. With
    `shares` its credit is shared by these instead of the order's.
    """

    product_id = IdField()
    quantity = WholeField(min_value=1, max_value=MOST_QUANTITY)
    amount = AmountField(source="amount_minor")
    renewed = AmountField(source="renewed_minor", default=0)
    term_months = WholeField(min_value=1, max_value=MOST_MONTHS, required=False, allow_null=True)
    shares = ShareSerializer(many=True, required=False, default=list)


class StandingLineSerializer(LineSerializer):
    """A line that an order has: `id` names it where it goes on; its quantity is 0 for a higher price alone."""

    id = IdField(source="origin_id", required=False)
    quantity = WholeField(min_value=0, max_value=MOST_QUANTITY)


class UnbookedSerializer(StrictSerializer):
    """What an order says, booked or not. Without `owner_id` it is the caller's who books for nobody else, else of who
    owned the account's territory on the day. `ticks`: the points of the contract review that were looked at.
    """

    account_id = IdField(required=False, allow_null=True, default=None)
    owner_id = IdField(required=False)
    booked_on = DayField()
    currency = CurrencyField()
    motion = OneOfField(choices=Motion.choices)
    purchase_order = LineField(max_length=MOST_PURCHASE_ORDER, required=False, allow_blank=True)
    renews_order_id = IdField(required=False, allow_null=True)
    is_second = FlagField(
        required=False, help_text="Another order of the account has this purchase order too."
    )
    request_id = IdField(required=False)
    request_version = WholeField(min_value=1, required=False)
    lines = LineSerializer(many=True, allow_empty=False)
    shares = ShareSerializer(many=True, required=False, default=list)
    contract_number = LineField(max_length=MOST_PURCHASE_ORDER, required=False, allow_blank=True)
    signed_on = DayField(required=False, allow_null=True)
    bill_to = TextField(max_length=MOST_ADDRESS, required=False, allow_blank=True)
    ship_to = TextField(max_length=MOST_ADDRESS, required=False, allow_blank=True)
    ticks = serializers.ListField(child=IdField(), max_length=MOST_TICKS, required=False)


class BookingSerializer(UnbookedSerializer):
    """An order to book; with `opportunity_id` it wins that deal, of which one has read `opportunity_version`; with
    `request_id` it is the one without a deal that was kept.

    Without `account_id` the deal's account, without `owner_id` the deal's owner; without `shares` those of the deal's
    split on the day, else 100 percent to the owner.
    """

    opportunity_id = IdField(required=False)
    opportunity_version = WholeField(min_value=1, required=False)
    accepted_because = LineField(
        max_length=MOST_ACCEPTED, required=False, allow_blank=True, help_text=ACCEPTED
    )


class OrderSerializer(StrictSerializer):
    """A booked order; `amount` is its value now, with everything that was corrected or cancelled."""

    id = IdField()
    version = WholeField()
    number = LineField()
    account_id = IdField()
    opportunity_id = IdField(allow_null=True)
    renews_order_id = IdField(source="renews_id", allow_null=True)
    owner_id = IdField()
    territory_id = IdField()
    booked_on = DayField()
    currency = CurrencyField()
    amount = AmountField(source="amount_minor")
    motion = OneOfField(choices=Motion.choices)
    state = OneOfField(choices=Order.State.choices)
    purchase_order = LineField(allow_blank=True)
    delivered_on = DayField(allow_null=True)
    invoiced_on = DayField(allow_null=True)
    paid_on = DayField(allow_null=True)
    contract_number = LineField(allow_blank=True)
    signed_on = DayField(allow_null=True)
    bill_to = TextField(allow_blank=True)
    ship_to = TextField(allow_blank=True)
    own = OwnValuesField("order")


class OrderDetailSerializer(OrderSerializer):
    """One order with its lines, at what is left of each, and its split. Less what is renewed they total `amount`.

    Lines that are shared otherwise have `shares` of their own; without any the order's are theirs.
    """

    lines = StandingLineSerializer(many=True)
    shares = ShareSerializer(many=True)


class PurchaseOrderSerializer(StrictSerializer):
    """What the papers of an order say, empty where it is missing, and own fields."""

    purchase_order = LineField(max_length=MOST_PURCHASE_ORDER, allow_blank=True)
    is_second = FlagField(required=False, help_text="Another order of the account has this number too.")
    contract_number = LineField(max_length=MOST_PURCHASE_ORDER, allow_blank=True)
    signed_on = DayField(allow_null=True)
    bill_to = TextField(max_length=MOST_ADDRESS, allow_blank=True)
    ship_to = TextField(max_length=MOST_ADDRESS, allow_blank=True)
    own = OwnValuesField("order")


def order_of(pk: int) -> Order:
    """The order with its value."""
    return seen(Order.objects.valued(), reach(), pk)  # type: ignore[no-any-return]


def written(pk: int, status: int = 200) -> Response:
    """What a write answers: little, because the ledger's head is locked until it is sent."""
    return Response(OrderSerializer(order_of(pk)).data, status=status)


def inputs_of(body: dict[str, Any]) -> dict[str, Any]:
    """The lines and the split of a body as the services take them."""
    lines = [
        services.LineInput(**{**line, "shares": tuple(shares_of(line["shares"]))}) for line in body["lines"]
    ]
    return {**body, "lines": lines, "shares": shares_of(body["shares"])}


def shares_of(rows: Sequence[dict[str, Any]]) -> list[services.ShareInput]:
    return [services.ShareInput(**row) for row in rows]


class OrderListApi(Endpoint):
    """The orders in reach, and booking one."""

    filters = (*CLOCK_NAMES, "after")

    @lists("order_list", OrderSerializer, *CLOCKS)
    def get(self, request: Request) -> Response:
        as_of = AsOf.of(self.query, is_exact=True)
        page = order_page(Order.objects.visible_to(reach()).valued(), as_of, self.query.get("after"))
        return Response({"results": shown(page.rows, OrderSerializer), "after": page.after})

    @makes("order_book", BookingSerializer, OrderSerializer)
    def post(self, request: Request) -> Response:
        booking = inputs_of(body_of(BookingSerializer, request))
        return written(services.book(by=person_id(), **booking).pk, 201)


class OrderChangesApi(ChangesEndpoint):
    """The orders that changed."""

    @reads_on("order_changes", OrderSerializer)
    def get(self, request: Request) -> Response:
        return self.answer(Order.objects.valued(), OrderSerializer)


class OrderApi(Endpoint):
    """One order; as it was known earlier its value, lines and split are those of then."""

    filters = CLOCK_NAMES

    @reads("order_detail", OrderDetailSerializer, *CLOCKS)
    def get(self, request: Request, pk: int) -> Response:
        order = order_of(pk)
        terms, money = terms_of(order, AsOf.of(self.query, is_exact=True)), {"currency": order.currency}
        lines = [
            {
                "origin_id": line.root_id,
                "product_id": line.product_id,
                "quantity": line.quantity,
                "amount_minor": line.renewed_minor + left,
                "renewed_minor": line.renewed_minor,
                "term_months": line.term_months,
                "shares": terms.own_shares(line),
            }
            for line, left in terms.left()
        ]
        parts = (
            StandingLineSerializer(lines, many=True, context=money),
            ShareSerializer(terms.shares, many=True),
        )
        return Response({**OrderSerializer(order).data, "lines": parts[0].data, "shares": parts[1].data})

    @edits("order_edit", PurchaseOrderSerializer, OrderSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        change = body_of(PurchaseOrderSerializer, request, partial=True)
        services.note_purchase_order(by=person_id(), order_id=pk, version=version_of(request), **change)
        return written(pk)
