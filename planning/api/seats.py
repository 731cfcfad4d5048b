"""Seats pass to other people over the API: what goes with one is read first."""

from typing import Any, NamedTuple

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import found, known
from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    only,
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
    WholeField,
)
from common.http import person_id, whole
from planning import services
from planning.models import HandOver
from planning.selectors.handover import GoesWith, Work, goes_with
from territories.api.seats import SeatSerializer
from territories.models import Seat

PERSON = only("person", "Only those from or to this person, by their id.")


class Sum(NamedTuple):
    """An amount in a currency."""

    currency: str
    amount_minor: int


class SumSerializer(StrictSerializer):
    """What deals come to in one currency."""

    currency = CurrencyField()
    amount = AmountField(source="amount_minor")


class OpenWorkSerializer(StrictSerializer):
    """Somebody's open deals where the seat is, and below it from a lead's seat."""

    person_id = IdField(source="owner.pk")
    deals = WholeField()
    sums = serializers.SerializerMethodField()

    @extend_schema_field(SumSerializer(many=True))
    def get_sums(self, work: Work) -> Any:
        return [SumSerializer(Sum(*one)).data for one in work.sums]


class AskedQuotaSerializer(StrictSerializer):
    """A quota that stays with the person, in plan money of the reporting currency."""

    id = IdField()
    period_id = IdField()
    family_id = IdField(allow_null=True)
    amount = AmountField(source="amount_minor")


class GoesWithSerializer(StrictSerializer):
    """What hangs on a person's seat today: accounts stay with the territory, quotas with the person.

    Open deals and activities pass where the hand-over says so.
    """

    accounts = WholeField()
    activities = WholeField()
    work = OpenWorkSerializer(many=True)
    quotas = AskedQuotaSerializer(many=True)


class HandOverSeatSerializer(StrictSerializer):
    """Who takes a seat and from which day on; with `stops_on` they cover until then, and the old seat stays."""

    successor_id = IdField()
    starts_on = DayField()
    stops_on = DayField(required=False, allow_null=True)
    takes_work = FlagField(required=False)
    ramp = LineField(max_length=80, required=False, allow_blank=True)
    reason = LineField(max_length=200, required=False, allow_blank=True)


class HandOverSerializer(StrictSerializer):
    """Open work that passes on a day; `deals` and `activities` count what has passed."""

    id = IdField()
    version = WholeField()
    territory_id = IdField()
    kind = OneOfField(choices=Seat.Kind.choices)
    from_id = IdField(source="giver_id")
    to_id = IdField(source="taker_id")
    passes_on = DayField()
    state = OneOfField(choices=HandOver.State.choices)
    deals = WholeField()
    activities = WholeField()


class HandedOverSerializer(StrictSerializer):
    """The seat that began, and how open work passes; null where it stays with who has it."""

    seat = SeatSerializer()
    work = HandOverSerializer(allow_null=True)


class SeatHandOverApi(Endpoint):
    """What goes with a seat, and putting another person into it."""

    asks = known("seat", "update")

    @reads("seat_goes_with", GoesWithSerializer)
    def get(self, request: Request, pk: int) -> Response:
        goes: GoesWith = goes_with(self._seat(pk))
        return Response(GoesWithSerializer(goes).data)

    @makes("seat_hand_over", HandOverSeatSerializer, HandedOverSerializer)
    def post(self, request: Request, pk: int) -> Response:
        self._seat(pk)
        body = body_of(HandOverSeatSerializer, request)
        handed = services.hand_over_seat(by=person_id(), seat_id=pk, **body)
        return Response(HandedOverSerializer(handed._asdict()).data, status=201)

    @staticmethod
    def _seat(pk: int) -> Seat:
        seat: Seat = found(Seat.objects.current().filter(pk=pk).select_related("user", "territory").first())
        return seat


class HandOverListApi(Endpoint):
    """The open work that passes with seats, on its day, already, or no more; newest first."""

    asks = known("seat", "update")
    filters = ("person", "after")

    @lists("hand_over_list", HandOverSerializer, PERSON)
    def get(self, request: Request) -> Response:
        rows, person = HandOver.objects.all(), whole(self.query, "person")
        if person is not None:
            rows = rows.filter(giver_id=person) | rows.filter(taker_id=person)
        return answer_page(rows, ["-id"], self.query.get("after"), HandOverSerializer)


class HandOverDropApi(Endpoint):
    """Letting open work stay that was to pass on a day to come; the seats stay as they are."""

    asks = known("seat", "update")

    @edits("hand_over_drop", NothingSerializer, HandOverSerializer)
    def post(self, request: Request, pk: int) -> Response:
        found(HandOver.objects.filter(pk=pk).first())
        body_of(NothingSerializer, request)
        services.drop_hand_over(by=person_id(), hand_over_id=pk, version=version_of(request))
        return Response(HandOverSerializer(found(HandOver.objects.filter(pk=pk).first())).data)
