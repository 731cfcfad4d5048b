"""Deals, leads and activities by the many over the API: all or none."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import details_of
from common.errors import Refused
from common.fields import IdField, LineField
from common.http import person_id
from common.many import ManyEndpoint, checker, each, each_by_id, edit_checker, edits_many, makes_many
from common.transaction import reach
from pipeline import services
from pipeline.api.activities import ActivityCompleteSerializer, ActivityNewSerializer
from pipeline.api.leads import LeadEditSerializer, LeadSerializer
from pipeline.api.opportunities import OpportunityEditSerializer, OpportunitySerializer
from pipeline.models import Activity, Lead, Opportunity
from pipeline.services.bulk import MOST
from pipeline.services.creating import create_opportunities

Change = tuple[int, int, dict[str, Any]]


class OpportunityRowEditSerializer(OpportunityEditSerializer):
    """What an edit of one of many deals may change: also its stage, to an open one or the lost one."""

    stage_id = IdField()
    lost_reason = LineField(max_length=200, allow_blank=True)
    lost_to = LineField(max_length=80, allow_blank=True)


def _reason() -> LineField:
    return LineField(
        max_length=200, required=False, allow_blank=True, help_text="Asked for where an owner changes."
    )


def _said(request: Request) -> str:
    """The reason of the whole. Raises Refused where it is no text."""
    try:
        return str(_reason().run_validation(dict(request.data).get("reason", "")))
    except ValidationError as error:
        code, _path, message = details_of(error)[0]
        raise Refused(message, path="reason", code=code) from error


class OpportunityManyApi(ManyEndpoint):
    """Many deals opened or changed."""

    most = MOST

    @makes_many("opportunity_create_many", OpportunitySerializer)
    def post(self, request: Request) -> Response:
        return self.write(
            self.rows_of(request),
            checker(OpportunitySerializer),
            lambda rows: create_opportunities(by=person_id(), rows=rows),
            status=201,
        )

    @edits_many("opportunity_edit_many", OpportunityRowEditSerializer, reason=_reason())
    def patch(self, request: Request) -> Response:
        rows = self.rows_of(request, "reason")
        reason = _said(request)
        return self.write(
            rows,
            _deal_checker(rows),
            lambda rows: services.change_opportunities(by=person_id(), changes=rows, reason=reason),
            status=200,
        )


def _deal_checker(rows: list[Any]) -> Callable[[Any], Change]:
    """Checks edits of deals; an amount is read in the deal's currency."""
    ids = {row.get("id") for row in rows if isinstance(row, dict)}
    mine = Opportunity.objects.visible_to(reach()).filter(pk__in=[pk for pk in ids if type(pk) is int])
    currencies: dict[int, str] = dict(mine.values_list("pk", "currency"))
    check = edit_checker(OpportunityRowEditSerializer, lambda pk: {"currency": currencies.get(pk)})

    def checked(row: Any) -> Change:
        pk, version, changes = check(row)
        currency = currencies.get(pk)
        if changes.get("currency", currency) != currency and "amount_minor" not in changes:
            message = _("Send the amount in %(currency)s as well.") % {"currency": changes["currency"]}
            raise Refused(message, path="fields.amount", code="required")
        return pk, version, changes

    return checked


class LeadManyApi(ManyEndpoint):
    """Many leads taken up or changed."""

    @makes_many("lead_create_many", LeadSerializer)
    def post(self, request: Request) -> Response:
        def create(row: dict[str, Any]) -> Lead:
            return services.create_lead(by=person_id(), **row)

        return self.write(
            self.rows_of(request), checker(LeadSerializer), lambda rows: each(rows, create), status=201
        )

    @edits_many("lead_edit_many", LeadEditSerializer)
    def patch(self, request: Request) -> Response:
        def edit(row: Change) -> Lead:
            pk, version, changes = row
            return services.edit_lead(by=person_id(), lead_id=pk, version=version, **changes)

        return self.write(
            self.rows_of(request),
            edit_checker(LeadEditSerializer),
            lambda rows: each_by_id(rows, edit),
            status=200,
        )


class ActivityManyApi(ManyEndpoint):
    """Many activities noted, or planned ones marked as done."""

    @makes_many("activity_create_many", ActivityNewSerializer)
    def post(self, request: Request) -> Response:
        def create(row: dict[str, Any]) -> Activity:
            return services.log_activity(by=person_id(), **row)

        return self.write(
            self.rows_of(request), checker(ActivityNewSerializer), lambda rows: each(rows, create), status=201
        )

    @edits_many("activity_complete_many", ActivityCompleteSerializer)
    def patch(self, request: Request) -> Response:
        def complete(row: Change) -> Activity:
            pk, version, said = row
            services.complete_activity(by=person_id(), activity_id=pk, version=version, **said)
            activity: Activity = Activity.objects.get(pk=pk)
            return activity

        return self.write(
            self.rows_of(request),
            edit_checker(ActivityCompleteSerializer),
            lambda rows: each_by_id(rows, complete),
            status=200,
        )
