"""Accounts by the many over the API: all or none."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.accounts import AccountSerializer, NewAccountSerializer
from accounts.models import Account
from common.http import person_id
from common.many import ManyEndpoint, checker, each, each_by_id, edit_checker, edits_many, makes_many


class AccountManyApi(ManyEndpoint):
    """Many accounts added or changed."""

    @makes_many("account_create_many", NewAccountSerializer)
    def post(self, request: Request) -> Response:
        def create(row: dict[str, Any]) -> Account:
            return services.create_account(by=person_id(), **row)

        return self.write(
            self.rows_of(request), checker(NewAccountSerializer), lambda rows: each(rows, create), status=201
        )

    @edits_many("account_edit_many", AccountSerializer)
    def patch(self, request: Request) -> Response:
        def edit(row: tuple[int, int, dict[str, Any]]) -> Account:
            pk, version, changes = row
            services.edit_account(by=person_id(), account_id=pk, version=version, **changes)
            account: Account = Account.objects.get(pk=pk)
            return account

        return self.write(
            self.rows_of(request),
            edit_checker(AccountSerializer),
            lambda rows: each_by_id(rows, edit),
            status=200,
        )
