"""Accounts and their contacts read on over the API: what changed since a program read them last."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.accounts import AccountSerializer
from accounts.api.contacts import ContactSerializer
from accounts.models import Account, Contact
from common.incremental import ChangesEndpoint, reads_on


class AccountChangesApi(ChangesEndpoint):
    """The accounts that changed; one that was merged into another one is gone."""

    @reads_on("account_changes", AccountSerializer)
    def get(self, request: Request) -> Response:
        return self.answer(Account.objects.standing(), AccountSerializer)


class ContactChangesApi(ChangesEndpoint):
    """The contacts that changed; they come and go with their account."""

    @reads_on("contact_changes", ContactSerializer)
    def get(self, request: Request) -> Response:
        return self.answer(Contact.objects.filter(account__merged_into=None), ContactSerializer)
