"""Opportunities over the API: the same services and the same reach as the pages."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import AmountField, StrictSerializer, answer_page, caller_id, version_of
from common.http import seen
from common.transaction import reach
from pipeline import services
from pipeline.models import Category, Motion, Opportunity


class OpportunitySerializer(StrictSerializer):
    """A deal. `amount` is text with a full stop in `currency`."""

    id = serializers.IntegerField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    number = serializers.CharField(read_only=True)
    account_id = serializers.IntegerField()
    name = serializers.CharField(max_length=160)
    owner_id = serializers.IntegerField(required=False)
    territory_id = serializers.IntegerField(read_only=True)
    stage_id = serializers.IntegerField()
    state = serializers.CharField(read_only=True)
    category = serializers.ChoiceField(choices=Category.choices, read_only=True)
    motion = serializers.ChoiceField(choices=Motion.choices, required=False)
    currency = serializers.RegexField("^[A-Z]{3}$")
    amount = AmountField(source="amount_minor", allow_null=True)
    close_on = serializers.DateField()
    created_on = serializers.DateField(read_only=True)


class OpportunityEditSerializer(StrictSerializer):
    """What an edit may change; the stage moves on its own address."""

    name = serializers.CharField(max_length=160)
    currency = serializers.RegexField("^[A-Z]{3}$")
    amount = AmountField(source="amount_minor", allow_null=True)
    close_on = serializers.DateField()
    motion = serializers.ChoiceField(choices=Motion.choices)
    next_step = serializers.CharField(max_length=200, allow_blank=True)
    next_step_on = serializers.DateField(allow_null=True)


class StageMoveSerializer(StrictSerializer):
    """A move to an open or lost stage; a deal is won by booking its order."""

    stage_id = serializers.IntegerField()
    lost_reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class OpportunityListApi(APIView):
    """The deals in reach, and a new one."""

    @extend_schema(responses=OpportunitySerializer(many=True), operation_id="opportunities_list")
    def get(self, request: Request) -> Response:
        return answer_page(
            Opportunity.objects.visible_to(reach()), ["close_on", "id"], request, OpportunitySerializer
        )

    @extend_schema(request=OpportunitySerializer, responses={201: OpportunitySerializer})
    def post(self, request: Request) -> Response:
        body = OpportunitySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        deal = services.create_opportunity(by=caller_id(), **body.validated_data)
        return Response(OpportunitySerializer(deal).data, status=201)


class OpportunityApi(APIView):
    """One deal."""

    @extend_schema(responses=OpportunitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(OpportunitySerializer(seen(Opportunity.objects.all(), reach(), pk)).data)

    @extend_schema(request=OpportunityEditSerializer, responses=OpportunitySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        body = OpportunityEditSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = body.validated_data
        services.edit_opportunity(by=caller_id(), opportunity_id=pk, version=version_of(request), **changes)
        return self.get(request, pk)


class OpportunityStageApi(APIView):
    """Moving a deal to another stage."""

    @extend_schema(request=StageMoveSerializer, responses=OpportunitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        body = StageMoveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        move = body.validated_data
        services.move_stage(by=caller_id(), opportunity_id=pk, version=version_of(request), **move)
        return Response(OpportunitySerializer(seen(Opportunity.objects.all(), reach(), pk)).data)
