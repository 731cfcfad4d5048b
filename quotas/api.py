"""Quotas and attainment over the API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import AmountField, StrictSerializer, answer_page, caller_id
from common.http import strict_query
from common.selectors import period_by_code
from common.transaction import reach
from quotas import selectors, services
from quotas.models import Quota


class QuotaSerializer(StrictSerializer):
    """A quota of one person or one territory for one quarter, in plan money of the reporting currency."""

    id = serializers.IntegerField(read_only=True)
    period_id = serializers.IntegerField()
    person_id = serializers.IntegerField(required=False, allow_null=True)
    territory_id = serializers.IntegerField(required=False, allow_null=True)
    family_id = serializers.IntegerField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=Quota.Kind.choices, required=False)
    amount = AmountField(source="amount_minor")
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    recorded_at = serializers.DateTimeField(read_only=True)


class QuotaListApi(APIView):
    """The standing quotas in reach, and a new version of one."""

    @extend_schema(responses=QuotaSerializer(many=True), operation_id="quotas_list")
    def get(self, request: Request) -> Response:
        return answer_page(Quota.objects.current().visible_to(reach()), ["id"], request, QuotaSerializer)

    @extend_schema(request=QuotaSerializer, responses={201: QuotaSerializer})
    def post(self, request: Request) -> Response:
        body = QuotaSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        quota = services.set_quota(by=caller_id(), **body.validated_data)
        return Response(QuotaSerializer(quota).data, status=201)


class AttainmentSerializer(StrictSerializer):
    """A person's figures for a quarter in plan money; `attainment` is a ratio as text, empty where undefined."""

    person_id = serializers.IntegerField()
    name = serializers.CharField()
    quota = AmountField(source="quota_minor", allow_null=True)
    order_intake = AmountField(source="intake_minor")
    attainment = serializers.SerializerMethodField()

    def get_attainment(self, row: Any) -> str | None:
        return None if row.attainment is None else f"{float(row.attainment):.6f}"


class AttainmentApi(APIView):
    """Attainment of the people in reach for one quarter: `?period=2026-Q4`."""

    @extend_schema(
        parameters=[OpenApiParameter("period", OpenApiTypes.STR)], responses=AttainmentSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        query = strict_query(request._request, "period")
        period = period_by_code(query.get("period", ""))
        rows = selectors.people_attainment(reach(), period)
        return Response({"period": period.code, "results": [AttainmentSerializer(row).data for row in rows]})
