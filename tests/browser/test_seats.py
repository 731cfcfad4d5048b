"""A seat in a browser: planned while it is empty, handed over, and entered late with the credit that moves with it."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.access import Reach
from common.selectors import today
from common.transaction import work
from orders.models import Order
from orders.services import LineInput, book
from territories.models import RoleGrant, User
from tests.browser.axe import faults
from tests.cast import START, Cast
from workspace.models import Approval

pytestmark = pytest.mark.browser


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


@pytest.fixture
def sold(cast_today: Cast) -> Order:
    """Oscar sold 500.00 ten days ago; a second administrator is there."""
    with everything():
        ben = User.objects.create(email="ben@example.com", name="Ben Boss")
        RoleGrant.objects.create(user=ben, role="admin", starts_on=START)
        return book(
            by=cast_today.other_rep.pk,
            account_id=cast_today.accounts["Cedar"].pk,
            booked_on=today() - timedelta(days=10),
            currency="USD",
            lines=[LineInput(cast_today.products["Licence"].pk, 1, 500_00)],
            shares=[],
            motion="new",
            owner_id=cast_today.other_rep.pk,
        )


def wide(page: Page) -> Page:
    page.set_viewport_size({"width": 1440, "height": 900})
    return page


def test_a_seat_that_was_handed_over_weeks_ago(cast_today: Cast, enter: Any, sold: Order) -> None:
    page, day = enter(cast_today.admin), (today() - timedelta(days=20)).isoformat()
    page.goto(f"/territories/{cast_today.territories['West 1'].pk}/")
    assert faults(page) == []
    wide(page).get_by_role("link", name="Hand over Oscar Other").click()
    expect(page.get_by_role("heading", name="Hand over Oscar Other's seat")).to_be_visible()
    expect(page.get_by_role("link", name="Cedar renewal")).to_be_visible()
    assert faults(page) == []
    wide(page).get_by_label("Successor", exact=True).select_option(value=str(cast_today.coordinator.pk))
    page.get_by_role("textbox", name="From").fill(day)
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("heading", name="A seat in the past")).to_be_visible()
    assert faults(page) == []
    wide(page).get_by_label(f"move {sold.number}").check()
    page.get_by_label("Why credit moves").fill("entered late")
    page.get_by_role("button", name="Save the seat").click()
    expect(page.get_by_text("Another administrator is asked about the credit of 1 order.")).to_be_visible()
    expect(page.get_by_text("waits for approval")).to_be_visible()
    assert faults(page) == []
    with everything():
        assert Approval.objects.get(kind="credit_move").reason == "entered late"


def test_an_empty_seat_is_planned_and_filled(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto("/territories/")
    wide(page).get_by_role("link", name="Plan Company").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Planned start").fill((today() + timedelta(days=60)).isoformat())
    dialog.get_by_label("Ramp").fill("0 50 100")
    assert faults(page) == []
    wide(page).get_by_role("dialog").get_by_role("button", name="Plan it").click()
    expect(page.get_by_text("ramp 0/50/100")).to_be_visible()
    assert faults(page) == []
    wide(page).get_by_role("link", name="Seat a person").click()
    expect(dialog.get_by_label("Ramp")).to_have_value("0 50 100")
    dialog.get_by_label("Person").select_option(value=str(cast_today.executive.pk))
    dialog.get_by_role("textbox", name="From").fill((today() - timedelta(days=5)).isoformat())
    dialog.get_by_label("Ramp").fill("50 25")
    dialog.get_by_role("button", name="Seat them").click()
    expect(dialog.get_by_text("Ramp: A ramp never falls")).to_be_visible()
    dialog.get_by_label("Ramp").fill("25 50 100")
    dialog.get_by_role("button", name="Seat them").click()
    expect(page.get_by_role("heading", name="A seat in the past")).to_be_visible()
    page.get_by_role("button", name="Save the seat").click()
    expect(page.get_by_text("No credit moves.")).to_be_visible()
