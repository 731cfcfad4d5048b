"""Saved views over the API."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

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
from common.fields import FlagField, IdField, LineField, OneOfField, WholeField
from common.http import person_id
from common.selectors import today
from common.transaction import reach
from workspace.models import SavedView
from workspace.selectors.saved_views import query_of, view_in, views_for
from workspace.services import saved_views


class SavedViewSerializer(StrictSerializer):
    """A list as somebody likes to see it: `query` is what stands behind `?` in the address of its page."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    page = OneOfField(choices=SavedView.Page.choices)
    name = LineField(max_length=saved_views.MOST_NAME)
    query = LineField(max_length=saved_views.MOST_QUERY, required=False, allow_blank=True)
    shared = OneOfField(choices=SavedView.Shared.choices, required=False)
    is_usual = FlagField(required=False)
    owner_id = IdField(read_only=True)
    team_id = IdField(read_only=True, allow_null=True)

    def to_representation(self, instance: SavedView) -> dict[str, Any]:
        """What its reader does not see of the company's own fields is not told of."""
        return {**super().to_representation(instance), "query": query_of(reach(), instance)}


class SavedViewEditSerializer(StrictSerializer):
    """What may be changed of a view."""

    name = LineField(max_length=saved_views.MOST_NAME)
    query = LineField(max_length=saved_views.MOST_QUERY, allow_blank=True)
    shared = OneOfField(choices=SavedView.Shared.choices)
    is_usual = FlagField()


class SavedViewListApi(Endpoint):
    """The views that one may open, of all pages, and one more of one's own."""

    filters = ("after",)

    @lists("saved_view_list", SavedViewSerializer)
    def get(self, request: Request) -> Response:
        rows = views_for(reach(), today())
        return answer_page(rows, ["id"], self.query.get("after"), SavedViewSerializer)

    @makes("saved_view_create", SavedViewSerializer, SavedViewSerializer)
    def post(self, request: Request) -> Response:
        view = saved_views.save_view(by=person_id(), **body_of(SavedViewSerializer, request))
        return Response(SavedViewSerializer(view).data, status=201)


class SavedViewApi(Endpoint):
    """One view."""

    @reads("saved_view_detail", SavedViewSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(SavedViewSerializer(view_in(reach(), today(), pk)).data)

    @edits("saved_view_edit", SavedViewEditSerializer, SavedViewSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        changes, version = body_of(SavedViewEditSerializer, request, partial=True), version_of(request)
        view = saved_views.edit_view(by=person_id(), view_id=pk, version=version, **changes)
        return Response(SavedViewSerializer(view).data)


class SavedViewUnshareApi(Endpoint):
    """Taking a view out of what is shared."""

    @edits("saved_view_unshare", NothingSerializer, SavedViewSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body_of(NothingSerializer, request)
        view = saved_views.unshare_view(by=person_id(), view_id=pk, version=version_of(request))
        return Response(SavedViewSerializer(view).data)


class SavedViewRemoveApi(Endpoint):
    """Deleting a view."""

    @edits("saved_view_remove", NothingSerializer, SavedViewSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body_of(NothingSerializer, request)
        view = saved_views.remove_view(by=person_id(), view_id=pk, version=version_of(request))
        return Response(SavedViewSerializer(view).data)
