"""The drill-down: the rows that make a figure, their exact sum, and why each of them is."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.template.loader import render_to_string

from common.access import Reach
from common.calendars import Span
from common.transaction import reach, work
from orders.models import Credit, Order
from orders.selectors.credits import CreditFilter, CreditRow, credit_total, credits_of, explained
from orders.services import ShareInput, cancel
from territories.models import Edge
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, MAY, SIXTY, order_of


@pytest.fixture
def shared(cast: Cast, acting: Acting) -> Order:
    """1,000.00 EUR on an account of East 1: 60 % Rita (East 1), 40 % Oscar (West 1)."""
    with acting(cast.rep):
        shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)]
        return order_of(cast, currency="EUR", shares=shares)


def page_of(client: Any, query: str = "") -> str:
    answer = client.get(f"/orders/credits/{query}")
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def why(row: CreditRow) -> str:
    """The sentence that says why a credit is what it is."""
    return unescape(plain(render_to_string("orders/_why.html", {"row": row})).strip())


@pytest.mark.usefixtures("shared")
class TestFigures:
    @pytest.mark.parametrize(
        ("node", "basis", "plan"),
        [
            ("Company", "seat", 1_100_00),
            ("East", "seat", 660_00),
            ("East 1", "seat", 660_00),
            ("East 2", "seat", 0),
            ("West", "seat", 440_00),
            ("Company", "territory", 1_100_00),
            ("East", "territory", 1_100_00),
            ("West", "territory", 0),
        ],
    )
    def test_a_node_is_what_its_subtree_sold(
        self, cast: Cast, acting: Acting, node: str, basis: str, plan: int
    ) -> None:
        with acting(cast.executive):
            chosen = CreditFilter(cast.q2, node_id=cast.territories[node].pk, basis=basis)
            total = credit_total(chosen, reach())
            assert total.figure_minor == plan
            assert sum(row.plan_minor for row in credits_of(chosen, reach())) == plan

    def test_a_node_that_moves_keeps_what_it_sold_where_it_sold_it(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="move", reach=Reach.everything()):
            Edge.objects.get(child=cast.territories["East 1"]).replaced(stops_on=date(2026, 5, 18))
            Edge.objects.create(
                child=cast.territories["East 1"],
                parent=cast.territories["West Team"],
                starts_on=date(2026, 5, 18),
            )
        with acting(cast.rep):
            order_of(cast, booked_on=date(2026, 5, 18), amount=50_00)
        with acting(cast.executive):
            nodes = {
                name: CreditFilter(cast.q2, node_id=cast.territories[name].pk) for name in ("East", "West")
            }
            assert credit_total(nodes["East"], reach()).figure_minor == 660_00
            assert credit_total(nodes["West"], reach()).figure_minor == 440_00 + 50_00

    def test_a_figure_of_then_stands_though_its_rows_belong_to_another_region_now(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        with work(by=None, why="move", reach=Reach.everything()):
            Edge.objects.get(child=cast.territories["East 1"]).replaced(stops_on=date(2026, 5, 18))
            Edge.objects.create(
                child=cast.territories["East 1"],
                parent=cast.territories["West Team"],
                starts_on=date(2026, 5, 18),
            )
        with acting(cast.director):
            total = credit_total(CreditFilter(cast.q2, node_id=cast.territories["East"].pk), reach())
        assert (total.plan_minor, total.beyond_minor, total.beyond_count) == (0, 660_00, 1)
        page = plain(page_of(browse(cast.director), f"?node={cast.territories['East'].pk}"))
        assert "is not in your reach now $660.00" in page
        assert "Rita Rep" not in page

    def test_what_lies_beyond_is_never_told_of_a_person_or_of_days(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        with work(by=None, why="move", reach=Reach.everything()):
            Edge.objects.get(child=cast.territories["East 1"]).replaced(stops_on=date(2026, 5, 18))
            Edge.objects.create(
                child=cast.territories["East 1"],
                parent=cast.territories["West Team"],
                starts_on=date(2026, 5, 18),
            )
        node, may = cast.territories["East"].pk, Span(date(2026, 5, 1), date(2026, 6, 1))
        narrow: list[dict[str, Any]] = [
            {"days": (may,), "person_id": cast.rep.pk},
            {"days": (Span(MAY, date(2026, 5, 13)),)},
            {"days": (Span(date(2026, 5, 1), date(2026, 5, 13)),)},
            {"days": (Span(date(2026, 5, 2), date(2026, 7, 1)),)},
            {"days": (may,), "is_out": True},
        ]
        with acting(cast.director):
            assert credit_total(CreditFilter(cast.q2, (may,), node_id=node), reach()).beyond_minor == 660_00
            for changes in narrow:
                total = credit_total(CreditFilter(**{"period": cast.q2, "node_id": node, **changes}), reach())
                assert (total.beyond_minor, total.beyond_count, total.figure_minor) == (0, 0, 0)
        query = f"?node={node}&person={cast.rep.pk}&period=2026-Q2&days=2026-05-12..2026-05-12"
        assert "660" not in page_of(browse(cast.director), query)

    def test_a_cancellation_lowers_the_figure_and_stands_in_the_list(
        self, cast: Cast, acting: Acting, shared: Order
    ) -> None:
        with acting(cast.coordinator):
            cancel(
                by=cast.coordinator.pk,
                order_id=shared.pk,
                version=1,
                booked_on=MAY,
                reason="half",
                amount_minor=500_00,
            )
        with acting(cast.rep):
            assert credit_total(CreditFilter(cast.q2), reach()).plan_minor == 330_00
            assert [row.plan_minor for row in credits_of(CreditFilter(cast.q2), reach())] == [
                660_00,
                -330_00,
            ]

    def test_filters_narrow(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.executive):
            cases: list[tuple[dict[str, Any], int]] = [
                ({"person_id": cast.other_rep.pk}, 440_00),
                ({"family_id": cast.families["Hardware"].pk}, 0),
                ({"kind": "opening"}, 0),
                ({"kind": "revenue"}, 1_100_00),
                ({"is_out": True}, 440_00),
            ]
            for changes, plan in cases:
                assert credit_total(CreditFilter(cast.q2, **changes), reach()).plan_minor == plan
            assert credit_total(CreditFilter(cast.q2, (Span(MAY, date(2026, 5, 13)),)), reach()).count == 2
            assert credit_total(CreditFilter(cast.q2, (Span(date(2026, 4, 1), MAY),)), reach()).count == 0

    def test_an_address_says_what_the_filter_says(self, cast: Cast) -> None:
        may, node = Span(date(2026, 5, 1), date(2026, 6, 1)), cast.territories["East"].pk
        filters = [
            CreditFilter(cast.q2),
            CreditFilter(cast.q2, (may, Span(MAY, MAY + timedelta(days=1))), person_id=cast.rep.pk),
            CreditFilter(cast.q2, node_id=node, basis="territory", is_alone=True),
            CreditFilter(cast.q2, family_id=cast.families["Software"].pk, kind="opening", is_out=True),
        ]
        for chosen in filters:
            assert CreditFilter.of(dict(parse_qsl(chosen.query)), cast.q2) == chosen
        assert CreditFilter(cast.q2, (cast.q2.span,)).query == "period=2026-Q2"
        assert "days=2026-05-01..2026-05-31,2026-05-12..2026-05-12" in filters[1].query


@pytest.mark.usefixtures("shared")
class TestReasons:
    def test_your_own_share(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            (row,) = explained(list(Credit.objects.all()), reach())
        assert why(row).startswith(
            "60 % of €1,000.00: your share of Licence (line 1), booked May 12, 2026. More about €600.00 of Rita Rep "
        )
        assert "Seat East 1, owner from " in why(row)
        assert "Rate plan rate 1.10 from " in why(row)

    def test_out_of_territory(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.other_rep):
            (row,) = explained(list(Credit.objects.all()), reach())
        assert why(row).startswith("40 % of €1,000.00: your share of Licence (line 1), booked May 12, 2026.")
        assert "Territory out of territory, for an account of East 1, by hand from " in why(row)
        assert "Seat West 1, owner from " in why(row)

    def test_somebody_elses_share(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.manager):
            sentences = [why(row) for row in explained(list(Credit.objects.all()), reach())]
        assert sentences[0].startswith("60 % of €1,000.00: the share of Rita Rep in Licence (line 1)")

    def test_an_order_out_of_reach_is_not_told(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.other_manager):
            (row,) = explained(list(Credit.objects.all()), reach())
        assert row.event is None
        assert why(row).startswith("A share of an order that is not in your reach, booked May 12, 2026")

    def test_what_was_taken_back_says_why(self, cast: Cast, acting: Acting, shared: Order) -> None:
        with acting(cast.coordinator):
            cancel(by=cast.coordinator.pk, order_id=shared.pk, version=1, booked_on=MAY, reason="too late")
        with acting(cast.rep):
            rows = explained(list(Credit.objects.order_by("ledger_seq")), reach())
        assert why(rows[1]).startswith(
            "Taken back from Licence (line 1) by a cancellation (too late), by the order's own split"
        )


@pytest.mark.usefixtures("shared")
class TestThePage:
    def test_a_rep_sees_only_their_own_rows_and_their_sum(self, cast: Cast, browse: Any) -> None:
        page = plain(page_of(browse(cast.rep)))
        assert "Total of 1 credit $660.00" in page
        assert "Oscar Other" not in page
        assert "440" not in page

    def test_two_readers_never_see_each_others_amounts(self, cast: Cast, browse: Any) -> None:
        other = plain(page_of(browse(cast.other_rep), f"?person={cast.rep.pk}"))
        assert "660" not in other
        assert "No credit here" in other

    def test_a_director_follows_a_figure_to_its_rows(self, cast: Cast, browse: Any) -> None:
        node = cast.territories["West"].pk
        page = plain(page_of(browse(cast.other_director), f"?node={node}&basis=seat&period=2026-Q2"))
        assert "Total of 1 credit $440.00" in page
        assert "West, by seat" in page

    def test_out_of_territory_alone(self, cast: Cast, browse: Any) -> None:
        page = plain(page_of(browse(cast.executive), "?period=2026-Q2&place=out"))
        assert "Total of 1 credit $440.00" in page
        assert "out of territory, for an account of East 1" in page
        assert "Rita Rep" not in page

    def test_a_month_and_a_day_within_it(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        assert "Total of 1 credit" in plain(page_of(client, "?period=2026-05"))
        assert "No credit here" in page_of(client, "?period=2026-04")
        assert "No credit here" in page_of(client, "?period=2026&days=2026-01-01..2026-05-11")
        assert "Total of 1 credit" in plain(page_of(client, "?period=2026&days=2026-01-01..2026-05-12"))
        assert "No credit here" in page_of(client, "?period=2026&days=2026-05-13..2026-12-31")
        some = plain(page_of(client, "?period=2026&days=2026-05-12..2026-05-12"))
        assert "Total of 1 credit" in some
        assert "2026 · May 12, 2026" in some

    def test_days_in_several_pieces(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        node = f"?period=2026&node={cast.territories['East 1'].pk}"
        around = "&days=2026-04-01..2026-05-11,2026-05-13..2026-06-30"
        assert "No credit here" in page_of(client, f"?period=2026{around}")
        both = plain(page_of(client, f"{node}&days=2026-04-01..2026-04-19,2026-05-10..2026-06-30"))
        assert "Total of 1 credit" in both
        assert "2026 · Apr 1, 2026 to Apr 19, 2026 · May 10, 2026 to Jun 30, 2026 · East 1, by seat" in both

    def test_the_total_is_over_all_pages(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            for _ in range(51):
                order_of(cast, amount=1_01)
        client = browse(cast.rep)
        first = page_of(client)
        assert "Total of all 52 credits $711.51" in plain(first)
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        second = page_of(client, following[1].replace("&amp;", "&"))
        assert second.count("your share of Licence (line 1)") == 2
        assert "Total of all 52 credits $711.51" in plain(second)

    @pytest.mark.parametrize(
        "query",
        [
            "?persn=1",
            "?person=x",
            "?basis=moon",
            "?kind=all",
            "?period=2099-Q1",
            "?days=x",
            "?days=2026-05-12",
            "?since=2026-05-12",
            "?days=" + ",".join(["2026-05-12..2026-05-12"] * 41),
            "?alone=yes",
            "?place=in",
            "?period=2026-Q2&days=2026-07-01..2026-09-30",
            "?after=zz",
            "?person=1&person=2",
            "?month=2026-05",
            "?days=5/12/26..5/12/26",
            "?period=2026-Q2&days=2026-05-12..2026-05-11",
        ],
    )
    def test_a_bad_query_is_refused(self, cast: Cast, browse: Any, query: str) -> None:
        assert browse(cast.rep).get(f"/orders/credits/{query}").status_code == 400

    @pytest.mark.parametrize("query", ["?person=999999", "?node=999999", "?family=999999", "?person=0"])
    def test_what_does_not_exist_is_not_there(self, cast: Cast, browse: Any, query: str) -> None:
        assert browse(cast.rep).get(f"/orders/credits/{query}").status_code == 404

    def test_credits_are_not_part_of_a_coordinators_role(self, cast: Cast, browse: Any) -> None:
        assert browse(cast.coordinator).get("/orders/credits/").status_code == 403
