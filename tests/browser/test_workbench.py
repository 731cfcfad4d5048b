"""The territory workbench in a browser: moves by drag, by menu and by key, typing to find, and how it looks."""

import re
import time
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.access import Reach
from common.selectors import today
from common.transaction import work
from territories.models import Edge
from tests.browser.axe import faults, visited
from tests.cast import Cast

pytestmark = pytest.mark.browser
HOME = "/territories/workbench/"
SOON = 200
"""Milliseconds after the last key within which what was found is painted."""


def name(page: Page, territory: str) -> Any:
    return page.get_by_role("link", name=territory, exact=True)


def chosen(page: Page) -> str:
    """The parent that stands in the form of the move."""
    return str(
        page.get_by_role("dialog")
        .get_by_label("Lies below")
        .evaluate("one => one.selectedOptions[0].label.trim()")
    )


def confirm(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Move it").click()
    expect(page.get_by_text("moves on")).to_be_visible()


def parent_of(cast: Cast, territory: str, day: date | None = None) -> str:
    with work(by=None, why="a look", reach=Reach.everything()):
        edge = Edge.objects.on(day or today() + timedelta(days=1)).get(child=cast.territories[territory])
        return str(edge.parent.name)


def test_a_row_dragged_onto_another_is_moved_there(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto(HOME)
    row = f"#t{cast_today.territories['East 2'].pk}"
    page.drag_and_drop(
        f"{row} td:nth-child(2)", f"#t{cast_today.territories['West Team'].pk} td:nth-child(2)"
    )
    expect(page.get_by_role("dialog").get_by_role("heading", name="Move East 2")).to_be_visible()
    assert chosen(page) == "West Team"
    confirm(page)
    expect(page).to_have_url(re.compile(f"{HOME}$"))
    assert parent_of(cast_today, "East 2") == "West Team"


def test_a_row_is_not_dropped_below_itself(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto(HOME)
    places = [
        f"#t{cast_today.territories[one].pk} td:nth-child(2)" for one in ("East", "East 2", "Unassigned")
    ]
    page.drag_and_drop(places[0], places[1])
    page.drag_and_drop(places[0], places[2])
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_menu_of_a_row_moves_it_on_the_day_that_one_looks_at(cast_today: Cast, enter: Any) -> None:
    page, day = enter(cast_today.admin), today() + timedelta(days=9)
    page.goto(f"{HOME}?on={day.isoformat()}")
    page.get_by_role("link", name="What to do with East 1").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="East 1")).to_be_visible()
    page.get_by_role("dialog").get_by_role("link", name="Move").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Move East 1")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Lies below").select_option(
        str(cast_today.territories["West Team"].pk)
    )
    confirm(page)
    expect(page).to_have_url(re.compile(re.escape(f"{HOME}?on={day.isoformat()}") + "$"))
    assert parent_of(cast_today, "East 1", day) == "West Team"
    assert parent_of(cast_today, "East 1") == "East Team"


def test_keys_walk_open_close_and_move(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    ids = {key: row.pk for key, row in cast_today.territories.items()}
    page.goto(f"{HOME}?open={ids['Company']}")
    name(page, "Company").focus()
    page.keyboard.press("ArrowDown")
    expect(name(page, "East")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(name(page, "East Team")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(name(page, "East Team")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(name(page, "East Team")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(name(page, "Company")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    expect(page.get_by_role("dialog").get_by_role("heading", name="Move East")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Lies below").select_option(str(ids["West"]))
    confirm(page)
    assert parent_of(cast_today, "East") == "West"
    name(page, "East").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/territories/{ids['East']}/")


def test_typing_finds_at_once(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.director)
    page.goto(HOME)
    page.get_by_label("Territory, code or person").type("rit")
    begun = time.perf_counter()
    page.keyboard.press("a")
    expect(name(page, "East Team")).to_have_count(0)
    assert (time.perf_counter() - begun) * 1000 < SOON * 5  # the machine of the tests does other things too
    expect(page.get_by_text("East › East Team")).to_be_visible()
    expect(page).to_have_url(re.compile("q=rita"))
    page.reload()
    expect(name(page, "East 1")).to_be_visible()
    page.get_by_role("link", name="East › East Team").click()
    expect(name(page, "East 2")).to_be_visible()


def test_the_workbench_is_accessible_and_fits(cast_today: Cast, enter: Any) -> None:
    for person in (cast_today.admin, cast_today.director):
        page = enter(person)
        assert visited(page, HOME, f"{HOME}?vacant=1", f"{HOME}?q=zzz", f"{HOME}?on=2024-12-31") == []
    page = enter(cast_today.admin)
    assert visited(page, f"{HOME}{cast_today.territories['East'].pk}/acts/") == []
    page.goto(HOME)
    page.get_by_role("link", name="What to do with East", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []


def test_without_a_script_rows_open_by_a_link(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    context = page.context.browser.new_context(java_script_enabled=False, base_url=page.url.rstrip("/"))
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(f"{HOME}?open=none")
    plain.get_by_role("button", name="What lies below Company").click()
    expect(plain.get_by_role("rowheader", name="West")).to_be_visible()
    plain.get_by_label("Territory, code or person").fill("rita")
    plain.get_by_role("button", name="Show").click()
    expect(plain.get_by_role("rowheader", name="East 1")).to_be_visible()
    context.close()
