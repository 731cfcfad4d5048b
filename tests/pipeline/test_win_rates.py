"""Win rates: closed and created, by count and by value, told apart, with what they can be taken for, and why."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.models import Motion
from pipeline.rules.rates import UNKNOWN, Prior, likely
from pipeline.selectors import win_rates as rates_of
from pipeline.selectors.insight import Asked, members, rates_now, tallies
from pipeline.selectors.win_rates import (
    CLOSED,
    CREATED,
    cohorts,
    counted,
    pace,
    reasons,
    usual,
    win_lines,
)
from pipeline.views.insight import in_words
from territories.models import User
from tests.cast import Cast
from tests.pipeline.insight import deal, lost, won
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)
YEAR = Asked(date(2025, 5, 21), TODAY, {})


@pytest.fixture
def decided(cast: Cast) -> None:
    """Two won, worth 30,000 of 100,000; two lost; one open; those of the peer beside them."""
    won(cast, "Small win", "2026-01-01", "2026-01-21", amount_minor=10_000_00, source="Fair")
    won(cast, "Win", "2026-01-01", "2026-03-02", amount_minor=20_000_00, motion=Motion.DISPLACEMENT)
    lost(cast, "Loss", "2026-02-01", "2026-04-01", amount_minor=40_000_00, source="Fair")
    lost(cast, "Big loss", "2026-02-01", "2026-05-01", amount_minor=30_000_00, lost_to="Rival")
    deal(cast, "In play", "2026-04-01", {"Prospecting": "2026-04-01"}, amount_minor=50_000_00)
    other = {"owner": cast.peer, "territory": cast.territories["East 2"], "account": cast.accounts["Beech"]}
    lost(cast, "Peer's", "2026-01-01", "2026-02-01", **other)


def total(cast: Cast, acting: Any, basis: str = CLOSED, person: str = "rep", asked: Asked = YEAR) -> Any:
    with acting(getattr(cast, person)) as context:
        [line] = tallies(counted(context.reach, asked, basis), "", rates_now(TODAY))
    return line


def test_by_count_and_by_value_are_two_rates(cast: Cast, acting: Any, decided: None) -> None:
    line = total(cast, acting)
    assert (line.by_count, line.by_value) == (Fraction(1, 2), Fraction(3, 10))


def test_created_has_open_ones_in_the_denominator(cast: Cast, acting: Any, decided: None) -> None:
    """The cast's own deal of the rep is open as well."""
    line = total(cast, acting, CREATED)
    assert (line.won, line.lost, line.open, line.by_count) == (2, 2, 2, Fraction(1, 3))


def test_what_is_decided_outside_of_the_days_is_in_neither(cast: Cast, acting: Any, decided: None) -> None:
    asked = Asked(date(2026, 3, 2), date(2026, 4, 1), {})
    assert (total(cast, acting, asked=asked).won, total(cast, acting, asked=asked).lost) == (1, 1)


def test_totals_obey_reach(cast: Cast, acting: Any, decided: None) -> None:
    assert total(cast, acting).deals == 4
    assert total(cast, acting, person="manager").deals == 5
    assert total(cast, acting, person="other_rep").deals == 0


def test_amounts_in_the_reporting_currency_and_those_without_one(cast: Cast, acting: Any) -> None:
    won(cast, "In euro", "2026-01-01", "2026-02-01", currency="EUR", amount_minor=100)
    won(cast, "No rate", "2026-01-01", "2026-02-01", currency="CHF", amount_minor=100)
    lost(cast, "No amount", "2026-01-01", "2026-02-01", amount_minor=None)
    line = total(cast, acting)
    assert (line.won, line.lost, line.won_minor, line.unvalued) == (2, 1, 120, 2)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("source", {"Fair": (1, 1), "not said": (1, 1)}),
        ("motion", {"Displacement": (1, 0), "New": (1, 2)}),
        ("channel", {"Direct": (2, 2)}),
        ("owner", {"Rita Rep": (2, 2)}),
        ("territory", {"East 1": (2, 2)}),
        ("segment", {"not said": (2, 2)}),
        ("competitor", {"not said": (2, 2)}),
        ("product", {"not said": (2, 2)}),
    ],
)
def test_told_apart(cast: Cast, acting: Any, decided: None, by: str, expected: Any) -> None:
    with acting(cast.rep) as context:
        lines = win_lines(context.reach, YEAR, by, CLOSED, TODAY)
    assert {line.tally.label: (line.tally.won, line.tally.lost) for line in lines} == expected


