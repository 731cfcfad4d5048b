"""What each page asks of the database and how much it sends: `budgets.toml` is read by whoever changes a page."""

import gzip
import tomllib
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.test_permissions import GET, Rule, address, make_world

FILE = Path(__file__).with_name("budgets.toml")
CHANCE = 150
"""Bytes by which a page differs from itself: tokens and keys do not compress alike."""
READERS = ("director", "rep", "admin", "coordinator")


def reader_of(rule: Rule) -> str:
    """Who reads a page in this test: the first of these who may."""
    return next(key for key in READERS if rule.expected(key) == 200)


def measured(cast: Cast, acting: Any, browse: Any) -> dict[str, tuple[int, int]]:
    """Page → statements, and bytes as they travel, for a reader who was there before."""
    world, found = make_world(cast, acting), {}
    clients = {key: browse(getattr(cast, key)) for key in READERS}
    for name, rule in GET.items():
        client = clients[reader_of(rule)]
        path = address(name, world)
        client.get(path)
        with CaptureQueriesContext(connection) as statements:
            answer = client.get(path)
        sent = b"".join(answer) if answer.streaming else answer.content
        found[name] = (len(statements), len(gzip.compress(sent)))
    return found


def test_no_page_asks_or_sends_more_than_was_reviewed(cast: Cast, acting: Any, browse: Any) -> None:
    """Where this fails, look at the page first; then write its line as it is shown here."""
    reviewed: dict[str, list[int]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = measured(cast, acting, browse)
    lines = [
        f"{name} = [{statements}, {-(-(sent + CHANCE) // 1024)}]"
        for name, (statements, sent) in found.items()
        if statements != reviewed.get(name, [0, 0])[0] or sent > reviewed[name][1] * 1024
    ]
    assert "\n".join(lines) == ""
    assert reviewed.keys() == found.keys()
