"""Leads over the API: the same services and the same reach as the pages."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import (
    Endpoint,
    StrictSerializer,
    acts,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    only,
    reads,
    version_of,
)
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
from common.transaction import now, reach
from pipeline import services
from pipeline.api.activities import ActivitySerializer
from pipeline.forms.leads import LEAD_FILTERS, lead_filters_of
from pipeline.models import Activity, Lead, Motion
from pipeline.selectors.leads import leads
from workspace.api.own import OwnValuesField


class LeadSerializer(StrictSerializer):
    """A lead: somebody who might buy. `anyway_reason` says why there is to be another one like it."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    number = LineField(read_only=True)
    name = LineField(max_length=120, required=False, allow_blank=True)
    company = LineField(max_length=160, required=False, allow_blank=True)
    title = LineField(max_length=120, required=False, allow_blank=True)
    email = LineField(max_length=254, required=False, allow_blank=True)
    phone = LineField(max_length=40, required=False, allow_blank=True)
    web_domain = LineField(max_length=120, required=False, allow_blank=True)
    country = LineField(max_length=80, required=False, allow_blank=True)
    region = LineField(max_length=80, required=False, allow_blank=True)
    town = LineField(max_length=80, required=False, allow_blank=True)
    interest = LineField(max_length=500, required=False, allow_blank=True)
    origin = OneOfField(choices=Lead.Origin.choices, required=False)
    source = LineField(max_length=80, required=False, allow_blank=True)  # type: ignore[assignment]
    tactic = LineField(max_length=80, required=False, allow_blank=True)
    partner_id = IdField(required=False, allow_null=True)
    partner_rep_id = IdField(required=False, allow_null=True)
    event_id = IdField(required=False, allow_null=True)
    owner_id = IdField(required=False)
    territory_id = IdField(read_only=True)
    state = OneOfField(choices=Lead.State.choices, read_only=True)
    reason = LineField(read_only=True)
    created_on = DayField(read_only=True)
    closed_on = DayField(read_only=True, allow_null=True)
    is_touched = FlagField(read_only=True)
    account_id = IdField(read_only=True, allow_null=True)
    contact_id = IdField(read_only=True, allow_null=True)
    opportunity_id = IdField(read_only=True, allow_null=True)
    own = OwnValuesField("lead")
    anyway_reason = LineField(max_length=120, required=False, allow_blank=True, write_only=True)


class LeadEditSerializer(StrictSerializer):
    """What an edit may change; owner and outcome have their own addresses."""

    name = LineField(max_length=120, allow_blank=True)
    company = LineField(max_length=160, allow_blank=True)
    title = LineField(max_length=120, allow_blank=True)
    email = LineField(max_length=254, allow_blank=True)
    phone = LineField(max_length=40, allow_blank=True)
    web_domain = LineField(max_length=120, allow_blank=True)
    country = LineField(max_length=80, allow_blank=True)
    region = LineField(max_length=80, allow_blank=True)
    town = LineField(max_length=80, allow_blank=True)
    interest = LineField(max_length=500, allow_blank=True)
    origin = OneOfField(choices=Lead.Origin.choices)
    source = LineField(max_length=80, allow_blank=True)  # type: ignore[assignment]
    tactic = LineField(max_length=80, allow_blank=True)
    partner_id = IdField(allow_null=True)
    partner_rep_id = IdField(allow_null=True)
    event_id = IdField(allow_null=True)
    own = OwnValuesField("lead")


class LeadGiveSerializer(StrictSerializer):
    """To whom it goes, and why."""

    owner_id = IdField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class LeadDisqualifySerializer(StrictSerializer):
    """Why it comes to nothing: one of the list of reasons."""

    reason = LineField(max_length=80)


class LeadReopenSerializer(StrictSerializer):
    """Nothing is asked."""


class LeadAccountSerializer(StrictSerializer):
    """An account that is here, by its id, or the name of a new one."""

    id = IdField(required=False)
    name = LineField(max_length=160, required=False)
    anyway_reason = LineField(max_length=120, required=False)


class LeadContactSerializer(StrictSerializer):
    """A contact of the account, by its id, or the name of a new one."""

    id = IdField(required=False)
    name = LineField(max_length=120, required=False)


class LeadDealSerializer(StrictSerializer):
    """The deal that it becomes."""

    name = LineField(max_length=160)
    stage_id = IdField()
    currency = CurrencyField()
    amount = AmountField(source="amount_minor")
    close_on = DayField()
    motion = OneOfField(choices=Motion.choices, required=False)


