"""A real browser on a real server, one of each for a whole run; a database and a context for each test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.cast import Cast

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium. Where there is none the browser tests are skipped; CI installs it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs a browser: install chromium")
        pytest.skip("no chromium on this machine: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def cast_today(db: str) -> Cast:
    """The cast on the real day of the test: server, worker and browser share the machine's clock."""
    return Cast.load()


@pytest.fixture
def site(db: str) -> Iterator[str]:
    """The product's address, served by threads of this process as the bound role of the web."""
    for connection in connections.all():
        connection.close()
    server = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={}, port=0)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@contextmanager
def works(name: str, worker_id: str, *before: str) -> Iterator[None]:
    """A real worker with its clock, on that database and a queue of its own; `before` it a command of manage.py."""
    address = settings.DATABASE_URL.rsplit("/", 1)[0] + f"/{name}"
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 1
    queue = settings.REDIS_URL.rsplit("/", 1)[0] + f"/{number}"
    environment = {**os.environ, "DATABASE_URL": address, "DATABASE_ROLE": "worker", "REDIS_URL": queue}
    if before:
        command = [sys.executable, "manage.py", *before]
        subprocess.run(command, env=environment, cwd=settings.BASE_DIR, check=True, stdout=subprocess.DEVNULL)
    schedule = settings.BASE_DIR / ".local" / f"beat-{name}"
    command = [sys.executable, "-m", "celery", "-A", "salesops", "worker", "-B", "-s", str(schedule)]
    process = subprocess.Popen(
        [*command, "-P", "solo", "-l", "warning", "--without-gossip", "--without-mingle"],
        env=environment,
        cwd=settings.BASE_DIR,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
        for path in schedule.parent.glob(f"{schedule.name}*"):
            path.unlink()


@pytest.fixture
def worker(db: str, worker_id: str) -> Iterator[None]:
    """A worker where the night before the last one has come."""
    day = (datetime.now(UTC) - timedelta(days=2)).date()
    with works(db, worker_id, "nightly", "--as-of", day.isoformat()):
        yield


Enter = Callable[..., Page]


@pytest.fixture
def enter(chromium: Browser, site: str) -> Iterator[Enter]:
    """`enter(person, width=360, theme="dark", touch=True)`: a page of that person, signed in by hand.

    Errors on the console and of the page fail the test, violations of the content policy among them.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(person: Any, width: int = 1440, theme: Any = "light", *, touch: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 740 if touch else 900},
            color_scheme=theme,
            base_url=site,
            has_touch=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto("/sign-in/login/")
        page.get_by_label("Email").fill(person.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{site}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    expected = (
        "ERR_INTERNET_DISCONNECTED",
        "htmx:sendError",
        "htmx:afterRequest",
        "status of 409",
        "status of 412",
        "status of 422",
        "status of 404",
        "status of 403",
    )
    assert [trouble for trouble in troubles if not any(part in trouble for part in expected)] == []
