"""The close plan of a deal over the API: its milestones, and the templates that lay them out."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    acts,
    body_of,
    edits,
    makes,
    reads,
    version_of,
)
from common.fields import DayField, FlagField, IdField, LineField, RatioField, WholeField
from common.http import person_id
from common.selectors import today
from common.transaction import reach
from pipeline.models import Milestone, Opportunity
from pipeline.selectors.plans import plan_of, plan_templates
from pipeline.services import plans
from pipeline.services.plans import MOST_NAME, MOST_REASON


class MilestoneSerializer(StrictSerializer):
    """A step towards the close of a deal. The day that was planned first stays; without an owner it is the deal's."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=MOST_NAME)
    owner_id = IdField(required=False)
    planned_on = DayField()
    first_planned_on = DayField(read_only=True)
    met_on = DayField(read_only=True, allow_null=True)
    reason = LineField(read_only=True)


class ClosePlanSerializer(StrictSerializer):
    """The milestones of a deal; `date_reliability` is kept ÷ due, null where none was due before today."""

    milestones = MilestoneSerializer(many=True, read_only=True)
    kept = WholeField(read_only=True)
    due = WholeField(read_only=True)
    date_reliability = RatioField(allow_null=True)


class MilestoneEditSerializer(StrictSerializer):
    """What a milestone is called, and whose it is."""

    name = LineField(max_length=MOST_NAME)
    owner_id = IdField()


class ReplanSerializer(StrictSerializer):
    """Another day, and why."""

    planned_on = DayField()
    reason = LineField(max_length=MOST_REASON)


class MetSerializer(StrictSerializer):
    """The day on which a milestone was met; without one today."""

    met_on = DayField(required=False)


class LayOutSerializer(StrictSerializer):
    """The template whose milestones are added."""

    template_id = IdField()


class PlanStepSerializer(StrictSerializer):
    """A milestone of a template, so many days before the close date."""

    name = LineField(read_only=True)
    days_before = WholeField(read_only=True)


class PlanTemplateSerializer(StrictSerializer):
    """Steps that usually lead to a close."""

    id = IdField(read_only=True)
    name = LineField(read_only=True)
    is_retired = FlagField(read_only=True)
    steps = serializers.SerializerMethodField()

    def get_steps(self, template: Any) -> list[dict[str, Any]]:
        return [dict(PlanStepSerializer(step).data) for step in template.steps.all()]


class PlanTemplateListApi(Endpoint):
    """The templates of plans by name."""

    @reads("plan_template_list", PlanTemplateSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(PlanTemplateSerializer(plan_templates(), many=True).data)


class MilestoneListApi(Endpoint):
    """The close plan of a deal, and one more milestone."""

    @reads("milestone_list", ClosePlanSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(pk)

    @makes("milestone_create", MilestoneSerializer, MilestoneSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body = body_of(MilestoneSerializer, request)
        milestone = plans.add_milestone(by=person_id(), opportunity_id=pk, **body)
        return Response(MilestoneSerializer(milestone).data, status=201)


class MilestoneLayOutApi(Endpoint):
    """Milestones from a template."""

    @acts("milestone_lay_out", LayOutSerializer, ClosePlanSerializer)
    def post(self, request: Request, pk: int) -> Response:
        plans.lay_out_plan(by=person_id(), opportunity_id=pk, **body_of(LayOutSerializer, request))
        return _answer(pk)


class MilestoneApi(Endpoint):
    """One milestone."""

    @edits("milestone_edit", MilestoneEditSerializer, MilestoneSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        changes = body_of(MilestoneEditSerializer, request, partial=True)
        return _done(plans.edit_milestone, request, pk, changes)


class MilestoneReplanApi(Endpoint):
    """Planning a milestone for another day."""

    @edits("milestone_replan", ReplanSerializer, MilestoneSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return _done(plans.replan_milestone, request, pk, body_of(ReplanSerializer, request))


class MilestoneMeetApi(Endpoint):
    """Saying that a milestone was met."""

    @edits("milestone_meet", MetSerializer, MilestoneSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return _done(plans.meet_milestone, request, pk, body_of(MetSerializer, request))


class MilestoneReopenApi(Endpoint):
    """Taking back that a milestone was met."""

    @edits("milestone_reopen", NothingSerializer, MilestoneSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return _done(plans.reopen_milestone, request, pk, body_of(NothingSerializer, request))


class MilestoneRemoveApi(Endpoint):
    """Taking a milestone out of the plan."""

    @edits("milestone_remove", NothingSerializer, MilestoneSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return _done(plans.remove_milestone, request, pk, body_of(NothingSerializer, request))


def _done(act: Any, request: Request, pk: int, body: dict[str, Any]) -> Response:
    milestone: Milestone = act(by=person_id(), milestone_id=pk, version=version_of(request), **body)
    return Response(MilestoneSerializer(milestone).data)


def _answer(pk: int) -> Response:
    deal: Opportunity = seen(Opportunity.objects.all(), reach(), pk)
    plan = plan_of(deal, today())
    told = {
        "milestones": [step.milestone for step in plan.steps],
        "kept": plan.reliability.kept,
        "due": plan.reliability.due,
        "date_reliability": plan.reliability.ratio,
    }
    return Response(ClosePlanSerializer(told).data)
