"""Winning deals over the API, and the orders that await their booking."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
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
    FlagField,
    IdField,
    LineField,
    OneOfField,
    TextField,
    WholeField,
)
from common.http import chosen, page_by_key, person_id
from common.transaction import reach
from orders import services
from orders.api.orders import ACCEPTED, LineSerializer, ShareSerializer, UnbookedSerializer, inputs_of
from orders.models import Order, OrderRequest
from orders.rules import MOST_ACCEPTED, MOST_ADDRESS, MOST_PURCHASE_ORDER, MOST_TICKS
from orders.selectors.awaiting import explained, open_request, requests_in, requests_of
from orders.selectors.gate import CODES
from pipeline.models import Motion, Opportunity


class WinSerializer(StrictSerializer):
    """How a deal is won: its order in the deal's currency, and why it was won. Left out is what booking leaves out."""

    account_id = IdField(required=False, allow_null=True, default=None)
    booked_on = DayField()
    motion = OneOfField(choices=Motion.choices)
    purchase_order = LineField(max_length=MOST_PURCHASE_ORDER, required=False, allow_blank=True)
    won_reason = LineField(max_length=200, required=False, allow_blank=True)
    renews_order_id = IdField(required=False)
    is_second = FlagField(
        required=False, help_text="Another order of the account has this purchase order too."
    )
    lines = LineSerializer(many=True, allow_empty=False)
    shares = ShareSerializer(many=True, required=False, default=list)
    contract_number = LineField(max_length=MOST_PURCHASE_ORDER, required=False, allow_blank=True)
    signed_on = DayField(required=False, allow_null=True)
    bill_to = TextField(max_length=MOST_ADDRESS, required=False, allow_blank=True)
    ship_to = TextField(max_length=MOST_ADDRESS, required=False, allow_blank=True)
    ticks = serializers.ListField(child=IdField(), max_length=MOST_TICKS, required=False)
    accepted_because = LineField(
        max_length=MOST_ACCEPTED, required=False, allow_blank=True, help_text=ACCEPTED
    )


class WonSerializer(StrictSerializer):
    """A won deal: the order that was booked, or null and what its booking waits for."""

    opportunity_id = IdField()
    order_id = IdField(allow_null=True)
    awaits = serializers.ListField(child=OneOfField(choices=CODES))


class AwaitingSerializer(StrictSerializer):
    """An order that is not booked yet, as it was typed, and why it waits now, as codes and as sentences.

    Lines, shares and papers are sent as they are read. `comment`: why it was sent back.
    """

    id = IdField(source="request.pk")
    version = WholeField(source="request.version")
    opportunity_id = IdField(source="request.opportunity_id", allow_null=True)
    account_id = IdField(source="request.account_id")
    renews_order_id = IdField(source="request.renews_id", allow_null=True)
    owner_id = IdField(source="request.seller_id")
    state = OneOfField(source="request.state", choices=OrderRequest.State.choices)
    claimed_by_id = IdField(source="request.claimed_by_id", allow_null=True)
    booked_on = DayField(source="request.booked_on")
    currency = CurrencyField(source="request.currency")
    amount = AmountField(source="request.amount_minor")
    motion = OneOfField(source="request.motion", choices=Motion.choices)
    purchase_order = LineField(source="request.purchase_order", allow_blank=True)
    contract_number = LineField(source="request.contract_number", allow_blank=True)
    signed_on = DayField(source="request.signed_on", allow_null=True)
    bill_to = TextField(source="request.bill_to", allow_blank=True)
    ship_to = TextField(source="request.ship_to", allow_blank=True)
    ticks = serializers.ListField(source="request.ticks", child=IdField())
    lines = LineSerializer(source="request.lines", many=True)
    shares = ShareSerializer(source="request.shares", many=True)
    comment = TextField(source="request.comment", allow_blank=True)
    awaits = serializers.ListField(source="codes", child=OneOfField(choices=CODES))
    reasons = serializers.ListField(source="missing", child=LineField())


