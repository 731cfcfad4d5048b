"""Measures by the two clocks and under both trees: as they were known, the way to today, and as organised now."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import NotInReach
from common.models import Rate
from common.transaction import reach, work
from orders.selectors.credits import credit_total
from orders.selectors.known import AsOf, known_at
from orders.services import LineInput, book_on_another_day, cancel
from quotas.selectors.measures import Measured, Sums, measured
from quotas.selectors.question import Question
from quotas.selectors.team import team_attainment
from territories.services import move_territory
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import WHOLE, Sell
from tests.quotas.now import APRIL, FIRST_OF_MAY, MAY, TODAY, Browse, new_node, reseat
from tests.salesops.conftest import plain
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]

SIXTY, FORTY = 60 * WHOLE // 100, 40 * WHOLE // 100
EVERY = ("intake", "tcv", "acv", "arr", "units", "new", "booked", "current", "existing", "effect")
NODES = ("Company", "East", "East Team", "East 1", "West", "West Team")
THEN = Sums(410_00, 410_00, 100_00, 100_00, 6, 410_00, 420_00, 420_00)
NOW = Sums(310_00, 310_00, 66_67, 66_67, 6, 310_00, 320_00, 325_00)
PAGE, API = reverse("measures"), "insight/measures/?period=2026-Q2"


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def line(cast: Cast, amount: int, term: int | None, quantity: int = 1) -> dict[str, Any]:
    return {"lines": [LineInput(cast.products["Licence"].pk, quantity, amount, term_months=term)]}


@pytest.fixture
def history(cast: Cast, sell: Sell, acting: Acting, stamps: Stamps) -> None:
    """300.00 for three years by Rita and Paul, and 100 euros by Paul, both of 14 April; by then they are known.

    Since: 100.00 of the first are cancelled (4 May), East 2 moves to the west as of 10 April (6 May), and the euro has
    a current rate of 1.25 instead of the booked 1.20 (8 May).
    """
    stamps(noon(4, 1))
    order = sell("Acorn", 0, APRIL, {"rep": SIXTY, "peer": FORTY}, **line(cast, 300_00, 36, 5))
    sell("Beech", 0, APRIL, {"peer": WHOLE}, currency="EUR", **line(cast, 100_00, None))
    stamps(noon(4, 20))
    with acting(cast.admin):
        less = {"order_id": order, "version": 1, "amount_minor": 100_00, "reason": "customer needs less"}
        cancel(by=cast.admin.pk, booked_on=date(2026, 4, 30), **less)
    stamps(noon(5, 4))
    with acting(cast.admin):
        node, west = cast.territories["East 2"].pk, cast.territories["West"].pk
        move_territory(by=cast.admin.pk, territory_id=node, parent_id=west, on=date(2026, 4, 10))
    stamps(noon(5, 6))
    with work(by=None, why="a rate"):
        Rate.objects.create(kind="current", currency="EUR", value=Decimal("1.25"), starts_on=FIRST_OF_MAY)
    stamps(noon(5, 8))


def as_known(month: int, day: int, valid: date | None = None) -> AsOf:
    with work(by=None, why="look", reach=Reach.everything()):
        return AsOf(valid, known_at(noon(month, day)))


def at(cast: Cast, acting: Acting, node: str = "Company", who: str = "executive", **asked: Any) -> Measured:
    question = Question(cast.q2, [cast.q2], TODAY, **asked)
    with acting(getattr(cast, who)):
        return measured(reach(), question, cast.territories[node].pk)


def by_name(found: Measured) -> dict[str, int]:
    return {row.name: row.sums.intake for row in found.rows if row.sums != Sums()}


@pytest.mark.usefixtures("history")
class TestAsKnown:
    def test_what_was_known_then_is_the_same_again_in_every_measure(self, cast: Cast, acting: Acting) -> None:
        assert at(cast, acting, as_of=as_known(4, 30)).total == THEN
        assert at(cast, acting).total == NOW
        assert at(cast, acting, as_of=as_known(4, 19)).total == Sums()

    def test_by_booking_date_up_to_a_day_at_todays_rates(self, cast: Cast, acting: Acting) -> None:
        found = at(cast, acting, as_of=AsOf(date(2026, 4, 29))).total
        assert found == Sums(410_00, 410_00, 100_00, 100_00, 6, 410_00, 420_00, 425_00)
        assert at(cast, acting, as_of=AsOf(date(2026, 4, 13))).total == Sums()

    def test_under_the_tree_that_was_known(self, cast: Cast, acting: Acting) -> None:
        then = as_known(5, 5)
        assert by_name(at(cast, acting, "East Team", as_of=then)) == {"East 1": 120_00, "East 2": 190_00}
        assert by_name(at(cast, acting, "East Team")) == {"East 1": 120_00}
        assert by_name(at(cast, acting, "West")) == {"East 2": 190_00}
        assert by_name(at(cast, acting, "West", as_of=then)) == {}

    @pytest.mark.parametrize("is_now", [False, True])
    def test_the_nodes_add_up_to_the_company_at_every_instant(
        self, cast: Cast, acting: Acting, is_now: bool
    ) -> None:
        for as_of in (AsOf(), as_known(4, 30), as_known(5, 5), AsOf(date(2026, 4, 29))):
            company = at(cast, acting, as_of=as_of, is_now=is_now)
            for node in NODES:
                found = at(cast, acting, node, as_of=as_of, is_now=is_now)
                for name in EVERY:
                    rows = [getattr(row.sums, name) for row in found.rows]
                    assert sum(rows) == getattr(found.total, name), (node, name)
                above = [row.sums for row in company.rows if row.name == node]
                assert above in ([], [found.total])

    def test_it_is_the_order_intake_of_team_attainment(self, cast: Cast, acting: Acting) -> None:
        for is_now in (False, True):
            for month, day in ((4, 30), (5, 5)):
                as_of = as_known(month, day)
                question = Question(cast.q2, [cast.q2], TODAY, is_now=is_now, as_of=as_of)
                with acting(cast.executive):
                    team = team_attainment(reach(), question).total.intake
                assert team == at(cast, acting, as_of=as_of, is_now=is_now).total.intake

    def test_the_credits_behind_each_row_come_to_it(self, cast: Cast, acting: Acting) -> None:
        for node in ("Company", "East Team", "East 1"):
            for row in at(cast, acting, node, as_of=as_known(4, 30)).rows:
                with acting(cast.executive):
                    assert row.credits
                    assert credit_total(row.credits, reach()).figure_minor == row.sums.intake

    def test_a_customer_counts_on_the_day_that_their_order_had_then(
        self, cast: Cast, sell: Sell, acting: Acting, stamps: Stamps
    ) -> None:
        order = sell("Cedar", 10_00, MAY)
        stamps(noon(5, 12))
        assert at(cast, acting).customers == (3, 0)
        with acting(cast.admin):
            known = {"by": cast.admin.pk, "order_id": order, "version": 1, "reason": "signed earlier"}
            book_on_another_day(**known, booked_on=date(2026, 3, 10))
        stamps(noon(5, 14))
        assert at(cast, acting).customers == (2, 0)
        assert at(cast, acting, as_of=as_known(5, 13)).customers == (3, 0)
        assert at(cast, acting, as_of=as_known(5, 13), is_now=True).customers == (3, 0)

    def test_the_page_says_it_and_lists_the_way_to_today(self, cast: Cast, browse: Browse) -> None:
        east = cast.territories["East Team"].pk
        query = {"period": "2026-Q2", "known": "2026-04-30", "node": east}
        answer = browse(cast.executive).get(PAGE, query)
        words = plain(answer)
        assert "These figures are as known at the end of Apr 30, 2026." in words
        assert "Total $410.00 $410.00 $100.00 $100.00 $8.33 6 $410.00 2 accounts $0.00 0 accounts" in words
        assert "Total $410.00 $420.00 $10.00 $420.00" in words
        assert "The difference to today" in words
        since = answer.context["since"]
        assert [(step.intake_minor, step.why) for step in since.steps] == [
            (-60_00, "customer needs less"),
            (-230_00, ""),
        ]
        assert (since.then_intake, since.now_intake, since.rest_intake) == (410_00, 120_00, 0)
        assert f"node={cast.territories['East 1'].pk}" in answer.content.decode()
        assert "known=2026-04-30" in answer.context["lines"][0].url
        assert "Show what is known now" in words

    def test_before_anything_was_known_the_page_says_so(self, cast: Cast, browse: Browse) -> None:
        words = plain(browse(cast.executive).get(PAGE, {"period": "2026-Q2", "known": "2025-12-01"}))
        assert "Nothing was known yet" in words

    def test_a_lead_reads_their_node_alone(self, cast: Cast, acting: Acting) -> None:
        with pytest.raises(NotInReach):
            at(cast, acting, "West 1", "manager", as_of=as_known(4, 30))
        # Without what Paul sold in East 2, which is the west's now: two instants would tell single credits of it.
        assert at(cast, acting, "East Team", "manager", as_of=as_known(4, 30)).total.intake == 300_00

    @pytest.mark.parametrize(
        "query", [{"known": "2026-13-01"}, {"known": "2026-05-21"}, {"valid": "x"}, {"tree": "later"}]
    )
    def test_what_it_cannot_answer_is_refused(self, cast: Cast, browse: Browse, query: Any) -> None:
        assert browse(cast.director).get(PAGE, {"period": "2026-Q2", **query}).status_code in (400, 422)

    def test_over_the_api_at_an_instant(self, cast: Cast) -> None:
        asked = f"{API}&node={cast.territories['East Team'].pk}"

        def told(clocks: str) -> list[tuple[str, str, str]]:
            answer = Api(cast.executive).get(asked + clocks)
            assert answer.status_code == 200, answer.content
            rows = answer.json()["results"]
            return [(row["name"], row["order_intake"], row["at_current_rate"]) for row in rows]

        known = [("East 2", "230.00", "240.00"), ("East 1", "180.00", "180.00")]
        assert told("&known=2026-05-04T11:59:59%2B00:00") == known
        later = [("East 2", "190.00", "200.00"), ("East 1", "120.00", "120.00")]
        assert told("&known=2026-05-04T12:00:00%2B00:00") == later
        nothing = ("East 2", "0.00", "0.00")  # It lay there until 10 April.
        assert told("") == [("East 1", "120.00", "120.00"), nothing]
        assert told("&valid=2026-04-29") == [("East 1", "180.00", "180.00"), nothing]
        assert Api(cast.rep).get(asked).status_code == 403


@pytest.fixture
def moved(cast: Cast, sell: Sell, acting: Acting, stamps: Stamps) -> None:
    """Rita sold 100.00 in April in the east, and since 1 May 30.00 in the west."""
    stamps(noon(4, 1))
    new_node(cast, acting, "West 2", "West Team")
    sell("Acorn", 0, APRIL, {"rep": WHOLE}, **line(cast, 100_00, 24))
    stamps(noon(4, 20))
    reseat(cast, acting, "rep", "West 2")
    sell("Acorn", 0, MAY, {"rep": WHOLE}, **line(cast, 30_00, None))
    stamps(noon(5, 13))


@pytest.mark.usefixtures("moved")
class TestAsOrganisedNow:
    def test_what_was_sold_before_a_move_hangs_where_its_person_sits_today(
        self, cast: Cast, acting: Acting
    ) -> None:
        assert by_name(at(cast, acting)) == {"East": 100_00, "West": 30_00}
        assert by_name(at(cast, acting, is_now=True)) == {"West": 130_00}
        assert at(cast, acting, is_now=True).total == at(cast, acting).total
        [row] = at(cast, acting, "West 2", is_now=True).rows
        assert (row.name, row.person_id) == ("Rita Rep", cast.rep.pk)
        assert row.sums == Sums(130_00, 130_00, 50_00, 50_00, 2, 130_00, 130_00, 130_00)

    def test_what_was_known_then_under_todays_tree(self, cast: Cast, acting: Acting) -> None:
        then = as_known(4, 30)
        assert by_name(at(cast, acting, as_of=then)) == {"East": 100_00}
        assert by_name(at(cast, acting, as_of=then, is_now=True)) == {"West": 100_00}

    def test_customers_of_where_it_belongs_now(self, cast: Cast, acting: Acting) -> None:
        assert at(cast, acting, "West", is_now=True).customers == (1, 0)
        assert at(cast, acting, "East", is_now=True).customers == (0, 0)

    def test_who_leads_them_today_is_told_all_of_it(self, cast: Cast, acting: Acting) -> None:
        found = at(cast, acting, "West Team", "other_manager", is_now=True)
        assert by_name(found) == {"West 2": 130_00}
        [row] = [row for row in found.rows if row.sums.intake]
        with acting(cast.other_manager):
            assert row.credits
            total = credit_total(row.credits, reach())
        assert (total.plan_minor, total.beyond_minor, total.figure_minor) == (30_00, 100_00, 130_00)
        assert by_name(at(cast, acting, "East Team", "manager", is_now=True)) == {}

    def test_the_page_and_the_api_say_so(self, cast: Cast, browse: Browse) -> None:
        query = {"period": "2026-Q2", "tree": "now", "node": cast.territories["West Team"].pk}
        words = plain(browse(cast.director).get(PAGE, {**query, "node": cast.territories["East"].pk}))
        assert "As organised now, by where those who sold sit today." in words
        assert "West 2 $130.00" in plain(browse(cast.executive).get(PAGE, query))
        asked = f"{API}&tree=now&node={query['node']}"
        rows = Api(cast.executive).get(asked).json()["results"]
        found = {row["name"]: row["order_intake"] for row in rows}
        assert found == {"West 1": "0.00", "West 2": "130.00"}
