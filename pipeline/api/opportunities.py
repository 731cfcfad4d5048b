"""Opportunities over the API: the same services and the same reach as the pages."""

from django.utils.translation import gettext as _
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
from common.errors import Refused
from common.fields import (
    AmountField,
    CurrencyField,
    DayField,
    FlagField,
    IdField,
    LineField,
    OneOfField,
    WholeField,
)
from common.http import person_id
from common.transaction import reach
from pipeline import services
from pipeline.models import OPEN_CATEGORIES, Category, Channel, Motion, Opportunity
from pipeline.selectors.criteria import left_stage, passed
from workspace.api.own import OwnValuesField


class OpportunitySerializer(StrictSerializer):
    """A deal. `amount` is text with a full stop in `currency`."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    number = LineField(read_only=True)
    account_id = IdField()
    name = LineField(max_length=160)
    owner_id = IdField(required=False)
    territory_id = IdField(read_only=True)
    stage_id = IdField()
    state = OneOfField(choices=Opportunity.State.choices, read_only=True)
    category = OneOfField(choices=Category.choices, read_only=True)
    motion = OneOfField(choices=Motion.choices, required=False)
    channel = OneOfField(choices=Channel.choices, required=False)
    partner_id = IdField(required=False, allow_null=True)
    partner_rep_id = IdField(required=False, allow_null=True)
    source = LineField(max_length=80, required=False, allow_blank=True)  # type: ignore[assignment]
    currency = CurrencyField()
    amount = AmountField(source="amount_minor")
    close_on = DayField()
    next_step = LineField(read_only=True)
    next_step_on = DayField(read_only=True, allow_null=True)
    lost_reason = LineField(read_only=True)
    lost_to = LineField(read_only=True)
    won_reason = LineField(read_only=True)
    awaits_booking = FlagField(read_only=True)
    merged_into_id = IdField(read_only=True, allow_null=True)
    created_on = DayField(read_only=True)
    stage_since_on = DayField(read_only=True)
    closed_on = DayField(read_only=True, allow_null=True)
    own = OwnValuesField("opportunity")


class OpportunityEditSerializer(StrictSerializer):
    """What an edit may change; the stage moves on its own address, an empty category follows the stage again."""

    name = LineField(max_length=160)
    owner_id = IdField()
    currency = CurrencyField()
    amount = AmountField(source="amount_minor")
    close_on = DayField()
    category = OneOfField(choices=OPEN_CATEGORIES, allow_blank=True)
    motion = OneOfField(choices=Motion.choices)
    channel = OneOfField(choices=Channel.choices)
    partner_id = IdField(allow_null=True)
    partner_rep_id = IdField(allow_null=True)
    source = LineField(max_length=80, allow_blank=True)  # type: ignore[assignment]
    next_step = LineField(max_length=200, allow_blank=True)
    next_step_on = DayField(allow_null=True)
    own = OwnValuesField("opportunity")


class StageMoveSerializer(StrictSerializer):
    """A move to an open or lost stage; a deal is won by booking its order."""

    stage_id = IdField()
    lost_reason = LineField(max_length=200, required=False, allow_blank=True)
    lost_to = LineField(max_length=80, required=False, allow_blank=True)


class LossSerializer(StrictSerializer):
    """Why a deal is lost, and the competitor who won it, if it was one."""

    lost_reason = LineField(max_length=200)
    lost_to = LineField(max_length=80, required=False, allow_blank=True)


class DealMergeSerializer(StrictSerializer):
    """The deal that goes into this one; with `version` it is refused where that one has changed since."""

    opportunity_id = IdField(source="other_id")
    version = WholeField(source="other_version", min_value=1, required=False)


class DealCloneSerializer(StrictSerializer):
    """What is different on the copy of a deal."""

    name = LineField(max_length=160)
    close_on = DayField()


class DealGivingSerializer(StrictSerializer):
    """Whose a deal is from now on, and why; `with_activities`: what is still to be done for it goes along."""

    owner_id = IdField()
    reason = LineField(max_length=200)
    with_activities = FlagField(required=False)


class UnmetSerializer(StrictSerializer):
    """An exit criterion of a stage that the deal left behind it without meeting it."""

    id = IdField(read_only=True)
    stage_id = IdField(read_only=True)
    text = LineField(read_only=True)


class MovedSerializer(OpportunitySerializer):
    """A deal that was moved, and what it went on without."""

    unmet = UnmetSerializer(many=True, read_only=True)


def _deal(pk: int) -> Opportunity:
    deal: Opportunity = seen(Opportunity.objects.all(), reach(), pk)
    return deal


class OpportunityListApi(Endpoint):
    """The deals in reach, and a new one."""

    filters = ("after",)

    @lists("opportunity_list", OpportunitySerializer)
    def get(self, request: Request) -> Response:
        deals = Opportunity.objects.standing().visible_to(reach())
        return answer_page(deals, ["close_on", "id"], self.query.get("after"), OpportunitySerializer)

    @makes("opportunity_create", OpportunitySerializer, OpportunitySerializer)
    def post(self, request: Request) -> Response:
        deal = services.create_opportunity(by=person_id(), **body_of(OpportunitySerializer, request))
        return Response(OpportunitySerializer(deal).data, status=201)


class OpportunityApi(Endpoint):
    """One deal."""

    @reads("opportunity_detail", OpportunitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(OpportunitySerializer(_deal(pk)).data)

    @edits("opportunity_edit", OpportunityEditSerializer, OpportunitySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        currency = _deal(pk).currency
        changes = body_of(OpportunityEditSerializer, request, partial=True, currency=currency)
        if changes.get("currency", currency) != currency and "amount_minor" not in changes:
            # An amount's minor units mean nothing in another currency.
            message = _("Send the amount in %(currency)s as well.") % {"currency": changes["currency"]}
            raise Refused(message, path="amount", code="required")
        version = version_of(request)
        deal = services.edit_opportunity(by=person_id(), opportunity_id=pk, version=version, **changes)
        return Response(OpportunitySerializer(deal).data)


class OpportunityStageApi(Endpoint):
    """Moving a deal to another stage."""

    @edits("opportunity_move", StageMoveSerializer, MovedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        left = left_stage(_deal(pk))
        move = body_of(StageMoveSerializer, request)
        deal = services.move_stage(by=person_id(), opportunity_id=pk, version=version_of(request), **move)
        unmet = [asked.criterion for asked in passed(deal, left, deal.stage) if not asked.is_met]
        return Response({**OpportunitySerializer(deal).data, "unmet": UnmetSerializer(unmet, many=True).data})


class OpportunityLoseApi(Endpoint):
    """Losing an open deal, in the lost stage of its sales model."""

    @edits("opportunity_lose", LossSerializer, OpportunitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(LossSerializer, request)
        version = version_of(request)
        deal = services.lose_opportunity(by=person_id(), opportunity_id=pk, version=version, **wish)
        return Response(OpportunitySerializer(deal).data)


class OpportunityMergeApi(Endpoint):
    """Merging another open deal of the account into this one."""

    @edits("opportunity_merge", DealMergeSerializer, OpportunitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(DealMergeSerializer, request)
        version = version_of(request)
        deal = services.merge_deals(by=person_id(), opportunity_id=pk, version=version, **wish)
        return Response(OpportunitySerializer(deal).data)


class OpportunityCloneApi(Endpoint):
    """Opening a deal like this one."""

    @makes("opportunity_clone", DealCloneSerializer, OpportunitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(DealCloneSerializer, request)
        deal = services.clone_opportunity(by=person_id(), opportunity_id=pk, **wish)
        return Response(OpportunitySerializer(deal).data, status=201)


class OpportunityGiveApi(Endpoint):
    """Handing an open deal over to somebody else."""

    @edits("opportunity_give", DealGivingSerializer, OpportunitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(DealGivingSerializer, request)
        version = version_of(request)
        deal = services.give_opportunity(by=person_id(), opportunity_id=pk, version=version, **wish)
        return Response(OpportunitySerializer(deal).data)
