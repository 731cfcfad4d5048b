"""Pipeline generation: what was created, at its first day's value and at today's."""

from datetime import date
from typing import Any

from django.urls import reverse

from pipeline.models import Opportunity
from pipeline.selectors.generation import generated_deals, generation
from pipeline.selectors.insight import Asked
from tests.cast import Cast
from tests.pipeline.insight import deal
from tests.pipeline.standings import at, edit
from tests.salesops.conftest import plain

MARCH = Asked(date(2026, 3, 1), date(2026, 3, 31), {})
TODAY = date(2026, 5, 20)


def two(cast: Cast, acting: Any, clock: Any) -> Opportunity:
    """The example of the page: 100.00 and nothing on their first day, 140.00 and 60.00 now."""
    at(clock, "2026-03-10")
    first = deal(cast, "Grown", "2026-03-10", {"Prospecting": "2026-03-10"}, source="Fair")
    second = deal(cast, "Bare", "2026-03-10", {"Prospecting": "2026-03-10"}, amount_minor=None)
    at(clock, "2026-05-20")
    edit(acting, cast.rep, first, amount_minor=140_00)
    edit(acting, cast.rep, second, amount_minor=60_00)
    return first


def test_first_day_and_now_stand_beside_each_other(cast: Cast, acting: Any, clock: Any) -> None:
    two(cast, acting, clock)
    with acting(cast.rep) as context:
        [line] = generation(context.reach, MARCH, "", TODAY)
        parts = {
            one.label: (one.deals, one.first_minor, one.minor)
            for one in generation(context.reach, MARCH, "source", TODAY)
        }
        rows = [
            (row.name, row.first_minor, row.minor)
            for row in generated_deals(context.reach, MARCH, "", "", TODAY).order_by("id")
        ]
    assert (line.deals, line.first_minor, line.minor) == (2, 100_00, 200_00)
    assert (line.first_unvalued, line.unvalued) == (1, 0)
    assert parts == {"Fair": (1, 100_00, 140_00), "not said": (1, 0, 60_00)}
    assert rows == [("Grown", 100_00, 140_00), ("Bare", None, 60_00)]


def test_what_happens_on_the_first_day_is_part_of_it(cast: Cast, acting: Any, clock: Any) -> None:
    at(clock, "2026-03-10", 14)
    made = deal(cast, "Grown at once", "2026-03-10", {"Prospecting": "2026-03-10"})
    at(clock, "2026-03-10", 18)
    edit(acting, cast.rep, made, amount_minor=120_00)
    with acting(cast.rep) as context:
        [line] = generation(context.reach, MARCH, "", TODAY)
    assert (line.first_minor, line.minor) == (120_00, 120_00)


def test_only_what_is_in_reach_and_was_created_in_these_days(cast: Cast, acting: Any, clock: Any) -> None:
    two(cast, acting, clock)
    april = Asked(date(2026, 4, 1), date(2026, 4, 30), {})
    with acting(cast.other_rep) as context:
        assert generation(context.reach, MARCH, "owner", TODAY) == []
    with acting(cast.rep) as context:
        [line] = generation(context.reach, april, "", TODAY)
    assert (line.deals, line.minor) == (0, 0)


def test_the_page_and_the_deals_behind_a_line(cast: Cast, acting: Any, clock: Any, browse: Any) -> None:
    two(cast, acting, clock)
    asked = {"from": "2026-03-01", "to": "2026-03-31", "by": "source"}
    page = plain(browse(cast.rep).get(reverse("pipeline_generation"), asked))
    assert "Worth $100 on their first days, and more by now: $200." in page
    assert "Without an amount or a rate, and so adding nothing: 1 on the first day, 0 now." in page
    behind = browse(cast.rep).get(reverse("pipeline_generation"), {**asked, "show": "all", "key": "Fair"})
    assert "Fair 1 opportunity · $140.00" in plain(behind)


def test_a_broken_address_is_refused(cast: Cast, browse: Any) -> None:
    for query in ({"show": "luck"}, {"by": "product"}):
        assert browse(cast.rep).get(reverse("pipeline_generation"), query).status_code == 400
