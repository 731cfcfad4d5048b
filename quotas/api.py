"""Quotas and attainment over the API."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Family
from common.access import found
from common.api import (
    AFTER,
    CLOCKS,
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
    lists,
    makes,
    only,
    reads,
    version_of,
)
from common.fields import AmountField, CurrencyField, IdField, LineField, OneOfField, RatioField, WholeField
from common.http import BadQuery, chosen, page_by_key, person_id, whole
from common.models import Period
from common.policies import POLICIES
from common.selectors import the_organisation, today
from common.transaction import reach
from orders.models import Basis
from orders.selectors.credits import NOW, SOLD, TREES
from orders.selectors.known import CLOCKS as CLOCK_NAMES
from orders.selectors.known import AsOf
from quotas import services
from quotas.forms import quarter_of
from quotas.models import Quota
from quotas.selectors.crediting import basis_of, rule_of, shows_owners
from quotas.selectors.measures import measured
from quotas.selectors.people import person_since
from quotas.selectors.question import Question
from quotas.selectors.quotas import versions_of
from quotas.selectors.since import Since
from quotas.selectors.standings import people_of, standings
from quotas.selectors.team import node_since

STANDING = OpenApiParameter(
    "If-Match",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description="The id of the quota that stands there, where one does; 412 where another one stands by now.",
)
NODE = OpenApiParameter("node", OpenApiTypes.INT, description="The id of a territory; without it the top.")
FAMILY = OpenApiParameter("family", OpenApiTypes.INT, description="The id of a product family.")
QUARTER = OpenApiParameter("period", OpenApiTypes.STR, required=True, description="The quarter's code.")
TREE = OpenApiParameter(
    "tree", OpenApiTypes.STR, enum=TREES, description="The node as sold, or as it is now."
)
OF_NODES = ("basis", "family", "tree")
RULES = list(POLICIES["crediting_rule"].choices.items())
RULED = "Whom the figures count a credit for: who sold it, or who owned its territory."
MOST_TOLD = 1000
"""So many events of the ledger are told one by one to a program; those before them as one."""


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
    crediting_rule = OneOfField(choices=RULES, help_text=RULED)
    results = StandingSerializer(many=True)
    after = LineField(allow_null=True)


def _quarter(query: dict[str, str]) -> Period:
    """The quarter that the address names; there is none without it. Raises BadQuery."""
    if "period" not in query:
        raise BadQuery(_("Say which quarter, such as ?period=2026-Q4."), path="period")
    return quarter_of(query)


def _is_now(query: dict[str, str]) -> bool:
    """Whether it is asked for as organised now."""
    return chosen(query, "tree", TREES, SOLD) == NOW


class MeasuredSerializer(StrictSerializer):
    """What was booked on one territory and below it, or by one person on the territory that was asked for.

    A row that names neither is of territories that moved away since, as organised now of what was sold elsewhere; it
    has no name. Amounts are in plan money of the reporting currency but those at booked and at the day's current rate;
    `arr` is of what was booked, `mrr` a twelfth of it. `unrated`: currencies without a rate that day, in no sum at
    current rate.
    """

    territory_id = IdField(source="node_id", allow_null=True)
    person_id = IdField(allow_null=True)
    name = LineField(allow_blank=True)
    order_intake = AmountField(source="sums.intake")
    tcv = AmountField(source="sums.tcv")
    acv = AmountField(source="sums.acv")
    arr = AmountField(source="sums.arr")
    mrr = AmountField(source="sums.mrr")
    units = WholeField(source="sums.units")
    new_customers = AmountField(source="sums.new")
    existing_customers = AmountField(source="sums.existing")
    at_booked_rate = AmountField(source="sums.booked")
    exchange_effect = AmountField(source="sums.effect")
    at_current_rate = AmountField(source="sums.current")
    unrated = serializers.ListField(source="sums.unrated", child=CurrencyField())


class MeasuresSerializer(StrictSerializer):
    """A quarter's business, by what lies directly below one territory and by the people on it."""

    period = LineField()
    currency = CurrencyField()
    results = MeasuredSerializer(many=True)


class MeasuresApi(Endpoint):
    """What was booked in one quarter in every measure, `?period=2026-Q4`; `node`: below and on that territory.

    As sold or as organised now, people by split whatever the year's rule is; as known now or earlier, at the current
    rates of that day.
    """

    filters = ("period", "node", "family", "tree", *CLOCK_NAMES)
    asks = ("node_cell", "read")

    @reads("insight_measures", MeasuresSerializer, QUARTER, NODE, FAMILY, TREE, *CLOCKS)
    def get(self, request: Request) -> Response:
        quarter, currency = _quarter(self.query), the_organisation().reporting_currency
        question = Question(
            quarter,
            [quarter],
            today(),
            family_id=whole(self.query, "family"),
            is_now=_is_now(self.query),
            as_of=AsOf.of(self.query, is_exact=True),
        )
        rows = measured(reach(), question, whole(self.query, "node")).rows
        answer = {"period": quarter.code, "currency": currency, "results": rows}
        return Response(MeasuresSerializer(answer, context={"currency": currency}).data)


