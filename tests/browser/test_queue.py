"""The queue of orders worked by keys alone: taken, mended and saved, booked, sent back, given up."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from catalog.models import Product
from common.access import Reach
from common.selectors import today
from common.services import set_policy
from common.transaction import now, work
from orders.models import BookingEvent, Credit, OrderRequest
from orders.services import LineInput, ShareInput, keep_order
from tests.browser.axe import faults
from tests.cast import Cast

pytestmark = pytest.mark.browser
SIXTY = 60_000_000


@pytest.fixture
def four(cast_today: Cast) -> list[int]:
    """Orders of 1,000.00 that Rita handed in one after the other, the first with 60 % of its shares."""
    cast, made = cast_today, []
    with work(by=cast.rep.pk, why="hand in", reach=Reach.everything()):
        for number in range(4):
            asked = keep_order(
                by=cast.rep.pk,
                account_id=cast.accounts["Acorn"].pk,
                owner_id=cast.rep.pk,
                booked_on=today(),
                currency="USD",
                lines=[LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
                shares=[] if number else [ShareInput(cast.rep.pk, SIXTY)],
                motion="new",
            )
            OrderRequest.objects.filter(pk=asked.pk).update(asked_at=now() - timedelta(hours=9 - number))
            made.append(asked.pk)
    return made


def states(pks: list[int]) -> list[str]:
    with work(by=None, why="a look", reach=Reach.everything()):
        found = dict(OrderRequest.objects.values_list("pk", "state"))
    return [found[pk] for pk in pks]


def test_by_keys_alone(cast_today: Cast, four: list[int], enter: Any) -> None:
    page = enter(cast_today.coordinator)
    keys = page.keyboard
    page.goto("/orders/awaiting/")
    assert faults(page) == []
    keys.press("t")
    page.wait_for_url(f"**/orders/book/?request={four[0]}&queue=1")
    assert faults(page) == []
    expect(page.locator("#id_shares-0-percent")).to_be_focused()
    number = page.get_by_label("Purchase order")
    number.focus()
    keys.type("PO-bsrx")
    expect(number).to_have_value("PO-bsrx")
    keys.press("Escape")
    keys.press("s")
    page.wait_for_url("**/orders/awaiting/")
    expect(page.get_by_text("Saved. It waits for this: The shares total 60 %.").first).to_be_visible()
    keys.press("t")
    page.wait_for_url(f"**/orders/book/?request={four[1]}&queue=1")
    keys.press("b")
    page.wait_for_url(f"**/orders/book/?request={four[2]}&queue=1")
    for key, words, following in (("r", "Which office?", four[3]), ("x", "Twice", four[0])):
        keys.press(key)
        expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
        keys.type(words)
        keys.press("Tab")
        keys.press("Enter")
        page.wait_for_url(f"**/orders/book/?request={following}&queue=1")
    assert states(four) == ["waiting", "booked", "back", "cancelled"]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert list(Credit.objects.values_list("person", "amount_minor")) == [(cast_today.rep.pk, 1_000_00)]
        assert OrderRequest.objects.get(pk=four[0]).purchase_order == "PO-bsrx"


def test_a_row_is_as_high_as_its_words_and_an_amount_is_read_whole(
    cast_today: Cast, four: list[int], enter: Any
) -> None:
    """The acts of a row stand side by side, none of it lies out of sight; on a phone a large amount fits its field."""
    page = enter(cast_today.coordinator)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/orders/awaiting/")
    expect(page.get_by_text("4 orders · $4,000.00")).to_be_visible()
    rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert max(rows) < 80
    box = page.locator(".table-box").first
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/orders/book/?request={four[0]}")
    amount = page.locator("#id_lines-0-amount")
    amount.fill("1,172,800.00")
    assert amount.evaluate("field => field.scrollWidth <= field.clientWidth")


def test_an_exception_is_accepted_by_keys_with_a_reason(
    cast_today: Cast, four: list[int], enter: Any
) -> None:
    with work(by=cast_today.admin.pk, why="a limit", reach=Reach.everything()):
        Product.objects.filter(name="Licence").update(list_price_minor=2_000_00, currency="USD")
        set_policy(by=cast_today.admin.pk, name="price_limit_percent", value=80)
    page = enter(cast_today.coordinator)
    keys, why = page.keyboard, page.get_by_label("Why this is accepted")
    page.goto(f"/orders/book/?request={four[1]}&queue=1")
    expect(why).to_be_focused()
    keys.press("Escape")
    expect(why).not_to_be_focused()
    keys.press("b")
    expect(why).to_be_focused()
    keys.type("Agreed by the board")
    keys.press("Enter")
    page.wait_for_url(f"**/orders/book/?request={four[0]}&queue=1")
    assert states(four) == ["waiting", "booked", "waiting", "waiting"]
    with work(by=None, why="a look", reach=Reach.everything()):
        event = BookingEvent.objects.get()
    assert (event.exceptions, event.accepted_because) == (["price_low"], "Agreed by the board")
