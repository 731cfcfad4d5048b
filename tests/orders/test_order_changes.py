"""The pages and addresses by which orders are amended, shared anew, put on another day and renewed."""

from datetime import date
from typing import Any

import pytest

from orders.models import Order
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.orders.test_order_book import rows
from tests.salesops.conftest import plain


@pytest.fixture
def order(cast: Cast, acting: Acting) -> Order:
    """A licence for 1,000.00 of 12 May, all of it Rita's."""
    with acting(cast.rep):
        return order_of(cast)


def licence(cast: Cast, quantity: int, amount: str, **more: Any) -> dict[str, Any]:
    return {"product": cast.products["Licence"].pk, "quantity": quantity, "amount": amount, **more}


def sent(**changes: Any) -> dict[str, Any]:
    return {"booked_on": "2026-05-19", "reason": "as agreed", "version": "1", **changes}


class TestPages:
    def test_an_order_is_amended(self, cast: Cast, browse: Any, order: Order) -> None:
        client, page = browse(cast.coordinator), f"/orders/{order.pk}/amend/"
        form = client.get(page).content.decode()
        assert 'value="1000.00"' in form or 'value="1,000.00"' in form
        shares = rows("shares", {"person": "Paul Peer", "percent": "100"})
        wish = sent(**rows("lines", licence(cast, 3, "1,600.00")), **shares)
        answer = client.post(page, wish, follow=True).content.decode()
        assert "the amendment is posted" in answer
        assert "Amendment, May 19, 2026" in answer
        assert [(row.person_id, row.amount_minor) for row in ledger()] == [
            (cast.rep.pk, 1_000_00),
            (cast.peer.pk, 600_00),
        ]
        assert "$1,600.00" in answer

    def test_what_changes_nothing_is_said_and_kept(self, cast: Cast, browse: Any, order: Order) -> None:
        client, page = browse(cast.coordinator), f"/orders/{order.pk}/amend/"
        wish = sent(
            **rows("lines", licence(cast, 1, "1,000.00")),
            **rows("shares", {"person": "Rita Rep", "percent": "100"}),
        )
        answer = client.post(page, wish)
        assert answer.status_code == 422
        assert "This is what the order has now." in answer.content.decode()
        assert 'value="as agreed"' in answer.content.decode()

    def test_credit_is_shared_anew_with_overlay_and_a_line_of_its_own(
        self, cast: Cast, browse: Any, order: Order
    ) -> None:
        client, page = browse(cast.coordinator), f"/orders/{order.pk}/split/"
        assert 'name="shares-0-person" value="Rita Rep"' in client.get(page).content.decode()
        wish = sent(
            **rows("shares", {"person": "Rita Rep", "percent": "100"}),
            **rows("own", {"line": "1", "person": "Paul Peer", "percent": "100"}),
            **rows("overlay", {"person": "Mona Manager", "percent": "10"}),
        )
        answer = client.post(page, wish, follow=True).content.decode()
        assert "its credit is shared anew" in answer
        assert "New split, May 19, 2026" in answer
        assert {(row.kind, row.person_id, row.amount_minor) for row in ledger()[1:]} == {
            ("revenue", cast.rep.pk, -1_000_00),
            ("revenue", cast.peer.pk, 1_000_00),
            ("overlay", cast.manager.pk, 100_00),
        }
        again = client.get(page).content.decode()
        assert 'name="overlay-0-person" value="Mona Manager"' in again
        assert '<details class="fields" open>' in again

    def test_after_a_part_was_cancelled_a_new_split_keeps_what_was_booked_and_what_is_left(
        self, cast: Cast, browse: Any, order: Order
    ) -> None:
        client = browse(cast.coordinator)
        client.post(f"/orders/{order.pk}/cancel/", sent(amount_minor="250.01"))
        split = sent(version="2", **rows("shares", {"person": "Paul Peer", "percent": "100"}))
        page = plain(client.post(f"/orders/{order.pk}/split/", split, follow=True))
        assert "Months As booked Left 1. Licence" in page
        assert "$1,000.00 $749.99 Total $1,000.00 $749.99" in page
        client.post(f"/orders/{order.pk}/cancel/", sent(version="3", amount_minor="49.99"))
        assert "Total $1,000.00 $700.00" in plain(client.get(f"/orders/{order.pk}/"))

    def test_a_line_that_is_not_there_is_said(self, cast: Cast, browse: Any, order: Order) -> None:
        wish = sent(
            **rows("shares", {"person": "Rita Rep", "percent": "100"}),
            **rows("own", {"line": "2", "person": "Paul Peer", "percent": "100"}),
        )
        answer = browse(cast.coordinator).post(f"/orders/{order.pk}/split/", wish)
        assert answer.status_code == 422
        assert "There is no line 2." in answer.content.decode()

    def test_an_order_is_put_on_another_day(self, cast: Cast, browse: Any, order: Order) -> None:
        client, page = browse(cast.coordinator), f"/orders/{order.pk}/day/"
        answer = client.post(page, sent(booked_on="2026-03-31"), follow=True).content.decode()
        assert "is booked on its new day" in answer
        assert [(row.booked_on, row.amount_minor) for row in ledger()[1:]] == [
            (date(2026, 5, 12), -1_000_00),
            (date(2026, 3, 31), 1_000_00),
        ]

    def test_a_renewal_starts_with_what_is_left_of_the_order(
        self, cast: Cast, browse: Any, order: Order
    ) -> None:
        client, page = browse(cast.rep), f"/orders/book/?renews={order.pk}"
        assert (
            f'href="/orders/book/?renews={order.pk}"' in client.get(f"/orders/{order.pk}/").content.decode()
        )
        form = client.get(page).content.decode()
        assert 'name="lines-0-renewed" value="1,000.00"' in form
        wish = {
            "booked_on": "2026-05-19",
            "account": cast.accounts["Acorn"].pk,
            "account_name": "Acorn",
            "motion": "renewal",
            **rows("lines", licence(cast, 1, "1,250.00", renewed="1,000.00")),
            **rows("shares"),
        }
        answer = client.post(page, wish, follow=True).content.decode()
        assert f"of {order.number}" in answer
        assert "Renewal, May 19, 2026" in answer
        assert ledger()[-1].amount_minor == 250_00
        first = client.get(f"/orders/{order.pk}/").content.decode()
        assert "Renewed by" in first
        assert f"?renews={order.pk}" not in first

    @pytest.mark.parametrize("name", ["amend", "split", "day"])
    def test_a_rep_may_not(self, cast: Cast, browse: Any, order: Order, name: str) -> None:
        assert browse(cast.rep).get(f"/orders/{order.pk}/{name}/").status_code == 403
        assert browse(cast.other_rep).get(f"/orders/{order.pk}/{name}/").status_code == 404
