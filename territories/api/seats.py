"""Who sits where over the API, and which seats nobody has."""

from datetime import timedelta

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
from territories.models import Seat, Territory
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


class VacancyListApi(Endpoint):
    """The seats of the tree of a day that nobody has."""

    filters = ("on", "after")

    @lists("vacancy_list", VacantSeatSerializer, ON)
    def get(self, request: Request) -> Response:
        day = a_day(self.query, "on") or today()
        vacant = {node.territory.pk: node for node in tree_on(day) if node.is_vacant}
        page = page_by_key(Territory.objects.filter(pk__in=vacant), ["id"], self.query.get("after"))
        gaps = gaps_within([vacant[row.pk] for row in page.rows], Span(day, day + timedelta(days=1)))
        results = VacantSeatSerializer(gaps, many=True).data
        return Response({"results": results, "after": page.after})
