"""The territory tree over the API: read on any day, changed by date."""

from datetime import date

from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    ON,
    Endpoint,
    StrictSerializer,
    acts,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    reads,
    version_of,
)
from common.fields import DayField, FlagField, IdField, LineField, OneOfField, WholeField
from common.http import a_day, person_id
from common.selectors import today
from common.transaction import reach
from territories import services
from territories.models import Territory
from territories.selectors.tree import placed_on


class TerritorySerializer(StrictSerializer):
    """A territory as on a day: its name, and below what it lies; without `parent_id` it is a root, or in no tree."""

    id = IdField()
    version = WholeField()
    code = LineField()
    name = LineField(source="called")
    kind = OneOfField(choices=Territory.Kind.choices)
    is_unassigned = FlagField()
    is_in_tree = FlagField()
    parent_id = IdField(source="lies_below", allow_null=True)


class NewTerritorySerializer(StrictSerializer):
    """A territory to add; `parent_id` null makes a root, without `kind` it gets the one that comes next below."""

    name = LineField(max_length=120)
    code = LineField(max_length=40)
    kind = OneOfField(choices=Territory.Kind.choices, required=False)
    parent_id = IdField(allow_null=True)
    starts_on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class TerritoryEditSerializer(StrictSerializer):
    """What was written wrongly, for all days; another name from a day on has its own address, and so has a move."""

    name = LineField(max_length=120)
    code = LineField(max_length=40)
    kind = OneOfField(choices=Territory.Kind.choices)


class TerritoryMoveSerializer(StrictSerializer):
    """Another place from a day on, with all that lies below; `parent_id` null makes a root."""

    parent_id = IdField(allow_null=True)
    on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class TerritoryRenameSerializer(StrictSerializer):
    """Another name from a day on; earlier days keep the one that they had."""

    name = LineField(max_length=120)
    starts_on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


def answer_territory(pk: int, day: date, status: int = 200) -> Response:
    """One territory as on that day."""
    return Response(TerritorySerializer(seen(placed_on(day), reach(), pk)).data, status=status)


class TerritoryListApi(Endpoint):
    """The territories in the tree of a day, and a new one."""

    filters = ("on", "after")

    @lists("territory_list", TerritorySerializer, ON)
    def get(self, request: Request) -> Response:
        rows = placed_on(a_day(self.query, "on") or today()).filter(is_in_tree=True)
        return answer_page(rows, ["id"], self.query.get("after"), TerritorySerializer)

    @makes("territory_create", NewTerritorySerializer, TerritorySerializer)
    def post(self, request: Request) -> Response:
        body = body_of(NewTerritorySerializer, request)
        made = services.create_territory(by=person_id(), **body)
        return answer_territory(made.pk, body["starts_on"], 201)


class TerritoryApi(Endpoint):
    """One territory, in the tree or not."""

    filters = ("on",)

    @reads("territory_detail", TerritorySerializer, ON)
    def get(self, request: Request, pk: int) -> Response:
        return answer_territory(pk, a_day(self.query, "on") or today())

    @edits("territory_edit", TerritoryEditSerializer, TerritorySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        seen(Territory.objects.all(), reach(), pk)
        changes = body_of(TerritoryEditSerializer, request, partial=True)
        services.edit_territory(by=person_id(), territory_id=pk, version=version_of(request), **changes)
        return answer_territory(pk, today())


class TerritoryMoveApi(Endpoint):
    """Hanging a territory below another from a day on."""

    @acts("territory_move", TerritoryMoveSerializer, TerritorySerializer)
    def post(self, request: Request, pk: int) -> Response:
        seen(Territory.objects.all(), reach(), pk)
        body = body_of(TerritoryMoveSerializer, request)
        services.move_territory(by=person_id(), territory_id=pk, **body)
        return answer_territory(pk, body["on"])


class TerritoryRenameApi(Endpoint):
    """Giving a territory another name from a day on."""

    @acts("territory_rename", TerritoryRenameSerializer, TerritorySerializer)
    def post(self, request: Request, pk: int) -> Response:
        seen(Territory.objects.all(), reach(), pk)
        body = body_of(TerritoryRenameSerializer, request)
        services.rename_territory(by=person_id(), territory_id=pk, **body)
        return answer_territory(pk, body["starts_on"])
