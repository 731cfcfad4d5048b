"""Orders over the API: booking, reading, correcting and cancelling."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    Endpoint,
    NothingSerializer,
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
    RatioField,
    WholeField,
)
from common.http import chosen, page_by_key, person_id
from common.incremental import ChangesEndpoint, reads_on
from common.selectors import today
from common.transaction import reach
from orders import services
from orders.models import Order
from orders.rules import MOST_PURCHASE_ORDER
from orders.selectors.attach import BY, attach_rates
from orders.selectors.awaiting import WORDS, explained, missing_of, waiting_requests
from orders.selectors.orders import terms_of
from pipeline.api.insight import DAYS_AND_PLACE, answer_figures, told_by
from pipeline.forms.insight import DAYS, PLACE, asked_of
from pipeline.models import Motion, Opportunity
from pipeline.rules.lines import MOST_QUANTITY
from workspace.api.own import OwnValuesField

ASKED = tuple(WORDS.items())


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
    else, else who owned the account's territory on the day; without `shares` those of the
    deal's split on the day, else 100 percent to the owner.
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


class WinSerializer(StrictSerializer):
    """How a deal is won: its order in the deal's currency, and why it was won. Left out is what booking leaves out."""

    account_id = IdField(required=False, allow_null=True, default=None)
    booked_on = DayField()
    motion = OneOfField(choices=Motion.choices)
    purchase_order = LineField(max_length=MOST_PURCHASE_ORDER, required=False, allow_blank=True)
    won_reason = LineField(max_length=200, required=False, allow_blank=True)
    lines = LineSerializer(many=True, allow_empty=False)
    shares = ShareSerializer(many=True, required=False, default=list)


class WonSerializer(StrictSerializer):
    """A won deal: the order that was booked, or null and what its booking waits for."""

    opportunity_id = IdField()
    order_id = IdField(allow_null=True)
    awaits = serializers.ListField(child=OneOfField(choices=ASKED))


class AwaitingSerializer(StrictSerializer):
    """An order that awaits its booking, as it was typed, and what is missing of it now."""

    id = IdField(source="request.pk")
    version = WholeField(source="request.version")
    opportunity_id = IdField(source="request.opportunity_id")
    account_id = IdField(source="request.account_id")
    owner_id = IdField(source="deal.owner_id")
    booked_on = DayField(source="request.booked_on")
    currency = CurrencyField(source="deal.currency")
    amount = AmountField(source="request.amount_minor")
    motion = OneOfField(source="request.motion", choices=Motion.choices)
    purchase_order = LineField(source="request.purchase_order", allow_blank=True)
    awaits = serializers.ListField(source="lacks", child=OneOfField(choices=ASKED))


class SendingBackSerializer(StrictSerializer):
    """Why an order goes back to who sold it."""

    comment = LineField(max_length=500)


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
    own = OwnValuesField("order")


class OrderDetailSerializer(OrderSerializer):
    """One order with its lines, at what is left of each, and its split: together they total `amount`."""

    lines = LineSerializer(many=True)
    shares = ShareSerializer(many=True)


class PurchaseOrderSerializer(StrictSerializer):
    """The customer's own number of an order, empty where it is missing, and own fields."""

    purchase_order = LineField(max_length=MOST_PURCHASE_ORDER, allow_blank=True)
    own = OwnValuesField("order")


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


class OrderChangesApi(ChangesEndpoint):
    """The orders that changed."""

    @reads_on("order_changes", OrderSerializer)
    def get(self, request: Request) -> Response:
        return self.answer(Order.objects.valued(), OrderSerializer)


class OpportunityWinApi(Endpoint):
    """Winning a deal: its order is booked, or awaits its booking where Settings ask for something that is missing."""

    @edits("opportunity_win", WinSerializer, WonSerializer)
    def post(self, request: Request, pk: int) -> Response:
        currency = seen(Opportunity.objects.all(), reach(), pk).currency
        wish = _inputs(body_of(WinSerializer, request, currency=currency))
        version = version_of(request)
        done = services.win(by=person_id(), opportunity_id=pk, opportunity_version=version, **wish)
        if isinstance(done, Order):
            return Response(WonSerializer({"opportunity_id": pk, "order_id": done.pk, "awaits": []}).data)
        lacks = missing_of(done.opportunity, done.purchase_order)
        return Response(WonSerializer({"opportunity_id": pk, "order_id": None, "awaits": lacks}).data)


class OrderRequestListApi(Endpoint):
    """The orders that await their booking of the deals in reach, oldest first."""

    filters = ("after",)
    asks = ("opportunity", "book")

    @lists("order_request_list", AwaitingSerializer)
    def get(self, request: Request) -> Response:
        page = page_by_key(waiting_requests(reach()), ["id"], self.query.get("after"))
        rows = AwaitingSerializer(explained(page.rows, reach()), many=True)
        return Response({"results": rows.data, "after": page.after})


class OrderRequestBackApi(Endpoint):
    """Sending an order back that awaits its booking: its deal is open again."""

    @edits("order_request_back", SendingBackSerializer, NothingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(SendingBackSerializer, request)
        services.send_order_back(by=person_id(), request_id=pk, version=version_of(request), **wish)
        return Response({})


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


class AttachedSerializer(StrictSerializer):
    """The orders of one owner, territory or primary product: how many have something primary, and ancillary beside it.

    `bundled` of `value`: what of their lines came with bundles, in the reporting currency at today's rates.
    """

    key = IdField()
    name = LineField(source="label")
    primary = WholeField()
    attached = WholeField()
    attach_rate = RatioField(source="rate", allow_null=True)
    bundled = AmountField(source="bundled_minor")
    value = AmountField(source="minor")
    bundle_share = RatioField(allow_null=True)


class AttachRateSerializer(StrictSerializer):
    """Attach rates and bundle shares told apart, the lowest attach rate first."""

    currency = CurrencyField()
    results = AttachedSerializer(many=True)


class AttachRateApi(Endpoint):
    """How often something ancillary was sold with something primary in some days, and how much in bundles."""

    filters = (*DAYS, *PLACE, "by")
    asks = ("order", "read")

    @reads(
        "insight_attach_rate",
        AttachRateSerializer,
        *DAYS_AND_PLACE,
        told_by(BY),
    )
    def get(self, request: Request) -> Response:
        by, asked = chosen(self.query, "by", tuple(BY), "owner"), asked_of(self.query, today())
        return answer_figures(AttachRateSerializer, results=attach_rates(reach(), asked, by, today()))
