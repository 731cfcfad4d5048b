"""The coordinator's home: orders that wait for their paperwork, oldest first."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.urls import reverse

from orders.models import Credit
from orders.services import raise_dispute, withdraw_dispute
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.orders.winning import asks, won
from tests.quotas.conftest import Sell
from tests.salesops.conftest import HOME, plain, step

Browse = Callable[[Any], Browser]


def test_the_oldest_waiting_order_comes_first(cast: Cast, browse: Browse, sell: Sell) -> None:
    late = sell("Acorn", 300_00, date(2026, 5, 12))
    old = sell("Cedar", 100_00, date(2026, 4, 1))
    done = sell("Beech", 200_00, date(2026, 3, 1), purchase_order="PO 7")
    answer = browse(cast.coordinator).get(HOME)
    assert [order.pk for order in answer.context["waiting"]] == [old, late]
    assert [order.pk for order in answer.context["newest"]] == [late, old, done]
    text = plain(answer)
    assert "Cedar Apr 1, 2026 $100.00 Oscar Other" in text
    assert text.count("$200.00") == 1
    expected = "The oldest order waits for its purchase order number.", reverse("order_detail", args=[old])
    assert step(answer) == expected


def test_without_orders_there_is_one_to_book(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.coordinator).get(HOME)
    assert step(answer) == ("No order waits for paperwork.", reverse("order_book"))
    assert plain(answer).count("No order is in this list now.") == 2


def test_what_awaits_its_booking_is_counted_and_the_oldest_is_opened(
    cast: Cast, browse: Browse, acting: Acting
) -> None:
    asks(cast, acting, "contract")
    with acting(cast.rep):
        won(cast)
    answer = browse(cast.coordinator).get(HOME)
    page = reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])
    assert step(answer) == ("1 order awaits its booking.", page)
    assert "Orders that wait" in plain(answer)
    assert "No order waits for paperwork." not in plain(answer)


def test_disputes_wait_for_an_answer_too(cast: Cast, browse: Browse, acting: Acting, sell: Sell) -> None:
    order = sell("Acorn", 300_00, date(2026, 5, 12), purchase_order="PO 7")
    with acting(cast.rep):
        credit = Credit.objects.get(event__order=order)
        dispute = raise_dispute(by=cast.rep.pk, cause="share", text="It was more.", credit_id=credit.pk)
    client = browse(cast.coordinator)
    answer = client.get(HOME)
    assert "Disputes that wait for an answer All of them SO-2026-00001 Rita Rep · the share" in plain(answer)
    expected = "Rita Rep waits for an answer to a dispute.", reverse("dispute_detail", args=[dispute.pk])
    assert step(answer) == expected
    assert client.get(f"{reverse('dispute_list')}?show=answer").status_code == 200
    with acting(cast.rep):
        withdraw_dispute(by=cast.rep.pk, dispute_id=dispute.pk, version=1)
    assert "Disputes that wait" not in plain(client.get(HOME))
