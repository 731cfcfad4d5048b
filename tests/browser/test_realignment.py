"""A realignment in a browser: drafted, seen, approved by a second person, published by the worker, taken back."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import AccountTerritory
from common.access import Reach
from common.selectors import today
from common.transaction import work
from planning.tasks import publish_drafts
from territories.models import RoleGrant, User
from tests.browser.axe import faults
from tests.cast import START, Cast

pytestmark = pytest.mark.browser


@pytest.fixture
def second(cast_today: Cast) -> User:
    with work(by=None, why="a second administrator", reach=Reach.everything()):
        ben = User(email="ben@example.com", name="Ben Boss")
        ben.set_password("correct horse battery")
        ben.save()
        RoleGrant.objects.create(user=ben, role="admin", starts_on=START)
    return ben


def begin(page: Page, name: str) -> None:
    page.goto("/realignments/")
    page.get_by_role("link", name="New realignment").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    with work(by=None, why="a look", reach=Reach.everything()):
        day = today().isoformat()
    dialog.get_by_label("From").fill(day)
    dialog.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def put_accounts(page: Page, cast: Cast, numbers: str, territory: str) -> None:
    page.locator("main").get_by_role("link", name="Accounts", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Account numbers").fill(numbers)
    dialog.get_by_label("Go to").select_option(value=str(cast.territories[territory].pk))
    dialog.get_by_label("Open deals and tasks").select_option("go")
    assert faults(page) == []
    dialog.get_by_role("button", name="Add").click()
    expect(page.get_by_text(f"1 account goes to {territory}").first).to_be_visible()


def publish(page: Page, other: Page, name: str) -> None:
    page.get_by_role("button", name="See the effect").click()
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("dialog").get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("waits for approval").first).to_be_visible()
    other.goto("/inbox/")
    other.get_by_role("link", name=f"Look and approve Publish {name}").click()
    expect(other.get_by_role("link", name="See its effect")).to_be_visible()
    other.get_by_role("link", name="Approve", exact=True).click()
    other.get_by_role("dialog").get_by_role("button", name="Answer").click()
    expect(other.get_by_text("Approved by Ben Boss").first).to_be_visible()
    publish_drafts()
    page.reload()
    expect(page.get_by_text("published", exact=True).first).to_be_visible()


def place(name: str) -> str:
    with work(by=None, why="a look", reach=Reach.everything()):
        rows = AccountTerritory.in_field().on(today()).filter(account__name=name)
        return str(rows.get().territory.name)


def test_from_draft_to_publishing_to_taking_it_back(cast_today: Cast, second: User, enter: Any) -> None:
    page, other = enter(cast_today.admin, width=1440), enter(second, width=1440)
    begin(page, "Spring")
    put_accounts(page, cast_today, "A-1", "West 1")
    publish(page, other, "Spring")
    assert place("Acorn") == "West 1"
    expect(page.get_by_text("Acorn renewal")).to_be_visible()
    expect(page.get_by_text("Rita Rep → Oscar Other")).to_be_visible()
    page.get_by_role("link", name="Take it back…").click()
    page.get_by_role("dialog").get_by_role("button", name="Draft taking it back").click()
    expect(page.get_by_role("heading", name="Take back Spring")).to_be_visible()
    expect(page.get_by_text("1 account goes to East 1").first).to_be_visible()
    publish(page, other, "Take back Spring")
    assert place("Acorn") == "East 1"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_effect_fits_a_phone(cast_today: Cast, enter: Any, theme: str) -> None:
    page = enter(cast_today.admin, width=360, theme=theme)
    begin(page, "Spring")
    put_accounts(page, cast_today, "A-1", "West 1")
    page.get_by_role("button", name="See the effect").click()
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(page) == []
    expect(page.get_by_text(re.compile("passes on"))).to_be_visible()


def test_an_account_that_is_picked_again_is_the_one_that_is_announced(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin, width=1440)
    begin(page, "Spring")
    page.locator("main").get_by_role("link", name="Accounts", exact=True).click()
    several = page.get_by_role("dialog").locator("[data-several]")
    for name in ("Acorn", "Beech", "Acorn"):
        several.get_by_role("combobox").press_sequentially(name)
        several.get_by_role("option", name=name).click()
        expect(several.get_by_role("status")).to_have_text(re.compile(f"^{name}"))
        several.get_by_role("checkbox", name="Acorn").set_checked(name == "Acorn")
    expect(several.get_by_role("listitem")).to_have_count(2)
