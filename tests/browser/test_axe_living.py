"""Set-up, people, settings and inbox of a company that is in use: accessible and fitting in each of their states."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults, visited
from tests.browser.living import bring_to_life
from tests.cast import Cast
from tests.imports.tables import pasted

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETTINGS = (
    "/settings/",
    "/settings/policies/stalled_after_days/",
    "/settings/lists/lost_reason/",
    "/settings/lists/lost_reason/new/",
    "/settings/sales-models/",
    "/calendar/",
    "/calendar/days-off/",
    "/organisation/",
)
PEOPLE = ("/people/", "/people/new/", "/people/invitations/")
OWN = (
    "/inbox/",
    "/inbox/mail/",
    "/profile/",
    "/profile/photo/",
    "/profile/notifications/",
    "/profile/stand-in/",
    "/profile/stand-in/new/",
    "/help/",
    "/help/tour/",
)


def test_the_administrator_s_tables(cast_today: Cast, enter: Any) -> None:
    living, page = bring_to_life(cast_today), enter(cast_today.admin)
    wrong = [
        f"/setup/tables/{name}/?batch={living.wrong[name]}" for name in ("people", "opportunities", "quotas")
    ]
    batches = [f"/imports/{pk}/" for pk in (living.undone, living.wrong["people"])]
    assert visited(page, "/setup/", "/setup/night/", "/setup/tables/people/") == []
    assert visited(page, *wrong, "/imports/", *batches) == []
    assert _brought_in(page) == []
    page.goto(f"/imports/{living.stays}/")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="This import stays")).to_be_visible()
    assert faults(page) == []


def _brought_in(page: Page) -> list[Any]:
    """A table that can be taken, before and after it is brought in."""
    page.goto("/setup/tables/products/")
    page.get_by_label("Paste the table here").fill(pasted("Code | Name | Family", "RACK | Rack | Hardware"))
    bring = page.get_by_role("button", name="Bring in 1 product")
    expect(bring).to_be_visible()
    found = faults(page)
    bring.click()
    expect(page.get_by_text("all of it is in")).to_be_visible()
    return found + faults(page)


def test_the_administrator_s_people_and_settings(cast_today: Cast, enter: Any) -> None:
    living, page = bring_to_life(cast_today), enter(cast_today.admin)
    rep = cast_today.rep.pk
    acts = [f"/people/{rep}/{act}/" for act in ("edit", "leave")]
    people = [f"/people/{pk}/" for pk in (rep, living.invited, living.left)]
    assert visited(page, *PEOPLE, *people, *acts, f"/people/{living.left}/return/") == []
    assert visited(page, *SETTINGS, f"/calendar/periods/{living.closed}/reopen/") == []


def test_what_waits_for_the_administrator(cast_today: Cast, enter: Any) -> None:
    living, page = bring_to_life(cast_today), enter(cast_today.admin)
    asked = [
        f"/approvals/{living.waiting}/",
        f"/approvals/{living.waiting}/answer/",
        f"/approvals/{living.answered}/",
    ]
    assert visited(page, *OWN, *asked) == []
    page.goto("/inbox/")
    page.get_by_role("link", name="Refuse").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []


def test_what_a_rep_finds(cast_today: Cast, enter: Any) -> None:
    living, page = bring_to_life(cast_today), enter(cast_today.rep)
    assert (
        visited(page, "/inbox/", f"/approvals/{living.acceptance}/", "/quotas/mine/", "/profile/", "/help/")
        == []
    )