class KeepingSerializer(UnbookedSerializer):
    """An order that is not to be booked yet: handed in, or with `is_draft` kept by whoever enters it. With `request_id`
    and `request_version` one that is kept takes what is sent instead; the order of a won deal waits on.
    """

    is_draft = FlagField(required=False, default=False)


class SendingBackSerializer(StrictSerializer):
    """Why an order goes back to who sold it."""

    comment = LineField(max_length=500)


class GivingUpSerializer(StrictSerializer):
    """Why an order is given up; whoever entered it may say nothing."""

    comment = LineField(max_length=500, required=False, allow_blank=True)


class OpportunityWinApi(Endpoint):
    """Winning a deal: its order is booked, or awaits its booking where Settings ask for something that is missing."""

    @edits("opportunity_win", WinSerializer, WonSerializer)
    def post(self, request: Request, pk: int) -> Response:
        currency = seen(Opportunity.objects.all(), reach(), pk).currency
        wish = inputs_of(body_of(WinSerializer, request, currency=currency))
        version = version_of(request)
        done = services.win(by=person_id(), opportunity_id=pk, opportunity_version=version, **wish)
        if isinstance(done, Order):
            return Response(WonSerializer({"opportunity_id": pk, "order_id": done.pk, "awaits": []}).data)
        (waiting,) = explained([done], reach())
        return Response(WonSerializer({"opportunity_id": pk, "order_id": None, "awaits": waiting.codes}).data)


MINE = "mine"
SHOW = OpenApiParameter(
    "show", OpenApiTypes.STR, enum=[MINE], description="Drafts and orders sent back that are with one."
)


def told(rows: Sequence[OrderRequest]) -> list[Any]:
    """What is answered of each, its amounts in its currency."""
    return [
        AwaitingSerializer(row, context={"currency": row.request.currency}).data
        for row in explained(rows, reach())
    ]


class OrderRequestListApi(Endpoint):
    """The orders that await their booking, oldest first, and handing one in, or changing one."""

    filters = ("after", "show")
    asks = ("order_request", "read")

    @lists("order_request_list", AwaitingSerializer, SHOW)
    def get(self, request: Request) -> Response:
        is_mine = chosen(self.query, "show", ["", MINE], "") == MINE
        rows = requests_of(reach(), person_id()) if is_mine else requests_in(reach())
        page = page_by_key(rows, ["asked_at", "id"], self.query.get("after"))
        return Response({"results": told(page.rows), "after": page.after})

    @makes("order_request_create", KeepingSerializer, AwaitingSerializer)
    def post(self, request: Request) -> Response:
        wish = inputs_of(body_of(KeepingSerializer, request))
        kept = services.keep_order(by=person_id(), **wish)
        return Response(told([kept])[0], status=201)


class OrderRequestApi(Endpoint):
    """One order that is not booked yet."""

    asks = ("order_request", "read")

    @reads("order_request_detail", AwaitingSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(told([open_request(reach(), pk)])[0])


class OrderRequestClaimApi(Endpoint):
    """Taking an order out of the queue, also from somebody else."""

    @edits("order_request_claim", NothingSerializer, AwaitingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        claimed = services.claim_order(by=person_id(), request_id=pk, version=version_of(request))
        return Response(told([claimed])[0])


class OrderRequestCancelApi(Endpoint):
    """Giving up an order without a deal that is not booked."""

    @edits("order_request_cancel", GivingUpSerializer, NothingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(GivingUpSerializer, request)
        services.cancel_kept_order(by=person_id(), request_id=pk, version=version_of(request), **wish)
        return Response({})


class OrderRequestBackApi(Endpoint):
    """Sending an order back that awaits its booking: its deal is open again."""

    @edits("order_request_back", SendingBackSerializer, NothingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(SendingBackSerializer, request)
        services.send_order_back(by=person_id(), request_id=pk, version=version_of(request), **wish)
        return Response({})
