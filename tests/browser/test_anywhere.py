"""From anywhere: a deal by six keys, a search by keys, a thumb on a phone, and a connection that drops."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from common.access import Reach
from common.selectors import period_of, today
from common.transaction import work
from pipeline.models import Activity, Opportunity
from quotas.services import set_quota
from tests.browser.axe import faults, overflow
from tests.browser.conftest import PASSWORD
from tests.cast import Cast
from tests.imports.tables import as_admin

pytestmark = pytest.mark.browser

Enter = Callable[..., Page]
UNSENT = "Not sent yet"
HELD = """
async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const requests = await Promise.all(caches_.map((one) => one.keys()));
  return requests.flat().map((request) => new URL(request.url).pathname);
}
"""


class Keys:
    """A keyboard that counts the keys besides the values."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def write(self, value: str) -> None:
        self.page.keyboard.type(value)


def deals(name: str) -> list[Opportunity]:
    with work(by=None, why="a look", reach=Reach.everything()):
        return list(Opportunity.objects.select_related("account").filter(name=name))


def toast(page: Page) -> Locator:
    return page.locator(".toast").last


def kept(page: Page) -> Any:
    """What the browser holds of a form that was not sent."""
    return page.evaluate("sessionStorage.getItem('unsent')")


def test_a_deal_takes_six_keys_besides_its_values_and_no_page_load(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    page.goto("/opportunities/")
    page.evaluate("window.same = true")
    page.locator("main table a").first.focus()
    keys, dialog = Keys(page), page.get_by_role("dialog")
    keys.press("n")
    keys.write("aco")
    expect(dialog.get_by_role("combobox", name="Account")).to_have_value("aco")
    keys.press("Enter")
    expect(dialog.get_by_role("combobox", name="Account")).to_have_value("Acorn")
    keys.press("Tab")
    keys.write("Twenty servers")
    keys.press("Tab")
    keys.write("12k")
    keys.press("Tab")
    keys.write("eoq")
    keys.press("Enter")
    expect(toast(page)).to_contain_text("Twenty servers is in your pipeline: $12,000.00, closing ")
    expect(dialog).to_have_count(0)
    assert page.evaluate("window.same")
    expect(page.locator("main table a").first).to_be_focused()
    (deal,) = deals("Twenty servers")
    assert (deal.account and deal.account.name, deal.amount_minor) == ("Acorn", 1_200_000)
    assert keys.count == 6
    toast(page).get_by_role("link", name="Open it").click()
    expect(page.get_by_role("heading", name="Twenty servers")).to_be_visible()


def test_the_home_page_counts_a_deal_at_once(cast_today: Cast, enter: Enter) -> None:
    with as_admin(cast_today.admin):
        running, admin = period_of(today()), cast_today.admin.pk
        assert running
        set_quota(by=admin, period_id=running.pk, person_id=cast_today.rep.pk, amount_minor=125_000_00)
    page = enter(cast_today.rep)
    page.goto("/")
    page.evaluate("window.same = true")
    tiles = page.locator("#home-tiles")
    before = tiles.inner_text()
    keys, account = Keys(page), page.get_by_role("combobox", name="Account")
    keys.press("n")
    keys.write("aco")
    expect(account).to_have_attribute("aria-expanded", "true")
    keys.press("Enter")
    expect(account).to_have_value("Acorn")
    for value in ("Twenty servers", "90k", "eoq"):
        keys.press("Tab")
        keys.write(value)
    keys.press("Enter")
    expect(toast(page)).to_contain_text("Twenty servers is in your pipeline")
    expect(tiles).not_to_have_text(before, use_inner_text=True)
    assert page.evaluate("window.same")


def test_one_more_enter_creates_the_account(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    keys, dialog = Keys(page), page.get_by_role("dialog")
    keys.press("n")
    expect(dialog.get_by_role("combobox", name="Account")).to_be_focused()
    for value in ("Dogwood", "Forty racks", "1.5m"):
        keys.write(value)
        keys.press("Tab")
    keys.write("+30")
    keys.press("Enter")
    button = dialog.get_by_role("button", name="Create the account “Dogwood” and save")
    expect(button).to_be_focused()
    assert faults(page) == []
    keys.press("Enter")
    expect(toast(page)).to_contain_text("Forty racks is in your pipeline: $1,500,000.00")
    (deal,) = deals("Forty racks")
    assert deal.account
    assert deal.account.name == "Dogwood"
    assert keys.count == 6


def test_a_search_by_keys_alone(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Number or name")
    expect(field).to_be_focused()
    expect(page.get_by_text("Type at least two letters of a name, or a number.")).to_be_visible()
    page.keyboard.type("cor")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(page.locator("mark").first).to_have_text("cor")
    assert faults(page) == []
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "finder_1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/opportunities/{cast_today.deals['Acorn renewal'].pk}/")
    page.goto("/")
    page.keyboard.press("/")
    expect(options.first).to_contain_text("Acorn renewal")
    assert faults(page) == []
    page.keyboard.type("o-1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/opportunities/{cast_today.deals['Acorn renewal'].pk}/")
    page.keyboard.press("/")
    page.keyboard.type("zzzz")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_with_a_thumb_on_a_phone(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep, width=360, touch=True)
    dock = page.get_by_role("navigation", name="Main, short")
    for part in dock.locator("a, button").all():
        box = part.bounding_box()
        assert box
        assert (box["height"] >= 44, box["y"] > 640) == (True, True)
    dock.get_by_role("link", name="Search").tap()
    expect(page.get_by_role("combobox", name="Number or name")).to_be_focused()
    page.keyboard.type("acorn")
    page.get_by_role("option", name="Acorn renewal").tap()
    page.wait_for_url("**/opportunities/*/")
    dock.get_by_role("link", name="New").tap()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Account").tap()
    page.keyboard.type("aco")
    dialog.get_by_role("option", name="Acorn").tap()
    dialog.get_by_label("Name").fill("Between two meetings")
    dialog.get_by_label("Amount").fill("5k")
    dialog.get_by_label("Close date").fill("eom")
    assert overflow(page) == 0
    dialog.get_by_role("button", name="Create").tap()
    expect(toast(page)).to_contain_text("Between two meetings")
    assert len(deals("Between two meetings")) == 1


def open_deal(page: Page, name: str, amount: str = "12k") -> Locator:
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Account").press_sequentially("aco")
    dialog.get_by_role("option", name="Acorn").click()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Amount").fill(amount)
    dialog.get_by_label("Close date").fill("eoq")
    return dialog


def test_a_deal_that_could_not_be_sent_is_sent_once(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    dialog = open_deal(page, "From the train")
    page.context.set_offline(True)
    dialog.get_by_label("Close date").press("Enter")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text(UNSENT)).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("From the train")
    assert deals("From the train") == []
    assert faults(page) == []
    page.context.set_offline(False)
    expect(toast(page)).to_contain_text("From the train is in your pipeline")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(deals("From the train")) == 1
    assert kept(page) is None


def test_an_activity_that_could_not_be_sent_is_sent_once(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    page.goto(f"/opportunities/{cast_today.deals['Acorn renewal'].pk}/")
    page.get_by_role("link", name="Log activity").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Subject").fill("Talked in a tunnel")
    page.context.set_offline(True)
    dialog.get_by_label("Subject").press("Enter")
    expect(dialog.get_by_text(UNSENT)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Talked in a tunnel").first).to_be_visible()
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Activity.objects.filter(subject="Talked in a tunnel").count() == 1


def test_what_is_refused_later_comes_back_as_it_was_typed(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    dialog = open_deal(page, "Too much", amount="a lot")
    page.context.set_offline(True)
    dialog.get_by_label("Close date").press("Enter")
    expect(dialog.get_by_text(UNSENT)).to_be_visible()
    page.context.set_offline(False)
    expect(dialog.get_by_text("Nothing was saved yet")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("Too much")
    dialog.get_by_label("Amount").fill("7")
    dialog.get_by_label("Amount").press("Enter")
    expect(toast(page)).to_contain_text("Too much is in your pipeline: $7.00")
    assert len(deals("Too much")) == 1


def test_what_is_not_to_be_sent_stays_in_the_form(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    dialog = open_deal(page, "Better not")
    page.context.set_offline(True)
    dialog.get_by_label("Close date").press("Enter")
    dialog.get_by_role("button", name="Don't send it").click()
    page.context.set_offline(False)
    expect(dialog.get_by_text(UNSENT)).to_have_count(0)
    dialog.get_by_label("Name").fill("Better this")
    dialog.get_by_label("Name").press("Enter")
    expect(toast(page)).to_contain_text("Better this")
    assert deals("Better not") == []


def test_a_page_that_is_loaded_again_finds_what_was_typed_and_sends_it_once(
    cast_today: Cast, enter: Enter
) -> None:
    page = enter(cast_today.rep)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    dialog = open_deal(page, "Through the night")
    page.context.set_offline(True)
    dialog.get_by_label("Close date").press("Enter")
    expect(dialog.get_by_text(UNSENT)).to_be_visible()
    page.on("dialog", lambda asked: asked.accept())
    page.reload()
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(toast(page)).to_contain_text("Through the night is in your pipeline")
    assert len(deals("Through the night")) == 1
    page.reload()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(deals("Through the night")) == 1


def test_whose_session_ended_signs_in_and_it_is_sent(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    page.goto("/opportunities/")
    dialog = open_deal(page, "After lunch")
    page.context.clear_cookies(name="sessionid")
    dialog.get_by_label("Close date").press("Enter")
    page.wait_for_url("**/sign-in/login/**")
    assert deals("After lunch") == []
    page.get_by_label("Email").fill(cast_today.rep.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/opportunities/")
    expect(toast(page)).to_contain_text("After lunch is in your pipeline")
    assert len(deals("After lunch")) == 1


def test_the_browser_keeps_files_and_no_page(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller")
    page.reload()
    deal = f"/opportunities/{cast_today.deals['Acorn renewal'].pk}/"
    for address in ("/", "/opportunities/", deal, "/search/?q=acorn", "/inbox/"):
        page.goto(address)
    page.get_by_role("button", name="You: Rita Rep").click()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_be_visible()
    held = page.evaluate(HELD)
    offline = "/app/offline/"
    assert offline in held
    assert "/static/icon.svg" in held
    assert [path for path in held if path != offline and not path.startswith("/static/")] == []


def test_signing_out_in_one_tab_forgets_in_all(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    dialog = open_deal(page, "Mine alone")
    page.route(
        "**/*",
        lambda route: (
            route.abort("internetdisconnected") if route.request.method == "POST" else route.continue_()
        ),
    )
    dialog.get_by_label("Close date").press("Enter")
    expect(dialog.get_by_text(UNSENT)).to_be_visible()
    assert "Mine alone" in kept(page)
    other = page.context.new_page()
    other.goto("/opportunities/")
    assert "Mine alone" in kept(page)
    other.goto("/sign-in/logout/")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in/login/**")
    page.wait_for_function("sessionStorage.getItem('unsent') === null")
    expect(dialog.get_by_text(UNSENT)).to_have_count(0)
    expect(dialog.get_by_label("Name")).to_have_value("")


def test_somebody_else_in_another_tab_sends_nothing_of_mine(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    page.evaluate(
        "me => sessionStorage.setItem('unsent', JSON.stringify({ me, entries: [] }))", str(cast_today.rep.pk)
    )
    page.evaluate("window.other = new BroadcastChannel('person')")
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.evaluate("me => window.other.postMessage(me)", str(cast_today.rep.pk))
    assert str(cast_today.rep.pk) in kept(page)
    page.evaluate("me => window.other.postMessage(me)", str(cast_today.peer.pk))
    page.wait_for_function("sessionStorage.getItem('unsent') === null")
    page.reload()
    expect(page.get_by_text(UNSENT)).to_have_count(0)
    assert posted == []


def test_without_a_connection_keys_mean_what_they_mean(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    page.goto("/opportunities/")
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.keyboard.press("n")
    page.keyboard.press("?")
    expect(page.locator("#key-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.context.set_offline(False)
    # Nor does the dialog that is still to come take from a field that has the focus.
    page.route("**/search/**", lambda route: None)
    field = page.locator("main input[type=search], main input[type=text]").first
    field.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("abc")
    expect(field).to_have_value("abc")


def test_nobody_else_finds_what_was_typed(cast_today: Cast, enter: Enter) -> None:
    page = enter(cast_today.rep)
    other = '{"me": "999999", "address": "/opportunities/new/", "entries": [["name", "Not mine"]]}'
    page.evaluate("other => sessionStorage.setItem('unsent', other)", other)
    page.reload()
    assert kept(page) is None
    page.evaluate("sessionStorage.setItem('unsent', '{}')")
    page.get_by_role("button", name="You: Rita Rep").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    assert kept(page) is None


def test_a_form_of_its_own_page_waits_for_the_connection(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.rep)
    page.goto("/opportunities/new/")
    form = page.locator("main form")
    form.get_by_role("combobox", name="Account").press_sequentially("aco")
    form.get_by_role("option", name="Acorn").click()
    form.get_by_label("Name").fill("On its own page")
    form.get_by_label("Amount").fill("9")
    form.get_by_label("Close date").fill("eoy")
    page.context.set_offline(True)
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_text(UNSENT)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="On its own page")).to_be_visible()
    assert len(deals("On its own page")) == 1
