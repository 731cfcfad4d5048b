"""Events over the API: what they cost, who is on their list, and what they brought."""

from typing import Any

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
from common.fields import AmountField, CurrencyField, DayField, IdField, LineField, OneOfField, WholeField
from common.http import person_id
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.models import Attendance, SalesEvent
from pipeline.selectors.attendance import brought, guest_in, guests_of


class EventSerializer(StrictSerializer):
    """A fair, a dinner: when, where, what it cost, and whose it is."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=120)
    starts_on = DayField()
    ends_on = DayField()
    place = LineField(max_length=120, required=False, allow_blank=True)
    currency = CurrencyField()
    cost = AmountField(source="cost_minor", required=False, allow_null=True)
    owner_id = IdField(required=False)


class GuestSerializer(StrictSerializer):
    """A contact or a lead on the list of an event."""

    id = IdField(source="pk", read_only=True)
    version = WholeField(read_only=True)
    contact_id = IdField(read_only=True, allow_null=True)
    lead_id = IdField(read_only=True, allow_null=True)
    state = OneOfField(choices=Attendance.State.choices, read_only=True)


class EventDetailSerializer(EventSerializer):
    """An event with its list and what it brought as far as the reader sees it, in the reporting currency."""

    guests = GuestSerializer(many=True, read_only=True)
    leads = WholeField(read_only=True)
    deals = WholeField(read_only=True)
    created_value = AmountField(read_only=True)
    value_now = AmountField(read_only=True)
    open_value = AmountField(read_only=True)
    won_value = AmountField(read_only=True)
    cost_per_lead = AmountField(read_only=True, allow_null=True)


class GuestAddSerializer(StrictSerializer):
    """Who is put onto the list."""

    who = OneOfField(choices=["contact", "lead"])
    id = IdField()
    state = OneOfField(choices=Attendance.State.choices, required=False)


class GuestStateSerializer(StrictSerializer):
    """Whether somebody is invited, came or stayed away."""

    state = OneOfField(choices=Attendance.State.choices)


def _guest(row: Any) -> dict[str, Any]:
    ids = {name: getattr(row, name, None) for name in ("contact_id", "lead_id")}
    return {"id": row.pk, "version": row.version, **ids, "state": row.state}


def _event(pk: int) -> SalesEvent:
    event: SalesEvent = seen(SalesEvent.objects.all(), reach(), pk)
    return event


class EventListApi(Endpoint):
    """The events, and a new one."""

    filters = ("after",)

    @lists("event_list", EventSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(SalesEvent.objects.all(), ["id"], self.query.get("after"), EventSerializer)

    @makes("event_create", EventSerializer, EventSerializer)
    def post(self, request: Request) -> Response:
        event = services.create_event(by=person_id(), **body_of(EventSerializer, request))
        return Response(EventSerializer(event).data, status=201)


class EventApi(Endpoint):
    """One event."""

    @reads("event_detail", EventDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        event = _event(pk)
        came, money = brought(reach(), event, today()), AmountField()
        amounts = {
            "created_value": came.created_minor,
            "value_now": came.now_minor,
            "open_value": came.open_minor,
            "won_value": came.won_minor,
            "cost_per_lead": came.cost_per_lead_minor,
        }
        values = {
            name: None if minor is None else money.to_representation(minor) for name, minor in amounts.items()
        }
        guests = [_guest(row) for row in guests_of(reach(), event).rows]
        counts = {"leads": came.leads, "deals": came.total}
        return Response({**EventSerializer(event).data, "guests": guests, **counts, **values})

    @edits("event_edit", EventSerializer, EventSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        changes = body_of(EventSerializer, request, partial=True, currency=_event(pk).currency)
        event = services.edit_event(by=person_id(), event_id=pk, version=version_of(request), **changes)
        return Response(EventSerializer(event).data)


class GuestListApi(Endpoint):
    """Somebody more on the list of an event."""

    @makes("event_guest_add", GuestAddSerializer, GuestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body = body_of(GuestAddSerializer, request)
        guest = services.add_guest(by=person_id(), event_id=pk, guest_id=body.pop("id"), **body)
        return Response(_guest(guest), status=201)


class GuestApi(Endpoint):
    """Somebody on the list of an event."""

    @edits("event_guest_state", GuestStateSerializer, GuestSerializer)
    def patch(self, request: Request, pk: int, who: str, row_id: int) -> Response:
        guest_in(reach(), pk, who, row_id)
        ids = {"event_id": pk, "who": who, "guest_row_id": row_id, "version": version_of(request)}
        guest = services.change_guest(by=person_id(), **ids, **body_of(GuestStateSerializer, request))  # type: ignore[arg-type]
        return Response(_guest(guest))


class GuestRemoveApi(Endpoint):
    """Taking somebody off the list."""

    @edits("event_guest_remove", NothingSerializer, NothingSerializer)
    def post(self, request: Request, pk: int, who: str, row_id: int) -> Response:
        guest_in(reach(), pk, who, row_id)
        ids = {"event_id": pk, "who": who, "guest_row_id": row_id, "version": version_of(request)}
        services.remove_guest(by=person_id(), **ids)  # type: ignore[arg-type]
        return Response({})
