"""The people at customers over the API."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import Contact
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
from common.fields import IdField, LineField, OneOfField, WholeField
from common.http import person_id, whole
from common.transaction import reach
from workspace.api.own import OwnValuesField


class ContactSerializer(StrictSerializer):
    """A person at an account."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    account_id = IdField(read_only=True)
    name = LineField(max_length=120)
    title = LineField(max_length=120, required=False, allow_blank=True)
    seniority = OneOfField(choices=Contact.Seniority.choices, required=False, allow_blank=True)
    email = LineField(max_length=254, required=False, allow_blank=True)
    phone = LineField(max_length=40, required=False, allow_blank=True)
    own = OwnValuesField("contact")


class NewContactSerializer(ContactSerializer):
    """A person to add to an account."""

    account_id = IdField()


class ContactListApi(Endpoint):
    """The contacts in reach, and a new one."""

    filters = ("after", "account")

    @lists("contact_list", ContactSerializer, only("account", "Only those of this account."))
    def get(self, request: Request) -> Response:
        rows = Contact.objects.visible_to(reach()).filter(account__merged_into=None)
        if account := whole(self.query, "account"):
            rows = rows.filter(account_id=account)
        return answer_page(rows, ["id"], self.query.get("after"), ContactSerializer)

    @makes("contact_create", NewContactSerializer, ContactSerializer)
    def post(self, request: Request) -> Response:
        contact = services.create_contact(by=person_id(), **body_of(NewContactSerializer, request))
        return Response(ContactSerializer(contact).data, status=201)


class ContactApi(Endpoint):
    """One contact."""

    @reads("contact_detail", ContactSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ContactSerializer(seen(Contact.objects.all(), reach(), pk)).data)

    @edits("contact_edit", ContactSerializer, ContactSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        seen(Contact.objects.all(), reach(), pk)
        changes = body_of(ContactSerializer, request, partial=True)
        services.edit_contact(by=person_id(), contact_id=pk, version=version_of(request), **changes)
        return self.get(request, pk)
