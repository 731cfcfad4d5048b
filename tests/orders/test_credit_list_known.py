"""Two clocks: the credits up to a booking date, as they were known at the end of a day or at an instant."""

import csv
from datetime import UTC, date, datetime
from typing import Any

import pytest

from common.transaction import reach
from orders.models import Order
from orders.selectors.credits import CreditFilter, credit_total
from orders.selectors.known import AsOf, known_at
from orders.services import cancel
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import order_of
from tests.orders.test_credit_list import page_of, plain
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]


@pytest.fixture
def history(cast: Cast, acting: Acting, clock: Any, stamps: Stamps) -> Order:
    """The example of the page of words: 300.00 of 15 April, entered on 20 April; −100.00 of 30 April on 4 May."""
    stamps(datetime(2026, 1, 5, 9, tzinfo=UTC))
    with acting(cast.rep):
        order = order_of(cast, booked_on=date(2026, 4, 15), amount=300_00)
    stamps(datetime(2026, 4, 20, 9, tzinfo=UTC))
    with acting(cast.coordinator):
        by = {"by": cast.coordinator.pk, "order_id": order.pk, "version": order.version}
        cancel(**by, booked_on=date(2026, 4, 30), reason="customer needs less", amount_minor=100_00)
    stamps(datetime(2026, 5, 4, 9, tzinfo=UTC))
    return order


def total(cast: Cast, acting: Acting, who: str = "executive", node: str = "Company", **clocks: Any) -> int:
    with acting(getattr(cast, who)):
        asked = CreditFilter.of({"node": str(cast.territories[node].pk), **clocks}, cast.q2, is_exact=True)
        return credit_total(asked, reach()).figure_minor


