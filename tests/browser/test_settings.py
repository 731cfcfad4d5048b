"""A setting in a browser: what is typed is told before it is saved."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_what_a_change_would_do_follows_what_is_typed(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto("/settings/policies/stalled_after_days/")
    told = page.locator("#policy-effect")
    page.get_by_label("Days", exact=True).fill("730")
    expect(told).to_contain_text("With 730 days: ")
    expect(told).to_contain_text("open opportunities are stalled.")


def test_the_day_counts_as_well_as_the_value(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto("/settings/policies/forecast_due_hour/")
    told = page.locator("#policy-effect")
    expect(told).to_contain_text("The next call is due")
    page.get_by_label("Hour of the day").select_option("9")
    expect(told).to_contain_text(", 09:00 instead of")
    page.get_by_label("From").fill("2035-06-04")
    expect(told).to_contain_text(
        "From Jun 4, 2035 on the first call is due Monday, June 4, 2035, 09:00 instead of Monday, June 4, 2035, 12:00"
    )