def test_a_deal_counts_with_each_competitor_and_each_product(cast: Cast, acting: Any) -> None:
    both = won(cast, "Both", "2026-01-01", "2026-02-01", amount_minor=300_00)
    with work(by=None, why="what it names", reach=Reach.everything()):
        for name in ("Rival", "Other"):
            both.competitors.create(name=name)
        both.competitors.create(name="Gone", is_removed=True)
        for product, price in (("Server", 100_00), ("Licence", 150_00), ("Licence", 50_00)):
            both.lines.create(product=cast.products[product], price_minor=price)
    with acting(cast.rep) as context:
        of = {
            by: {
                line.tally.label: (line.tally.won, line.tally.won_minor)
                for line in win_lines(context.reach, YEAR, by, CLOSED, TODAY)
            }
            for by in ("competitor", "product")
        }
        rows = counted(context.reach, YEAR, CLOSED)
        key = str(cast.products["Licence"].pk)
        behind = [
            (row.name, row.minor) for row in members(rows, "product", key, rates_now(TODAY)).order_by("-id")
        ]
    assert of["competitor"] == {"Rival": (1, 300_00), "Other": (1, 300_00)}
    assert of["product"] == {"Server": (1, 100_00), "Licence": (1, 200_00)}
    assert behind == [("Both", 200_00)]


def test_ranked_by_what_it_can_be_taken_for_which_is_one_figure_for_all(cast: Cast, acting: Any) -> None:
    peer = {"owner": cast.peer, "territory": cast.territories["East 2"]}
    west = {"owner": cast.other_rep, "territory": cast.territories["West 1"]}
    for number in range(2):
        won(cast, f"Lucky {number}", "2026-01-01", "2026-02-01", **peer)
    for number in range(12):
        (won if number < 9 else lost)(cast, f"Proven {number}", "2026-01-01", "2026-02-01")
    for number in range(10):
        lost(cast, f"West {number}", "2026-01-01", "2026-02-01", **west)
    with acting(cast.manager) as context:
        lines = win_lines(context.reach, YEAR, "owner", CLOSED, TODAY)
    assert [line.tally.label for line in lines] == ["Rita Rep", "Paul Peer"]
    of = {line.tally.label: line for line in lines}
    assert {label: line.likely and line.likely.is_provisional for label, line in of.items()} == {
        "Rita Rep": False,
        "Paul Peer": True,
    }
    with acting(cast.rep) as context:
        [own] = win_lines(context.reach, YEAR, "owner", CLOSED, TODAY)
    assert own == of["Rita Rep"]


def prior_of(acting: Any, person: Any) -> Prior:
    with acting(person):
        return usual("owner", TODAY)


def test_what_is_usual_tells_nothing_of_the_days_and_deals_asked_for(cast: Cast, acting: Any) -> None:
    """Ten were decided in the last four quarters that have ended; what the peer won since is in no prior."""
    for number in range(10):
        (won if number < 3 else lost)(cast, f"Own {number}", "2026-01-01", "2026-02-01")
    peer = {"owner": cast.peer, "territory": cast.territories["East 2"]}
    before = prior_of(acting, cast.rep)
    for number in range(4):
        won(cast, f"Peer's {number}", "2026-05-01", "2026-05-07", **peer)
    assert prior_of(acting, cast.manager) == before == Prior(Fraction(10, 3), Fraction(20, 3))
    lost(cast, "Own of that day", "2026-05-01", "2026-05-07")
    day = Asked(
        date(2026, 5, 7), date(2026, 5, 7), {"stage__sales_model_id": cast.stages["Won"].sales_model_id}
    )
    with acting(cast.rep) as context:
        [line] = win_lines(context.reach, day, "owner", CLOSED, TODAY)
    assert line.likely == likely(0, 1, before)


def test_without_enough_that_was_decided_the_usual_prior_holds(
    cast: Cast, acting: Any, decided: None
) -> None:
    """Two won and two lost of the rep, of which two lie in quarters that have ended, and one of the peer."""
    with acting(cast.rep) as context:
        [line] = win_lines(context.reach, YEAR, "owner", CLOSED, TODAY)
    assert prior_of(acting, cast.rep) == UNKNOWN
    assert line.likely == likely(2, 4, UNKNOWN)


