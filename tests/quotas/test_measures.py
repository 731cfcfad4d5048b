"""What was booked in every measure and at every rate: rows, totals, and who reads what."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import NotInReach
from common.models import Period, Rate
from common.transaction import work
from orders.services import LineInput, ShareInput, book_on_another_day, cancel
from quotas.selectors.measures import Measured, Sums, measured
from quotas.selectors.question import Question
from quotas.selectors.team import team_attainment
from territories.services import move_territory
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.orders.test_book import order_of
from tests.orders.test_changing import OVERLAY
from tests.quotas.conftest import Sell
from tests.quotas.test_crediting import rule
from tests.salesops.conftest import plain

APRIL, MAY, TODAY = date(2026, 4, 14), date(2026, 5, 12), date(2026, 5, 20)
SIXTY, FORTY = 60_000_000, 40_000_000
Browse = Callable[[Any], Browser]
EVERY = ("intake", "tcv", "acv", "arr", "units", "new", "booked", "current")


def asked(cast: Cast, **more: Any) -> Question:
    return Question(period=cast.q2, quarters=[cast.q2], on=TODAY, **more)


def by_name(found: Measured) -> dict[str, Sums]:
    return {row.name: row.sums for row in found.rows}


def at(cast: Cast, who: Reach, node: str = "", **more: Any) -> Measured:
    with work(by=None, why="look", reach=who):
        return measured(who, asked(cast, **more), cast.territories[node].pk if node else None)


@pytest.fixture
def everything() -> Reach:
    return Reach.everything()


@pytest.fixture
def sold(cast: Cast, sell: Sell) -> None:
    """300.00 for three years by Rita, of which Paul has 40 %; 100 euros by Paul; 60.00 for half a year by Oscar."""

    def line(amount: int, term: int | None, quantity: int = 1) -> dict[str, Any]:
        return {"lines": [LineInput(cast.products["Licence"].pk, quantity, amount, term_months=term)]}

    sell("Acorn", 300_00, MAY, {"rep": SIXTY, "peer": FORTY}, **line(300_00, 36, 5))
    sell("Beech", 100_00, APRIL, {"peer": SIXTY + FORTY}, currency="EUR", **line(100_00, None))
    sell("Cedar", 60_00, MAY, {"other_rep": SIXTY + FORTY}, **line(60_00, 6, 2))


class TestTheFigures:
    def test_the_nodes_add_up_to_the_company_in_every_measure(
        self, cast: Cast, sold: None, everything: Reach
    ) -> None:
        company = at(cast, everything, "Company")
        for node in ("Company", "East", "East Team", "East 1"):
            below = at(cast, everything, node)
            for name in (*EVERY, "existing", "effect"):
                assert sum(getattr(row.sums, name) for row in below.rows) == getattr(below.total, name)
        assert by_name(company)["East"] == at(cast, everything, "East").total
        assert by_name(at(cast, everything, "East"))["East Team"] == at(cast, everything, "East Team").total
        assert company.total == Sums(470_00, 470_00, 160_00, 220_00, 8, 470_00, 480_00, 480_00)

    def test_a_deal_shared_in_a_team_counts_once(self, cast: Cast, sold: None, everything: Reach) -> None:
        team = at(cast, everything, "East Team")
        assert by_name(team) == {
            "East 1": Sums(180_00, 180_00, 60_00, 60_00, 3, 180_00, 180_00, 180_00),
            "East 2": Sums(230_00, 230_00, 40_00, 40_00, 3, 230_00, 240_00, 240_00),
        }
        assert team.total.mrr == 8_33

    def test_people_stand_at_the_lowest_level(self, cast: Cast, sold: None, everything: Reach) -> None:
        [row] = at(cast, everything, "East 1").rows
        assert (row.name, row.person_id, row.sums.arr) == (cast.rep.name, cast.rep.pk, 60_00)
        assert (
            row.credits.query
            == f"period=2026-Q2&person={cast.rep.pk}&node={row.credits.node_id}&basis=seat&alone=1"
        )

    def test_it_is_the_order_intake_of_team_attainment(
        self, cast: Cast, sold: None, everything: Reach, night: Any
    ) -> None:
        night()
        with work(by=None, why="look", reach=everything):
            team = team_attainment(everything, asked(cast))
        assert at(cast, everything).total.intake == team.total.intake == 470_00

    def test_what_is_cancelled_leaves_nothing(
        self, cast: Cast, sell: Sell, acting: Acting, everything: Reach
    ) -> None:
        lines = [LineInput(cast.products["Licence"].pk, 3, 100_01, term_months=36)]
        order = sell("Acorn", 0, MAY, {"rep": SIXTY, "peer": FORTY}, lines=lines)
        with acting(cast.admin):
            for version, amount in ((1, 33_33), (2, None)):
                known = {"by": cast.admin.pk, "order_id": order, "version": version, "amount_minor": amount}
                cancel(**known, booked_on=date(2026, 5, 19), reason="withdrawn")
        assert at(cast, everything).total == Sums()

    def test_a_family_alone(self, cast: Cast, sold: None, sell: Sell, everything: Reach) -> None:
        sell("Acorn", 70_00, MAY, product="Server")
        hardware = cast.products["Server"].family_id
        assert at(cast, everything, family_id=hardware).total == Sums(
            70_00, 70_00, 0, 0, 1, 70_00, 70_00, 70_00
        )

    def test_new_and_existing_customers_share_the_intake(
        self, cast: Cast, sell: Sell, everything: Reach
    ) -> None:
        sell("Acorn", 100_00, date(2025, 5, 12))
        sell("Acorn", 200_00, MAY)
        sell("Beech", 50_00, MAY)
        sell("Beech", 25_00, APRIL, {"rep": SIXTY, "peer": FORTY})
        found = at(cast, everything)
        total = found.total
        assert (total.intake, total.new, total.existing) == (275_00, 75_00, 200_00)
        assert found.customers == (1, 1)

    def test_who_ordered_on_another_day_is_a_customer_of_that_day(
        self, cast: Cast, sell: Sell, acting: Acting, everything: Reach
    ) -> None:
        order = sell("Acorn", 200_00, MAY)
        with acting(cast.admin):
            known = {"by": cast.admin.pk, "order_id": order, "version": 1, "reason": "signed earlier"}
            book_on_another_day(**known, booked_on=date(2026, 3, 10))
        found = at(cast, everything)
        assert (found.total.intake, found.customers) == (0, (0, 0))

    def test_overlay_credit_is_in_no_sum(self, cast: Cast, acting: Acting, everything: Reach) -> None:
        shares = [ShareInput(cast.rep.pk, SIXTY + FORTY), ShareInput(cast.peer.pk, SIXTY, OVERLAY)]
        with acting(cast.rep):
            order_of(cast, amount=100_00, shares=shares)
        assert at(cast, everything).total == Sums(100_00, 100_00, 0, 0, 1, 100_00, 100_00, 100_00)


class TestRates:
    def test_at_plan_at_booked_and_at_current_rate(self, cast: Cast, sell: Sell, everything: Reach) -> None:
        with work(by=None, why="a rate"):
            Rate.objects.create(kind="current", currency="EUR", value=Decimal("1.25"), starts_on=MAY)
        sell("Acorn", 100_00, MAY)
        sell("Beech", 100_00, MAY, currency="EUR")
        total = at(cast, everything).total
        assert (total.intake, total.booked, total.current, total.effect) == (210_00, 220_00, 225_00, 10_00)

    def test_a_currency_without_a_rate_today_is_named_and_never_counts_at_1(
        self, cast: Cast, sold: None, everything: Reach, browse: Browse
    ) -> None:
        with work(by=None, why="a rate ends"):
            Rate.objects.get(kind="booked", currency="EUR").replaced(stops_on=date(2026, 5, 1))
        total = at(cast, everything).total
        assert (total.current, total.unrated) == (360_00, frozenset({"EUR"}))
        assert at(cast, everything, "East 1").total.unrated == frozenset()
        page = plain(browse(cast.executive).get(reverse("measures"), {"period": "2026-Q2"}))
        assert "Without a rate today, and in no sum at current rate: EUR." in page


class TestTheTree:
    def test_each_credit_counts_under_the_tree_of_its_booking_date(
        self, cast: Cast, sold: None, acting: Acting, everything: Reach
    ) -> None:
        with acting(cast.admin):
            node = cast.territories["East 2"]
            move_territory(
                by=cast.admin.pk,
                territory_id=node.pk,
                parent_id=cast.territories["West"].pk,
                on=date(2026, 5, 1),
            )
        east, west = at(cast, everything, "East Team"), at(cast, everything, "West")
        assert by_name(east)["East 2"].intake == 110_00
        assert by_name(west)["East 2"].intake == 120_00
        assert at(cast, everything).total.intake == 470_00


class TestTheReader:
    def test_a_territory_that_left_is_not_named(
        self, cast: Cast, sold: None, acting: Acting, browse: Browse
    ) -> None:
        with acting(cast.admin):
            gone, west = cast.territories["East 2"].pk, cast.territories["West Team"].pk
            move_territory(by=cast.admin.pk, territory_id=gone, parent_id=west, on=date(2026, 5, 1))
        with acting(cast.manager) as context:
            mine = context.reach
        found = at(cast, mine, "East Team")
        assert [(row.name, row.sums.intake, row.node_id, row.credits is None) for row in found.rows] == [
            ("East 1", 180_00, cast.territories["East 1"].pk, False),
            ("", 110_00, None, True),
        ]
        assert found.total.intake == 290_00
        words = plain(browse(cast.manager).get(reverse("measures"), {"period": "2026-Q2"}))
        assert "Moved to another territory since $110.00" in words
        assert "East 2" not in words
        told = browse(cast.manager).get("/api/v1/insight/measures/", {"period": "2026-Q2"}).json()["results"]
        assert [(row["territory_id"], row["name"], row["order_intake"]) for row in told][1:] == [
            (None, "", "110.00")
        ]

    def test_the_page_says_that_people_are_by_split(
        self, cast: Cast, sold: None, acting: Acting, browse: Browse
    ) -> None:
        words = "this view shows who sold. The rule of the year is by territory owner"
        page = plain(browse(cast.director).get(reverse("measures"), {"period": "2026-Q2"}))
        assert "Credited by split" in page
        assert words not in page
        rule(cast, acting)
        assert words in plain(browse(cast.director).get(reverse("measures"), {"period": "2026-Q2"}))

    def test_a_director_begins_at_what_they_lead(self, cast: Cast, sold: None, acting: Acting) -> None:
        with acting(cast.director) as context:
            mine = context.reach
        found = at(cast, mine)
        assert (found.node, found.total.intake) == (cast.territories["East"], 410_00)
        with pytest.raises(NotInReach):
            at(cast, mine, "West")

    def test_a_node_that_is_not_led_is_not_there(self, cast: Cast, sold: None, browse: Browse) -> None:
        answer = browse(cast.manager).get(reverse("measures"), {"node": cast.territories["West 1"].pk})
        assert answer.status_code == 404

    def test_the_page_says_every_figure_and_leads_on(self, cast: Cast, sold: None, browse: Browse) -> None:
        query = {"period": "2026-Q2", "node": cast.territories["East Team"].pk}
        answer = browse(cast.director).get(reverse("measures"), query)
        words = plain(answer)
        assert "Total $410.00 $410.00 $100.00 $100.00 $8.33 6 $410.00 2 accounts $0.00 0 accounts" in words
        assert "Total $410.00 $420.00 $10.00 $420.00" in words
        assert f"node={cast.territories['East 1'].pk}" in answer.content.decode()
        assert reverse("measures") in browse(cast.director).get(reverse("team_attainment")).content.decode()

    def test_the_year_so_far(self, cast: Cast, sold: None, sell: Sell, browse: Browse) -> None:
        sell("Acorn", 5_00, date(2026, 2, 3))
        assert Period.objects.filter(code="2026-Q1").exists()
        answer = browse(cast.director).get(reverse("measures"), {"period": "2026-Q2", "view": "year"})
        assert answer.context["measured"].total.intake == 415_00

    @pytest.mark.parametrize("query", [{"period": "2026"}, {"node": "x"}, {"view": "month"}, {"sort": "tcv"}])
    def test_what_it_cannot_answer_is_refused(
        self, cast: Cast, browse: Browse, query: dict[str, str]
    ) -> None:
        assert browse(cast.director).get(reverse("measures"), query).status_code == 400

    def test_over_the_api(self, cast: Cast, sold: None, browse: Browse) -> None:
        path, node = "/api/v1/insight/measures/", cast.territories["East 2"].pk
        answer = browse(cast.director).get(path, {"period": "2026-Q2", "node": node}).json()
        assert (answer["period"], answer["currency"]) == ("2026-Q2", "USD")
        assert answer["results"] == [
            {
                "territory_id": None,
                "person_id": cast.peer.pk,
                "name": cast.peer.name,
                "order_intake": "230.00",
                "tcv": "230.00",
                "acv": "40.00",
                "arr": "40.00",
                "mrr": "3.33",
                "units": 3,
                "new_customers": "230.00",
                "existing_customers": "0.00",
                "at_booked_rate": "240.00",
                "exchange_effect": "10.00",
                "at_current_rate": "240.00",
                "unrated": [],
            }
        ]
        assert browse(cast.director).get(path).status_code == 400
