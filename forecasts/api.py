"""Forecast calls over the API."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import AmountField, StrictSerializer, answer_page, caller_id
from common.transaction import reach
from forecasts import services
from forecasts.models import Submission


class SubmissionSerializer(StrictSerializer):
    """A forecast call in plan money of the reporting currency."""

    id = serializers.IntegerField(read_only=True)
    person_id = serializers.IntegerField(read_only=True)
    period_id = serializers.IntegerField()
    node_id = serializers.IntegerField(required=False)
    is_team = serializers.BooleanField(required=False)
    category = serializers.ChoiceField(choices=Submission.Category.choices, required=False)
    amount = AmountField(source="amount_minor")
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    submitted_at = serializers.DateTimeField(read_only=True)
    is_late = serializers.BooleanField(read_only=True)


class SubmissionListApi(APIView):
    """The calls in reach, newest first, and a new one of one's own."""

    @extend_schema(responses=SubmissionSerializer(many=True), operation_id="submissions_list")
    def get(self, request: Request) -> Response:
        return answer_page(Submission.objects.visible_to(reach()), ["-id"], request, SubmissionSerializer)

    @extend_schema(request=SubmissionSerializer, responses={201: SubmissionSerializer})
    def post(self, request: Request) -> Response:
        body = SubmissionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        call = services.submit(by=caller_id(), **body.validated_data)
        return Response(SubmissionSerializer(call).data, status=201)
