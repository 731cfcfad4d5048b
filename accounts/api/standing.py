"""How accounts are classified by date, and who keeps one until when, over the API."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import CLASSES, Account, Classification, Hold
from accounts.services.standing import MOST_AT_ONCE
from common.access import seen
from common.api import (
    ON,
    Endpoint,
    StrictSerializer,
    acts,
    answer_page,
    body_of,
    lists,
    makes,
    only,
)
from common.errors import Refused
from common.fields import DayField, FlagField, IdField, LineField
from common.http import a_day, person_id, whole
from common.selectors import today
from common.transaction import reach

ACCOUNT = only("account", "Only those of this account, by its id.")
PERSON = only("person", "Only those of this person, by their id.")


class ClassesSerializer(StrictSerializer):
    """How an account is classified until the day `stops_on`, which is the first on which it is not."""

    id = IdField()
    account_id = IdField()
    segment = LineField()
    tier = LineField()
    business_unit = LineField()
    is_strategic = FlagField()
    starts_on = DayField()
    stops_on = DayField(allow_null=True)
    reason = LineField()


class ClassifySerializer(StrictSerializer):
    """The classes of accounts from a day on; what is left out stays as each of them has it on that day."""

    account_ids = serializers.ListField(child=IdField(), allow_empty=False, max_length=MOST_AT_ONCE)
    segment = LineField(max_length=80, required=False, allow_blank=True)
    tier = LineField(max_length=80, required=False, allow_blank=True)
    business_unit = LineField(max_length=80, required=False, allow_blank=True)
    is_strategic = FlagField(required=False)
    starts_on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class ClassifiedSerializer(StrictSerializer):
    """The accounts that are classified otherwise from then on; the others were so already."""

    changed = serializers.ListField(child=IdField())


class HoldSerializer(StrictSerializer):
    """An account that stays with a person until the day `stops_on`, whatever rules and realignments say."""

    id = IdField(read_only=True)
    account_id = IdField()
    person_id = IdField()
    starts_on = DayField()
    stops_on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class EndHoldSerializer(StrictSerializer):
    """The first day without the hold."""

    stops_on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class EndedHoldSerializer(StrictSerializer):
    """The hold with its end, which has an id of its own; null where it never began."""

    hold = HoldSerializer(allow_null=True)


def _narrowed(query: dict[str, str], rows: Any, **columns: str) -> Any:
    """The rows that the filters leave: filter -> column."""
    chosen = {column: whole(query, name) for name, column in columns.items()}
    return rows.filter(**{column: pk for column, pk in chosen.items() if pk is not None})


class AccountClassListApi(Endpoint):
    """How the accounts in reach are classified on a day, and classifying some of them."""

    filters = ("on", "account", "after")

    @lists("account_class_list", ClassesSerializer, ON, ACCOUNT)
    def get(self, request: Request) -> Response:
        rows = Classification.objects.on(a_day(self.query, "on") or today()).visible_to(reach())
        rows = _narrowed(self.query, rows, account="account")
        return answer_page(rows, ["id"], self.query.get("after"), ClassesSerializer)

    @makes("account_classify", ClassifySerializer, ClassifiedSerializer)
    def post(self, request: Request) -> Response:
        body = body_of(ClassifySerializer, request)
        if not body.keys() & set(CLASSES):
            message = _("Say what to change. Known: %(known)s.") % {"known": ", ".join(CLASSES)}
            raise Refused(message, code="empty_body")
        changed = services.classify_accounts(by=person_id(), **body)
        return Response(ClassifiedSerializer({"changed": sorted(changed)}).data, status=201)


class HoldListApi(Endpoint):
    """Who keeps which account in reach on a day, and keeping one."""

    filters = ("on", "account", "person", "after")

    @lists("hold_list", HoldSerializer, ON, ACCOUNT, PERSON)
    def get(self, request: Request) -> Response:
        rows = Hold.objects.on(a_day(self.query, "on") or today()).visible_to(reach())
        rows = _narrowed(self.query, rows, account="account", person="person")
        return answer_page(rows, ["id"], self.query.get("after"), HoldSerializer)

    @makes("hold_create", HoldSerializer, HoldSerializer)
    def post(self, request: Request) -> Response:
        body = body_of(HoldSerializer, request)
        seen(Account.objects.all(), reach(), body["account_id"])
        hold = services.hold_account(by=person_id(), **body)
        return Response(HoldSerializer(hold).data, status=201)


class HoldEndApi(Endpoint):
    """Ending a hold; 412 where it was replaced since it was read."""

    @acts("hold_end", EndHoldSerializer, EndedHoldSerializer)
    def post(self, request: Request, pk: int) -> Response:
        seen(Hold.objects.all(), reach(), pk)
        hold = services.end_hold(by=person_id(), hold_id=pk, **body_of(EndHoldSerializer, request))
        return Response(EndedHoldSerializer({"hold": hold}).data)
