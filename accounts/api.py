"""Accounts over the API: the same services and the same reach as the pages."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.models import Account
from common.api import StrictSerializer, answer_page, caller_id, version_of
from common.http import seen
from common.transaction import reach


class AccountSerializer(StrictSerializer):
    """A customer or prospect."""

    id = serializers.IntegerField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    number = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=160)
    industry = serializers.CharField(max_length=80, required=False, allow_blank=True)
    employees = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    town = serializers.CharField(max_length=80, required=False, allow_blank=True)
    region = serializers.CharField(max_length=80, required=False, allow_blank=True)
    country = serializers.CharField(max_length=80, required=False, allow_blank=True)
    postcode = serializers.CharField(max_length=16, required=False, allow_blank=True)
    parent_id = serializers.IntegerField(required=False, allow_null=True)
    territory_id = serializers.IntegerField(read_only=True)
    first_ordered_on = serializers.DateField(read_only=True)


class AccountListApi(APIView):
    """The accounts in reach, and a new one."""

    @extend_schema(responses=AccountSerializer(many=True), operation_id="accounts_list")
    def get(self, request: Request) -> Response:
        return answer_page(Account.objects.visible_to(reach()), ["id"], request, AccountSerializer)

    @extend_schema(request=AccountSerializer, responses={201: AccountSerializer})
    def post(self, request: Request) -> Response:
        body = AccountSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        account = services.create_account(by=caller_id(), **body.validated_data)
        return Response(AccountSerializer(account).data, status=201)


class AccountApi(APIView):
    """One account."""

    @extend_schema(responses=AccountSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(AccountSerializer(seen(Account.objects.all(), reach(), pk)).data)

    @extend_schema(request=AccountSerializer, responses=AccountSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        body = AccountSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        services.edit_account(
            by=caller_id(), account_id=pk, version=version_of(request), **body.validated_data
        )
        return self.get(request, pk)