def test_the_page_says_what_likely_leans_on(cast: Cast, browse: Any) -> None:
    """Nothing was decided: Beta(4, 6). Then 9 of 12 in one group: p = 10 ÷ 14, weighing as much as 10."""
    page = plain(browse(cast.rep).get(reverse("win_rates")))
    assert "“Likely”" not in page
    lost(cast, "Now", "2026-05-01", "2026-05-02")
    page = plain(browse(cast.rep).get(reverse("win_rates")))
    assert "“Likely” leans on 40%, worth 10 deals: fewer than 10 were decided in the company" in page
    for number in range(12):
        decide = won if number < 9 else lost
        decide(cast, f"Earlier {number}", "2026-01-01", "2026-02-01")
    page = plain(browse(cast.rep).get(reverse("win_rates")))
    assert (
        "“Likely” leans on what is usual in the company, 71% in the last four quarters, worth 10 deals"
        in page
    )
    assert "“Likely”" not in plain(browse(cast.rep).get(reverse("win_rates"), {"basis": "created"}))


def test_who_left_is_asked_for_as_their_deals_are_counted(cast: Cast, browse: Any, decided: None) -> None:
    with work(by=None, why="left", reach=Reach.everything()):
        User.objects.filter(pk=cast.peer.pk).update(is_active=False)
    client = browse(cast.manager)
    offered = client.get(reverse("win_rates")).content.decode()
    assert f'<option value="{cast.peer.pk}">Paul Peer · has left</option>' in offered
    assert cast.other_rep.name not in offered
    page = plain(client.get(reverse("win_rates"), {"owner": cast.peer.pk}))
    assert "Of what was decided 0% was won by count" in page
    found = client.get(reverse("owner_suggest"), {"q": "paul", "as": "holders"}).content.decode()
    assert "Paul Peer" in found
    assert "Paul Peer" not in client.get(reverse("owner_suggest"), {"q": "paul"}).content.decode()


def test_lines_come_in_pages(cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates_of, "MOST_LINES", 2)
    for number in range(3):
        lost(cast, f"Lost {number}", "2026-01-01", "2026-02-01", source=f"Source {number:02}")
    client = browse(cast.rep)
    first = client.get(reverse("win_rates"), {"by": "source"})
    assert [line.tally.label for line, *_rest in first.context["lines"]] == ["Source 00", "Source 01"]
    rest = client.get(reverse("win_rates") + first.context["beyond"])
    assert [line.tally.label for line, *_rest in rest.context["lines"]] == ["Source 02"]
    assert rest.context["beyond"] is None
    assert "Further lines" in plain(first)
    assert "Further lines" not in plain(rest)
    api, asked = "/api/v1/insight/win-rates/", {"by": "source"}
    page = client.get(api, asked).json()
    assert (len(page["results"]), page["after"]) == (2, "2")
    last = client.get(api, {**asked, "after": page["after"]}).json()
    assert ([one["name"] for one in last["results"]], last["after"]) == (["Source 02"], None)


def test_velocity_leaves_out_what_has_no_amount_and_says_so(
    cast: Cast, acting: Any, browse: Any, decided: None
) -> None:
    """Three of five are won, worth 30,000.00 without the third: a mean of 15,000.00. They took 20, 60 and 40 days."""
    won(cast, "Of unknown worth", "2026-01-01", "2026-02-10", amount_minor=None)
    deal(cast, "No rate", "2026-04-01", {"Prospecting": "2026-04-01"}, currency="CHF")
    with acting(cast.rep) as context:
        found = pace(context.reach, YEAR, total(cast, acting), TODAY)
    assert (found.open, found.open_unvalued, found.won_unvalued, found.lost_unvalued) == (3, 1, 1, 0)
    assert found.by_count == Fraction(3 * 15_000_00 * 3, 5 * 40)
    page = plain(browse(cast.rep).get(reverse("win_rates")))
    assert "adding nothing to velocity: 1 open, 1 won, 0 lost." in page


def test_reasons_name_what_adds_nothing(cast: Cast, acting: Any, browse: Any, decided: None) -> None:
    lost(cast, "Of unknown worth", "2026-01-01", "2026-02-10", amount_minor=None)
    with acting(cast.rep) as context:
        [why] = reasons(context.reach, YEAR, "lost_reason", TODAY)
    assert (why.deals, why.minor, why.unvalued) == (3, 70_000_00, 1)
    assert "$70,000 · 1 without an amount or a rate" in plain(browse(cast.rep).get(reverse("win_rates")))


def test_cycle_and_velocity(cast: Cast, acting: Any, decided: None) -> None:
    """Won after 20 and 60 days: 40. Open: 50,000.00 and the cast's 100,000.01; that is no Omitted one."""
    with acting(cast.rep) as context:
        found = pace(context.reach, YEAR, total(cast, acting), TODAY)
    assert found.cycle == 40
    assert (found.open, found.open_minor) == (2, 150_000_01)
    assert found.by_count == Fraction(2 * 15_000_00, 2 * 40)
    assert found.by_value == Fraction(150_000_01 * 3, 10 * 40)


