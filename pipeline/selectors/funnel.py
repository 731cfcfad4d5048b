"""How deals go from stage to stage: who came into each first in some days, and what became of them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from common.access import Reach
from common.access import found as found_row
from common.http import Page
from common.transaction import widened
from pipeline.models import Opportunity, OpportunityQuerySet, SalesModel, Stage, StageVisit
from pipeline.rules.funnel import Conversion, End, Spell, conversion
from pipeline.selectors.insight import WON, Asked, cycle_days, deals, newest_page

# A deal came into a stage when it first came into it or a later one. Where its first known visit lies behind its
# creation, the stages before that visit are not known. A win that was sent back is none: only a deal that is won now
# came into the won stage, when it did so last.
SPELLS = """
WITH deal AS ({deals}),
visit AS (
    SELECT visit.opportunity_id AS id, stage.position,
        CASE WHEN stage.kind = 'won' THEN max(visit.entered_on) ELSE min(visit.entered_on) END AS entered_on
    FROM pipeline_stagevisit visit JOIN deal ON deal.id = visit.opportunity_id
    JOIN pipeline_stage stage ON stage.id = visit.stage_id
    WHERE stage.sales_model_id = %s AND stage.kind <> 'lost' AND stage.position IS NOT NULL
        AND (stage.kind <> 'won' OR deal.state = 'won')
    GROUP BY visit.opportunity_id, stage.position, stage.kind
),
known AS (
    SELECT id, min(entered_on) AS since, (array_agg(position ORDER BY entered_on, position))[1] AS position
    FROM visit GROUP BY id
),
entry AS (
    SELECT visit.id, step.position, min(visit.entered_on) AS entered_on
    FROM visit JOIN unnest(%s::int[]) AS step(position) ON step.position <= visit.position
    GROUP BY visit.id, step.position
),
spell AS (
    SELECT deal.id, entry.position, entry.entered_on, deal.state, deal.closed_on,
        lead(entry.entered_on) OVER (PARTITION BY entry.id ORDER BY entry.position) AS reached_on
    FROM entry JOIN deal ON deal.id = entry.id JOIN known ON known.id = entry.id
    WHERE entry.position >= known.position OR known.since <= deal.created_on
),
ended AS (
    SELECT id, position,
        CASE WHEN reached_on IS NOT NULL THEN 'reached' WHEN state = 'lost' THEN 'lost' ELSE 'open' END AS outcome,
        greatest(coalesce(reached_on, CASE WHEN state = 'lost' THEN closed_on END, %s::date) - entered_on, 0) AS days
    FROM spell WHERE entered_on BETWEEN %s AND %s
)
"""
COUNTED = "SELECT position, outcome, days, count(*) FROM ended GROUP BY position, outcome, days"
OF_STAGE = "SELECT id FROM ended WHERE position = %s AND outcome = ANY(%s)"
NAMED = "id", "created_on", "state", "closed_on"


@dataclass(frozen=True)
class Step:
    """A stage of the way, the one after it, and what became of the deals that came into it."""

    stage: Stage
    following: Stage
    conversion: Conversion


@dataclass(frozen=True)
class Funnel:
    """The way of one sales model: its stages with their conversions, how many deals won in these days, how fast."""

    steps: Sequence[Step]
    won: int
    cycle: Fraction | None


def funnel(mine: Reach, asked: Asked, model: SalesModel, within: int, today: date) -> Funnel:
    """What became of the deals in reach that first came into each stage in the days asked for."""
    way = way_of(model)
    found: dict[int, list[Spell]] = {}
    statement, values = _spells(mine, asked, model, today)
    with widened("stage_visit"), connection.cursor() as cursor:
        cursor.execute(f"{statement} {COUNTED}", values)
        for position, outcome, days, number in cursor.fetchall():
            found.setdefault(position, []).append(Spell(End(outcome), days, number))
    won = won_deals(mine, asked, model)
    steps = [
        Step(stage, following, conversion(found.get(stage.position or 0, []), within))
        for stage, following in pairwise(way)
    ]
    return Funnel(steps, won.count(), cycle_days(won))


def model_of(asked: Asked) -> SalesModel:
    """The sales model that is asked for, else the usual one. Raises NotInReach."""
    pk = asked.columns.get("stage__sales_model_id")
    rows = SalesModel.objects.order_by("-is_usual", "is_retired", "name")
    model: SalesModel = found_row((rows.filter(pk=pk) if pk else rows).first())
    return model


def way_of(model: SalesModel) -> list[Stage]:
    """The stages through which a deal is won, the won one last."""
    return list(
        Stage.objects.offered().filter(sales_model=model).exclude(kind=Stage.Kind.LOST).order_by("position")
    )


def stage_page(
    mine: Reach, asked: Asked, model: SalesModel, position: int, outcome: str, today: date, after: str | None
) -> Page[Any]:
    """A page of the deals that first came into a stage in these days; with an outcome those that went that way."""
    statement, values = _spells(mine, asked, model, today)
    outcomes = [outcome] if outcome else [end.value for end in End]
    ids = RawSQL(f"{statement} {OF_STAGE}", [*values, position, outcomes])  # noqa: S611  words of its own file
    with widened("stage_visit"):
        return newest_page(Opportunity.objects.filter(pk__in=ids), after)


def won_deals(mine: Reach, asked: Asked, model: SalesModel) -> OpportunityQuerySet:
    """The deals of a sales model that were won in the days asked for."""
    return _of_model(mine, asked, model).filter(asked.within("closed_on"), state=WON)


def _of_model(mine: Reach, asked: Asked, model: SalesModel) -> OpportunityQuerySet:
    return deals(mine, asked).filter(stage__sales_model=model)


def _spells(mine: Reach, asked: Asked, model: SalesModel, today: date) -> tuple[str, list[Any]]:
    """The statement and its values. Its visits are those of deals in reach, and none is looked up again."""
    came = StageVisit.objects.filter(opportunity=OuterRef("pk"), entered_on__range=(asked.first, asked.last))
    rows = _of_model(mine, asked, model).filter(Exists(came)).order_by().values(*NAMED)
    statement, values = rows.query.sql_with_params()
    positions = [stage.position for stage in way_of(model)]
    return SPELLS.format(deals=statement), [*values, model.pk, positions, today, asked.first, asked.last]