@pytest.mark.usefixtures("history")
class TestTotal:
    @pytest.mark.parametrize(
        ("clocks", "minor"),
        [
            ({}, 200_00),
            ({"valid": "2026-04-30"}, 200_00),
            ({"valid": "2026-04-29"}, 300_00),
            ({"valid": "2026-04-14"}, 0),
            ({"known": "2026-05-20"}, 200_00),
            ({"known": "2026-05-04"}, 200_00),
            ({"known": "2026-05-03"}, 300_00),
            ({"known": "2026-04-30", "valid": "2026-04-30"}, 300_00),
            ({"known": "2026-04-20"}, 300_00),
            ({"known": "2026-04-19"}, 0),
            ({"known": "2026-05-04T08:59:59+00:00"}, 300_00),
            ({"known": "2026-05-04T11:00:00+02:00"}, 200_00),
            ({"known": "2025-01-01"}, 0),
        ],
    )
    def test_as_known_and_as_valid(self, cast: Cast, acting: Acting, clocks: Any, minor: int) -> None:
        for who, node in (("executive", "Company"), ("director", "East"), ("manager", "East Team")):
            assert total(cast, acting, who, node, **clocks) == minor

    def test_the_page_says_so(self, cast: Cast, browse: Any) -> None:
        html = page_of(browse(cast.rep), "?period=2026-Q2&known=2026-04-30")
        assert "as known at the end of Apr 30, 2026" in plain(html)
        assert "Total of 1 credit $300.00" in plain(html)
        assert 'name="known" value="2026-04-30"' in html
        assert "booked up to Apr 29, 2026" in plain(
            page_of(browse(cast.rep), "?period=2026-Q2&valid=2026-04-29")
        )

    def test_before_the_first_entry_it_is_empty_and_says_so(self, cast: Cast, browse: Any) -> None:
        html = page_of(browse(cast.rep), "?period=2026-Q2&known=2025-01-01")
        assert "Nothing was known yet" in html

    def test_the_days_to_come_are_refused(self, cast: Cast, browse: Any) -> None:
        for clock in ("known=2026-05-21", "valid=2026-05-21"):
            answer = browse(cast.rep).get(f"/orders/credits/?{clock}")
            assert answer.status_code == 422
            assert "Ask for today or an earlier day." in answer.content.decode()
            assert faults(Api(cast.rep).get(f"credits/?{clock}")) == [("in_future", clock.partition("=")[0])]
        assert Api(cast.rep).get("credits/?known=2026-05-21T10:00:00%2B00:00").status_code == 422
        assert browse(cast.rep).get("/orders/credits/?known=yesterday").status_code == 400
        assert Api(cast.rep).get("credits/?known=2026-04-30T10:00:00").status_code == 400

    @pytest.mark.parametrize(
        ("known", "amounts"),
        [
            ("2026-04-21T08:58:59%2B23:59", []),
            ("2026-04-21T08:59:00%2B23:59", ["300.00"]),
            ("2026-04-19T17:00:00-16:00", ["300.00"]),
            ("2026-04-20T10:00:29%2B01:00:30", []),
            ("2026-04-20T10:00:30%2B01:00:30", ["300.00"]),
        ],
    )
    def test_an_instant_of_any_zone(self, cast: Cast, known: str, amounts: list[str]) -> None:
        answer = Api(cast.rep).get(f"credits/?period=2026-Q2&known={known}")
        assert answer.status_code == 200, answer.content
        assert [row["amount"] for row in answer.json()["results"]] == amounts

    @pytest.mark.parametrize(
        "known", ["1900-01-01T00:00:00%2B00:01", "2199-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59"]
    )
    def test_none_of_other_years(self, cast: Cast, known: str) -> None:
        answer = Api(cast.rep).get(f"credits/?period=2026-Q2&known={known}")
        assert answer.status_code == 400
        assert [path for _code, path in faults(answer)] == ["known"]

    def test_over_the_api(self, cast: Cast) -> None:
        for clocks, amounts in (
            ("", ["-100.00", "300.00"]),
            ("&known=2026-04-30", ["300.00"]),
            ("&known=2026-04-30T10:00:00%2B00:00&valid=2026-04-30", ["300.00"]),
            ("&valid=2026-04-14", []),
        ):
            rows = Api(cast.rep).get(f"credits/?period=2026-Q2{clocks}").json()["results"]
            assert [row["amount"] for row in rows] == amounts

    def test_an_address_keeps_both_clocks(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            query = {"known": "2026-04-30", "valid": "2026-04-29"}
            asked = CreditFilter.of(query, cast.q2)
            assert asked.query == "period=2026-Q2&valid=2026-04-29&known=2026-04-30"
            assert AsOf.of({"known": "2026-05-20"}).is_now


def test_what_was_known_is_a_beginning_of_the_ledger(
    cast: Cast, acting: Acting, history: Order, owner: Any
) -> None:
    """An entry that waited for its turn was begun before the one that it follows: it is known no sooner."""
    rows = "SELECT ledger_seq, recorded_at FROM orders_credit ORDER BY 1"
    owner.execute(rows)
    (_first, _), (second, _) = owner.fetchall()
    owner.execute("ALTER TABLE orders_credit DISABLE TRIGGER USER")
    owner.execute(
        "UPDATE orders_credit SET recorded_at = '2026-04-20 08:00+00' WHERE ledger_seq = %s", [second]
    )
    with acting(cast.executive):
        assert known_at(datetime(2026, 4, 20, 7, 59, tzinfo=UTC)).seq == 0
        assert known_at(datetime(2026, 4, 20, 8, 30, tzinfo=UTC)).seq == second
        assert known_at(datetime(2026, 5, 20, tzinfo=UTC)).seq == second


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("query", "amounts", "clocks"),
    [
        ("", ["-100.00", "300.00"], ("", "2026-05-20")),
        ("&known=2026-05-03", ["300.00"], ("", "2026-05-03")),
        ("&valid=2026-04-29", ["300.00"], ("2026-04-29", "2026-05-20")),
        ("&known=2026-04-19", [], ("", "2026-04-19")),
    ],
)
def test_a_file_says_both_clocks(
    cast: Cast, browse: Any, query: str, amounts: list[str], clocks: tuple[str, str]
) -> None:
    answer = browse(cast.rep).get(f"/orders/credits/file/?period=2026-Q2{query}")
    lines = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert [line["Amount in plan money"] for line in lines] == amounts
    assert {(line["Booked up to"], line["As known at"][:10]) for line in lines} == (
        {clocks} if amounts else set()
    )
    assert {line["Person"] for line in lines} <= {"Rita Rep"}