def test_reasons(cast: Cast, acting: Any, decided: None) -> None:
    with acting(cast.rep) as context:
        why = reasons(context.reach, YEAR, "lost_reason", TODAY)
        to = reasons(context.reach, YEAR, "lost_to", TODAY)
    assert [(row.text, row.deals, row.minor) for row in why] == [("No budget", 2, 70_000_00)]
    assert {row.text: row.deals for row in to} == {"": 1, "Rival": 1}


def test_cohorts_are_undefined_until_the_last_deal_is_old_enough(
    cast: Cast, acting: Any, decided: None
) -> None:
    asked = Asked(date(2026, 1, 1), TODAY, {})
    with acting(cast.rep) as context:
        first, second = cohorts(context.reach, asked, TODAY)
    assert (first.period.code, first.created, first.share) == ("2026-Q1", 5, Fraction(2, 5))
    assert list(first.shares) == [Fraction(1, 5), None, None, None]
    assert (second.period.code, second.created, list(second.shares)) == ("2026-Q2", 1, [None] * 4)


def test_the_page_and_the_deals_behind_its_figures(cast: Cast, browse: Any, decided: None) -> None:
    page = plain(browse(cast.rep).get(reverse("win_rates"), {"by": "source"}))
    assert "Of what was decided 50% was won by count, 30% by value." in page
    assert "provisional: 2 decided" in page
    behind = browse(cast.rep).get(reverse("win_rates"), {"by": "source", "show": "lost", "key": "Fair"})
    assert "Fair: Lost 1 opportunity · $40,000.00" in plain(behind)
    rows = behind.context["behind"].page.rows
    assert [(row.name, row.minor) for row in rows] == [("Loss", 40_000_00)]
    unsaid = browse(cast.rep).get(reverse("win_rates"), {"by": "source", "show": "all", "key": "—"})
    found = unsaid.context["behind"]
    assert {row.name for row in found.page.rows} == {"Win", "Big loss"}
    assert sum(row.minor for row in found.page.rows) == found.minor == 50_000_00


@pytest.mark.parametrize(
    ("show", "key", "name", "minors"),
    [
        ("lost_reason", "No budget", "Why we lost: No budget", [40_000_00, 30_000_00]),
        ("lost_to", "—", "To whom we lost: not said", [40_000_00]),
        ("won_reason", "—", "Why we won: not said", [20_000_00, 10_000_00]),
        ("created_won", "2026-Q1", "Created in 2026-Q1 and won by now", [20_000_00, 10_000_00]),
        ("within_30", "2026-Q1", "Created in 2026-Q1 and won within 30 days", [10_000_00]),
        ("created", "1999-Q1", "Created in 1999-Q1", []),
        ("cycle", "", "Won", [20_000_00, 10_000_00]),
        ("pipeline", "", "Open pipeline", [100_000_01, 50_000_00]),
        ("pipeline_unvalued", "", "Open pipeline: without an amount or a rate", []),
    ],
)
def test_what_stands_beside_the_rates_leads_to_its_deals(
    cast: Cast, browse: Any, decided: None, show: str, key: str, name: str, minors: list[int]
) -> None:
    found = browse(cast.rep).get(reverse("win_rates"), {"show": show, "key": key}).context["behind"]
    assert (found.name, found.deals, found.minor) == (name, len(minors), sum(minors))
    assert sorted((row.minor for row in found.page.rows), reverse=True) == minors


def test_created_on_the_page(cast: Cast, browse: Any, decided: None) -> None:
    page = plain(browse(cast.rep).get(reverse("win_rates"), {"basis": "created"}))
    assert "Of what was created 33% is won by count" in page


@pytest.mark.parametrize("query", [{"by": "luck"}, {"basis": "both"}, {"show": "some"}, {"motion": "x"}])
def test_a_broken_address_is_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert browse(cast.rep).get(reverse("win_rates"), query).status_code == 400


@pytest.mark.parametrize("key", ["x", "99999999999999999999", "7"])
def test_a_key_of_nothing_has_nothing_behind_it(cast: Cast, browse: Any, decided: None, key: str) -> None:
    answer = browse(cast.rep).get(reverse("win_rates"), {"show": "won", "key": key})
    assert answer.status_code == 200
    assert answer.context["behind"].page.rows == []


def test_a_likely_rate_in_words() -> None:
    prior = Prior(Fraction(4), Fraction(6))
    assert in_words(likely(9, 12, prior)) == "59% (42–76%)"
    assert in_words(likely(2, 2, prior)) == "50% (27–73%)"
    assert in_words(None) == "—"
