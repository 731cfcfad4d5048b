"""An installation from its first link to its first company: accessible and fitting before there is anything."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from common.access import Reach
from common.transaction import work
from tests.browser.axe import faults, visited
from tests.browser.conftest import PASSWORD
from tests.prepared import empty, empty_worker, own_prepared, prepared
from workspace.services import make_setup_link

__all__ = ["empty", "empty_worker", "own_prepared", "prepared"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTHING_YET = (
    "/",
    "/setup/",
    "/imports/",
    "/people/invitations/",
    "/inbox/",
    "/inbox/mail/",
    "/calendar/days-off/",
)


@pytest.fixture
def db(empty: str) -> str:
    """An installation without a company, instead of the cast's."""
    return empty


@pytest.fixture
def link(empty_worker: Any) -> str:
    """The link that starting the product prints."""

    def make() -> str:
        with work(by=None, why="the first link", reach=Reach.everything()):
            return make_setup_link()

    return f"/setup/first/{empty_worker(make)}/"


def test_from_the_first_link_to_a_company(link: str, site: str, chromium: Browser) -> None:
    context = chromium.new_context(base_url=site)
    page = context.new_page()
    assert visited(page, link) == []
    page.get_by_role("button", name="Start the set-up").click()
    assert faults(page) == []
    page.get_by_label("Name").fill("Ada Admin")
    page.get_by_label("E-mail").fill("ada@first.example")
    for box in page.locator("input[type=password]").all():
        box.fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Start the set-up").click()
    assert visited(page, "/accounts/", status=409) == []
    assert visited(page, "/setup/", "/setup/guide/", "/setup/company/") == []
    with page.expect_navigation():
        page.get_by_role("button", name="Make the company").click()
    assert faults(page) == []
    page.get_by_label("Name", exact=True).fill("First Hour Inc.")
    with page.expect_navigation():
        page.get_by_role("button", name="Make the company").click()
    assert visited(page, *NOTHING_YET) == []
    stranger = chromium.new_context(base_url=site).new_page()
    assert visited(stranger, link, status=410) == []
    assert visited(stranger, "/invitation/nonsense/", status=404) == []
    stranger.context.close()
    context.close()
