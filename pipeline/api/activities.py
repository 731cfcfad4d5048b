"""What was done and is due on a deal, over the API."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import Endpoint, StrictSerializer, answer_page, body_of, lists, makes
from common.fields import DayField, FlagField, IdField, LineField, OneOfField, TextField
from common.http import person_id
from common.transaction import reach
from pipeline import services
from pipeline.models import Activity, Opportunity


class ActivitySerializer(StrictSerializer):
    """Something that was done on a deal, or is to be done by a day; `contact_ids`: with whom of the account."""

    id = IdField(read_only=True)
    kind = OneOfField(choices=Activity.Kind.choices)
    subject = LineField(max_length=160)
    outcome = TextField(max_length=4000, required=False, allow_blank=True)
    done = FlagField(required=False, write_only=True)
    due_on = DayField(required=False, allow_null=True)
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
