"""What a realignment would change, as the API tells it: figures before and after, and what passes or stays."""

from collections.abc import Mapping
from typing import Any

from common.api import StrictSerializer
from common.fields import AmountField, DayField, IdField, LineField, RatioField, WholeField
from planning.selectors.previews import OF_NODES, OF_PEOPLE, Effect, Side


class NodeFiguresSerializer(StrictSerializer):
    """The figures of a territory with all below it, in plan money of the reporting currency; null is undefined."""

    accounts = WholeField(allow_null=True)
    potential = AmountField(allow_null=True)
    unknown = WholeField(allow_null=True)
    minutes = WholeField(allow_null=True)
    pipeline_all = AmountField(allow_null=True)
    commit = AmountField(allow_null=True)
    best_case = AmountField(allow_null=True)
    pipeline = AmountField(allow_null=True)
    quota = AmountField(allow_null=True)
    sold = AmountField(allow_null=True)
    attainment = RatioField(allow_null=True)
    now = AmountField(allow_null=True)
    forecast = AmountField(allow_null=True)


class PersonFiguresSerializer(StrictSerializer):
    """The figures of a person; null is undefined.

    Accounts, intake and attainment are null as well of somebody who also sits on territories out of the reader's reach.
    """

    accounts = WholeField(allow_null=True)
    pipeline_all = AmountField(allow_null=True)
    commit = AmountField(allow_null=True)
    quota = AmountField(allow_null=True)
    intake = AmountField(allow_null=True)
    attainment = RatioField(allow_null=True)


class NodeSideSerializer(StrictSerializer):
    """A territory before and after."""

    territory_id = IdField()
    before = NodeFiguresSerializer()
    after = NodeFiguresSerializer()


class PersonSideSerializer(StrictSerializer):
    """A person before and after."""

    person_id = IdField()
    before = PersonFiguresSerializer()
    after = PersonFiguresSerializer()


class PassesSerializer(StrictSerializer):
    """An open deal that passes to `to` on a day; null: it stays. Without a name it waits until somebody owns it."""

    opportunity_id = IdField(source="deal.pk")
    owner = LineField()
    to = LineField()
    passes_on = DayField(source="on", allow_null=True)


class KeptSerializer(StrictSerializer):
    """An account that a hold keeps where it is."""

    account_id = IdField()
    person_id = IdField()
    stops_on = DayField()


class EffectSerializer(StrictSerializer):
    """What a realignment would change, as far as the reader sees it; `more_deals` counts deals that are not named."""

    day = DayField()
    territories = NodeSideSerializer(many=True)
    people = PersonSideSerializer(many=True)
    accounts = WholeField()
    kept = KeptSerializer(many=True)
    deals = PassesSerializer(many=True)
    more_deals = WholeField()
    tasks = WholeField()


def effect_told(effect: Effect | None) -> Any:
    """The effect as it is answered; None where none was looked at, or what was drafted can't be made."""
    if effect is None:
        return None
    sides = {
        "territories": [_sides(side, "territory_id", OF_NODES) for side in effect.nodes],
        "people": [_sides(side, "person_id", OF_PEOPLE) for side in effect.people],
    }
    names = ("day", "accounts", "kept", "deals", "more_deals", "tasks")
    return EffectSerializer({**sides, **{name: getattr(effect, name) for name in names}}).data


def _sides(side: Side, key: str, names: tuple[str, ...]) -> Mapping[str, Any]:
    """A row of the preview with its figures by name."""
    pairs = dict(zip(names, side.figures, strict=True))
    before, after = ({name: pair[place] for name, pair in pairs.items()} for place in (0, 1))
    return {key: side.pk, "before": before, "after": after}
