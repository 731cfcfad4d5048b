"""Whether an account is here already, and asking to read one that one does not see, over the API."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from common.access import known
from common.api import Endpoint, StrictSerializer, acts, body_of, makes
from common.fields import FlagField, IdField, LineField
from common.http import person_id


class LookUpSerializer(StrictSerializer):
    """What is known of an account: only what is the same is found, never what begins alike."""

    name = LineField(max_length=160)
    web_domain = LineField(max_length=120, required=False, allow_blank=True)
    tax_number = LineField(max_length=40, required=False, allow_blank=True)


class AlikeSerializer(StrictSerializer):
    """The accounts in reach that are alike; `exists_unseen`: there is one that the reader does not see."""

    account_ids = serializers.ListField(child=IdField())
    exists_unseen = FlagField()


class AskAccessSerializer(LookUpSerializer):
    """What is known of an account that one wants to read, and why."""

    reason = LineField(max_length=200)


class AskedAccessSerializer(StrictSerializer):
    """What waits for an administrator."""

    approval_id = IdField()


class AccountLookUpApi(Endpoint):
    """Looking whether an account is here; so often within an hour, and on record where one does not see all."""

    asks = known("account", "create")

    @acts("account_look_up", LookUpSerializer, AlikeSerializer)
    def post(self, request: Request) -> Response:
        found = services.look_up(by=person_id(), **body_of(LookUpSerializer, request))
        answer: dict[str, Any] = {"account_ids": [account.pk for account in found.seen]}
        return Response(AlikeSerializer({**answer, "exists_unseen": bool(found.hidden)}).data)


class AccountAccessApi(Endpoint):
    """Asking the administrators to read an account that somebody else has."""

    asks = known("account", "create")

    @makes("account_ask_access", AskAccessSerializer, AskedAccessSerializer)
    def post(self, request: Request) -> Response:
        approval = services.ask_access(by=person_id(), **body_of(AskAccessSerializer, request))
        return Response(AskedAccessSerializer({"approval_id": approval.pk}).data, status=201)
