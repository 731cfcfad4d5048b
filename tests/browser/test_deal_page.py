"""The deal's page between two meetings: figures edited in place, a step done, a deal lost; by keyboard, on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from common.transaction import work
from pipeline.models import Activity, Opportunity
from pipeline.services import edit_opportunity
from tests.browser.axe import faults, overflow
from tests.cast import Cast

pytestmark = pytest.mark.browser


def cell(page: Page, key: str) -> Any:
    return page.locator(f"[data-cell={key}]")


def stored(cast: Cast, acting: Any) -> Opportunity:
    with acting(cast.admin):
        deal: Opportunity = Opportunity.objects.select_related("stage").get(name="Acorn renewal")
        return deal


def with_step(cast: Cast, acting: Any) -> Opportunity:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        step = {"next_step": "Call Ann about the price"}
        return edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, **step)


def opened(page: Page, cast: Cast) -> Page:
    page.goto(reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk]))
    return settled(page)


def settled(page: Page) -> Page:
    expect(page.locator(".slot, .htmx-request")).to_have_count(0)
    return page


def test_figures_by_keyboard_alone(cast_today: Cast, enter: Any, acting: Any) -> None:
    page = opened(enter(cast_today.rep), cast_today)
    cell(page, "amount").focus()
    for _step in range(4):
        page.keyboard.press("ArrowRight")
    expect(cell(page, "next_step")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".cell-form input[name=next_step]")).to_be_focused()
    page.keyboard.type("Meet purchasing")
    page.keyboard.press("Enter")
    expect(cell(page, "next_step")).to_have_text("Meet purchasing")
    expect(cell(page, "next_step")).to_be_focused()
    expect(page.locator(".missing")).to_contain_text("65 of 100")
    expect(page.get_by_role("region", name="History")).to_contain_text("Meet purchasing")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".cell-form select[name=category]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(cell(page, "category")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".cell-form select[name=stage]")).to_be_focused()
    page.keyboard.type("Prop")
    page.keyboard.press("Enter")
    expect(cell(page, "stage")).to_have_text("Proposal")
    expect(page.locator(".path [aria-current=step]")).to_contain_text("Proposal")
    kept = stored(cast_today, acting)
    assert (kept.next_step, kept.stage.name) == ("Meet purchasing", "Proposal")


def test_a_step_is_done_and_the_next_one_said_by_keyboard_alone(
    cast_today: Cast, enter: Any, acting: Any
) -> None:
    with_step(cast_today, acting)
    page = opened(enter(cast_today.rep), cast_today)
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Done: Call Ann about the price")).to_be_visible()
    expect(dialog.get_by_label("Next step (optional)")).to_be_focused()
    page.keyboard.type("Send the offer")
    page.keyboard.press("Enter")
    expect(cell(page, "next_step")).to_have_text("Send the offer")
    done = page.get_by_role("region", name="Activities").get_by_role("listitem")
    expect(done.filter(has_text="Call Ann about the price")).to_contain_text("done")
    with work(by=None, why="a look"), acting(cast_today.admin):
        assert [(row.kind, row.subject) for row in Activity.objects.all()] == [
            ("call", "Call Ann about the price")
        ]


def test_a_deal_is_lost_and_opened_again_by_its_own_buttons(
    cast_today: Cast, enter: Any, acting: Any
) -> None:
    page = opened(enter(cast_today.rep), cast_today)
    page.get_by_role("link", name="Lose", exact=True).press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Reason for the loss")).to_be_focused()
    expect(dialog.get_by_label("Stage")).to_have_count(0)
    page.keyboard.type("Price")
    page.keyboard.press("Tab")
    expect(dialog.get_by_label("Lost to")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Acorn renewal is now in Lost.")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Re-open", exact=True).press("Enter")
    expect(dialog.get_by_label("Stage")).to_be_focused()
    expect(dialog.get_by_label("Reason for the loss")).to_be_hidden()
    dialog.get_by_role("button", name="Re-open").press("Enter")
    expect(page.get_by_role("link", name="Lose", exact=True)).to_be_visible()
    assert stored(cast_today, acting).state == "open"


def test_a_move_asks_only_what_its_stage_asks(cast_today: Cast, enter: Any) -> None:
    page = opened(enter(cast_today.rep), cast_today)
    page.get_by_role("link", name="Move", exact=True).click()
    dialog = page.get_by_role("dialog")
    reason, won = dialog.get_by_label("Reason for the loss"), dialog.get_by_text("won by booking")
    expect(reason).to_be_hidden()
    expect(won).to_be_hidden()
    dialog.get_by_label("Stage").select_option("Lost")
    expect(reason).to_be_visible()
    dialog.get_by_label("Stage").select_option("Won")
    expect(reason).to_be_hidden()
    expect(won).to_be_visible()
    dialog.get_by_label("Stage").select_option("Lost")
    dialog.get_by_role("button", name="Move").click()
    expect(dialog.get_by_text("Say why it was lost.").first).to_be_visible()
    expect(reason).to_be_visible()


def test_on_a_phone(cast_today: Cast, enter: Any, acting: Any) -> None:
    with_step(cast_today, acting)
    page = opened(enter(cast_today.rep, width=360, touch=True), cast_today)
    assert overflow(page) == 0
    page.locator(".missing").get_by_role("link", name="nobody who decides").tap()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Add a stakeholder")).to_be_visible()
    page.keyboard.press("Escape")
    cell(page, "close").tap()
    later = cast_today.deals["Acorn renewal"].close_on + timedelta(days=1)
    page.get_by_role("dialog").get_by_label("Close date").fill(later.isoformat())
    page.get_by_role("dialog").get_by_role("button", name="Save").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)
    expect(cell(page, "close")).to_have_text(f"{later:%b} {later.day}, {later.year}")
    page.get_by_role("link", name="Done").tap()
    page.get_by_role("dialog").get_by_label("Next step (optional)").fill("Send the offer")
    page.get_by_role("dialog").get_by_role("button", name="Done").tap()
    expect(cell(page, "next_step")).to_have_text("Send the offer")
    settled(page)
    page.get_by_role("link", name="Log activity").first.tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Subject")).to_be_visible()
    expect(dialog.get_by_label("Outcome")).to_be_hidden()
    expect(dialog.get_by_role("button", name="Log")).to_be_in_viewport()
    dialog.get_by_label("Subject").fill("Rang them")
    dialog.get_by_role("button", name="Log").tap()
    expect(page.get_by_text("Rang them is noted.")).to_be_visible()


def test_the_page_is_clean_with_a_step_to_be_done(cast_today: Cast, enter: Any, acting: Any) -> None:
    with_step(cast_today, acting)
    page = opened(enter(cast_today.rep), cast_today)
    assert faults(page) == []
