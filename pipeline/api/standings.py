"""Opportunities as they stood at the end of a past day, over the API."""

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import ON, Endpoint, StrictSerializer, answer_page, lists
from common.fields import AmountField, CurrencyField, DayField, IdField, OneOfField
from common.http import BadQuery, a_day
from common.selectors import today
from common.transaction import reach
from pipeline.models import Category, Opportunity, Standing


class OpportunityStandingSerializer(StrictSerializer):
    """A deal at the end of a day: `stage_id` and `category` are empty for days before it came in from a file."""

    opportunity_id = IdField(read_only=True)
    owner_id = IdField(read_only=True)
    territory_id = IdField(read_only=True)
    state = OneOfField(choices=Opportunity.State.choices, read_only=True)
    stage_id = IdField(read_only=True, allow_null=True)
    category = OneOfField(choices=[("", ""), *Category.choices], read_only=True)
    close_on = DayField(read_only=True)
    closed_on = DayField(read_only=True, allow_null=True)
    currency = CurrencyField(read_only=True)
    amount = AmountField(source="amount_minor", read_only=True)


class StandingListApi(Endpoint):
    """The deals in reach as they stood at the end of the day `on`: those that were there, whatever became of them."""

    filters = ("on", "after")

    @lists("opportunity_standing_list", OpportunityStandingSerializer, ON)
    def get(self, request: Request) -> Response:
        day = a_day(self.query, "on") or today()
        if day > today():
            raise BadQuery(_("How opportunities will stand on that day is not known yet."), path="on")
        rows = Standing.objects.visible_to(reach()).on(day).standing()
        return answer_page(rows, ["opportunity_id"], self.query.get("after"), OpportunityStandingSerializer)
