"""Every count on a page of insight leads to the rows that make it, and they are as many."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.pages import parsed
from tests.pipeline.insight import deal, lost, won
from tests.pipeline.standings import at, edit, move
from tests.pipeline.test_dates_kept import promised

COUNT = re.compile(r"([0-9]+)( opportunit(y|ies))?")
PAGES = [
    ("pipeline_funnel", {"from": "2026-01-01"}, 15),
    ("win_rates", {"from": "2026-01-01"}, 15),
    ("win_rates", {"from": "2026-01-01", "by": "source", "basis": "created"}, 15),
    ("win_rates", {"from": "2026-01-01", "by": "competitor"}, 15),
    ("hygiene", {}, 15),
    ("hygiene", {"by": "territory", "sort": "-points"}, 15),
    ("pipeline_generation", {"from": "2026-01-01"}, 5),
    ("date_reliability", {"from": "2026-01-01"}, 8),
]


@pytest.fixture
def lived(cast: Cast, acting: Any, clock: Any) -> None:
    """What was won, lost, slipped, promised and left without an amount, of two people."""
    at(clock, "2025-12-01")
    made = [
        deal(
            cast,
            name,
            "2025-12-01",
            {"Prospecting": "2025-12-01"},
            amount_minor=minor,
            close_on=date(2026, 2, 1),
        )
        for name, minor in (("Slips", 40_00), ("Was lost", 60_00), ("Of unknown worth", None))
    ]
    at(clock, "2026-02-10")
    move(cast, acting, cast.rep, made[1], "Lost", "No budget")
    edit(acting, cast.rep, made[0], close_on=date(2026, 8, 1))
    at(clock, "2026-05-20")
    won(cast, "Win", "2026-01-01", "2026-01-21", amount_minor=10_000_00, source="Fair")
    won(cast, "Slow win", "2026-01-02", "2026-05-02", amount_minor=None)
    lost(cast, "Loss", "2026-02-01", "2026-04-01", amount_minor=40_000_00, source="Fair", lost_to="Rival")
    peer = {"owner": cast.peer, "territory": cast.territories["East 2"], "account": cast.accounts["Beech"]}
    lost(cast, "Peer's", "2026-01-01", "2026-02-01", lost_reason="Price", currency="CHF", **peer)
    deal(cast, "Young", "2026-04-25", {"Prospecting": "2026-04-25", "Qualified": "2026-05-01"}, **peer)
    promised(cast)


def behind(client: Any, address: str) -> tuple[int, int | None]:
    """How many rows all pages of a list behind a figure have, and how many it says."""
    rows, asked = 0, address
    while True:
        found = client.get(asked).context
        listed = found.get("behind")
        page = listed.page if listed else found["page"]
        rows += len(page.rows)
        if not page.after:
            return rows, listed.deals if listed else None
        asked = f"{address}&after={page.after}"


@pytest.mark.parametrize(("name", "query", "least"), PAGES)
def test_the_rows_are_as_many_as_the_figure_says(
    cast: Cast, browse: Any, lived: None, name: str, query: dict[str, str], least: int
) -> None:
    for person in (cast.manager, cast.rep):
        client = browse(person)
        html = client.get(reverse(name), query).content.decode()
        links = [one for one in parsed(html).walk() if one.tag == "a"]
        followed = 0
        for link in links:
            address, said = unescape(link.attributes.get("href", "")), COUNT.fullmatch(link.text.strip())
            if not said or "#deals" not in address:
                continue
            rows, told = behind(client, reverse(name) + address.removesuffix("#deals"))
            assert rows == int(said[1]), (person.name, address)
            assert told in (None, rows), (person.name, address)
            followed += 1
        assert followed >= (least if person == cast.manager else 1)


@pytest.mark.parametrize(("name", "query", "_least"), PAGES)
def test_no_figure_of_deals_is_without_a_way(
    cast: Cast, browse: Any, lived: None, name: str, query: dict[str, str], _least: int
) -> None:
    """A cell that holds a count, other than 0 and a number of days, holds a link."""
    html = browse(cast.manager).get(reverse(name), query).content.decode()
    tables = [one for one in parsed(html).walk() if one.tag == "table" and one.has_class("cards")]
    cells = [one for table in tables for one in table.walk() if one.tag == "td" and one.has_class("num")]
    for cell in cells:
        label = cell.attributes.get("data-label", "")
        if re.fullmatch("[1-9][0-9]*", cell.text.strip()) and label and not re.search("days|Hygiene", label):
            assert any(one.tag == "a" for one in cell.walk()), (name, cell.text, cell.attributes)
