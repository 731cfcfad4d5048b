"""The funnel: who came into each stage first, and what became of them."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from orders.services import send_order_back
from pipeline.models import SalesModel, StageVisit
from pipeline.selectors.funnel import funnel, stage_page
from pipeline.selectors.insight import Asked
from tests.cast import Cast
from tests.orders import winning
from tests.pipeline.insight import deal
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)
SPRING = Asked(date(2026, 3, 1), TODAY, {})


@pytest.fixture
def four(cast: Cast) -> None:
    """The example of the page: on after 10 and 30 days, lost after 20, open since 25."""
    deal(cast, "Quick", "2026-03-01", {"Prospecting": "2026-03-01", "Qualified": "2026-03-11"})
    deal(cast, "Gone", "2026-03-01", {"Prospecting": "2026-03-01", "Lost": "2026-03-21"}, lost_reason="Price")
    deal(cast, "Slow", "2026-03-01", {"Prospecting": "2026-03-01", "Qualified": "2026-03-31"})
    deal(cast, "Young", "2026-04-25", {"Prospecting": "2026-04-25"})


def steps(cast: Cast, acting: Any, asked: Asked = SPRING, within: int = 60, person: str = "rep") -> Any:
    who = getattr(cast, person)
    with acting(who) as context:
        found = funnel(context.reach, asked, SalesModel.objects.get(), within, TODAY)
    return {step.stage.name: step.conversion for step in found.steps}


def test_the_example_of_the_page(cast: Cast, acting: Any, four: None) -> None:
    first = steps(cast, acting)["Prospecting"]
    assert (first.entered, first.gone, first.lost, first.open) == (4, 2, 1, 1)
    assert (first.share, first.median) == (Fraction(3, 4), 20)


def test_within_fewer_days(cast: Cast, acting: Any, four: None) -> None:
    assert steps(cast, acting, within=9)["Prospecting"].share == 0
    assert steps(cast, acting, within=20)["Prospecting"].share == Fraction(1, 4)


def test_skipped_stages_count_as_passed_and_coming_back_counts_nowhere(cast: Cast, acting: Any) -> None:
    visits = {"Prospecting": "2026-03-01", "Negotiation": "2026-03-05"}
    skipper = deal(cast, "Skips", "2026-03-01", visits)
    with work(by=None, why="back and on again", reach=Reach.everything()):
        for name, day in (("Qualified", 20), ("Negotiation", 25)):
            StageVisit.objects.create(
                opportunity=skipper, stage=cast.stages[name], entered_on=date(2026, 3, day)
            )
    found = steps(cast, acting)
    assert [(name, one.entered, one.gone, one.median) for name, one in found.items()] == [
        ("Prospecting", 1, 1, 4),
        ("Qualified", 1, 1, 0),
        ("Proposal", 1, 1, 0),
        ("Negotiation", 2, 0, None),  # the cast's own deal as well
    ]


def test_before_its_first_known_visit_nothing_is_known_of_a_deal(cast: Cast, acting: Any) -> None:
    """The cast's deals were created in February and are known since April, in Negotiation."""
    found = steps(cast, acting)
    assert [one.entered for one in found.values()] == [0, 0, 0, 1]
    assert found["Prospecting"].share is None


def test_a_win_that_was_sent_back_is_none_and_won_again_it_went_on_that_day(cast: Cast, acting: Any) -> None:
    """The cast's deal is in Negotiation since April."""
    winning.asks(cast, acting, "contract")
    with acting(cast.rep):
        winning.won(cast)
    assert [steps(cast, acting)["Negotiation"].gone, steps(cast, acting)["Negotiation"].open] == [1, 0]
    first = steps(cast, acting)["Negotiation"].median
    (request,) = winning.requests()
    with acting(cast.coordinator):
        send_order_back(
            by=cast.coordinator.pk, request_id=request.pk, version=request.version, comment="Not signed"
        )
    back = steps(cast, acting)["Negotiation"]
    assert (back.entered, back.gone, back.open, back.share) == (1, 0, 1, None)
    winning.sign(cast)
    with acting(cast.rep):
        winning.won(cast, booked_on=TODAY)
    again = steps(cast, acting)["Negotiation"]
    assert (again.gone, again.median) == (1, first + (TODAY - winning.MAY).days)


def test_only_what_came_in_these_days(cast: Cast, acting: Any, four: None) -> None:
    asked = Asked(date(2026, 3, 5), date(2026, 3, 20), {})
    found = steps(cast, acting, asked)
    assert found["Prospecting"].entered == 0
    assert found["Qualified"].entered == 1


def test_totals_obey_reach_as_rows_do(cast: Cast, acting: Any, four: None) -> None:
    assert steps(cast, acting, person="other_rep")["Prospecting"].entered == 0
    assert steps(cast, acting, person="director")["Prospecting"].entered == 4


def test_the_deals_behind_a_figure_are_as_many(cast: Cast, acting: Any, four: None) -> None:
    with acting(cast.manager) as context:
        model = SalesModel.objects.get()
        behind = {
            outcome: sorted(
                row.name for row in stage_page(context.reach, SPRING, model, 1, outcome, TODAY, None).rows
            )
            for outcome in ("", "reached", "lost", "open")
        }
    assert behind == {
        "": ["Gone", "Quick", "Slow", "Young"],
        "reached": ["Quick", "Slow"],
        "lost": ["Gone"],
        "open": ["Young"],
    }


def test_the_page_says_where_fewest_go_on(cast: Cast, browse: Any, four: None) -> None:
    asked = {"from": "2026-03-01", "to": "2026-05-20", "days": "60"}
    page = plain(browse(cast.rep).get(reverse("pipeline_funnel"), asked))
    assert "Fewest go on from" in page
    assert "Prospecting to Qualified 75% likely, after 4 that came in 2 1 1 20" in page
    behind = plain(browse(cast.rep).get(reverse("pipeline_funnel"), {**asked, "stage": "1", "show": "lost"}))
    assert "Lost in Prospecting 1 opportunity" in behind


@pytest.mark.parametrize(
    "query", [{"days": "7"}, {"show": "gone"}, {"from": "2026-05-02", "to": "2026-05-01"}, {"nothing": "1"}]
)
def test_a_broken_address_is_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert browse(cast.rep).get(reverse("pipeline_funnel"), query).status_code == 400


def test_no_such_model_or_stage_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get(reverse("pipeline_funnel"), {"model": "999"}).status_code == 404
    assert browse(cast.rep).get(reverse("pipeline_funnel"), {"stage": "99"}).status_code == 404
