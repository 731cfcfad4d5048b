"""Modules over the API: which there are, which accounts are in them on a day, and putting in and taking out."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.rules import ConditionsField
from accounts.models import Module
from accounts.selectors.modules import filling, members_on, places_on, some_named
from accounts.services import modules as services
from accounts.services.modules import MOST_PICKED
from common.access import found, known
from common.api import (
    ON,
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    acts,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    reads,
    version_of,
)
from common.fields import DayField, FlagField, IdField, LineField, WholeField
from common.http import a_day, page_by_key, person_id
from common.selectors import today
from common.transaction import reach


class ModuleSerializer(StrictSerializer):
    """A named bundle of accounts that move as one; with `conditions` it can be filled by them.

    They are told only to who may put accounts into modules.
    """

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=120)
    note = LineField(max_length=400, required=False, allow_blank=True)
    conditions = ConditionsField(required=False)
    is_active = FlagField(read_only=True)

    def to_representation(self, instance: Module) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        if not reach().relations("account", "bundle"):
            del told["conditions"]
        return told


class ModuleMemberSerializer(StrictSerializer):
    """An account in a module until the day `stops_on`, which is the first without it; where it is on the day asked."""

    account_id = IdField()
    territory_id = IdField()
    starts_on = DayField()
    stops_on = DayField(allow_null=True)
    reason = LineField()


class TakeOutSerializer(StrictSerializer):
    """Accounts that leave a module; `starts_on` is the first day without them."""

    account_ids = serializers.ListField(child=IdField(), allow_empty=False, max_length=MOST_PICKED)
    starts_on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class PutInSerializer(TakeOutSerializer):
    """Accounts that come into a module from a day on; with `moves` they leave the one that they are in."""

    moves = FlagField(required=False)


class CameSerializer(StrictSerializer):
    """How many accounts came in."""

    came = WholeField()


class LeftSerializer(StrictSerializer):
    """How many accounts left."""

    left = WholeField()


class FillingSerializer(StrictSerializer):
    """What the conditions of a module bring into it from a day on, as far as the reader may put it there.

    Its `digest` asks for just that. `elsewhere`: accounts of other modules, which stay there unless they are moved.
    """

    starts_on = DayField()
    digest = LineField()
    new = WholeField()
    staying = WholeField()
    elsewhere = WholeField()
    examples = serializers.ListField(child=IdField(), help_text="The first of the new ones by name.")


class FillSerializer(StrictSerializer):
    """The day and the digest of the filling that one has read."""

    starts_on = DayField()
    digest = LineField(max_length=64, source="shown")
    reason = LineField(max_length=200, required=False, allow_blank=True)
    moves = FlagField(required=False)


class RetireModuleSerializer(StrictSerializer):
    """Why a module is used no more."""

    reason = LineField(max_length=200, required=False, allow_blank=True)


def _module(pk: int) -> Module:
    module: Module = found(Module.objects.filter(pk=pk).first())
    return module


class ModuleListApi(Endpoint):
    """The modules, in use or retired, and a new one."""

    filters = ("after",)

    @lists("module_list", ModuleSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(Module.objects.all(), ["id"], self.query.get("after"), ModuleSerializer)

    @makes("module_create", ModuleSerializer, ModuleSerializer)
    def post(self, request: Request) -> Response:
        module = services.create_module(by=person_id(), **body_of(ModuleSerializer, request))
        return Response(ModuleSerializer(module).data, status=201)


class ModuleApi(Endpoint):
    """One module."""

    @reads("module_detail", ModuleSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ModuleSerializer(_module(pk)).data)

    @edits("module_edit", ModuleSerializer, ModuleSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        _module(pk)
        changes = body_of(ModuleSerializer, request, partial=True)
        services.edit_module(by=person_id(), module_id=pk, version=version_of(request), **changes)
        return self.get(request, pk)


class ModuleAccountApi(Endpoint):
    """The accounts in reach that are in a module on a day, and putting some in."""

    filters = ("on", "after")

    @lists("module_account_list", ModuleMemberSerializer, ON)
    def get(self, request: Request, pk: int) -> Response:
        day = a_day(self.query, "on") or today()
        rows = members_on(reach(), _module(pk).pk, day)
        page = page_by_key(rows, ["name_key", "id"], self.query.get("after"))
        places = places_on([row.account_id for row in page.rows], day)
        for row in page.rows:
            row.territory_id = places[row.account_id].pk
        return Response({"results": ModuleMemberSerializer(page.rows, many=True).data, "after": page.after})

    @makes("module_put_in", PutInSerializer, CameSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _module(pk)
        body = body_of(PutInSerializer, request)
        added = services.add_to_module(by=person_id(), module_id=pk, **body)
        return Response(CameSerializer({"came": added.came}).data, status=201)


class ModuleTakeOutApi(Endpoint):
    """Letting accounts leave a module from a day on."""

    @acts("module_take_out", TakeOutSerializer, LeftSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _module(pk)
        body = body_of(TakeOutSerializer, request)
        left = services.take_out_of_module(by=person_id(), module_id=pk, **body)
        return Response(LeftSerializer({"left": left}).data)


class ModuleFillApi(Endpoint):
    """What the conditions of a module bring into it, and letting just that come in; 409 where it is another by now."""

    asks = known("account", "bundle")
    filters = ("on",)

    @reads("module_filling", FillingSerializer, ON)
    def get(self, request: Request, pk: int) -> Response:
        day = a_day(self.query, "on") or today()
        coming = filling(reach(), _module(pk), day)
        answer: dict[str, Any] = {"starts_on": day, "digest": coming.digest, "staying": coming.staying}
        answer |= {"new": len(coming.new), "elsewhere": len(coming.elsewhere)}
        answer["examples"] = [account.pk for account in some_named(coming.new)]
        return Response(FillingSerializer(answer).data)

    @makes("module_fill", FillSerializer, CameSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _module(pk)
        added = services.fill_module(by=person_id(), module_id=pk, **body_of(FillSerializer, request))
        return Response(CameSerializer({"came": added.came}).data, status=201)


class ModuleRetireApi(Endpoint):
    """Using a module no more: its accounts leave it today and stay where they are."""

    asks = known("module", "update")

    @edits("module_retire", RetireModuleSerializer, ModuleSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _module(pk)
        body = body_of(RetireModuleSerializer, request)
        services.retire_module(by=person_id(), module_id=pk, version=version_of(request), **body)
        return Response(ModuleSerializer(_module(pk)).data)


class ModuleRestoreApi(Endpoint):
    """Using a retired module again, with nothing in it."""

    asks = known("module", "update")

    @edits("module_restore", NothingSerializer, ModuleSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _module(pk)
        body_of(NothingSerializer, request)
        services.restore_module(by=person_id(), module_id=pk, version=version_of(request))
        return Response(ModuleSerializer(_module(pk)).data)
