"""Closing a period in a browser: one administrator asks, another one approves, and nothing is booked into it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from common.access import Reach
from common.models import Period
from common.selectors import today
from common.transaction import work
from territories.models import RoleGrant, User
from tests.browser.axe import faults
from tests.browser.conftest import PASSWORD
from tests.cast import Cast
from tests.closing import close_period

pytestmark = pytest.mark.browser


@pytest.fixture
def ben(cast_today: Cast) -> User:
    """A second administrator; all months before the last one that ended are closed."""
    with work(by=None, why="a test", reach=Reach.everything()):
        ben = User(email="ben@example.com", name="Ben Boss")
        ben.set_password(PASSWORD)
        ben.save()
        RoleGrant.objects.create(user=ben, role="admin", starts_on=date(2026, 1, 1))
        for month in Period.objects.months().filter(stops_on__lt=last_month().stops_on):
            close_period(month.pk)
    return ben


def last_month() -> Period:
    """The newest month that has ended."""
    ended: Period = Period.objects.months().filter(stops_on__lte=today()).latest("stops_on")
    return ended


def test_asked_approved_and_nothing_is_booked_into_it(cast_today: Cast, ben: User, enter: Any) -> None:
    with work(by=None, why="the month", reach=Reach.everything()):
        month = last_month()
    asker, other, rep = enter(cast_today.admin), enter(ben), enter(cast_today.rep)
    rep.goto(f"/orders/book/?opportunity={cast_today.deals['Acorn renewal'].pk}")
    rep.get_by_label("Booking date").fill(month.last_day.isoformat())
    rep.get_by_label("Product").first.select_option(index=1)
    rep.get_by_label("Amount").first.fill("1,234.56")

    asker.goto(reverse("period_close", args=[month.pk]))
    asker.get_by_label("Reason").fill("The books are done")
    assert faults(asker) == []
    asker.get_by_role("button", name="Ask").click()
    expect(asker.get_by_text(f"Another administrator is asked to close {month.code}.")).to_be_visible()
    other.goto("/inbox/")
    expect(other.get_by_text("Nothing can be dated")).to_be_visible()
    other.get_by_role("button", name=f"Approve Close {month.code}").click()
    expect(other.get_by_text("Approved by Ben Boss")).to_be_visible()

    rep.get_by_role("button", name="Win and book the order").click()
    expect(rep.get_by_text("That day lies in a closed period. Date it in an open one.").first).to_be_visible()
    expect(rep.get_by_label("Amount").first).to_have_value("1,234.56")
    rep.get_by_label("Booking date").fill(today_in_browser().isoformat())
    rep.get_by_role("button", name="Win and book the order").click()
    expect(rep.get_by_role("heading", name="SO-")).to_be_visible()


def today_in_browser() -> date:
    with work(by=None, why="the day", reach=Reach.everything()):
        return today()
