"""The first hour: from an empty database to a director's page, in the browser alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, works
from tests.imports.tables import pasted
from tests.prepared import empty, empty_worker, own_prepared, prepared

__all__ = ["empty", "empty_worker", "own_prepared", "prepared"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANAGERS = [f"Mara Manager {number}" for number in range(1, 5)]
REPS = [f"Rob Rep {number:02}" for number in range(1, 21)]


def email(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@first.example"


def people() -> list[str]:
    """25 on three levels: a director, four managers, five reps each."""
    lines = ["Name | E-mail | Role | Manager", f"Dora Director | {email('Dora Director')} | director | "]
    lines += [f"{name} | {email(name)} | manager | Dora Director" for name in MANAGERS]
    lines += [f"{name} | {email(name)} | rep | {MANAGERS[at // 5]}" for at, name in enumerate(REPS)]
    return lines


def products() -> list[str]:
    return ["Code | Name | Family | List price", "SUITE | Suite | Software | 1,200.00"]


def accounts(owners: Sequence[str] = REPS) -> list[str]:
    """500, each owner's as many."""
    lines = (f"A-{number:03} | Customer {number:03} | {owners[number % 20]}" for number in range(500))
    return ["Number | Name | Owner", *lines]


def deals(day: date) -> list[str]:
    """A hundred, each of 10,000.50."""
    closes = f"{day + timedelta(days=20):%m/%d/%Y}"
    return ["Name | Account | Owner | Stage | Amount | Close date"] + [
        f"Deal {number:03} | A-{number:03} | {REPS[number % 20]} | Propose | 10,000.50 | {closes}"
        for number in range(100)
    ]


def quotas(year: int) -> list[str]:
    """100,000 for the first rep, and 1,000 more for each after: 2,190,000 a quarter."""
    header = " | ".join(["Person", *(f"{year}-Q{number}" for number in range(1, 5))])
    return [header, *(" | ".join([name, *[f"{100 + at},000"] * 4]) for at, name in enumerate(REPS))]


def openings(day: date) -> list[str]:
    """25,000.50 each: 500,010 in all."""
    lines = (f"{name} | {day:%m/%d/%Y} | Software | 25,000.50" for name in REPS)
    return ["Person | Day | Family | Amount", *lines]


@pytest.fixture
def db(empty: str) -> str:
    """What `./run --empty` makes, instead of the cast's company."""
    return empty


@pytest.fixture
def link(empty_worker: Any) -> str:
    """The link that starting the product prints."""
    out = StringIO()
    empty_worker(lambda: call_command("prepare", empty=True, no_static=True, stdout=out, skip_checks=True))
    found = re.search(r"http://[^/\s]+(/setup/first/\S+)", out.getvalue())
    assert found
    return found[1]


@dataclass
class Hour:
    """Somebody at a browser, and the forms they have sent."""

    page: Page
    forms: list[str] = field(default_factory=list)

    def submit(self, words: str) -> None:
        """Press a button that sends a form, and wait for the page that comes."""
        self.forms.append(words)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def skip_tour(self) -> None:
        """Put the tour away: it is no form of the set-up."""
        self.page.locator("#tour").get_by_role("button", name="Skip").click()
        expect(self.page.locator("#tour")).not_to_be_visible()

    def make_admin(self, link: str) -> None:
        self.page.goto(link)
        self.page.get_by_label("Name").fill("Ada Admin")
        self.page.get_by_label("E-mail").fill("ada@first.example")
        self.choose_password("Start the set-up")

    def choose_password(self, words: str) -> None:
        for box in self.page.locator("input[type=password]").all():
            box.fill(PASSWORD)
        self.submit(words)

    def make_company(self) -> None:
        self.page.get_by_role("link", name="Company", exact=True).click()
        self.page.get_by_label("Name", exact=True).fill("First Hour Inc.")
        self.submit("Make the company")

    def step(self, name: str) -> None:
        """Open a step of the checklist by its button."""
        self.page.goto("/setup/")
        self.page.locator("main").get_by_role("link", name=name, exact=True).click()

    def bring(self, step: str, lines: Sequence[str], words: str) -> None:
        """Paste a table, see what it does without a press, bring it in."""
        self.step(step)
        self.page.get_by_label("Paste the table here").fill(pasted(*lines))
        self.submit(f"Bring in {words}")
        expect(self.page.get_by_text("applied", exact=True).first).to_be_visible()

    def state(self, number: int) -> str:
        """How far a step of the checklist is."""
        self.page.goto("/setup/")
        return self.page.locator("main ol.rows > li").nth(number - 1).locator(".badge").inner_text()


