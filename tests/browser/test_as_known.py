"""Attainment as it was known, in a browser: an older figure, and the difference to today event by event."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from common.access import Reach
from common.locale import format_date
from common.models import Period
from common.selectors import today
from common.transaction import work
from orders.services import LineInput, ShareInput, book
from quotas.services import set_quota
from tests.browser.axe import faults
from tests.cast import Cast

pytestmark = pytest.mark.browser


@pytest.fixture
def sold(cast_today: Cast, db: str) -> None:
    """Rita's quota of this quarter is 1,000.00; 250.00 of it is booked today."""
    cast = cast_today
    with work(by=cast.admin.pk, why="a test", reach=Reach.everything()):
        quarter = Period.objects.quarters().holding(today()).get()
        set_quota(by=cast.admin.pk, amount_minor=1_000_00, person_id=cast.rep.pk, period_id=quarter.pk)
        book(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            owner_id=cast.rep.pk,
            booked_on=today(),
            currency="USD",
            lines=[LineInput(cast.products["Licence"].pk, 1, 250_00)],
            shares=[ShareInput(cast.rep.pk, 100_000_000)],
            motion="new",
        )


@pytest.mark.usefixtures("sold")
def test_my_attainment_of_yesterday_and_what_came_since(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.rep)
    with work(by=None, why="the day before", reach=Reach.everything()):
        yesterday = today() - timedelta(days=1)
        typed = format_date(yesterday)
    page.goto("/quotas/mine/")
    expect(page.get_by_text("These figures are as known")).to_have_count(0)
    page.get_by_text("As known when").click()
    page.get_by_label("As known on").fill(yesterday.isoformat())
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text(f"These figures are as known at the end of {typed}.")).to_be_visible()
    since = page.get_by_role("region", name="The difference to today")
    expect(since.get_by_role("row", name="As known at the end of")).to_contain_text("$0.00")
    expect(since.get_by_role("row", name="booking of")).to_contain_text("$250.00")
    expect(since.get_by_role("row", name="Quota of Rita Rep")).to_contain_text("$1,000.00")
    expect(since.get_by_role("row", name="As known now")).to_contain_text("$250.00")
    assert faults(page) == []
    page.get_by_role("link", name="Show what is known now").click()
    expect(page.get_by_text("These figures are as known")).to_have_count(0)
