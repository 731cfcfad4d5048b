"""The list of deals in a real browser: what was just entered, the account that is meant, filters on a phone, lanes."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from territories.models import User
from tests.browser.axe import faults, overflow
from tests.browser.test_worklist import now
from tests.cast import Cast
from tests.pipeline.test_opportunity_list import many

pytestmark = pytest.mark.browser

LIST, BOARD, WORK = reverse("opportunity_list"), reverse("opportunity_board"), reverse("worklist")


def enter_deal(page: Page, name: str, close: str = "+30") -> int:
    """A deal with Acorn by the quick entry, on the page that is open."""
    page.evaluate("window.same = true")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Account").press_sequentially("aco")
    dialog.get_by_role("option", name="Acorn").click()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Amount").fill("5k")
    dialog.get_by_label("Close date").fill(close)
    dialog.get_by_label("Close date").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    with work(by=None, why="a look", reach=Reach.everything()):
        return Opportunity.objects.get(name=name).pk


def test_what_was_just_entered_is_in_the_list_its_sums_and_counts(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.rep)
    page.goto(LIST)
    expect(page.locator("#list-sums")).to_contain_text("1 opportunity $100,000")
    typed = page.get_by_label("Name, account or owner")
    typed.fill("half typed")
    page.locator("body").click(position={"x": 700, "y": 150})
    pk = enter_deal(page, "Twenty servers")
    expect(page.locator(f"#deal-{pk}.is-new")).to_contain_text("$5,000.00")
    expect(page.locator("#list-sums")).to_contain_text("2 opportunities $105,000")
    expect(page.get_by_text("Twenty servers is shown on this page.")).to_be_attached()
    expect(typed).to_have_value("half typed")
    assert page.evaluate("window.same")
    page.locator(f"#deal-{pk} [data-cell=next_step]").click()
    page.locator(f"#deal-{pk} input[name=next_step]").fill("Call")
    page.keyboard.press("Enter")
    expect(page.locator(f"#deal-{pk} [data-cell=next_step]")).to_have_text("Call")


def test_it_stands_in_its_group_and_is_missed_where_the_filters_leave_it_out(
    cast_today: Cast, enter: Any
) -> None:
    page = enter(cast_today.manager)
    page.goto(f"{LIST}?group=stage")
    pk = enter_deal(page, "In a group")
    expect(page.locator(f"#deal-{pk}")).to_be_visible()
    first = cast_today.stages["Prospecting"].pk
    expect(page.locator(f"#sums-g-{first}")).to_contain_text("Sum of the amounts $5,000")
    page.goto(f"{LIST}?category=commit")
    enter_deal(page, "Left out")
    expect(
        page.get_by_text("Left out is not on this page: its filters or its length leave it out.")
    ).to_be_visible()


def test_the_board_and_the_worklist_read_it_too(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.rep)
    page.goto(BOARD)
    pk = enter_deal(page, "On the board")
    stage = cast_today.stages["Prospecting"].pk
    expect(page.locator(f"#cards-{stage} #card-{pk}")).to_be_visible()
    expect(page.locator(f"#head-{stage}")).to_contain_text("$5,000")
    assert page.evaluate("window.same")
    page.goto(WORK)
    pk = enter_deal(page, "To be planned")
    expect(page.locator(f"#work-deal-{pk}")).to_contain_text("no next step")
    expect(page.locator("#work-counts")).to_contain_text("All 3")
    assert page.evaluate("window.same")


def test_the_first_deal_of_an_empty_list_is_shown_with_its_message(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.rep)
    page.goto(f"{LIST}?q=Nothing+yet")
    enter_deal(page, "Nothing yet")
    expect(page.get_by_role("link", name="Nothing yet", exact=True)).to_be_visible()
    expect(page.locator(".toast").last).to_contain_text("Nothing yet is in your pipeline")


def test_the_best_match_is_preselected_and_a_new_account_only_where_nothing_matches(
    cast_today: Cast, enter: Any
) -> None:
    page = enter(cast_today.rep)
    dialog, options = page.get_by_role("dialog"), page.locator("[data-suggest] [role=option]")
    page.keyboard.press("n")
    field = dialog.get_by_role("combobox", name="Account")
    field.press_sequentially("cor")
    expect(options).to_have_text(["Acorn US", "Create “cor” new account"])
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.fill("")
    field.press_sequentially("dogwood")
    expect(options).to_have_text(["Create “dogwood” new account"])
    expect(options.first).to_have_attribute("aria-selected", "true")
    # Who goes on without picking is asked, and the one that is here already is the answer that Enter gives.
    field.fill("acor")
    dialog.get_by_label("Name").fill("Racks")
    dialog.get_by_label("Amount").fill("5k")
    dialog.get_by_label("Close date").fill("+30")
    page.keyboard.press("Enter")
    take = dialog.get_by_role("button", name="Take “Acorn” and save")
    expect(take).to_be_focused()
    expect(dialog.get_by_role("button", name="Create the account “acor” and save")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("Racks is in your pipeline")
    with work(by=None, why="a look", reach=Reach.everything()):
        deal = Opportunity.objects.select_related("account").get(name="Racks")
        assert deal.account_id == cast_today.accounts["Acorn"].pk


def top(page: Page) -> float:
    box = page.locator("main table tbody tr").first.bounding_box()
    assert box
    return float(box["y"])


def test_filters_take_one_row_on_a_phone_and_are_cleared_one_by_one(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.manager, width=360, touch=True)
    page.goto(LIST)
    filters = page.get_by_role("search", name="Filters")
    expect(filters.get_by_label("Stage")).to_be_hidden()
    plain = top(page)
    assert plain < 620  # all ready-made views are in sight above it
    filters.get_by_text("More filters").tap()
    expect(filters.get_by_label("Stage")).to_be_visible()
    filters.get_by_label("Category").select_option("Commit")
    page.wait_for_url("**category=commit**")
    expect(filters.get_by_label("Category")).to_be_hidden()
    assert top(page) - plain < 50
    assert faults(page) == []
    assert overflow(page) == 0
    page.get_by_role("link", name="Clear Category Commit").tap()
    page.wait_for_url(f"**{LIST}")
    expect(page.get_by_role("list", name="Filters that are set")).to_have_count(0)


def test_on_a_wide_screen_filters_are_one_row_and_open_where_one_is_set(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.manager)
    page.goto(LIST)
    filters = page.get_by_role("search", name="Filters")
    box = filters.bounding_box()
    assert box
    assert box["height"] < 70
    assert top(page) < 520
    expect(filters.get_by_label("Category")).to_be_hidden()
    page.goto(f"{LIST}?category=commit")
    expect(filters.get_by_label("Category")).to_be_visible()


@pytest.mark.parametrize("lanes", ["", "?lanes=owner"])
def test_a_board_on_a_phone_opens_on_the_first_column_with_a_card(
    cast_today: Cast, enter: Any, lanes: str
) -> None:
    page = enter(cast_today.rep, width=360)
    page.goto(f"{BOARD}{lanes}")
    card = page.locator(f"#card-{cast_today.deals['Acorn renewal'].pk}")
    page.wait_for_function("document.querySelector('[data-board]').scrollLeft > 0")
    box = card.bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= 360
    if lanes:
        assert 0 <= page.locator(".lane-head").first.bounding_box()["x"] < 180


def test_lanes_are_folded_and_stay_so_in_the_address(cast_today: Cast, enter: Any) -> None:
    many(cast_today, 2, name="Fleet", close_on=now() + timedelta(days=9))
    page = enter(cast_today.manager)
    page.goto(f"{BOARD}?lanes=owner")
    rita, deal = cast_today.rep.pk, cast_today.deals["Acorn renewal"].pk
    head = page.locator(f"#lane-{rita}")
    expect(head).to_contain_text("Rita Rep 3")
    expect(head).to_contain_text("Sum of the amounts $100,001")
    card = page.locator(f"#card-{deal}")
    expect(card).to_be_visible()
    head.click()
    expect(card).to_be_hidden()
    page.wait_for_url(f"**folded={rita}")
    assert faults(page) == []
    page.reload()
    expect(card).to_be_hidden()
    expect(head).to_be_visible()
    head.click()
    expect(card).to_be_visible()
    page.wait_for_url(f"{page.url.split('?')[0]}?lanes=owner")
    page.goto(f"{BOARD}?lanes=category&folded=most_likely")
    page.locator(f"#card-{deal}").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(f"[data-lane=most_likely] #card-{deal}[data-version='2']")).to_be_visible()


def test_a_day_is_written_as_its_reader_writes_days(cast_today: Cast, enter: Any) -> None:
    """Also where the browser, which speaks English here, writes it otherwise."""
    with work(by=None, why="writes days so", reach=Reach.everything()):
        User.objects.filter(pk=cast_today.rep.pk).update(locale="de")
    page = enter(cast_today.rep)
    page.goto(f"{LIST}?from=2026-03-09")
    field = page.get_by_label("Closing from")
    expect(field).to_have_value("09.03.2026")
    field.fill("1.4.2026")
    field.press("Enter")
    page.wait_for_url("**from=2026-04-01**")
    expect(page.get_by_label("Closing from")).to_have_value("01.04.2026")
    page.get_by_label("Closing from").fill("31.4.2026")
    page.get_by_label("Closing from").press("Enter")
    assert page.get_by_label("Closing from").evaluate("(one) => one.validationMessage") == (
        "Write the day as 31.03.2026."
    )
    page.goto(f"/opportunities/{cast_today.deals['Acorn renewal'].pk}/edit/")
    page.locator("[name=next_step_on]").fill("24.12.2026")
    page.locator("[name=next_step]").fill("Call")
    page.get_by_role("button", name="Pick a day").first.wait_for()
    page.locator("main form .primary").click()
    page.wait_for_url(lambda url: "/edit/" not in url)
    assert "24.12.2026" in page.locator("main").inner_text()
