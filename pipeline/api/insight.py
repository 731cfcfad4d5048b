"""How the pipeline does, over the API: the figures of the pages of insight, asked in the same words."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import AFTER, Endpoint, StrictSerializer, reads
from common.fields import AmountField, CurrencyField, DayField, IdField, LineField, RatioField
from common.http import chosen, whole
from common.selectors import the_organisation, today
from common.transaction import reach
from pipeline.forms.insight import DAYS, KINDS, NAMES, PLACE, asked_of
from pipeline.selectors.dates import keepers, slips
from pipeline.selectors.funnel import funnel, model_of
from pipeline.selectors.generation import GENERATION_BY, generation
from pipeline.selectors.hygiene import TOLD_APART, hygiene_lines
from pipeline.selectors.insight import BY
from pipeline.selectors.win_rates import CLOSED, CREATED, ranked_after, win_lines

WITHIN = ("30", "60", "90", "180", "365")
ASKED = [
    OpenApiParameter(
        "from", OpenApiTypes.DATE, description="The first day; without it a year before the last."
    ),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; without it today."),
    OpenApiParameter("within", OpenApiTypes.INT, description="Opportunities in this territory and below it."),
    OpenApiParameter("owner", OpenApiTypes.INT, description="The id of the owner."),
    OpenApiParameter("model", OpenApiTypes.INT, description="The id of a sales model."),
    OpenApiParameter("motion", OpenApiTypes.STR, description="new, expansion, renewal or displacement."),
    OpenApiParameter("channel", OpenApiTypes.STR, description="direct or partner."),
    OpenApiParameter("source", OpenApiTypes.STR, description="The source, as it is written."),
]
DAYS_AND_PLACE = [one for one in ASKED if one.name in (*DAYS, *PLACE)]
OF_NOW = [one for one in ASKED if one.name not in ("from", "to")]


def told_by(choices: Iterable[str]) -> OpenApiParameter:
    return OpenApiParameter(
        "by", OpenApiTypes.STR, enum=list(choices), description="What tells the lines apart."
    )


class FunnelStepSerializer(StrictSerializer):
    """A stage: how many opportunities first came into it, and what became of them by now.

    `conversion`: the share that goes on within the days asked for, null while none could be watched that long.
    """

    stage_id = IdField(source="stage.pk")
    stage = LineField(source="stage.name")
    following_id = IdField(source="following.pk")
    conversion = RatioField(source="conversion.share", allow_null=True)
    entered = serializers.IntegerField(source="conversion.entered")
    went_on = serializers.IntegerField(source="conversion.gone")
    open = serializers.IntegerField(source="conversion.open")
    lost = serializers.IntegerField(source="conversion.lost")
    median_days = RatioField(source="conversion.median", allow_null=True)


class FunnelSerializer(StrictSerializer):
    """The way of a sales model; `sales_cycle_days`: the median of those won in these days, null without any."""

    steps = FunnelStepSerializer(many=True)
    won = serializers.IntegerField()
    sales_cycle_days = RatioField(source="cycle", allow_null=True)


class FunnelApi(Endpoint):
    """How opportunities go from stage to stage; without a sales model in the usual one."""

    filters = (*NAMES, "days")
    asks = ("opportunity", "read")

    @reads(
        "insight_funnel",
        FunnelSerializer,
        *ASKED,
        OpenApiParameter(
            "days", OpenApiTypes.STR, enum=WITHIN, description="Within how many days; 90 without it."
        ),
    )
    def get(self, request: Request) -> Response:
        asked, within = asked_of(self.query, today()), chosen(self.query, "days", WITHIN, "90")
        found = funnel(reach(), asked, model_of(asked), int(within), today())
        return Response(FunnelSerializer(found).data)


class WinRateSerializer(StrictSerializer):
    """How many opportunities of one kind were won, by count and by value, at today's current rates.

    `likely`, `low`, `high`: what the closed win rate can be taken for, with its 90 % range; null of created ones.
    """

    key = LineField(source="tally.shown_key")
    name = LineField(source="tally.label")
    won = serializers.IntegerField(source="tally.won")
    lost = serializers.IntegerField(source="tally.lost")
    open = serializers.IntegerField(source="tally.open")
    won_value = AmountField(source="tally.won_minor")
    lost_value = AmountField(source="tally.lost_minor")
    open_value = AmountField(source="tally.open_minor")
    by_count = RatioField(source="tally.by_count", allow_null=True)
    by_value = RatioField(source="tally.by_value", allow_null=True)
    likely = RatioField(source="likely.mean", allow_null=True, default=None)
    low = serializers.FloatField(source="likely.low", allow_null=True, default=None)
    high = serializers.FloatField(source="likely.high", allow_null=True, default=None)


class WinRatesSerializer(StrictSerializer):
    """Win rates told apart, the best first, fifty at a time."""

    currency = CurrencyField()
    results = WinRateSerializer(many=True)
    after = serializers.CharField(allow_null=True, help_text="The next page's key; null on the last.")


class WinRatesApi(Endpoint):
    """Win rates of what was decided in some days (`basis=closed`), or of what was created in them (`basis=created`)."""

    filters = (*NAMES, "by", "basis", "after")
    asks = ("opportunity", "read")

    @reads(
        "insight_win_rates",
        WinRatesSerializer,
        *ASKED,
        told_by(tuple(BY)),
        OpenApiParameter("basis", OpenApiTypes.STR, enum=[CLOSED, CREATED], description="closed without it."),
        AFTER,
    )
    def get(self, request: Request) -> Response:
        by, basis = (
            chosen(self.query, "by", tuple(BY), "owner"),
            chosen(self.query, "basis", (CLOSED, CREATED), CLOSED),
        )
        lines = win_lines(reach(), asked_of(self.query, today()), by, basis, today())
        page, beyond = ranked_after(lines, whole(self.query, "after") or 0)
        return answer_figures(WinRatesSerializer, results=page, after=beyond)


class HygieneSerializer(StrictSerializer):
    """The open opportunities of one owner or territory: their points of a hundred, in the mean.

    `missing`: on how many each check does not hold. `c_level`: the share that names a chief officer of the customer.
    """

    key = LineField(source="shown_key")
    name = LineField(source="label")
    opportunities = serializers.IntegerField(source="deals")
    points = RatioField(allow_null=True)
    missing = serializers.DictField(source="missing_by_name", child=serializers.IntegerField())
    c_level = RatioField(source="top_share", allow_null=True)


class HygieneListSerializer(StrictSerializer):
    """Hygiene told apart, the fewest points first."""

    results = HygieneSerializer(many=True)


class HygieneApi(Endpoint):
    """What is missing on open opportunities, as it is now."""

    filters = (*PLACE, *KINDS, "by")
    asks = ("opportunity", "read")

    @reads("insight_hygiene", HygieneListSerializer, *OF_NOW, told_by(TOLD_APART))
    def get(self, request: Request) -> Response:
        by = chosen(self.query, "by", TOLD_APART, "owner")
        lines = hygiene_lines(reach(), asked_of(self.query, today()), by, today())
        return Response(HygieneListSerializer({"results": lines}).data)


class GeneratedSerializer(StrictSerializer):
    """What was created: how many, what they were worth on their first day, and what they are worth now."""

    key = LineField(source="shown_key")
    name = LineField(source="label")
    opportunities = serializers.IntegerField(source="deals")
    first_value = AmountField(source="first_minor")
    value = AmountField(source="minor")


class GenerationSerializer(StrictSerializer):
    """Pipeline generation told apart, in the reporting currency at today's current rates."""

    currency = CurrencyField()
    results = GeneratedSerializer(many=True)


