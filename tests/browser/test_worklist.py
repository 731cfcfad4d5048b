"""The worklist and the calendar with a keyboard, in a real browser, and both on a phone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from common.selectors import today
from common.transaction import work
from pipeline.models import Opportunity
from pipeline.services import log_activity
from tests.cast import Cast
from tests.pipeline.test_opportunity_list import many

pytestmark = pytest.mark.browser


def now() -> date:
    with work(by=None, why="which day it is"):
        return today()


def task_of(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        log_activity(
            by=cast.rep.pk,
            kind="task",
            subject="Send the offer",
            account_id=cast.accounts["Acorn"].pk,
            done=False,
            due_on=today(),
        )


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.fixture
def acting_today(cast_today: Cast) -> Any:
    from territories.selectors import reach_for

    def enter(person: Any) -> Any:
        with work(by=None, why="reach"):
            mine = reach_for(person, today())
        return work(by=person.pk, why="a test", reach=mine)

    return enter


def test_three_acts_by_key_and_one_taken_back(cast_today: Cast, acting_today: Any, enter: Any) -> None:
    task_of(cast_today, acting_today)
    page = enter(cast_today.rep)
    page.goto(reverse("worklist"))
    deal, task = page.get_by_label("Acorn renewal", exact=True), page.locator("[data-work]").nth(1)
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(deal).to_be_focused()
    page.keyboard.press("e")
    expect(page.get_by_label("Next step (optional)")).to_be_focused()
    page.keyboard.type("Call Ann")
    page.keyboard.press("Enter")
    expect(deal.get_by_text("Next for Acorn renewal: Call Ann.")).to_be_visible()
    expect(deal).to_be_focused()
    page.keyboard.press("d")
    page.get_by_role("button", name="+7 days").focus()
    page.keyboard.press("Enter")
    later = now() + timedelta(days=7)
    expect(
        page.get_by_text(f"Acorn renewal closes on {later:%b} {later.day}, {later.year}.").last
    ).to_be_visible()
    page.keyboard.press("j")
    expect(task).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("Send the offer is done.").last).to_be_visible()
    expect(page.locator("#work-said")).to_have_text("Send the offer is done.")
    page.keyboard.press("u")
    expect(page.get_by_label("Send the offer", exact=True)).to_be_focused()
    with acting_today(cast_today.rep):
        acorn = Opportunity.objects.get(pk=cast_today.deals["Acorn renewal"].pk)
        assert (acorn.next_step, acorn.close_on) == ("Call Ann", later)


def test_a_next_step_is_done_by_key_and_a_key_that_does_nothing_says_so(
    cast_today: Cast, acting_today: Any, enter: Any
) -> None:
    page = enter(cast_today.rep)
    page.goto(reverse("worklist"))
    deal = page.get_by_label("Acorn renewal", exact=True)
    page.keyboard.press("j")
    expect(deal).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("The key x does nothing on this line.")).to_be_visible()
    page.keyboard.press("e")
    expect(deal.get_by_label("Next step (optional)")).to_be_focused()
    page.keyboard.type("Call Ann")
    page.keyboard.press("Enter")
    expect(deal.get_by_text("Next for Acorn renewal: Call Ann.")).to_be_visible()
    expect(deal).to_be_focused()
    page.keyboard.press("x")
    expect(deal.get_by_text("Done: Call Ann")).to_be_visible()
    expect(deal.get_by_label("Next step (optional)")).to_be_focused()
    page.keyboard.type("Send the offer")
    page.keyboard.press("Enter")
    said = "Call Ann is done. Next for Acorn renewal: Send the offer."
    expect(deal.get_by_text(said)).to_be_visible()
    expect(page.locator("#work-said")).to_have_text(said)
    page.keyboard.press("u")
    expect(deal.get_by_text("Next for Acorn renewal: Call Ann.")).to_be_visible()
    with acting_today(cast_today.rep):
        assert Opportunity.objects.get(pk=cast_today.deals["Acorn renewal"].pk).next_step == "Call Ann"


def test_a_deal_goes_to_the_next_day_by_key(cast_today: Cast, acting_today: Any, enter: Any) -> None:
    day = now() + timedelta(days=40)
    many(cast_today, 1, name="Fleet", close_on=day)
    page = enter(cast_today.rep)
    page.goto(f"{reverse('opportunity_calendar')}?by=week&day={day}")
    page.get_by_label("Fleet", exact=True).focus()
    page.keyboard.press("Alt+ArrowRight")
    tomorrow = day + timedelta(days=1)
    expect(
        page.get_by_text(f"Fleet closes on {tomorrow:%b} {tomorrow.day}, {tomorrow.year}.").last
    ).to_be_visible()
    with acting_today(cast_today.rep):
        assert Opportunity.objects.get(name="Fleet").close_on == tomorrow
    page.goto(f"{reverse('opportunity_calendar')}?month={tomorrow:%Y-%m}")
    cell = page.locator(f'[data-day="{tomorrow}"]')
    expect(cell.get_by_label("Fleet", exact=True)).to_be_visible()


def test_both_fit_a_phone(cast_today: Cast, acting_today: Any, enter: Any) -> None:
    day = now()
    many(cast_today, 6, name="A deal with a name that does not end soon", close_on=day)
    task_of(cast_today, acting_today)
    page = enter(cast_today.rep, width=360, touch=True)
    page.goto(reverse("worklist"))
    assert fits(page)
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_text("Send the offer is done.").last).to_be_visible()
    page.goto(reverse("opportunity_calendar"))
    expect(page.locator(f'[data-day="{day}"]')).to_be_visible()
    assert fits(page)
    assert page.locator("[data-day]:visible").count() < 10
