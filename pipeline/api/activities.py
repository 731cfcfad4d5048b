"""What was done and is due, over the API."""

from datetime import time
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    Endpoint,
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
from common.fields import DayField, FlagField, IdField, LineField, OneOfField, TextField, WholeField, refused
from common.http import person_id
from common.transaction import reach
from pipeline import services
from pipeline.forms.activity_lists import ACTIVITY_FILTERS, activity_filters_of
from pipeline.models import Activity, Opportunity
from pipeline.selectors.activities import activity_in, activity_list


@extend_schema_field({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "example": "14:00"})
class HourField(serializers.Field[time, str, str, Any]):
    """An hour of the day, written as 14:00."""

    def to_internal_value(self, data: Any) -> time:
        try:
            if isinstance(data, str) and len(data) == len("14:00"):
                return time.fromisoformat(data)
        except ValueError:
            pass
        raise refused(_("Write an hour of the day as 14:00, between quotes."), "hour_format")

    def to_representation(self, value: time) -> str:
        return value.strftime("%H:%M")


class ActivitySerializer(StrictSerializer):
    """Something that was done, or is to be done by a day; `contact_ids`: with whom of the account.

    `at`: the hour of what is planned; `done_on`: the day on which it was done; both by its owner's clock.
    """

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    kind = OneOfField(choices=Activity.Kind.choices)
    subject = LineField(max_length=160)
    outcome = TextField(max_length=4000, required=False, allow_blank=True)
    done = FlagField(required=False, write_only=True)
    done_on = DayField(required=False, allow_null=True)
    due_on = DayField(required=False, allow_null=True)
    at = HourField(required=False, allow_null=True)
    account_id = IdField(read_only=True, allow_null=True)
    opportunity_id = IdField(read_only=True, allow_null=True)
    lead_id = IdField(read_only=True, allow_null=True)
    owner_id = IdField(read_only=True)
    is_done = FlagField(read_only=True)
    contact_ids = serializers.ListField(child=IdField(), required=False, max_length=50)


class OpportunityActivityListApi(Endpoint):
    """What was done on a deal, and one thing more."""

    filters = ("after",)

    @lists("opportunity_activity_list", ActivitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        deal: Opportunity = seen(Opportunity.objects.all(), reach(), pk)
        rows = Activity.objects.visible_to(reach()).filter(opportunity=deal).prefetch_related("contacts")
        return answer_page(rows, ["id"], self.query.get("after"), ActivitySerializer)

    @makes("opportunity_activity_create", ActivitySerializer, ActivitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        body = body_of(ActivitySerializer, request)
        activity = services.log_activity(by=person_id(), opportunity_id=pk, **body)
        return Response(ActivitySerializer(activity).data, status=201)


class ActivityNewSerializer(ActivitySerializer):
    """An activity with what it is about: an account, a deal or a lead."""

    account_id = IdField(required=False)
    opportunity_id = IdField(required=False)
    lead_id = IdField(required=False)
    next_step = LineField(max_length=160, required=False, allow_blank=True)
    next_step_on = DayField(required=False, allow_null=True)


class ActivityCompleteSerializer(StrictSerializer):
    """What came of it, and who took part besides those who are named."""

    outcome = TextField(max_length=4000, required=False, allow_blank=True)
    contact_ids = serializers.ListField(child=IdField(), required=False, max_length=50)


FILTERS = [
    OpenApiParameter("state", OpenApiTypes.STR, description="done or planned; without it done."),
    OpenApiParameter("kind", OpenApiTypes.STR, description="Only those of this type."),
    only("owner", "Only those of this person."),
    only("account", "Only those with this account."),
    only("deal", "Only those on this deal."),
    only("lead", "Only those for this lead."),
    OpenApiParameter(
        "from", OpenApiTypes.DATE, description="The first day on which they were done or are due."
    ),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day on which they were done or are due."),
]


class ActivityListApi(Endpoint):
    """The activities in reach, and one more."""

    filters = (*ACTIVITY_FILTERS, "after")

    @lists("activity_list", ActivitySerializer, *FILTERS)
    def get(self, request: Request) -> Response:
        filters = activity_filters_of(self.query, is_page=False)
        rows = activity_list(reach(), filters).prefetch_related("contacts")
        return answer_page(rows, filters.order, self.query.get("after"), ActivitySerializer)

    @makes("activity_create", ActivityNewSerializer, ActivitySerializer)
    def post(self, request: Request) -> Response:
        activity = services.log_activity(by=person_id(), **body_of(ActivityNewSerializer, request))
        return Response(ActivitySerializer(activity).data, status=201)


class ActivityApi(Endpoint):
    """One activity."""

    @reads("activity_detail", ActivitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ActivitySerializer(activity_in(reach(), pk)).data)


class ActivityCompleteApi(Endpoint):
    """Marking a planned one as done."""

    @edits("activity_complete", ActivityCompleteSerializer, ActivitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        activity_in(reach(), pk)
        body = body_of(ActivityCompleteSerializer, request)
        services.complete_activity(by=person_id(), activity_id=pk, version=version_of(request), **body)
        return Response(ActivitySerializer(activity_in(reach(), pk)).data)