class AttainmentApi(Endpoint):
    """Attainment of the people in reach for one quarter, `?period=2026-Q4`, as known now or earlier."""

    filters = ("period", *CLOCK_NAMES, "after")

    @reads("attainment", AttainmentSerializer, QUARTER, *CLOCKS, AFTER)
    def get(self, request: Request) -> Response:
        quarter, currency = _quarter(self.query), the_organisation().reporting_currency
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


class AttainmentStepSerializer(StrictSerializer):
    """What was recorded since, and what it did to order intake and to the quota.

    `order_id` where it happened to an order in reach; `at` null of the entries that are not told one by one.
    """

    at = serializers.DateTimeField(allow_null=True)
    what = LineField()
    order_id = IdField(allow_null=True)
    order_intake = AmountField(source="intake_minor")
    quota = AmountField(source="quota_minor")
    by = LineField(source="who", allow_blank=True)
    why = LineField(allow_blank=True)


class AttainmentChangesSerializer(StrictSerializer):
    """A figure as it was known then and as it is known now; the steps from the one to the other add up to the cent.

    `basis`: what a node stands for; null of a person.
    """

    period = LineField()
    currency = CurrencyField()
    crediting_rule = OneOfField(choices=RULES, help_text=RULED)
    basis = OneOfField(choices=Basis.choices, allow_null=True)
    order_intake_then = AmountField(source="since.then_intake")
    order_intake_now = AmountField(source="since.now_intake")
    quota_then = AmountField(source="since.then_quota", allow_null=True)
    quota_now = AmountField(source="since.now_quota", allow_null=True)
    steps = AttainmentStepSerializer(source="since.steps", many=True)


class AttainmentChangesApi(Endpoint):
    """What lies between attainment as it was known and as it is known now, event by event: a person's or a node's."""

    filters = ("period", *CLOCK_NAMES, "person", "node", *OF_NODES)

    @reads(
        "attainment_changes",
        AttainmentChangesSerializer,
        QUARTER,
        *CLOCKS,
        only("person", "This person's own figures."),
        only("node", "Of a territory and all below it."),
        OpenApiParameter("basis", OpenApiTypes.STR, enum=Basis.values, description="What a node stands for."),
        only("family", "A node's, of one product family."),
        TREE,
    )
    def get(self, request: Request) -> Response:
        quarter, currency = _quarter(self.query), the_organisation().reporting_currency
        since, said = self._since(quarter, AsOf.of(self.query, is_exact=True))
        if since is None:
            raise BadQuery(_("Say as of when it was known, before today: ?known=2026-04-30."), path="known")
        answer = {"period": quarter.code, "currency": currency, "since": since, **said}
        return Response(AttainmentChangesSerializer(answer, context={"currency": currency}).data)

    def _since(self, quarter: Period, as_of: AsOf) -> tuple[Since | None, dict[str, str | None]]:
        """What explains the difference, and by which rule and basis the figure is."""
        people, pk, node = people_of(reach()), whole(self.query, "person"), whole(self.query, "node")
        if (pk is None) == (node is None):
            raise BadQuery(_("Ask for a person or for a node, one of them."), path="person")
        if node is not None:
            question = self._question(quarter, as_of)
            said: dict[str, str | None] = {"crediting_rule": question.rule, "basis": question.basis}
            return node_since(reach(), question, node, MOST_TOLD), said
        if refused := [name for name in OF_NODES if name in self.query]:
            raise BadQuery(_("A person's figure is not narrowed by this."), path=refused[0])
        person = found(people.filter(pk=pk or 0).first())
        said = {"crediting_rule": rule_of(quarter), "basis": None}
        return person_since(reach(), person, quarter, today(), as_of, MOST_TOLD), said

    def _question(self, quarter: Period, as_of: AsOf) -> Question:
        family = whole(self.query, "family")
        basis = chosen(self.query, "basis", Basis.values, basis_of(quarter))
        return Question(
            quarter,
            [quarter],
            today(),
            family_id=None if family is None else found(Family.objects.filter(pk=family).first()).pk,
            basis=basis,
            is_now=_is_now(self.query),
            as_of=as_of,
            is_by_owner=shows_owners(quarter, basis),
        )
