"""Disputes of credit over the API: raising, reading, answering and withdrawing them."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    body_of,
    edits,
    lists,
    makes,
    reads,
    shown,
    version_of,
)
from common.fields import FlagField, IdField, LineField, OneOfField, TextField, WholeField
from common.http import chosen, person_id
from common.transaction import reach
from orders import services
from orders.models import MOST_SAID, Dispute
from orders.selectors.dispute_detail import dispute_in
from orders.selectors.disputes import ALL, WHICH, dispute_page


class DisputeSerializer(StrictSerializer):
    """A dispute: of a credit, or of an order without one. `event_id` is the entry that granted it."""

    id = IdField()
    version = WholeField()
    credit_id = IdField(allow_null=True)
    order_id = IdField(allow_null=True)
    about = LineField()
    raised_by_id = IdField()
    raised_at = serializers.DateTimeField()
    cause = OneOfField(choices=Dispute.Cause.choices)
    text = TextField()
    state = OneOfField(choices=Dispute.State.choices)
    answer = TextField(allow_blank=True)
    answered_by_id = IdField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    event_id = IdField(allow_null=True)


class RaisingSerializer(StrictSerializer):
    """What is wrong with a credit of one's own, or why one should have credit in an order that gives one none."""

    credit_id = IdField(required=False)
    order_id = IdField(required=False)
    cause = OneOfField(choices=Dispute.Cause.choices)
    text = TextField(max_length=MOST_SAID)


class AnsweringSerializer(StrictSerializer):
    """Refused, saying why; or granted by an entry that was posted on the order since."""

    is_granted = FlagField()
    event_id = IdField(required=False)
    answer = TextField(max_length=MOST_SAID, required=False, allow_blank=True)


def _written(pk: int, status: int = 200) -> Response:
    return Response(DisputeSerializer(dispute_in(reach(), pk)).data, status=status)


class DisputeListApi(Endpoint):
    """The disputes in reach, open ones first; and raising one."""

    filters = ("show", "after")
    asks = ("dispute", "read")

    @lists(
        "dispute_list",
        DisputeSerializer,
        OpenApiParameter("show", OpenApiTypes.STR, enum=WHICH[1:], description="Mine, or those to answer."),
    )
    def get(self, request: Request) -> Response:
        which = chosen(self.query, "show", WHICH, ALL)
        page = dispute_page(reach(), which, self.query.get("after"))
        return Response({"results": shown(page.rows, DisputeSerializer), "after": page.after})

    @makes("dispute_create", RaisingSerializer, DisputeSerializer)
    def post(self, request: Request) -> Response:
        wish = body_of(RaisingSerializer, request)
        return _written(services.raise_dispute(by=person_id(), **wish).pk, 201)


class DisputeApi(Endpoint):
    """One dispute."""

    @reads("dispute_detail", DisputeSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _written(pk)


class DisputeAnswerApi(Endpoint):
    """Answering a dispute; to grant it, the order is put right first."""

    @edits("dispute_answer", AnsweringSerializer, DisputeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(AnsweringSerializer, request)
        services.answer_dispute(by=person_id(), dispute_id=pk, version=version_of(request), **wish)
        return _written(pk)


class DisputeWithdrawApi(Endpoint):
    """Taking back a dispute that one raised."""

    @edits("dispute_withdraw", NothingSerializer, DisputeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body_of(NothingSerializer, request)
        services.withdraw_dispute(by=person_id(), dispute_id=pk, version=version_of(request))
        return _written(pk)
