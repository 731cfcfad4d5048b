"""Runs of the rules over the API: which there were, and asking for one."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.rules import RuleRunSerializer
from accounts.models import RuleRun
from common.access import known, seen
from common.api import Endpoint, StrictSerializer, answer_page, body_of, lists, makes
from common.fields import DayField, IdField, LineField
from common.http import person_id
from common.transaction import reach
from planning.services.rule_runs import run_or_ask


class RunAskedSerializer(StrictSerializer):
    """The day and the digest of the preview that one has read; `takes_back_id`: the run that it takes back.

    `reason`: what is told to who approves it, where it takes a second person.
    """

    starts_on = DayField()
    digest = LineField(max_length=64)
    takes_back_id = IdField(required=False, allow_null=True)
    reason = LineField(max_length=200, required=False)


class RunStartedSerializer(StrictSerializer):
    """The run that is done within seconds; or, where more accounts move than the limit, a second person is asked:
    `approval_id`, and nothing moves until they approve."""

    run = RuleRunSerializer(allow_null=True)
    approval_id = IdField(allow_null=True)


class RuleRunListApi(Endpoint):
    """The runs of the rules, newest first, and asking for one."""

    asks = known("rule_run", "read")
    filters = ("after",)

    @lists("rule_run_list", RuleRunSerializer)
    def get(self, request: Request) -> Response:
        rows = RuleRun.objects.visible_to(reach())
        return answer_page(rows, ["-id"], self.query.get("after"), RuleRunSerializer)

    @makes("rule_run_start", RunAskedSerializer, RunStartedSerializer)
    def post(self, request: Request) -> Response:
        started = run_or_ask(by=person_id(), **body_of(RunAskedSerializer, request))
        run = seen(RuleRun.objects.all(), reach(), started.run.pk) if started.run else None
        approval_id = started.approval.pk if started.approval else None
        return Response(RunStartedSerializer({"run": run, "approval_id": approval_id}).data, status=201)
