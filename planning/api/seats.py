"""Seats pass to other people over the API: what goes with one is read first, and what one in the past changes."""

from typing import Any, NamedTuple

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
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
from common.http import BadQuery, person_id, whole
from planning import services
from planning.forms.seats import STAYS_OR_FOLLOWS, PastSeatForm
from planning.models import HandOver, QuotaPolicy
from planning.selectors.handover import GoesWith, Work, goes_with
from planning.selectors.quota_cuts import cuts_of
from planning.selectors.seats import SeatChange, effect_of, seat_change
from territories.api.seats import SeatSerializer
from territories.models import Seat

PERSON = only("person", "Only those from or to this person, by their id.")


def _asked(name: str, description: str, **kind: Any) -> OpenApiParameter:
    return OpenApiParameter(name, **{"type": OpenApiTypes.INT, **kind}, description=description)


ASKED = {
    "act": _asked(
        "act",
        "A new seat, the change of one (`seat`), or its hand-over to `person`.",
        type=OpenApiTypes.STR,
        enum=["seat", "change", "hand_over"],
        required=True,
    ),
    "starts_on": _asked("starts_on", "Its first day.", type=OpenApiTypes.DATE, required=True),
    "stops_on": _asked(
        "stops_on", "The first day without it; a hand-over until then is a cover.", type=OpenApiTypes.DATE
    ),
    "seat": _asked("seat", "The seat that is changed or handed over, by its id."),
    "person": _asked("person", "Who sits there, by their id."),
    "territory": _asked("territory", "Where, by its id."),
    "kind": _asked("kind", "As what.", type=OpenApiTypes.STR, enum=Seat.Kind.values),
    "quota": _asked(
        "quota",
        "What becomes of quota in a hand-over.",
        type=OpenApiTypes.STR,
        enum=[value for value, _label in STAYS_OR_FOLLOWS],
    ),
}
"""What is asked about a seat in the past, by the names of the address."""


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

    Open deals, leads and activities pass, and quota follows, where the hand-over says so.
    """

    accounts = WholeField()
    leads = WholeField()
    activities = WholeField()
    work = OpenWorkSerializer(many=True)
    quotas = AskedQuotaSerializer(many=True)


class HandOverSeatSerializer(StrictSerializer):
    """Who takes a seat and from which day on; with `stops_on` they cover until then, and the old seat stays.

    `quota` stays with the person, or follows the territory: `seats/effect/` says how much of it.
    """

    successor_id = IdField()
    starts_on = DayField()
    stops_on = DayField(required=False, allow_null=True)
    takes_work = FlagField(required=False)
    quota = OneOfField(choices=STAYS_OR_FOLLOWS, required=False)
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


class HeldCreditSerializer(StrictSerializer):
    """What somebody holds of an order's credit, in its currency, and with whom and on which seat it would be."""

    from_person_id = IdField(source="person.pk")
    from_territory_id = IdField(source="place.pk")
    to_person_id = IdField(source="to_person.pk")
    to_territory_id = IdField(source="to_place.pk")
    amount = AmountField(source="held.amount_minor")


class CreditElsewhereSerializer(StrictSerializer):
    """An order whose credit would be stamped otherwise.

    It can be asked for unless an entry lies in the closed period `closed`, or it waits for an answer already.
    """

    order_id = IdField(source="order.pk")
    number = LineField(source="order.number")
    account_id = IdField(source="order.account_id")
    booked_on = DayField(source="order.booked_on")
    currency = CurrencyField(source="order.currency")
    closed = LineField(allow_blank=True)
    is_waiting = FlagField()
    shares = HeldCreditSerializer(many=True)


class SeatQuotaSerializer(AskedQuotaSerializer):
    """A quota of somebody whom the seat concerns, in an open period."""

    person_id = IdField()


class QuotaCutSerializer(StrictSerializer):
    """What of a quota goes with the seat from its day on, and what stays."""

    period_id = IdField(source="period.pk")
    family_id = IdField(source="key.family_id", allow_null=True)
    goes = AmountField()
    stays = AmountField()


class SeatEffectSerializer(StrictSerializer):
    """What a seat in the past changes. By itself it moves no credit; open deals pass with a hand-over alone.

    `more`: how many later orders are not listed. `quota_goes`: what follows the territory, where that was asked for.
    """

    orders = CreditElsewhereSerializer(many=True)
    more = WholeField()
    work = OpenWorkSerializer(many=True)
    quotas = SeatQuotaSerializer(many=True)
    quota_goes = QuotaCutSerializer(many=True)


class SeatEffectApi(Endpoint):
    """What a seat would change before it is recorded: a new one, the change of one, or its hand-over."""

    asks = known("seat", "update")
    filters = tuple(ASKED)

    @reads("seat_effect", SeatEffectSerializer, *ASKED.values())
    def get(self, request: Request) -> Response:
        change = self._asked()
        old, follows = change.old, change.quota == QuotaPolicy.TERRITORY
        cuts = cuts_of(old.user_id, change.seat.starts_on) if old and follows else []
        return Response(SeatEffectSerializer({**vars(effect_of(change)), "quota_goes": cuts}).data)

    def _asked(self) -> SeatChange:
        named = {"seat": "seat_id", "person": "user_id", "territory": "territory_id"}
        form = PastSeatForm({named.get(name, name): value for name, value in self.query.items()})
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise BadQuery(str(errors[0]), path=next((one for one, of in named.items() if of == name), name))
        return seat_change(**form.cleaned_data)


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
