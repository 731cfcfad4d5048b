"""Assign… in a browser: chosen in the list, seen in the dialog, done by one press; many wait for a second person."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.access import Reach
from common.transaction import work
from territories.models import RoleGrant, User
from tests.accounts.places import add_accounts, spans
from tests.browser.axe import faults
from tests.cast import Cast

pytestmark = pytest.mark.browser


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_label(f"Choose {name}", exact=True).check()


def fill(page: Page, cast: Cast, territory: str) -> Any:
    """The dialog with that territory and a reason, once it tells the effect."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Territory").select_option(value=str(cast.territories[territory].pk))
    expect(dialog.get_by_role("heading", name=f"to {territory} from")).to_be_visible()
    dialog.get_by_label("Reason").fill("nearer")
    return dialog


def test_three_are_chosen_seen_and_moved(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto("/accounts/?industry=Retail")
    choose(page, "Acorn", "Beech", "Cedar")
    expect(page.get_by_text("3 chosen")).to_be_visible()
    page.get_by_role("button", name="Assign…").click()
    dialog = fill(page, cast_today, "East Team")
    expect(dialog.get_by_text("Open deals")).to_be_visible()
    expect(dialog.get_by_text("$300,000.06").first).to_be_visible()
    assert faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    dialog.get_by_role("button", name="Assign them").click()
    expect(page.get_by_text("3 accounts are in East Team from")).to_be_visible()
    assert page.url.endswith("/accounts/?industry=Retail")
    expect(page.get_by_text("0 chosen")).to_be_visible()
    assert [spans(cast_today, name)[-1][0] for name in ("Acorn", "Beech", "Cedar")] == ["East Team"] * 3


def test_a_choice_outlives_its_page_and_ends_at_five_hundred(cast_today: Cast, enter: Any) -> None:
    add_accounts(cast_today, 600)
    page = enter(cast_today.admin)
    page.goto("/accounts/")
    choose(page, "Acorn")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("1 chosen, 1 of them on other pages")).to_be_visible()
    page.get_by_label("All on this page").check()
    expect(page.get_by_text("51 chosen, 1 of them on other pages")).to_be_visible()
    page.locator("th input").first.uncheck()
    expect(page.get_by_text("50 chosen, 1 of them on other pages")).to_be_visible()
    page.locator("th input").first.check()
    for _page in range(9):
        page.get_by_role("link", name="Next").click()
        page.get_by_label("All on this page").click()
    expect(page.get_by_text("At most 500 accounts are chosen at once.")).to_be_visible()
    expect(page.get_by_text("451 chosen, 451 of them on other pages")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("0 chosen")).to_be_visible()


def test_twenty_six_move_once_a_second_person_approves(cast_today: Cast, enter: Any) -> None:
    add_accounts(cast_today, 26)
    with work(by=None, why="a second administrator", reach=Reach.everything()):
        ben = User(email="ben@example.com", name="Ben Boss")
        ben.set_password("correct horse battery")
        ben.save()
        RoleGrant.objects.create(user=ben, role="admin", starts_on=date(2025, 1, 1))
    page = enter(cast_today.admin)
    page.goto("/accounts/?q=oak")
    page.get_by_label("All on this page").check()
    page.get_by_role("button", name="Assign…").click()
    dialog = fill(page, cast_today, "West 1")
    expect(dialog.get_by_text("These are more than the 25 accounts")).to_be_visible()
    dialog.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("An administrator is asked: Assign 26 accounts to West 1.")).to_be_visible()
    assert spans(cast_today, "Oak 01")[-1][0] == "East 1"
    other = enter(ben)
    other.goto("/inbox/")
    expect(other.get_by_text("26 accounts go to West 1")).to_be_visible()
    other.get_by_role("button", name="Approve Assign 26 accounts to West 1").click()
    expect(other.get_by_text("Approved by Ben Boss")).to_be_visible()
    assert {spans(cast_today, f"Oak {number:02}")[-1][0] for number in range(1, 27)} == {"West 1"}


def test_without_a_mouse_the_dialog_opens_and_closes_where_one_was(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.director, width=360)
    page.goto("/accounts/")
    page.get_by_label("Choose Acorn", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Assign…").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Territory")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("1 chosen")).to_be_visible()
