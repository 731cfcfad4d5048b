"""The pages that post counter-entries."""

from typing import Any

import pytest

from orders.models import Order
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.orders.test_order_book import rows


@pytest.fixture
def order(cast: Cast, acting: Acting) -> Order:
    with acting(cast.rep):
        return order_of(cast)


def cancellation(**changes: str) -> dict[str, str]:
    return {"booked_on": "2026-05-19", "reason": "not needed", "amount_minor": "", "version": "1", **changes}


def correction(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "booked_on": "2026-05-19",
        "reason": "two people",
        "cause": "split",
        "version": "1",
        **rows("lines", {"product": cast.products["Server"].pk, "quantity": "3", "amount": "900.00"}),
        **rows("shares", {"person": "Rita Rep", "percent": "50"}, {"person": "Paul Peer", "percent": "50"}),
        **changes,
    }


class TestCancel:
    def test_everything(self, cast: Cast, browse: Any, order: Order) -> None:
        client = browse(cast.coordinator)
        page = client.post(f"/orders/{order.pk}/cancel/", cancellation(), follow=True).content.decode()
        assert "the cancellation is posted" in page
        assert "not needed" in page
        assert [row.amount_minor for row in ledger()] == [1_000_00, -1_000_00]
        again = client.post(f"/orders/{order.pk}/cancel/", cancellation(version="2"))
        assert again.status_code == 409
        assert "This order is already cancelled." in again.content.decode()
        assert "/cancel/" not in client.get(f"/orders/{order.pk}/").content.decode()

    def test_a_part(self, cast: Cast, browse: Any, order: Order) -> None:
        form = cancellation(amount_minor="250.00")
        page = browse(cast.director).post(f"/orders/{order.pk}/cancel/", form, follow=True).content.decode()
        assert "$750.00" in page
        assert "Left" in page

    def test_too_much_comes_back_with_what_was_typed(self, cast: Cast, browse: Any, order: Order) -> None:
        answer = browse(cast.director).post(
            f"/orders/{order.pk}/cancel/", cancellation(amount_minor="1,000.01")
        )
        assert answer.status_code == 422
        assert 'value="1,000.01"' in answer.content.decode()

    def test_a_stale_form_shows_the_order_as_it_is_now(self, cast: Cast, browse: Any, order: Order) -> None:
        client = browse(cast.coordinator)
        client.post(f"/orders/{order.pk}/cancel/", cancellation(amount_minor="100.00"))
        answer = client.post(f"/orders/{order.pk}/cancel/", cancellation(amount_minor="50.00"))
        page = answer.content.decode()
        assert answer.status_code == 412
        assert "worth $900.00 now" in page
        assert 'value="50.00"' in page
        assert 'name="version" value="2"' in page

    @pytest.mark.parametrize(
        ("who", "status"),
        [("rep", 403), ("manager", 403), ("peer", 404), ("director", 200), ("coordinator", 200)],
    )
    def test_who_may(self, cast: Cast, browse: Any, order: Order, who: str, status: int) -> None:
        assert browse(getattr(cast, who)).get(f"/orders/{order.pk}/cancel/").status_code == status


class TestPurchaseOrder:
    def test_an_order_waits_until_its_number_is_entered(
        self, cast: Cast, browse: Any, order: Order, acting: Acting
    ) -> None:
        client = browse(cast.coordinator)
        assert order.number in client.get("/orders/?waiting=1").content.decode()
        assert f"/orders/{order.pk}/purchase-order/" in client.get(f"/orders/{order.pk}/").content.decode()
        form = {"purchase_order": " PO 4711 ", "version": "1"}
        page = client.post(f"/orders/{order.pk}/purchase-order/", form, follow=True).content.decode()
        assert "PO 4711" in page
        assert order.number not in client.get("/orders/?waiting=1").content.decode()
        with acting(cast.coordinator):
            saved = Order.objects.get(pk=order.pk)
        assert (saved.purchase_order, saved.version, saved.state) == ("PO 4711", 2, "booked")
        assert len(ledger()) == 1

    def test_a_stale_number_shows_both(self, cast: Cast, browse: Any, order: Order) -> None:
        client = browse(cast.coordinator)
        for number, status in [("PO 1", 302), ("PO 2", 412)]:
            answer = client.post(
                f"/orders/{order.pk}/purchase-order/", {"purchase_order": number, "version": "1"}
            )
            assert answer.status_code == status
        page = answer.content.decode()
        assert "PO 1" in page
        assert 'value="PO 2"' in page
        assert 'name="version" value="2"' in page

    @pytest.mark.parametrize(
        ("who", "status"),
        [("rep", 302), ("manager", 302), ("coordinator", 302), ("executive", 403), ("peer", 404)],
    )
    def test_who_may(self, cast: Cast, browse: Any, order: Order, who: str, status: int) -> None:
        form = {"purchase_order": "PO 7", "version": "1"}
        answer = browse(getattr(cast, who)).post(f"/orders/{order.pk}/purchase-order/", form)
        assert answer.status_code == status


class TestCorrect:
    def test_lines_and_shares_are_replaced(self, cast: Cast, browse: Any, order: Order) -> None:
        client = browse(cast.director)
        page = client.post(f"/orders/{order.pk}/correct/", correction(cast), follow=True).content.decode()
        assert "the correction is posted" in page
        assert [row.amount_minor for row in ledger()] == [1_000_00, -1_000_00, 450_00, 450_00]
        assert "Server" in page

    def test_it_starts_with_what_stands(self, cast: Cast, browse: Any, order: Order) -> None:
        page = browse(cast.coordinator).get(f"/orders/{order.pk}/correct/").content.decode()
        assert 'value="1,000.00"' in page
        assert 'value="Rita Rep"' in page
        assert 'value="100"' in page

    def test_after_a_partial_cancellation_it_starts_with_what_is_left(
        self, cast: Cast, browse: Any, order: Order
    ) -> None:
        client = browse(cast.coordinator)
        client.post(f"/orders/{order.pk}/cancel/", cancellation(amount_minor="250.00"))
        page = client.get(f"/orders/{order.pk}/correct/").content.decode()
        assert 'value="750.00"' in page
        assert 'value="1,000.00"' not in page

    def test_a_bad_split_comes_back_with_what_was_typed(self, cast: Cast, browse: Any, order: Order) -> None:
        form = correction(cast, **{"shares-0-percent": "49.5"})
        answer = browse(cast.director).post(f"/orders/{order.pk}/correct/", form)
        assert answer.status_code == 422
        assert "total 99.5 %" in answer.content.decode()
        assert 'value="49.5"' in answer.content.decode()
