"""Partners and their people over the API: the same services as the pages. Administrators keep them, all others read."""

from rest_framework.request import Request
from rest_framework.response import Response

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
from common.fields import FlagField, IdField, LineField, WholeField
from common.http import person_id
from common.transaction import reach
from territories.models import Partner, PartnerRep
from territories.services import partners as services


class PartnerSerializer(StrictSerializer):
    """A company through which we sell. Forms offer it while it is active; what names it keeps it."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=120)
    is_active = FlagField(read_only=True)


class PartnerEditSerializer(StrictSerializer):
    """What an edit of a partner may change."""

    name = LineField(max_length=120)
    is_active = FlagField()


class PartnerRepSerializer(StrictSerializer):
    """Somebody in the field who works for a partner."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    partner_id = IdField(read_only=True)
    name = LineField(max_length=120)
    email = LineField(max_length=254, required=False, allow_blank=True)
    phone = LineField(max_length=40, required=False, allow_blank=True)
    is_active = FlagField(read_only=True)


class PartnerRepEditSerializer(StrictSerializer):
    """What an edit of a partner's representative may change."""

    name = LineField(max_length=120)
    email = LineField(max_length=254, allow_blank=True)
    phone = LineField(max_length=40, allow_blank=True)
    is_active = FlagField()


class PartnerListApi(Endpoint):
    """The partners, and a new one."""

    filters = ("after",)

    @lists("partner_list", PartnerSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(Partner.objects.all(), ["id"], self.query.get("after"), PartnerSerializer)

    @makes("partner_create", PartnerSerializer, PartnerSerializer)
    def post(self, request: Request) -> Response:
        made = services.create_partner(by=person_id(), **body_of(PartnerSerializer, request))
        return _answer(made.pk, 201)


class PartnerApi(Endpoint):
    """One partner."""

    @reads("partner_detail", PartnerSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(pk)

    @edits("partner_edit", PartnerEditSerializer, PartnerSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        partner = _partner(pk)
        changes = body_of(PartnerEditSerializer, request, partial=True)
        facts = {"name": partner.name, "is_active": partner.is_active, **changes}
        services.edit_partner(by=person_id(), partner_id=pk, version=version_of(request), **facts)
        return _answer(pk)


class PartnerRepListApi(Endpoint):
    """The people in the field who work for a partner, and another one."""

    filters = ("after",)

    @lists("partner_rep_list", PartnerRepSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return answer_page(_partner(pk).reps.all(), ["id"], self.query.get("after"), PartnerRepSerializer)

    @makes("partner_rep_create", PartnerRepSerializer, PartnerRepSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _partner(pk)
        made = services.create_partner_rep(
            by=person_id(), partner_id=pk, **body_of(PartnerRepSerializer, request)
        )
        return _answer_rep(made.pk, 201)


class PartnerRepApi(Endpoint):
    """One representative of a partner."""

    @reads("partner_rep_detail", PartnerRepSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer_rep(pk)

    @edits("partner_rep_edit", PartnerRepEditSerializer, PartnerRepSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        _rep(pk)
        changes = body_of(PartnerRepEditSerializer, request, partial=True)
        services.edit_partner_rep(by=person_id(), rep_id=pk, version=version_of(request), **changes)
        return _answer_rep(pk)


def _partner(pk: int) -> Partner:
    partner: Partner = seen(Partner.objects.all(), reach(), pk)
    return partner


def _answer(pk: int, status: int = 200) -> Response:
    return Response(PartnerSerializer(_partner(pk)).data, status=status)


def _rep(pk: int) -> PartnerRep:
    rep: PartnerRep = seen(PartnerRep.objects.all(), reach(), pk)
    return rep


def _answer_rep(pk: int, status: int = 200) -> Response:
    return Response(PartnerRepSerializer(_rep(pk)).data, status=status)
