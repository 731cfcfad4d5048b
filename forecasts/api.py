"""Forecast calls over the API."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Endpoint, StrictSerializer, answer_page, body_of, lists, makes
from common.fields import AmountField, FlagField, IdField, OneOfField, TextField
from common.http import person_id
from common.selectors import the_organisation
from common.transaction import reach
from forecasts import services
from forecasts.models import Submission


class SubmissionSerializer(StrictSerializer):
    """A forecast call in plan money of the reporting currency; with a `node_id` that one leads it is the team's."""

    id = IdField(read_only=True)
    person_id = IdField(read_only=True)
    period_id = IdField()
    node_id = IdField(required=False)
    is_team = FlagField(read_only=True)
    category = OneOfField(choices=Submission.Category.choices, required=False)
    amount = AmountField(source="amount_minor")
    note = TextField(max_length=1000, required=False, allow_blank=True)
    submitted_at = serializers.DateTimeField(read_only=True)
    is_late = FlagField(read_only=True)


class SubmissionListApi(Endpoint):
    """The calls in reach, newest first, and a new one of one's own."""

    filters = ("after",)

    @lists("submission_list", SubmissionSerializer)
    def get(self, request: Request) -> Response:
        rows, currency = Submission.objects.visible_to(reach()), the_organisation().reporting_currency
        return answer_page(rows, ["-id"], self.query.get("after"), SubmissionSerializer, currency=currency)

    @makes("submission_create", SubmissionSerializer, SubmissionSerializer)
    def post(self, request: Request) -> Response:
        call = services.submit(by=person_id(), **body_of(SubmissionSerializer, request))
        return Response(SubmissionSerializer(call).data, status=201)
