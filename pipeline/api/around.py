"""What is known around a deal over the API: stakeholders, competitors, requirements, concessions."""

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Contact
from common.access import seen
from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    reads,
    version_of,
)
from common.fields import (
    AmountField,
    DayField,
    FlagField,
    IdField,
    LineField,
    OneOfField,
    RatioField,
    TextField,
    WholeField,
)
from common.http import person_id
from common.transaction import reach
from pipeline import services
from pipeline.models import Competitor, Concession, Opportunity, Requirement, Stakeholder
from pipeline.selectors import around


class StakeholderSerializer(StrictSerializer):
    """A contact's part in a deal, by `contact_id`; without one a new contact of the account by its name."""

    id = IdField(source="row.pk", read_only=True)
    version = WholeField(source="row.version", read_only=True)
    contact_id = IdField(source="row.contact_id", required=False)
    name = LineField(source="row.contact.name", max_length=120, required=False)
    title = LineField(source="row.contact.title", max_length=120, required=False, allow_blank=True)
    seniority = OneOfField(
        source="row.contact.seniority", choices=Contact.Seniority.choices, required=False, allow_blank=True
    )
    email = LineField(max_length=254, required=False, allow_blank=True, write_only=True)
    phone = LineField(max_length=40, required=False, allow_blank=True, write_only=True)
    role = OneOfField(source="row.role", choices=Stakeholder.Role.choices)
    stance = OneOfField(source="row.stance", choices=Stakeholder.Stance.choices, required=False)
    note = LineField(source="row.note", max_length=300, required=False, allow_blank=True)
    last_met_on = DayField(read_only=True, allow_null=True)


class StakeholdersSerializer(StrictSerializer):
    """Who has a part in a deal; `coverage`: how many of them were met lately ÷ how many there are, null without any."""

    coverage = RatioField(allow_null=True)
    stakeholders = StakeholderSerializer(many=True, read_only=True)


class StakeholderEditSerializer(StrictSerializer):
    """What of a stakeholder may change."""

    role = OneOfField(choices=Stakeholder.Role.choices)
    stance = OneOfField(choices=Stakeholder.Stance.choices)
    note = LineField(max_length=300, allow_blank=True)


class CompetitorSerializer(StrictSerializer):
    """A competitor on a deal: one of the list of competitors, or any while that list is empty."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=80)
    strategy = TextField(max_length=1000, required=False, allow_blank=True)
    is_incumbent = FlagField(required=False)


class RequirementSerializer(StrictSerializer):
    """Something that the customer needs."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    kind = OneOfField(choices=Requirement.Kind.choices, required=False)
    text = LineField(max_length=500)
    state = OneOfField(choices=Requirement.State.choices, required=False)


