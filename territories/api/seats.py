"""Who sits where over the API, and which seats nobody has."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import found
from common.api import (
    ON,
    Endpoint,
    StrictSerializer,
    acts,
    answer_page,
    body_of,
    lists,
    makes,
    only,
)
from common.calendars import Span
from common.fields import DayField, IdField, LineField, OneOfField, PercentField
from common.http import a_day, page_by_key, person_id, whole
from common.selectors import today
from common.transaction import reach
from territories import services
from territories.models import Seat, Territory, Vacancy
from territories.selectors import Gap, gaps_within, tree_on

TERRITORY = only("territory", "Only those of this territory, by its id.")
PERSON = only("person", "Only those of this person, by their id.")


class SeatSerializer(StrictSerializer):
    """A person's seat until the day `stops_on`, which is the first without it.

    `share` in percent of their working time, `ramp` in percent of a full quota month by month: "0 25 50 75 100".
    """

    id = IdField(read_only=True)
    person_id = IdField(source="user_id")
    territory_id = IdField()
    kind = OneOfField(choices=Seat.Kind.choices)
    share = PercentField(required=False)
    ramp = LineField(max_length=80, required=False, allow_blank=True)
    starts_on = DayField()
    stops_on = DayField(required=False, allow_null=True)
    reason = LineField(max_length=200, required=False, allow_blank=True)


class SeatEndSerializer(StrictSerializer):
    """The first day without the seat."""

    stops_on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class EndedSeatSerializer(StrictSerializer):
    """The seat with its end, which has an id of its own; null where it never began."""

    seat = SeatSerializer(allow_null=True)


class SeatChangeSerializer(StrictSerializer):
    """The seat that takes the place of another from a day on, until that one would have ended."""

    territory_id = IdField()
    kind = OneOfField(choices=Seat.Kind.choices)
    starts_on = DayField()
    share = PercentField(required=False)
    ramp = LineField(max_length=80, required=False, allow_blank=True)
    reason = LineField(max_length=200, required=False, allow_blank=True)


class SeatListApi(Endpoint):
    """Who sits where on a day, and seating a person."""

    filters = ("on", "territory", "person", "after")

    @lists("seat_list", SeatSerializer, ON, TERRITORY, PERSON)
    def get(self, request: Request) -> Response:
        rows = Seat.objects.on(a_day(self.query, "on") or today()).visible_to(reach())
        chosen = {"territory": whole(self.query, "territory"), "user": whole(self.query, "person")}
        rows = rows.filter(**{name: pk for name, pk in chosen.items() if pk is not None})
        return answer_page(rows, ["id"], self.query.get("after"), SeatSerializer)

    @makes("seat_create", SeatSerializer, SeatSerializer)
    def post(self, request: Request) -> Response:
        seat = services.seat_person(by=person_id(), **body_of(SeatSerializer, request))
        return Response(SeatSerializer(seat).data, status=201)


class SeatChangeApi(Endpoint):
    """Seating a person elsewhere, or otherwise, from a day on; 404 for a seat that was replaced meanwhile."""

    @acts("seat_change", SeatChangeSerializer, SeatSerializer)
    def post(self, request: Request, pk: int) -> Response:
        found(Seat.objects.filter(pk=pk).first())
        body = body_of(SeatChangeSerializer, request)
        return Response(SeatSerializer(services.change_seat(by=person_id(), seat_id=pk, **body)).data)


class SeatEndApi(Endpoint):
    """Ending a seat; 412 where it was replaced since it was read."""

    @acts("seat_end", SeatEndSerializer, EndedSeatSerializer)
    def post(self, request: Request, pk: int) -> Response:
        found(Seat.objects.filter(pk=pk).first())
        seat = services.end_seat(by=person_id(), seat_id=pk, **body_of(SeatEndSerializer, request))
        return Response(EndedSeatSerializer({"seat": seat}).data)


class VacantSeatSerializer(StrictSerializer):
    """A seat that nobody has on the day: a leaf's owner, a parent's lead; and who covers for a time.

    Where it is planned, `vacancy_id` names the plan, and `planned_on` the day on which somebody is to come.
    """

    territory_id = IdField(source="territory.pk")
    kind = OneOfField(choices=Seat.Kind.choices)
    covered_by = serializers.SerializerMethodField()
    vacancy_id = IdField(source="plan.pk", allow_null=True, default=None)
    planned_on = DayField(source="plan.stops_on", allow_null=True, default=None)
    ramp = LineField(source="plan.ramp", default="")

    def get_covered_by(self, gap: Gap) -> list[int]:
        return [seat.user_id for seat in gap.covers]


class ChangeVacancySerializer(StrictSerializer):
    """From when a seat is open, and when and how somebody is to begin there; `planned_on` null: nobody knows."""

    starts_on = DayField()
    planned_on = DayField(source="stops_on", required=False, allow_null=True)
    ramp = LineField(max_length=80, required=False, allow_blank=True)
    reason = LineField(max_length=200, required=False, allow_blank=True)


class VacancySerializer(ChangeVacancySerializer):
    """A plan for a seat that nobody has: an owner's or a lead's."""

    id = IdField(read_only=True)
    territory_id = IdField()
    kind = OneOfField(choices=[(kind.value, kind.label) for kind in Seat.LASTING])


class DropVacancySerializer(StrictSerializer):
    """Why a plan is taken back."""

    reason = LineField(max_length=200, required=False, allow_blank=True)


def _planned(body: dict[str, Any]) -> dict[str, Any]:
    """The body as the acts name it."""
    if "stops_on" in body:
        body["planned_on"] = body.pop("stops_on")
    return body


class VacancyListApi(Endpoint):
    """The seats of the tree of a day that nobody has, and planning for one."""

    filters = ("on", "after")

    @lists("vacancy_list", VacantSeatSerializer, ON)
    def get(self, request: Request) -> Response:
        day = a_day(self.query, "on") or today()
        vacant = {node.territory.pk: node for node in tree_on(day) if node.is_vacant}
        page = page_by_key(Territory.objects.filter(pk__in=vacant), ["id"], self.query.get("after"))
        gaps = gaps_within([vacant[row.pk] for row in page.rows], Span(day, day + timedelta(days=1)))
        results = VacantSeatSerializer(gaps, many=True).data
        return Response({"results": results, "after": page.after})

    @makes("vacancy_plan", VacancySerializer, VacancySerializer)
    def post(self, request: Request) -> Response:
        body = _planned(body_of(VacancySerializer, request))
        plan = services.plan_vacancy(by=person_id(), **body)
        return Response(VacancySerializer(plan).data, status=201)


class VacancyChangeApi(Endpoint):
    """Planning a vacancy otherwise; 412 where the plan was replaced since it was read."""

    @acts("vacancy_change", ChangeVacancySerializer, VacancySerializer)
    def post(self, request: Request, pk: int) -> Response:
        found(Vacancy.objects.filter(pk=pk).first())
        body = _planned(body_of(ChangeVacancySerializer, request))
        return Response(
            VacancySerializer(services.change_vacancy(by=person_id(), vacancy_id=pk, **body)).data
        )


class VacancyDropApi(Endpoint):
    """Taking a plan back; the seat stays vacant where nobody sits. Answers with the plan that is given up."""

    @acts("vacancy_drop", DropVacancySerializer, VacancySerializer)
    def post(self, request: Request, pk: int) -> Response:
        found(Vacancy.objects.filter(pk=pk).first())
        body = body_of(DropVacancySerializer, request)
        return Response(VacancySerializer(services.drop_vacancy(by=person_id(), vacancy_id=pk, **body)).data)
