"""The values that forms offer, over the API: everybody reads them, administrators keep them."""

from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Endpoint, StrictSerializer, body_of, edits, makes, reads, version_of
from common.fields import FlagField, IdField, LineField, OneOfField, WholeField
from common.http import chosen, person_id
from workspace import services
from workspace.models import ListValue
from workspace.services.lists import value_of


class ListValueSerializer(StrictSerializer):
    """A value of a list. What was merged into another one means that one, in forms, files and programs."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    list = OneOfField(choices=ListValue.List.choices)
    value = LineField(max_length=80)
    is_offered = FlagField(read_only=True)
    merged_into_id = IdField(read_only=True, allow_null=True)


class ListValueEditSerializer(StrictSerializer):
    """How a value is written from now on, or whether it is offered; records that hold it stay as they are."""

    value = LineField(max_length=80)
    is_offered = FlagField()


class ListValuePlaceSerializer(StrictSerializer):
    """The place of a value in its list, the first being 1."""

    place = WholeField(min_value=1, max_value=10_000)


class ListValueMergeSerializer(StrictSerializer):
    """The value of the same list that this one is merged into."""

    into_id = IdField()


class MergedValueSerializer(ListValueSerializer):
    """A value that was merged, and how many records were changed."""

    changed = WholeField(read_only=True)


class ListValueListApi(Endpoint):
    """The values of all lists or of one, in their order, and a new one as the last of its list."""

    filters = ("list",)

    @reads("list_value_list", ListValueSerializer(many=True))
    def get(self, request: Request) -> Response:
        name = chosen(self.query, "list", ["", *ListValue.List.values], "")
        rows = ListValue.objects.filter(list=name) if name else ListValue.objects.all()
        return Response(ListValueSerializer(rows, many=True).data)

    @makes("list_value_create", ListValueSerializer, ListValueSerializer)
    def post(self, request: Request) -> Response:
        body = body_of(ListValueSerializer, request)
        row = services.add_value(by=person_id(), name=body["list"], value=body["value"])
        return Response(ListValueSerializer(row).data, status=201)


class ListValueApi(Endpoint):
    """One value, for who keeps the lists."""

    @reads("list_value_detail", ListValueSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ListValueSerializer(value_of(pk)).data)

    @edits("list_value_edit", ListValueEditSerializer, ListValueSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        changes, version = body_of(ListValueEditSerializer, request, partial=True), version_of(request)
        if "value" in changes:
            services.rename_value(by=person_id(), value_id=pk, version=version, value=changes["value"])
            version += 1
        if "is_offered" in changes:
            offered = changes["is_offered"]
            services.offer_value(by=person_id(), value_id=pk, version=version, is_offered=offered)
        return self.get(request, pk)


class ListValuePlaceApi(Endpoint):
    """Putting a value before or behind others."""

    @edits("list_value_place", ListValuePlaceSerializer, ListValueSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(ListValuePlaceSerializer, request)
        services.place_value(by=person_id(), value_id=pk, version=version_of(request), **wish)
        return Response(ListValueSerializer(value_of(pk)).data)


class ListValueMergeApi(Endpoint):
    """Letting all that holds a value hold another one of its list."""

    @edits("list_value_merge", ListValueMergeSerializer, MergedValueSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(ListValueMergeSerializer, request)
        number = services.merge_value(by=person_id(), value_id=pk, version=version_of(request), **wish)
        return Response({**ListValueSerializer(value_of(pk)).data, "changed": number})