class LeadConvertSerializer(StrictSerializer):
    """An account, and a contact and a deal where there are any."""

    account = LeadAccountSerializer()
    contact = LeadContactSerializer(required=False)
    deal = LeadDealSerializer(required=False)


FILTERS = [
    OpenApiParameter(
        "state", OpenApiTypes.STR, description="open, converted, disqualified or all; without it open."
    ),
    only("owner", "Only those of this person."),
    only("event", "Only those of this event."),
    *(
        OpenApiParameter(name, OpenApiTypes.STR, description=f"Only those of this {name}.")
        for name in ("origin", "source", "tactic")
    ),
    OpenApiParameter("untouched", OpenApiTypes.STR, description="1: only those with which nothing was done."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day on which they came."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day on which they came."),
    OpenApiParameter("q", OpenApiTypes.STR, description="Part of a name, a company or an e-mail address."),
]


def _lead(pk: int) -> Lead:
    lead: Lead = seen(Lead.objects.all(), reach(), pk)
    return lead


class LeadListApi(Endpoint):
    """The leads in reach, and a new one."""

    filters = (*LEAD_FILTERS, "after")

    @lists("lead_list", LeadSerializer, *FILTERS)
    def get(self, request: Request) -> Response:
        rows = leads(reach(), lead_filters_of(self.query), now())
        return answer_page(rows, ["id"], self.query.get("after"), LeadSerializer)

    @makes("lead_create", LeadSerializer, LeadSerializer)
    def post(self, request: Request) -> Response:
        lead = services.create_lead(by=person_id(), **body_of(LeadSerializer, request))
        return Response(LeadSerializer(lead).data, status=201)


class LeadApi(Endpoint):
    """One lead."""

    @reads("lead_detail", LeadSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(LeadSerializer(_lead(pk)).data)

    @edits("lead_edit", LeadEditSerializer, LeadSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        _lead(pk)
        changes = body_of(LeadEditSerializer, request, partial=True)
        lead = services.edit_lead(by=person_id(), lead_id=pk, version=version_of(request), **changes)
        return Response(LeadSerializer(lead).data)


class LeadActivityListApi(Endpoint):
    """What was done for a lead, and one thing more."""

    filters = ("after",)

    @lists("lead_activity_list", ActivitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        rows = Activity.objects.visible_to(reach()).filter(lead_id=_lead(pk).pk).prefetch_related("contacts")
        return answer_page(rows, ["id"], self.query.get("after"), ActivitySerializer)

    @acts("lead_activity_create", ActivitySerializer, ActivitySerializer)
    def post(self, request: Request, pk: int) -> Response:
        _lead(pk)
        body = body_of(ActivitySerializer, request)
        activity = services.log_activity(by=person_id(), lead_id=pk, **body)
        return Response(ActivitySerializer(activity).data)


class _LeadActApi(Endpoint):
    """An act on a lead that was read at a version."""

    def done(self, request: Request, pk: int, act: Any, takes: type[StrictSerializer]) -> Response:
        _lead(pk)
        body = body_of(takes, request)
        lead = act(by=person_id(), lead_id=pk, version=version_of(request), **body)
        return Response(LeadSerializer(lead).data)


class LeadGiveApi(_LeadActApi):
    """Giving it to somebody else."""

    @edits("lead_give", LeadGiveSerializer, LeadSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.done(request, pk, services.give_lead, LeadGiveSerializer)


class LeadDisqualifyApi(_LeadActApi):
    """Ending it without a deal."""

    @edits("lead_disqualify", LeadDisqualifySerializer, LeadSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.done(request, pk, services.disqualify_lead, LeadDisqualifySerializer)


class LeadReopenApi(_LeadActApi):
    """Opening a disqualified one again."""

    @edits("lead_reopen", LeadReopenSerializer, LeadSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.done(request, pk, services.reopen_lead, LeadReopenSerializer)


class LeadConvertApi(Endpoint):
    """Making an account, a contact and a deal of it."""

    @edits("lead_convert", LeadConvertSerializer, LeadSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _lead(pk)
        body = body_of(LeadConvertSerializer, request)
        contact, deal = body.get("contact"), body.get("deal")
        lead = services.convert_lead(
            by=person_id(),
            lead_id=pk,
            version=version_of(request),
            account=services.AccountInput(**body["account"]),
            contact=services.ContactInput(**contact) if contact else None,
            deal=services.DealInput(**deal) if deal else None,
        )
        return Response(LeadSerializer(lead).data)