@pytest.fixture
def hour(chromium: Browser, site: str) -> Iterator[Hour]:
    """A first visitor; an error on the console or of the page fails the test."""
    context = chromium.new_context(base_url=site, viewport={"width": 1440, "height": 900}, locale="en-US")
    context.set_default_timeout(30_000)
    troubles: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield Hour(page)
    context.close()
    assert [trouble for trouble in troubles if "status of 409" not in trouble] == []


def figures(page: Page, period: str) -> list[str]:
    """The director's own row: its figures as they stand."""
    page.goto(f"/quotas/team/?period={period}")
    return page.locator("main table tbody tr").first.inner_text().split()


def test_from_nothing_to_a_director_s_page(hour: Hour, link: str, db: str, worker_id: str) -> None:
    page, day = hour.page, datetime.now(UTC).date()
    quarter = date(day.year, day.month - (day.month - 1) % 3, 1)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if posts(request) else None)
    with works(db, worker_id):
        hour.make_admin(link)
        hour.make_company()
        hour.bring("People", people(), "25 people")
        hour.bring("Products", products(), "1 product")
        hour.bring("Accounts", accounts(), "500 accounts")
        hour.bring("Open opportunities", deals(day), "100 opportunities")
        hour.bring("Quotas", quotas(day.year), "80 quotas")
        hour.bring("Opening order intake", openings(quarter), "20 opening entries")
        hour.step("Invitations")
        hour.submit("Invite all chosen")
        invitation = page.get_by_label("Link for Dora Director").input_value()
        hour.step("First night")
        hour.submit("Run the first night now")
        expect(page.get_by_role("link", name="Open team attainment")).to_be_visible(timeout=60_000)
        assert [hour.state(number) for number in range(1, 10)] == ["done"] * 9
        page.context.clear_cookies()
        page.goto(urlsplit(invitation).path)
        hour.choose_password("Choose it and sign in")
        hour.skip_tour()
        for number in range(1, 5):
            assert "$2,190,000.00" in figures(page, f"{day.year}-Q{number}")
        now = figures(page, f"{day.year}-Q{(day.month + 2) // 3}")
        assert "$500,010.00" in now
        assert "22.8%" in now
        page.goto("/opportunities/?q=Deal+099")
        expect(page.get_by_role("row", name="Deal 099")).to_contain_text("$10,000.50")
    assert len(hour.forms) <= 12
    assert len(sent) == len(hour.forms)


def posts(request: Any) -> bool:
    """Whether somebody sends a form with this: not the check that comes by itself, nor a tour put away."""
    by_itself = request.headers.get("hx-request") == "true" or request.url.endswith("/help/tour/seen/")
    return request.method == "POST" and not by_itself


def test_a_wrong_step_is_taken_back(hour: Hour, link: str) -> None:
    page, day = hour.page, datetime.now(UTC).date()
    hour.make_admin(link)
    hour.make_company()
    hour.bring("People", people(), "25 people")
    hour.bring("Products", products(), "1 product")
    hour.bring("Accounts", accounts(REPS[::-1]), "500 accounts")
    wrong = page.url
    hour.bring("Open opportunities", deals(day), "100 opportunities")

    page.goto(wrong)
    hour.submit("Undo")
    expect(page.get_by_role("heading", name="This import stays")).to_be_visible()
    page.locator("main").get_by_role("link", name="opportunities").click()
    hour.submit("Undo")
    assert [hour.state(number) for number in (4, 5)] == ["done", "optional"]
    page.goto(wrong)
    hour.submit("Undo")
    expect(page.get_by_text("undone", exact=True).first).to_be_visible()
    assert [hour.state(number) for number in (2, 3, 4, 5)] == ["done", "done", "next", "optional"]

    hour.bring("Accounts", accounts(), "500 accounts")
    hour.bring("Open opportunities", deals(day), "100 opportunities")
    page.goto("/accounts/?q=Customer+019")
    expect(page.get_by_role("row", name="Customer 019")).to_contain_text("Rob Rep 20")
