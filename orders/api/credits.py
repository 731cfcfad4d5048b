"""Credits over the API: the rows behind a figure, each with why it is what it is."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import CLOCKS, Endpoint, StrictSerializer, lists, only, shown
from common.fields import AmountField, CurrencyField, DayField, IdField, LineField, OneOfField, PercentField
from common.http import a_period
from common.selectors import running_quarter, the_organisation
from common.transaction import reach
from orders.models import Credit
from orders.selectors.credits import CreditFilter, CreditRow, credit_page
from orders.selectors.credits import shown as shown_credits

FILTERS = {
    "period": "The code of a period, such as 2026-Q2; without it the running quarter.",
    "days": "Some days of it: 2026-04-01..2026-04-19,2026-05-10..2026-06-30.",
    "basis": "Whether a node stands for where people sat (seat) or where accounts were (territory).",
    "kind": "intake (all that counts as order intake), of it new or existing (customers); revenue, overlay or opening.",
    "alone": "1: of the node itself, without what lies below it.",
    "place": "out: what was sold out of territory alone.",
    "owner": "Of territories on the days on which this person owned them, whoever sold; 0: that nobody owned then.",
    "tree": "sold, or now: the node as it is organised now.",
}


class PlanSerializer(StrictSerializer):
    """An amount in the reporting currency, at the plan rate."""

    currency = CurrencyField()
    amount = AmountField(source="amount_minor")


class BecauseSerializer(StrictSerializer):
    """What a credit rests on, as it was known when it was posted; empty where the reader may not see it."""

    event = LineField(allow_blank=True)
    share = LineField(allow_blank=True)
    territory = LineField(allow_blank=True)
    seat = LineField(allow_blank=True)
    rate = LineField(allow_blank=True)
    rule = LineField(allow_blank=True)


class CreditSerializer(StrictSerializer):
    """One line of the ledger: who got how much, where, when, and in one sentence why."""

    id = IdField()
    kind = OneOfField(choices=Credit.Kind.choices)
    booked_on = DayField()
    person_id = IdField(
        allow_null=True, help_text="Null where somebody sold it whom the reader, its owner, is not told of."
    )
    seat_id = IdField(allow_null=True)
    territory_id = IdField()
    family_id = IdField()
    order_id = IdField(allow_null=True)
    line = serializers.IntegerField(allow_null=True, help_text="The number of the order's line.")
    percent = PercentField(allow_null=True)
    currency = CurrencyField()
    amount = AmountField(source="amount_minor")
    plan = PlanSerializer()
    reverses_id = IdField(allow_null=True)
    why = LineField()
    because = BecauseSerializer()
    dispute_id = IdField(allow_null=True)


NAMES = tuple(BecauseSerializer().fields)


def _told(row: CreditRow) -> dict[str, Any]:
    credit, parts = row.credit, {part.name: part.text for part in row.why.parts}
    order_id = row.event.order_id if row.event else None
    plan = {"currency": the_organisation().reporting_currency, "amount_minor": credit.plan_minor}
    same = ("kind", "booked_on", "person_id", "seat_id", "territory_id", "family_id", "currency")
    told = {name: getattr(credit, name) for name in ("id", *same, "amount_minor", "reverses_id")}
    if not row.is_told:
        told |= {"person_id": None, "seat_id": None, "reverses_id": None}
    return {
        **told,
        "order_id": order_id,
        "line": row.number or None,
        "percent": row.weight,
        "plan": plan,
        "why": row.why.text,
        "because": {name: parts.get(name, "") for name in NAMES},
        "dispute_id": row.dispute.pk if row.dispute else None,
    }


class CreditListApi(Endpoint):
    """The credits behind a figure, newest first, by the filters of the page."""

    filters = (*CreditFilter.NAMES, "after")
    asks = ("credit", "read")

    @lists(
        "credit_list",
        CreditSerializer,
        *(OpenApiParameter(name, OpenApiTypes.STR, description=text) for name, text in FILTERS.items()),
        *CLOCKS,
        only("person", "One person's."),
        only("node", "Of a territory and all below it."),
        only("family", "Of a product family."),
    )
    def get(self, request: Request) -> Response:
        asked = CreditFilter.of(self.query, a_period(self.query) or running_quarter(), is_exact=True)
        page = credit_page(asked, reach(), self.query.get("after"))
        rows = shown([_told(row) for row in shown_credits(asked, page.rows, reach())], CreditSerializer)
        return Response({"results": rows, "after": page.after})
