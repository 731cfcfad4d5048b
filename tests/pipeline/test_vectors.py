"""Mistakes known from other systems, by their number in docs/domain.md, with exact figures.

4 (won in another period than expected) stands in forecasts/test_pipeline_changes, 17 (derived figures in the next
standing) in test_standings, 20 (a category set by hand outlives a stage) in test_edit_opportunity.
"""

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.models import SalesModel, Stage
from pipeline.selectors.funnel import funnel
from pipeline.selectors.insight import Asked, pipeline, rates_now, tallies
from pipeline.selectors.insight import deals as deals_asked_for
from tests.cast import Cast
from tests.pipeline.insight import deal, lost

TODAY = date(2026, 5, 20)
SPRING = Asked(date(2026, 3, 1), TODAY, {})
NAMES = "Lost 50", "Open 100"


@pytest.fixture
def two(cast: Cast) -> None:
    """Lost 50,000, and open 100,000 in a stage of 40 %."""
    with work(by=None, why="40 %", reach=Reach.everything()):
        Stage.objects.change(cast.stages["Qualified"].pk, 1, probability=40)
    lost(cast, "Lost 50", "2026-03-01", "2026-04-01", amount_minor=50_000_00)
    way = {"Prospecting": "2026-03-01", "Qualified": "2026-03-05"}
    deal(cast, "Open 100", "2026-03-01", way, amount_minor=100_000_00)


def test_3_what_is_lost_weighs_nothing(cast: Cast, acting: Any, browse: Any, two: None) -> None:
    """Amount × probability, as a program or a file reads the two: 50,000 × 0 + 100,000 × 40 % is 40,000."""
    weighted = Decimal(0)
    for state in ("lost", "open"):
        asked = reverse("opportunity_export") + f"?state={state}&columns=name,amount,probability"
        client = browse(cast.rep)
        answer = client.get(client.post(asked, {"format": "csv"})["Location"])
        lines = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        mine = [line for line in lines if line["Name"] in NAMES]
        assert len(mine) == 1
        weighted += sum(Decimal(line["Amount"]) * int(line["Probability in %"]) / 100 for line in mine)
    assert weighted == 40_000


def test_3_a_lost_stage_has_no_other_probability(cast: Cast) -> None:
    with (
        pytest.raises(IntegrityError, match="stage_ends"),
        work(by=None, why="100 % lost", reach=Reach.everything()),
    ):
        Stage.objects.filter(pk=cast.stages["Lost"].pk).update(probability=100)


def test_3_what_is_lost_is_in_no_pipeline(cast: Cast, acting: Any, two: None) -> None:
    with acting(cast.rep) as context:
        rows = deals_asked_for(context.reach, SPRING).filter(name__in=NAMES)
        [line] = tallies(pipeline(rows), "", rates_now(TODAY))
    assert (line.open, line.open_minor, line.lost_minor) == (1, 100_000_00, 0)


def test_5_a_lost_deal_counts_once_in_each_stage_that_it_reached(cast: Cast, acting: Any) -> None:
    """Two reach Qualified and one of them Proposal; that one is lost after it went back and on again."""
    way = {"Prospecting": "2026-03-01", "Qualified": "2026-03-05"}
    deal(cast, "Goes on", "2026-03-01", way)
    there_and_back = {**way, "Proposal": "2026-03-10", "Lost": "2026-03-20"}
    deal(cast, "Lost later", "2026-03-01", there_and_back, lost_reason="Price")
    with acting(cast.rep) as context:
        found = funnel(context.reach, SPRING, SalesModel.objects.get(), 90, TODAY)
    steps = {step.stage.name: step.conversion for step in found.steps}
    assert {name: steps[name].entered for name in ("Prospecting", "Qualified", "Proposal")} == {
        "Prospecting": 2,
        "Qualified": 2,
        "Proposal": 1,
    }
    assert (steps["Proposal"].lost, steps["Qualified"].lost, steps["Prospecting"].lost) == (1, 0, 0)
    assert steps["Prospecting"].share == 1
    assert steps["Proposal"].share == Fraction(0)
