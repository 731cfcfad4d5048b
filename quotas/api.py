"""Quotas and attainment over the API."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import (
    AFTER,
    CLOCKS,
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
    lists,
    makes,
    reads,
    version_of,
)
from common.fields import AmountField, CurrencyField, IdField, LineField, OneOfField, RatioField
from common.http import BadQuery, page_by_key, person_id
from common.policies import POLICIES
from common.selectors import the_organisation
from common.transaction import reach
from orders.selectors.known import AsOf
from quotas import services
from quotas.forms import quarter_of
from quotas.models import Quota
from quotas.selectors.crediting import rule_of
from quotas.selectors.quotas import versions_of
from quotas.selectors.standings import people_of, standings

STANDING = OpenApiParameter(
    "If-Match",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description="The id of the quota that stands there, where one does; 412 where another one stands by now.",
)
QUARTER = OpenApiParameter("period", OpenApiTypes.STR, required=True, description="The quarter's code.")


class QuotaSerializer(StrictSerializer):
    """A quota of one person or one territory for one quarter, in plan money of the reporting currency."""

    id = IdField(read_only=True)
    period_id = IdField()
    person_id = IdField(required=False, allow_null=True)
    territory_id = IdField(required=False, allow_null=True)
    family_id = IdField(required=False, allow_null=True)
    kind = OneOfField(choices=Quota.Kind.choices, required=False)
    amount = AmountField(source="amount_minor")
    reason = LineField(max_length=200, required=False, allow_blank=True)
    recorded_at = serializers.DateTimeField(read_only=True)


class QuotaListApi(Endpoint):
    """The standing quotas in reach, and a new version of one."""

    filters = ("after",)

    @lists("quota_list", QuotaSerializer)
    def get(self, request: Request) -> Response:
        rows, currency = Quota.objects.current().visible_to(reach()), the_organisation().reporting_currency
        return answer_page(rows, ["id"], self.query.get("after"), QuotaSerializer, currency=currency)

    @extend_schema(parameters=[STANDING])
    @makes("quota_set", QuotaSerializer, QuotaSerializer)
    def post(self, request: Request) -> Response:
        body = body_of(QuotaSerializer, request)
        if versions_of(reach(), Quota(**body)).current().exists():
            body["version"] = version_of(request)
        quota = services.set_quota(by=person_id(), **body)
        return Response(QuotaSerializer(quota).data, status=201)


class StandingSerializer(StrictSerializer):
    """A person's own figures for a quarter in plan money; `attainment` is a ratio as text, null where undefined."""

    person_id = IdField(source="person.pk")
    name = LineField(source="person.name")
    quota = AmountField(source="quota_minor", allow_null=True)
    order_intake = AmountField(source="intake_minor")
    attainment = RatioField(allow_null=True)


class AttainmentSerializer(StrictSerializer):
    """A quarter's figures of the people in reach, a page of them."""

    period = LineField()
    currency = CurrencyField()
    crediting_rule = OneOfField(
        choices=list(POLICIES["crediting_rule"].choices.items()),
        help_text="Whom the figures count a credit for: who sold it, or who owned its territory.",
    )
    results = StandingSerializer(many=True)
    after = LineField(allow_null=True)


class AttainmentApi(Endpoint):
    """Attainment of the people in reach for one quarter, `?period=2026-Q4`, as known now or earlier."""

    filters = ("period", "valid", "known", "after")

    @reads("attainment", AttainmentSerializer, QUARTER, *CLOCKS, AFTER)
    def get(self, request: Request) -> Response:
        if "period" not in self.query:
            raise BadQuery(_("Say which quarter, such as ?period=2026-Q4."), path="period")
        quarter, currency = quarter_of(self.query), the_organisation().reporting_currency
        as_of = AsOf.of(self.query, is_exact=True)
        page = page_by_key(people_of(reach()), ["id"], self.query.get("after"))
        answer = {
            "period": quarter.code,
            "currency": currency,
            "crediting_rule": rule_of(quarter),
            "results": standings(reach(), page.rows, quarter, as_of),
            "after": page.after,
        }
        return Response(AttainmentSerializer(answer, context={"currency": currency}).data)
