"""What rows and cards say of a deal: typed text stays text, and marks name what to notice."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Account
from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from pipeline.selectors.columns import COLUMNS
from tests.cast import Cast
from tests.pages import parsed
from tests.pipeline.test_opportunity_list import many

TODAY = date(2026, 5, 20)
TYPED = '<b onclick="x">"Bold" & \'co\'</b>'


def marks(**changes: Any) -> list[str]:
    deal = Opportunity(**{"state": "open", "close_on": TODAY, "pushes": 0, **changes})
    page = Template("{% load deals %}{% marks deal today %}").render(Context({"deal": deal, "today": TODAY}))
    return [badge.text for badge in parsed(page).walk() if badge.has_class("badge")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"close_on": date(2026, 5, 19)}, ["overdue"]),
        ({"close_on": date(2026, 5, 19), "state": "won"}, []),
        ({"state": "won", "awaits_booking_since": datetime(2026, 5, 1, tzinfo=UTC)}, ["awaiting booking"]),
        ({"pushes": 1}, ["pushed once"]),
        ({"close_on": date(2026, 5, 1), "pushes": 2}, ["overdue", "pushed 2 times"]),
    ],
)
def test_marks_name_what_to_notice(changes: dict[str, Any], said: list[str]) -> None:
    assert marks(**changes) == said


@pytest.mark.parametrize("page", ["opportunity_list", "opportunity_board", "opportunity_calendar"])
def test_what_was_typed_stays_text(cast: Cast, browse: Any, page: str) -> None:
    many(cast, 1, name=TYPED, next_step=TYPED, close_on=date(2026, 5, 25))
    with work(by=None, why="a name", reach=Reach.everything()):
        Account.objects.filter(name="Acorn").update(name=TYPED)
    text = browse(cast.rep).get(reverse(page)).content.decode()
    assert "<b onclick" not in text
    assert escape(TYPED) in text


def test_a_row_leads_to_its_deal_and_its_cells(cast: Cast, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    page = parsed(browse(cast.rep).get(reverse("opportunity_list")).content.decode())
    [row] = [one for one in page.walk() if one.attributes.get("id") == f"deal-{deal.pk}"]
    links = [one.attributes["href"] for one in row.walk() if one.tag == "a"]
    own = reverse("opportunity_detail", args=[deal.pk])
    cells = ["stage", "amount", "close", "category", "next_step"]
    assert links == [f"{own}edit/", own, *(reverse("opportunity_cell", args=[deal.pk, key]) for key in cells)]
    coordinator = browse(cast.coordinator).get(reverse("opportunity_list")).content.decode()
    assert reverse("opportunity_cell", args=[deal.pk, "stage"]) not in coordinator


@pytest.mark.parametrize(
    "address",
    [
        f"{reverse('opportunity_list')}?columns={','.join(column.key for column in COLUMNS)}",
        reverse("opportunity_board"),
        f"{reverse('opportunity_board')}?lanes=category",
    ],
)
def test_more_deals_ask_no_more(cast: Cast, browse: Any, address: str) -> None:
    many(cast, 2)
    client = browse(cast.rep)

    def asked() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    few = asked()
    many(cast, 20)
    assert asked() == few
