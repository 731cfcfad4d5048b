"""Rules over the API: which accounts go where, what a run of them would do, and the runs."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Coverage, Rule, RuleRun
from accounts.selectors.previews import Preview, preview
from accounts.selectors.taking_back import TakingBack, earliest, taking_back
from accounts.services import rules as rule_services
from common.access import found, known, seen
from common.api import (
    ON,
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
from common.fields import DayField, FlagField, IdField, LineField, OneOfField, WholeField
from common.http import a_day, person_id
from common.selectors import today
from common.transaction import reach

LOWEST_PRIORITY = 1_000_000


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "array", "items": {"type": "object"}},
        "example": [
            [{"kind": "country", "values": ["Canada"]}, {"kind": "employees", "from": 50, "to": None}]
        ],
    }
)
class ConditionsField(serializers.JSONField):
    """Groups of conditions: of one group all have to hold."""


class RuleSerializer(StrictSerializer):
    """Accounts of which `conditions` hold belong to a territory; of several rules the lowest `priority` decides."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=120)
    coverage = OneOfField(choices=Coverage.choices, required=False)
    territory_id = IdField()
    priority = WholeField(min_value=1, max_value=LOWEST_PRIORITY, required=False)
    conditions = ConditionsField()
    spares_placed = FlagField(required=False)
    is_active = FlagField(required=False)


class ChangeSerializer(StrictSerializer):
    """A territory in a preview: accounts before, in, out and after; without `territory_id` those in none."""

    coverage = OneOfField(choices=Coverage.choices)
    territory_id = IdField(allow_null=True)
    before = WholeField()
    came = WholeField()
    went = WholeField()
    after = WholeField()


class RuleConflictSerializer(StrictSerializer):
    """Two rules that lead the same accounts to different territories at one priority; the first one decides."""

    decides_id = IdField(source="decides.pk")
    other_id = IdField(source="other.pk")
    count = WholeField()


class RulePreviewSerializer(StrictSerializer):
    """What a run from a day on would do; its `digest` asks for just that. With `faults` it can't be run."""

    starts_on = DayField(source="day")
    digest = LineField()
    accounts = WholeField()
    moved = WholeField()
    spared = WholeField(help_text="Left alone: a person placed them.")
    held = WholeField(help_text="Left alone: somebody holds them.")
    territories = serializers.SerializerMethodField()
    conflicts = RuleConflictSerializer(many=True)
    never_matching = serializers.SerializerMethodField()
    faults = serializers.ListField(child=LineField())

    @extend_schema_field(ChangeSerializer(many=True))
    def get_territories(self, shown: Preview) -> Any:
        return ChangeSerializer(_changes(shown), many=True).data

    def get_never_matching(self, shown: Preview) -> list[int]:
        return [rule.pk for rule in shown.unmatched]


class RuleRunSerializer(StrictSerializer):
    """A run of the rules, or one that takes another back: whether it is done, and what it did in figures.

    `error` says why it failed.
    """

    id = IdField()
    starts_on = DayField()
    state = OneOfField(choices=RuleRun.State.choices)
    digest = LineField()
    takes_back_id = IdField(allow_null=True)
    asked_by_id = IdField()
    asked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    counts = serializers.SerializerMethodField()
    error = LineField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_counts(self, run: RuleRun) -> dict[str, int]:
        return {name: count for name, count in run.counts.items() if isinstance(count, int)}


def _changes(shown: Preview) -> Iterator[dict[str, Any]]:
    """The territories from and into which accounts go."""
    for effect in shown.effects:
        for pk in sorted(effect.came.keys() | effect.went.keys(), key=lambda pk: pk or 0):
            came, went = (side[pk].count if pk in side else 0 for side in (effect.came, effect.went))
            counts = {"before": effect.before[pk], "came": came, "went": went, "after": effect.after(pk)}
            yield {"coverage": effect.coverage, "territory_id": pk, **counts}


def _rule(pk: int) -> Rule:
    rule: Rule = found(Rule.objects.filter(pk=pk).first())
    return rule


class RuleListApi(Endpoint):
    """The rules, in use or not, and a new one."""

    asks = known("rule", "list")
    filters = ("after",)

    @lists("rule_list", RuleSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(Rule.objects.all(), ["id"], self.query.get("after"), RuleSerializer)

    @makes("rule_create", RuleSerializer, RuleSerializer)
    def post(self, request: Request) -> Response:
        rule = rule_services.create_rule(by=person_id(), **body_of(RuleSerializer, request))
        return Response(RuleSerializer(rule).data, status=201)


class RuleApi(Endpoint):
    """One rule."""

    asks = known("rule", "list")

    @reads("rule_detail", RuleSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(RuleSerializer(_rule(pk)).data)

    @edits("rule_edit", RuleSerializer, RuleSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        _rule(pk)
        changes = body_of(RuleSerializer, request, partial=True)
        rule_services.edit_rule(by=person_id(), rule_id=pk, version=version_of(request), **changes)
        return self.get(request, pk)


class RulePreviewApi(Endpoint):
    """What a run of the rules from a day on would do; nothing is written."""

    asks = known("rule", "update")
    filters = ("on",)

    @reads("rule_preview", RulePreviewSerializer, ON)
    def get(self, request: Request) -> Response:
        return Response(RulePreviewSerializer(preview(a_day(self.query, "on") or today())).data)


class TurnSerializer(StrictSerializer):
    """A territory when a run is taken back: accounts in and out; without `territory_id` those in none."""

    coverage = OneOfField(choices=Coverage.choices)
    territory_id = IdField(allow_null=True)
    came = WholeField()
    went = WholeField()


class RunBackSerializer(StrictSerializer):
    """What taking back a run from a day on would do; its `digest` asks for just that. With a `refusal` it can't be."""

    starts_on = DayField(source="day")
    digest = LineField()
    refusal = LineField()
    moved = WholeField()
    moved_on = WholeField(help_text="Stay: something else was recorded of them since.")
    held = WholeField(help_text="Stay: somebody holds them.")
    gone = WholeField(help_text="Stay: where they were is no territory any more.")
    territories = serializers.SerializerMethodField()

    @extend_schema_field(TurnSerializer(many=True))
    def get_territories(self, found: TakingBack) -> Any:
        names = ("coverage", "territory_id", "came", "went")
        rows = [dict(zip(names, row, strict=True)) for row in found.territories()]
        return TurnSerializer(rows, many=True).data


class RuleRunBackApi(Endpoint):
    """What taking back a run from a day on would do, without a day as soon as it can be; nothing is written."""

    asks = known("rule", "update")
    filters = ("on",)

    @reads("rule_run_back", RunBackSerializer, ON)
    def get(self, request: Request, pk: int) -> Response:
        run: RuleRun = seen(RuleRun.objects.all(), reach(), pk)
        day = a_day(self.query, "on") or earliest(run)
        return Response(RunBackSerializer(taking_back(run, day)).data)


class RuleRunApi(Endpoint):
    """One run."""

    asks = known("rule_run", "read")

    @reads("rule_run_detail", RuleRunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(RuleRunSerializer(seen(RuleRun.objects.all(), reach(), pk)).data)
