"""The list of orders and an order by the two clocks: as they were known, and what came since."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from orders.models import Order
from orders.services import LineInput, ShareInput, amend, book_on_another_day, cancel
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, SIXTY, order_of
from tests.salesops.conftest import plain
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


@pytest.fixture
def order(cast: Cast, acting: Acting, stamps: Stamps) -> Order:
    """300.00 of 15 April by Rita and Paul, entered on 20 April; 350.00 from 25 April on, entered on 28 April; of these
    100.00 cancelled as of 30 April, on 4 May.
    """
    stamps.tables += ("orders_order",)
    stamps(noon(1, 5))
    shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
    with acting(cast.rep):
        made = order_of(cast, booked_on=date(2026, 4, 15), amount=300_00, shares=shares)
    stamps(noon(4, 20))
    by: dict[str, Any] = {"by": cast.coordinator.pk, "order_id": made.pk}
    with acting(cast.coordinator):
        more = {"booked_on": date(2026, 4, 25), "reason": "one more seat"}
        old, new = made.lines.get(), cast.products["Server"].pk
        lines = [LineInput(old.product_id, 1, 300_00, origin_id=old.pk), LineInput(new, 1, 50_00)]
        amend(**by, version=1, lines=lines, **more)
    stamps(noon(4, 28))
    with acting(cast.coordinator):
        less = {"booked_on": date(2026, 4, 30), "reason": "customer needs less", "amount_minor": 100_00}
        cancel(**by, version=2, **less)
    stamps(noon(5, 4))
    return made


VALUES = [
    ("", "250.00"),
    ("known=2026-05-04", "250.00"),
    ("known=2026-05-03", "350.00"),
    ("known=2026-04-27", "300.00"),
    ("known=2026-04-19", None),
    ("valid=2026-04-29", "350.00"),
    ("valid=2026-04-24", "300.00"),
    ("valid=2026-04-14", None),
    ("valid=2026-04-24&known=2026-05-03", "300.00"),
]


class TestTheList:
    @pytest.mark.parametrize(("clocks", "value"), VALUES)
    @pytest.mark.parametrize("who", ["rep", "executive"])
    def test_each_order_at_its_value_of_then(
        self, cast: Cast, browse: Any, order: Order, who: str, clocks: str, value: str | None
    ) -> None:
        """Whoever has credit in it reads the whole value, as they do today."""
        words = plain(browse(getattr(cast, who)).get(f"/orders/?{clocks}"))
        assert (order.number in words) == (value is not None)
        if value:
            assert f"${value}" in words
        rows = Api(getattr(cast, who)).get(f"orders/?{clocks}").json()["results"]
        assert [row["amount"] for row in rows] == ([value] if value else [])

    def test_the_page_says_so_and_keeps_its_filters(self, cast: Cast, browse: Any, order: Order) -> None:
        answer = browse(cast.rep).get("/orders/?known=2026-04-27&state=booked")
        words = plain(answer)
        assert "These figures are as known at the end of Apr 27, 2026." in words
        assert "everything else is as it is today" in words
        assert answer.context["now_url"] == "?state=booked"
        assert 'name="known" value="2026-04-27"' in answer.content.decode()
        assert "everything else is as it is today" not in plain(browse(cast.rep).get("/orders/"))

    def test_others_see_none_of_it(self, cast: Cast, browse: Any, order: Order) -> None:
        assert order.number not in plain(browse(cast.other_rep).get("/orders/?known=2026-04-27"))
        assert Api(cast.other_rep).get("orders/?known=2026-04-27").json()["results"] == []

    @pytest.mark.parametrize("query", ["known=x", "known=2026-05-21", "valid=2026-05-21"])
    def test_what_is_not_known_yet_is_refused(self, cast: Cast, browse: Any, query: str) -> None:
        assert browse(cast.rep).get(f"/orders/?{query}").status_code in (400, 422)
        assert Api(cast.rep).get(f"orders/?{query}").status_code in (400, 422)


class TestOneOrder:
    def test_value_lines_and_entries_are_those_of_then(self, cast: Cast, browse: Any, order: Order) -> None:
        answer = browse(cast.rep).get(f"/orders/{order.pk}/?known=2026-04-27")
        words = plain(answer)
        assert "Value $300.00" in words
        assert "2. Server" not in words
        detail = answer.context["detail"]
        assert [(event.kind, event.amount_minor) for event, _rows in detail.entries] == [("booking", 300_00)]
        assert [(event.kind, rest) for event, rest in detail.later] == [
            ("cancellation", -100_00),
            ("amendment", 50_00),
        ]
        assert "The difference to today Cancellation, Apr 30, 2026 customer needs less" in words
        now = plain(browse(cast.rep).get(f"/orders/{order.pk}/"))
        assert "Value $250.00" in now
        assert "2. Server" in now
        assert "The difference to today" not in now

    @pytest.mark.parametrize(("clocks", "value"), VALUES)
    def test_the_difference_adds_up_to_today(
        self, cast: Cast, browse: Any, order: Order, clocks: str, value: str | None
    ) -> None:
        answer = browse(cast.executive).get(f"/orders/{order.pk}/?{clocks}")
        detail = answer.context["detail"]
        then = detail.terms.order.amount_minor
        assert then == int((value or "0.00").replace(".", ""))
        assert then + sum(rest for _event, rest in detail.later) == 250_00

    def test_before_it_was_known_nothing_of_it_counts(self, cast: Cast, browse: Any, order: Order) -> None:
        words = plain(browse(cast.rep).get(f"/orders/{order.pk}/?known=2026-04-19"))
        assert "Nothing of this order counted yet." in words
        assert "Value $0.00" in words

    def test_over_the_api_at_an_instant(self, cast: Cast, order: Order) -> None:
        def told(clocks: str) -> tuple[str, list[str]]:
            answer = Api(cast.rep).get(f"orders/{order.pk}/?{clocks}").json()
            return answer["amount"], [line["amount"] for line in answer["lines"]]

        assert told("known=2026-04-28T11:59:59%2B00:00") == ("300.00", ["300.00"])
        assert told("known=2026-04-28T12:00:00%2B00:00") == ("350.00", ["300.00", "50.00"])
        assert told("") == ("250.00", ["214.29", "35.71"])
        assert Api(cast.other_rep).get(f"orders/{order.pk}/?known=2026-04-28").status_code == 404

    def test_an_order_on_another_day(self, cast: Cast, acting: Acting, browse: Any, stamps: Stamps) -> None:
        with acting(cast.rep):
            made = order_of(cast, booked_on=date(2026, 5, 2), amount=80_00)
        stamps(noon(5, 3))
        with acting(cast.coordinator):
            by = {"by": cast.coordinator.pk, "order_id": made.pk, "version": 1}
            book_on_another_day(**by, booked_on=date(2026, 4, 29), reason="signed earlier")
        stamps(noon(5, 6))
        for clocks, minor in (
            ("valid=2026-04-30", 80_00),
            ("valid=2026-04-30&known=2026-05-04", 0),
            ("valid=2026-04-28", 0),
            ("known=2026-05-04", 80_00),
        ):
            detail = browse(cast.rep).get(f"/orders/{made.pk}/?{clocks}").context["detail"]
            assert detail.terms.order.amount_minor == minor, clocks
            assert minor + sum(rest for _event, rest in detail.later) == 80_00
