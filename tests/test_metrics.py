"""Wherever a metric heads a tile, a column or a fact, its definition opens from there."""

from collections.abc import Iterator
from typing import Any

from common.definitions import metrics
from tests.cast import Cast
from tests.pages import Element, pages

HEADS = {
    "Assigned quota": "assigned-quota",
    "As sold": "as-sold",
    "Attainment": "attainment",
    "Bias": "bias",
    "Booking date": "booking-date",
    "Commit, with what is closed": "forecast-categories",
    "Error": "error",
    "Forecast category": "forecast-categories",
    "Forecast categories": "forecast-categories",
    "Forecast call": "forecast-call",
    "Gap": "gap",
    "Motion": "motion",
    "New and existing": "new-and-existing",
    "Order intake": "order-intake",
    "Over-assignment": "over-assignment",
    "Overdue, not counted": "overdue",
    "Pace": "pace",
    "Pipeline coverage": "pipeline-coverage",
    "Quota": "quota",
    "Rolled-up quota": "rolled-up-quota",
    "Run rate": "run-rate",
    "WAPE": "wape",
    "WAPE of its callers": "wape",
    "Year-to-date attainment": "year-to-date-attainment",
}


def heads(page: Element) -> Iterator[Element]:
    """The names of tiles, the heads of columns and facts; a chart's own table repeats what stands beside it."""
    drawn = {id(part) for chart in page.walk() if chart.tag == "figure" for part in chart.walk()}
    for element in page.walk():
        if id(element) in drawn:
            continue
        if element.tag in ("th", "dt") or (element.has_class("name") and element.tag == "div"):
            yield element


def lacking(page: Element) -> set[str]:
    """The metrics of a page whose definition cannot be opened where they stand."""
    defined = {element.attributes.get("id", "") for element in page.walk()}
    found = set()
    for head in heads(page):
        if head.text not in HEADS:
            continue
        key = HEADS[head.text]
        opened = {element.attributes.get("popovertarget") for element in head.walk()}
        linked = {element.attributes.get("href", "").partition("#")[2] for element in head.walk()}
        if not (f"metric-{key}" in opened & defined or key in linked):
            found.add(head.text)
    return found


def test_every_metric_leads_to_its_definition(cast: Cast, acting: Any, browse: Any) -> None:
    found = {
        f"{name} of {key}: {word}"
        for name, key, page in pages(cast, acting, browse)
        for word in lacking(page)
    }
    assert found == set()


def test_every_word_of_the_list_has_its_section() -> None:
    assert set(HEADS.values()) <= metrics().keys()