class GenerationApi(Endpoint):
    """What new pipeline some days brought."""

    filters = (*NAMES, "by")
    asks = ("opportunity", "read")

    @reads("insight_generation", GenerationSerializer, *ASKED, told_by(tuple(GENERATION_BY)))
    def get(self, request: Request) -> Response:
        by = chosen(self.query, "by", tuple(GENERATION_BY), "owner")
        lines = generation(reach(), asked_of(self.query, today()), by, today())
        return answer_figures(GenerationSerializer, results=lines)


class KeeperSerializer(StrictSerializer):
    """Whose milestones were due, and how many were met on or before the day that was planned first."""

    person_id = IdField(source="key")
    name = LineField(source="label")
    kept = serializers.IntegerField(source="reliability.kept")
    due = serializers.IntegerField(source="reliability.due")
    date_reliability = RatioField(source="reliability.ratio", allow_null=True)


class SlipSerializer(StrictSerializer):
    """What was to close in a quarter at its start, and what of it was open at its end; null until it has ended."""

    period = LineField(source="period.code")
    ends_on = DayField(source="period.last_day")
    due = serializers.IntegerField()
    due_value = AmountField(source="due_minor")
    unvalued = serializers.IntegerField(help_text="How many of those due have no amount, or no rate.")
    slipped = serializers.IntegerField(allow_null=True)
    slipped_value = AmountField(source="slipped_minor", allow_null=True)
    by_count = RatioField(allow_null=True)
    by_value = RatioField(allow_null=True)


class DatesSerializer(StrictSerializer):
    """How far promised days hold: those of close plans by person, and the close dates of quarters."""

    currency = CurrencyField()
    milestones = KeeperSerializer(many=True)
    quarters = SlipSerializer(many=True)


class DatesApi(Endpoint):
    """Date reliability and slip rate."""

    filters = NAMES
    asks = ("opportunity", "read")

    @reads("insight_dates", DatesSerializer, *ASKED)
    def get(self, request: Request) -> Response:
        asked, mine = asked_of(self.query, today()), reach()
        found = {"milestones": keepers(mine, asked, today()), "quarters": slips(mine, asked, today())}
        return answer_figures(DatesSerializer, **found)


def answer_figures(serializer: type[StrictSerializer], **found: Any) -> Response:
    """An answer with amounts in the reporting currency."""
    currency = the_organisation().reporting_currency
    return Response(serializer({"currency": currency, **found}, context={"currency": currency}).data)
