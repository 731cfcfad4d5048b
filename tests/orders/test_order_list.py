"""The list of orders, and the panels that account and opportunity pages load."""

from typing import Any

import pytest

from common.transaction import reach
from orders.selectors.orders import lacking_purchase_order, newest_orders
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import MAY, order_of
from tests.salesops.conftest import plain


@pytest.fixture
def two(cast: Cast, acting: Acting) -> list[str]:
    """Two orders of Acorn: one with its purchase order, one that waits for it."""
    with acting(cast.rep):
        deal = cast.deals["Acorn renewal"]
        first = order_of(cast, purchase_order="PO-1", opportunity_id=deal.pk, opportunity_version=1)
        return [first.number, order_of(cast, booked_on=MAY.replace(day=1)).number]


class TestTheList:
    def test_newest_first_with_value_and_account(self, cast: Cast, browse: Any, two: list[str]) -> None:
        page = browse(cast.rep).get("/orders/").content.decode()
        assert page.index(two[0]) < page.index(two[1])
        assert "$1,000.00" in page
        assert "Acorn" in page

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?q=SO-2026", [0, 1]),
            ("?q=PO-1", [0]),
            ("?q=o-1", [0]),
            ("?q=-1", []),
            ("?q=2026-", [0, 1]),
            ("?q=acor", [0, 1]),
            ("?q=zebra", []),
            ("?state=booked", [0, 1]),
            ("?state=cancelled", []),
            ("?waiting=1", [1]),
        ],
    )
    def test_filters(self, cast: Cast, browse: Any, two: list[str], query: str, found: list[int]) -> None:
        page = browse(cast.rep).get(f"/orders/{query}").content.decode()
        assert [index for index, number in enumerate(two) if number in page] == found

    def test_what_is_listed_is_added_up_in_the_reporting_currency(
        self, cast: Cast, acting: Acting, browse: Any, two: list[str]
    ) -> None:
        with acting(cast.rep):
            order_of(cast, amount=500_00, currency="EUR")
        for query, words in (
            ("", "$2,600.00 · 3 orders at today’s rates"),
            ("?waiting=1", "$1,600.00 · 2 orders at today’s rates"),
            ("?q=po-1", "$1,000.00 · 1 order"),
            ("?valid=2026-05-01", "$1,000.00 · 1 order"),
        ):
            assert words in plain(browse(cast.rep).get(f"/orders/{query}")), query

    def test_too_many_are_not_added_up(
        self, cast: Cast, browse: Any, two: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("orders.selectors.orders.MOST_ADDED_UP", 1)
        words = plain(browse(cast.rep).get("/orders/"))
        assert "Too many to add up: filter to see a total" in words
        assert "$1,000.00 · 1 order" in plain(browse(cast.rep).get("/orders/?waiting=1"))

    def test_by_owner(self, cast: Cast, browse: Any, two: list[str]) -> None:
        client = browse(cast.manager)
        assert two[0] in client.get(f"/orders/?owner={cast.rep.pk}").content.decode()
        assert two[0] not in client.get(f"/orders/?owner={cast.peer.pk}").content.decode()

    @pytest.mark.parametrize(
        "query", ["?state=odd", "?owner=x", "?waiting=2", "?ownr=5", "?q=a&q=b", f"?q={'a' * 201}"]
    )
    def test_a_bad_query_is_refused(self, cast: Cast, browse: Any, query: str) -> None:
        assert browse(cast.rep).get(f"/orders/{query}").status_code == 400

    @pytest.mark.parametrize("who", ["peer", "other_rep", "other_director"])
    def test_others_see_none(self, cast: Cast, browse: Any, two: list[str], who: str) -> None:
        page = browse(getattr(cast, who)).get("/orders/").content.decode()
        assert "No order yet" in page
        assert two[0] not in page

    def test_what_waits_for_the_coordinator(self, cast: Cast, acting: Acting, two: list[str]) -> None:
        with acting(cast.coordinator):
            assert [order.number for order in lacking_purchase_order(reach())] == two[1:]
            assert [order.number for order in newest_orders(reach())] == two


class TestOneOrder:
    def test_the_owner_sees_lines_split_and_own_credit(self, cast: Cast, browse: Any, two: list[str]) -> None:
        client = browse(cast.rep)
        order = client.get("/orders/").context["page"].rows[0]
        page = client.get(f"/orders/{order.pk}/").content.decode()
        for part in (
            "Licence",
            "Software",
            "Rita Rep",
            "100 %",
            "Acorn renewal",
            "PO-1",
            "your share of Licence (line 1)",
        ):
            assert part in page
        assert "Cancel the order" not in page

    @pytest.mark.parametrize(
        ("who", "status"),
        [("peer", 404), ("other_director", 404), ("manager", 200), ("coordinator", 200), ("executive", 200)],
    )
    def test_who_sees_it(self, cast: Cast, browse: Any, two: list[str], who: str, status: int) -> None:
        order = browse(cast.rep).get("/orders/").context["page"].rows[0]
        assert browse(getattr(cast, who)).get(f"/orders/{order.pk}/").status_code == status

    def test_an_id_that_was_never_given(self, cast: Cast, browse: Any) -> None:
        assert browse(cast.admin).get("/orders/999999/").status_code == 404


@pytest.mark.usefixtures("two")
class TestPanels:
    def test_an_account_shows_its_orders(self, cast: Cast, browse: Any, two: list[str]) -> None:
        page = browse(cast.rep).get(f"/orders/of-account/{cast.accounts['Acorn'].pk}/").content.decode()
        assert all(number in page for number in two)
        assert "<html" not in page

    def test_another_reader_sees_none_of_them(self, cast: Cast, browse: Any) -> None:
        page = browse(cast.other_rep).get(f"/orders/of-account/{cast.accounts['Acorn'].pk}/").content.decode()
        assert "No order in your reach" in page

    def test_a_won_deal_shows_its_order(self, cast: Cast, browse: Any, two: list[str]) -> None:
        client = browse(cast.rep)
        page = client.get(f"/orders/of-opportunity/{cast.deals['Acorn renewal'].pk}/").content.decode()
        assert two[0] in page
        assert two[1] not in page

    def test_an_open_deal_shows_nothing(self, cast: Cast, browse: Any) -> None:
        page = (
            browse(cast.peer)
            .get(f"/orders/of-opportunity/{cast.deals['Beech renewal'].pk}/")
            .content.decode()
        )
        assert "SO-" not in page
