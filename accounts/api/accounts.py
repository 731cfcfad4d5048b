"""Accounts over the API: the same services and the same reach as the pages."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import Account
from common.access import seen
from common.api import (
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    reads,
    version_of,
)
from common.fields import DayField, FlagField, IdField, LineField, WholeField
from common.http import person_id
from common.transaction import reach
from workspace.api.own import OwnValuesField

MOST_EMPLOYEES = 2**31 - 1


class AccountSerializer(StrictSerializer):
    """A customer or prospect. `territory_id` is where it is today."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    number = LineField(max_length=40, required=False)
    name = LineField(max_length=160)
    industry = LineField(max_length=80, required=False, allow_blank=True)
    employees = WholeField(min_value=0, max_value=MOST_EMPLOYEES, required=False, allow_null=True)
    town = LineField(max_length=80, required=False, allow_blank=True)
    region = LineField(max_length=80, required=False, allow_blank=True)
    country = LineField(max_length=80, required=False, allow_blank=True)
    postcode = LineField(max_length=16, required=False, allow_blank=True)
    web_domain = LineField(max_length=120, required=False, allow_blank=True)
    tax_number = LineField(max_length=40, required=False, allow_blank=True)
    segment = LineField(read_only=True)
    tier = LineField(read_only=True)
    business_unit = LineField(read_only=True)
    is_strategic = FlagField(read_only=True)
    parent_id = IdField(required=False, allow_null=True)
    territory_id = IdField(read_only=True)
    first_ordered_on = DayField(read_only=True)
    own = OwnValuesField("account")


class NewAccountSerializer(AccountSerializer):
    """A customer to add; without `territory_id` it goes into the first territory that one owns or leads.

    `anyway_reason` says why there is to be another one of the same name, web domain or tax number.
    """

    territory_id = IdField(required=False, allow_null=True)
    anyway_reason = LineField(max_length=120, required=False, allow_blank=True, write_only=True)


class AccountListApi(Endpoint):
    """The accounts in reach, and a new one."""

    filters = ("after",)

    @lists("account_list", AccountSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(
            Account.objects.standing().visible_to(reach()), ["id"], self.query.get("after"), AccountSerializer
        )

    @makes("account_create", NewAccountSerializer, AccountSerializer)
    def post(self, request: Request) -> Response:
        account = services.create_account(by=person_id(), **body_of(NewAccountSerializer, request))
        return Response(AccountSerializer(account).data, status=201)


class AccountApi(Endpoint):
    """One account."""

    @reads("account_detail", AccountSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(AccountSerializer(seen(Account.objects.all(), reach(), pk)).data)

    @edits("account_edit", AccountSerializer, AccountSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        seen(Account.objects.all(), reach(), pk)
        changes = body_of(AccountSerializer, request, partial=True)
        services.edit_account(by=person_id(), account_id=pk, version=version_of(request), **changes)
        return self.get(request, pk)