class ConcessionSerializer(StrictSerializer):
    """Something that was given to the customer. `worth` is in the deal's currency."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    kind = OneOfField(choices=Concession.Kind.choices)
    text = LineField(max_length=300)
    reason = LineField(max_length=300)
    in_return = LineField(max_length=300, required=False, allow_blank=True)
    worth = AmountField(source="worth_minor", required=False, allow_null=True)
    given_on = DayField(required=False)


def _deal(pk: int) -> Opportunity:
    deal: Opportunity = seen(Opportunity.objects.all(), reach(), pk)
    return deal


def _page(request_after: str | None, deal: Opportunity, model: Any, shape: Any) -> Response:
    rows = model.objects.filter(opportunity=deal, is_removed=False)
    return answer_page(rows, ["id"], request_after, shape, currency=deal.currency)


def _edited(
    request: Request, pk: int, act: Callable[..., Any], shape: type[StrictSerializer], **ids: int
) -> Response:
    """The row as an edit of its version left it."""
    currency = _deal(pk).currency
    changes = body_of(shape, request, partial=True, currency=currency)
    row = act(by=person_id(), opportunity_id=pk, version=version_of(request), **ids, **changes)
    return Response(shape(row, context={"currency": currency}).data)


def _removed(request: Request, pk: int, act: Callable[..., Any], **ids: int) -> Response:
    body_of(NothingSerializer, request)
    act(by=person_id(), opportunity_id=pk, version=version_of(request), **ids)
    return Response({})


def _made(request: Request, pk: int, act: Callable[..., Any], shape: type[StrictSerializer]) -> Response:
    currency = _deal(pk).currency
    row = act(by=person_id(), opportunity_id=pk, **body_of(shape, request, currency=currency))
    return Response(shape(row, context={"currency": currency}).data, status=201)


def _stakeholder(row: Stakeholder) -> Any:
    (one,) = around.known(Stakeholder.objects.filter(pk=row.pk))
    return StakeholderSerializer(one).data


class OpportunityStakeholderListApi(Endpoint):
    """The stakeholders of a deal, those who decide first."""

    @reads("opportunity_stakeholder_list", StakeholdersSerializer)
    def get(self, request: Request, pk: int) -> Response:
        people = around.stakeholders(_deal(pk))
        covered = around.coverage_of(people)
        shown = {"coverage": covered.ratio if covered else None, "stakeholders": people}
        return Response(StakeholdersSerializer(shown).data)

    @makes("opportunity_stakeholder_add", StakeholderSerializer, StakeholderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _deal(pk)
        body = body_of(StakeholderSerializer, request)
        said = body.pop("row")
        contact = said.pop("contact", {})
        row = services.add_stakeholder(by=person_id(), opportunity_id=pk, **body, **said, **contact)
        return Response(_stakeholder(row), status=201)


class OpportunityStakeholderApi(Endpoint):
    """One stakeholder of a deal."""

    @edits("opportunity_stakeholder_edit", StakeholderEditSerializer, StakeholderSerializer)
    def patch(self, request: Request, pk: int, stakeholder_id: int) -> Response:
        _deal(pk)
        changes = body_of(StakeholderEditSerializer, request, partial=True)
        ids = {"opportunity_id": pk, "stakeholder_id": stakeholder_id}
        row = services.edit_stakeholder(by=person_id(), version=version_of(request), **ids, **changes)
        return Response(_stakeholder(row))


class OpportunityStakeholderRemoveApi(Endpoint):
    """Taking a stakeholder off a deal."""

    @edits("opportunity_stakeholder_remove", NothingSerializer, NothingSerializer)
    def post(self, request: Request, pk: int, stakeholder_id: int) -> Response:
        return _removed(request, pk, services.remove_stakeholder, stakeholder_id=stakeholder_id)


class OpportunityCompetitorListApi(Endpoint):
    """The competitors on a deal."""

    filters = ("after",)

    @lists("opportunity_competitor_list", CompetitorSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _page(self.query.get("after"), _deal(pk), Competitor, CompetitorSerializer)

    @makes("opportunity_competitor_add", CompetitorSerializer, CompetitorSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return _made(request, pk, services.add_competitor, CompetitorSerializer)


class OpportunityCompetitorApi(Endpoint):
    """One competitor on a deal."""

    @edits("opportunity_competitor_edit", CompetitorSerializer, CompetitorSerializer)
    def patch(self, request: Request, pk: int, competitor_id: int) -> Response:
        return _edited(
            request, pk, services.edit_competitor, CompetitorSerializer, competitor_id=competitor_id
        )


class OpportunityCompetitorRemoveApi(Endpoint):
    """Taking a competitor off a deal."""

    @edits("opportunity_competitor_remove", NothingSerializer, NothingSerializer)
    def post(self, request: Request, pk: int, competitor_id: int) -> Response:
        return _removed(request, pk, services.remove_competitor, competitor_id=competitor_id)


class OpportunityRequirementListApi(Endpoint):
    """The requirements of a deal."""

    filters = ("after",)

    @lists("opportunity_requirement_list", RequirementSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _page(self.query.get("after"), _deal(pk), Requirement, RequirementSerializer)

    @makes("opportunity_requirement_add", RequirementSerializer, RequirementSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return _made(request, pk, services.add_requirement, RequirementSerializer)


class OpportunityRequirementApi(Endpoint):
    """One requirement of a deal."""

    @edits("opportunity_requirement_edit", RequirementSerializer, RequirementSerializer)
    def patch(self, request: Request, pk: int, requirement_id: int) -> Response:
        return _edited(
            request, pk, services.edit_requirement, RequirementSerializer, requirement_id=requirement_id
        )


class OpportunityRequirementRemoveApi(Endpoint):
    """Taking a requirement off a deal."""

    @edits("opportunity_requirement_remove", NothingSerializer, NothingSerializer)
    def post(self, request: Request, pk: int, requirement_id: int) -> Response:
        return _removed(request, pk, services.remove_requirement, requirement_id=requirement_id)


class OpportunityConcessionListApi(Endpoint):
    """What was given to the customer of a deal."""

    filters = ("after",)

    @lists("opportunity_concession_list", ConcessionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _page(self.query.get("after"), _deal(pk), Concession, ConcessionSerializer)

    @makes("opportunity_concession_add", ConcessionSerializer, ConcessionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return _made(request, pk, services.add_concession, ConcessionSerializer)


class OpportunityConcessionApi(Endpoint):
    """One concession on a deal."""

    @edits("opportunity_concession_edit", ConcessionSerializer, ConcessionSerializer)
    def patch(self, request: Request, pk: int, concession_id: int) -> Response:
        return _edited(
            request, pk, services.edit_concession, ConcessionSerializer, concession_id=concession_id
        )


class OpportunityConcessionRemoveApi(Endpoint):
    """Taking a concession off a deal."""

    @edits("opportunity_concession_remove", NothingSerializer, NothingSerializer)
    def post(self, request: Request, pk: int, concession_id: int) -> Response:
        return _removed(request, pk, services.remove_concession, concession_id=concession_id)
