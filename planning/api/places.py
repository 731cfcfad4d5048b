"""Where accounts are over the API: read on any day, assigned from a day on."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import AccountTerritory, Cause, Coverage, Module
from common.access import found, known
from common.api import ON, Endpoint, StrictSerializer, answer_page, body_of, lists, makes, only
from common.fields import DayField, FlagField, IdField, LineField, OneOfField, WholeField
from common.http import a_day, person_id, whole
from common.selectors import today
from common.transaction import reach
from planning import services
from planning.forms.assign import MOST_CHOSEN

TERRITORY = only("territory", "Only those of this territory, by its id.")
ACCOUNT = only("account", "Only those of this account, by its id.")


class PlaceSerializer(StrictSerializer):
    """An account in a territory until the day `stops_on`, which is the first without it.

    `cause_id` is the id of the rule or of the realignment that put it there.
    """

    id = IdField()
    account_id = IdField()
    territory_id = IdField()
    coverage = OneOfField(choices=Coverage.choices)
    starts_on = DayField()
    stops_on = DayField(allow_null=True)
    cause = OneOfField(choices=Cause.choices)
    cause_id = IdField(allow_null=True)
    reason = LineField()


class MoveModuleSerializer(StrictSerializer):
    """A territory to which all accounts that are in a module on a day go as one."""

    territory_id = IdField()
    starts_on = DayField()
    coverage = OneOfField(choices=Coverage.choices, default=Coverage.FIELD.value)
    reason = LineField(max_length=200)


class AssignSerializer(MoveModuleSerializer):
    """Accounts that go to a territory together from a day on."""

    account_ids = serializers.ListField(child=IdField(), allow_empty=False, max_length=MOST_CHOSEN)


class AssignedSerializer(StrictSerializer):
    """Whether it is done. If not, a second person is asked: `approval_id`; nothing has moved until they approve.

    `dropped`: how many assignments that were planned for later days go.
    """

    is_done = FlagField()
    approval_id = IdField(allow_null=True)
    moving = serializers.ListField(child=IdField())
    staying = serializers.ListField(child=IdField())
    dropped = WholeField()


class AccountTerritoryListApi(Endpoint):
    """Where the accounts in reach are on a day, and assigning some of them."""

    filters = ("on", "territory", "account", "after")

    @lists("account_territory_list", PlaceSerializer, ON, TERRITORY, ACCOUNT)
    def get(self, request: Request) -> Response:
        rows = AccountTerritory.objects.on(a_day(self.query, "on") or today()).visible_to(reach())
        chosen = {name: whole(self.query, name) for name in ("territory", "account")}
        rows = rows.filter(**{name: pk for name, pk in chosen.items() if pk is not None})
        return answer_page(rows, ["id"], self.query.get("after"), PlaceSerializer)

    @makes("account_territory_assign", AssignSerializer, AssignedSerializer)
    def post(self, request: Request) -> Response:
        body = body_of(AssignSerializer, request)
        body["account_ids"] = sorted(set(body["account_ids"]))
        return _answer(services.assign_or_ask(by=person_id(), **body))


class ModuleMoveApi(Endpoint):
    """Assigning all accounts of a module, whatever their number; whoever does not see all of them can't."""

    asks = known("account", "assign")

    @makes("module_move", MoveModuleSerializer, AssignedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        found(Module.objects.filter(pk=pk).first())
        body = body_of(MoveModuleSerializer, request)
        return _answer(services.move_module_or_ask(by=person_id(), module_id=pk, **body))


def _answer(done: services.Assigned) -> Response:
    """What moved, or who is asked."""
    answer = {
        "is_done": done.approval is None,
        "approval_id": done.approval.pk if done.approval else None,
        "moving": [account.pk for account in done.placing.moving],
        "staying": [account.pk for account in done.placing.staying],
        "dropped": len(done.placing.planned),
    }
    return Response(AssignedSerializer(answer).data, status=201)
