"""Choosing one of many in a browser: by keys, by touch on a phone, in a dialog and in filters, and without a script."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.access import Reach
from common.transaction import work
from territories.models import Edge, Seat
from tests.browser.axe import faults, overflow
from tests.cast import Cast
from tests.territories.many import add_many

pytestmark = pytest.mark.browser
LABEL = "Boston · Company › West"


@pytest.fixture
def large(cast_today: Cast) -> Cast:
    add_many(cast_today)
    return cast_today


def field(page: Any, name: str) -> Any:
    return page.get_by_role("combobox", name=name)


def options(page: Page) -> Any:
    return page.locator(".suggest-list [role=option]")


def test_keys_find_walk_and_pick(large: Cast, enter: Any) -> None:
    page = enter(large.admin)
    page.goto(f"/territories/seats/new/?person={large.peer.pk}")
    territory = field(page, "Territory")
    territory.focus()
    page.keyboard.press("ArrowDown")
    expect(options(page)).to_have_count(12)
    expect(page.get_by_text("There are more. Type on to narrow them down.")).to_be_visible()
    page.keyboard.type("bos", delay=30)
    expect(options(page)).to_have_text(["Boston Company › East", "Boston Company › West"])
    expect(territory).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = territory.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(territory).to_have_value(LABEL)
    expect(territory).to_have_attribute("aria-expanded", "false")
    page.get_by_label("Seat", exact=True).select_option("owner")
    page.get_by_role("button", name="Seat them").click()
    page.wait_for_url(f"**/territories/{large.territories['BOS-W'].pk}/")
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Seat.objects.get(territory=large.territories["BOS-W"]).user == large.peer


def test_escape_closes_the_list_and_not_the_dialog(large: Cast, enter: Any) -> None:
    page = enter(large.admin)
    page.goto(f"/territories/{large.territories['East 1'].pk}/")
    page.get_by_role("link", name="Move", exact=True).click()
    dialog = page.get_by_role("dialog")
    above = field(dialog, "Lies below")
    expect(above).to_have_value("East Team · Company › East")
    above.fill("west t")
    expect(options(page)).to_have_text(["West Team Company › West"])
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(dialog).to_be_visible()
    above.fill("west te")
    options(page).click()
    dialog.get_by_role("button", name="Move it").click()
    expect(page.get_by_text("moves on")).to_be_visible()
    with work(by=None, why="a look", reach=Reach.everything()):
        moved = Edge.objects.current().filter(child=large.territories["East 1"]).order_by("starts_on").last()
        assert moved is not None
        assert moved.parent == large.territories["West Team"]


def test_on_a_phone_a_name_is_picked_by_touch(large: Cast, enter: Any) -> None:
    page = enter(large.admin, width=360)
    page.goto("/territories/seats/new/")
    field(page, "Person").click()
    page.keyboard.type("nora neu 04", delay=30)
    expect(options(page)).to_have_count(10)
    assert overflow(page) == 0
    options(page).nth(7).click()
    expect(field(page, "Person")).to_have_value("Nora Neu 047")
    field(page, "Person").fill("zzz")
    expect(page.get_by_text("Nothing found. Type another part of the name.")).to_be_visible()
    assert overflow(page) == 0


def test_a_filter_is_set_and_cleared_at_once(large: Cast, enter: Any) -> None:
    page = enter(large.admin)
    page.goto("/accounts/?q=a")
    territory, node = field(page, "Territory"), large.territories["BOS-E"]
    territory.fill("boston")
    options(page).first.click()
    page.wait_for_url(lambda address: f"territory={node.pk}" in address.split("?")[1].split("&"))
    expect(territory).to_have_value("Boston · Company › East")
    territory.fill("")
    page.wait_for_url(lambda address: "territory=" in address.split("?")[1].split("&"))
    assert faults(page) == []


def test_without_a_script_a_code_is_typed(large: Cast, enter: Any) -> None:
    page = enter(large.admin)
    context = page.context.browser.new_context(java_script_enabled=False, base_url=page.url.rstrip("/"))
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto("/accounts/")
    field(plain, "Territory").fill("bos-w")
    plain.get_by_role("button", name="Show").click()
    expect(field(plain, "Territory")).to_have_value(LABEL)
    context.close()
