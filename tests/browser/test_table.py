"""The table and the board by keyboard alone: a cell, many at once, a card; a drop is shown at once; on a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route

from pipeline.models import Opportunity
from tests.cast import Cast

pytestmark = pytest.mark.browser

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUSED = "() => document.activeElement.dataset.cell ?? ''"
# From the drop to the frame in which the card lies in its new column.
DROP = """([card, column]) => new Promise((resolve) => {
  const data = new DataTransfer();
  const [from, to] = [document.querySelector(card), document.querySelector(column)];
  const about = { bubbles: true, cancelable: true, dataTransfer: data };
  const send = (on, name) => on.dispatchEvent(new DragEvent(name, about));
  send(from, "dragstart");
  send(to, "dragover");
  const began = performance.now();
  send(to, "drop");
  requestAnimationFrame(() => resolve(to.contains(document.querySelector(card)) ? performance.now() - began : -1));
})"""


def stored(cast: Cast, acting: Any, name: str = "Acorn renewal") -> Opportunity:
    with acting(cast.admin):
        deal: Opportunity = Opportunity.objects.select_related("stage").get(name=name)
        return deal


def test_cells_and_many_by_keyboard_alone(cast_today: Cast, enter: Any, acting: Any) -> None:
    page = enter(cast_today.manager)
    page.goto("/opportunities/?sort=name")
    row = f"#deal-{cast_today.deals['Acorn renewal'].pk}"
    page.locator(f"{row} [data-cell=stage]").focus()
    for _step in range(4):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == "next_step"
    page.keyboard.press("F2")
    page.locator(f"{row} .cell-form input[name=next_step]").wait_for()
    page.keyboard.type("Meet purchasing")
    page.keyboard.press("Enter")
    page.locator(f"{row} [data-cell=next_step]", has_text="Meet purchasing").wait_for()
    page.wait_for_function("document.activeElement.dataset.cell === 'next_step'")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.locator(f"{row} .cell-form input[name=close_on]").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "close"
    assert stored(cast_today, acting).next_step == "Meet purchasing"
    page.locator(f"{row} input[name=deal]").focus()
    page.keyboard.press("Space")
    page.get_by_text("1 chosen").wait_for()
    page.get_by_role("button", name="Change…").focus()
    page.keyboard.press("Enter")
    page.locator("#dialog select[name=category]").wait_for()
    page.locator("#dialog select[name=category]").focus()
    page.keyboard.type("Om")
    page.get_by_role("button", name="See what it does").focus()
    page.keyboard.press("Enter")
    page.get_by_role("region", name="What it does").wait_for()
    page.get_by_role("button", name="Change 1", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 opportunity is changed.").wait_for()
    assert stored(cast_today, acting).category == "omitted"


def test_a_cell_says_that_it_is_not_saved_yet_is_being_saved_and_was_not(
    cast_today: Cast, enter: Any, acting: Any
) -> None:
    page = enter(cast_today.manager)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.goto("/opportunities/?sort=name")
    row = f"#deal-{cast_today.deals['Acorn renewal'].pk}"
    said = page.locator(f"{row} .cell-form")
    page.locator(f"{row} [data-cell=next_step]").focus()
    page.keyboard.press("F2")
    page.locator(f"{row} .cell-form input[name=next_step]").wait_for()
    assert not said.get_by_text("Not saved yet").is_visible()
    page.keyboard.type("Meet purchasing")
    said.get_by_text("Not saved yet: Enter saves").wait_for()
    page.route("**/edit/next_step/", hold)
    page.keyboard.press("Enter")
    said.get_by_text("Saving…").wait_for()
    held.pop().abort("internetdisconnected")
    said.get_by_text("Not saved. What you typed is still here: Enter tries again.").wait_for()
    assert not said.get_by_text("Saving…").is_visible()
    assert said.locator("input[name=next_step]").input_value() == "Meet purchasing"
    page.unroute("**/edit/next_step/")
    page.keyboard.press("Enter")
    page.locator(f"{row} [data-cell=next_step]", has_text="Meet purchasing").wait_for()
    assert stored(cast_today, acting).next_step == "Meet purchasing"


def test_a_card_by_keys_and_a_drop_that_is_shown_at_once(cast_today: Cast, enter: Any, acting: Any) -> None:
    page = enter(cast_today.rep)
    deal, stages = cast_today.deals["Acorn renewal"], cast_today.stages
    page.goto("/opportunities/board/?lanes=category")
    page.locator(f"#card-{deal.pk}").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.locator(f"[data-lane=most_likely] #card-{deal.pk}[data-version='2']").wait_for()
    assert stored(cast_today, acting).category == "most_likely"
    page.keyboard.press("Alt+ArrowLeft")
    place = (
        f"[data-lane=most_likely] [data-stage='{stages['Proposal'].pk}'] #card-{deal.pk}[data-version='3']"
    )
    page.locator(place).wait_for()
    page.goto("/opportunities/board/")
    column = f"[data-stage='{stages['Prospecting'].pk}']"
    took = page.evaluate(DROP, [f"#card-{deal.pk}", column])
    assert 0 <= took <= 100
    page.locator(f"{column} #card-{deal.pk}[data-version='4']").wait_for()
    assert stored(cast_today, acting).stage.name == "Prospecting"


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_the_pages_are_clean(cast_today: Cast, enter: Any, width: int, theme: str) -> None:
    page = enter(cast_today.manager, width, theme)
    for path in (
        "/opportunities/",
        "/opportunities/?group=owner",
        "/opportunities/board/?lanes=owner",
        "/opportunities/columns/",
        "/opportunities/export/",
    ):
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
        assert page.evaluate(SIDEWAYS) == 0, path
    if width == 360:
        page.goto("/opportunities/")
        page.get_by_role("link", name="Edit Acorn renewal").click()
        page.get_by_role("heading", name="Edit opportunity").wait_for()
