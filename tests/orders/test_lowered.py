"""Who gets less of an order than by the split of its deal is told, and every page says both shares."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.transaction import reach, work
from orders.models import Credit, Order
from orders.selectors.credits import explained
from orders.services import LineInput, ShareInput
from pipeline.models import Split, SplitPart
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, HALF, SIXTY, WHOLE
from tests.orders.winning import asks, sign, won
from tests.salesops.conftest import plain
from workspace.models import Message


def told(person: Any) -> list[tuple[str, str, str]]:
    with work(by=None, why="look", reach=Reach.everything()):
        rows = Message.objects.filter(person=person, event="credit_changed").order_by("pk")
        return list(rows.values_list("about", "by__name", "url"))


def shares(cast: Cast, rep: int, peer: int) -> list[ShareInput]:
    return [ShareInput(cast.rep.pk, rep), ShareInput(cast.peer.pk, peer)]


@pytest.fixture
def waiting(cast: Cast, acting: Acting) -> None:
    """Rita won her deal; its order waited for the contract, which is there."""
    asks(cast, acting, "contract")
    with acting(cast.rep):
        won(cast)
    sign(cast)


def booked(cast: Cast, acting: Acting, by: Any, **changes: Any) -> Order:
    with acting(by):
        order = won(cast, by=by, **changes)
        assert isinstance(order, Order)
        return order


@pytest.mark.usefixtures("waiting")
class TestABookingThatSharesOtherwise:
    def test_who_loses_is_told_both_shares_and_nobody_else(self, cast: Cast, acting: Acting) -> None:
        order = booked(cast, acting, cast.coordinator, shares=shares(cast, SIXTY, FORTY))
        page = reverse("order_detail", args=[order.pk])
        assert told(cast.rep) == [(f"{order.number}, 100 % → 60 %", cast.coordinator.name, page)]
        assert told(cast.peer) == []

    def test_the_inbox_says_it(self, cast: Cast, acting: Acting, browse: Any) -> None:
        order = booked(cast, acting, cast.coordinator, shares=shares(cast, SIXTY, FORTY))
        page = plain(browse(cast.rep).get(reverse("inbox")))
        assert f"{cast.coordinator.name} changed your credit of {order.number}, 100 % → 60 %." in page

    def test_why_names_both(self, cast: Cast, acting: Acting) -> None:
        booked(cast, acting, cast.coordinator, shares=shares(cast, SIXTY, FORTY))
        said = {}
        for person in (cast.rep, cast.peer):
            with acting(person):
                (row,) = explained(list(Credit.objects.filter(person=person)), reach())
                said[person.pk] = {part.name: part.text for part in row.why.parts}["share"]
        assert said == {
            cast.rep.pk: "typed with the booking: 60 % instead of 100 % by the split of the deal",
            cast.peer.pk: "typed with the booking: 40 % instead of 0 % by the split of the deal",
        }

    def test_the_deal_shows_the_split_of_the_order(self, cast: Cast, acting: Acting, browse: Any) -> None:
        booked(cast, acting, cast.coordinator, shares=shares(cast, SIXTY, FORTY))
        deal = cast.deals["Acorn renewal"].pk
        page = plain(browse(cast.rep).get(reverse("opportunity_order_panel", args=[deal])))
        assert "Credit of the order" in page
        assert "Rita Rep 60 %" in page
        assert "Paul Peer 40 %" in page

    def test_lines_of_their_own_are_named_one_by_one(self, cast: Cast, acting: Acting) -> None:
        licence = cast.products["Licence"].pk
        half = LineInput(licence, 1, 500_00, shares=tuple(shares(cast, HALF, HALF)))
        lines = [LineInput(licence, 1, 500_00), half]
        order = booked(cast, acting, cast.coordinator, lines=lines)
        assert [about for about, _by, _url in told(cast.rep)] == [f"{order.number}, 100 % → 100 % / 50 %"]

    def test_who_gets_what_they_had_is_told_nothing(self, cast: Cast, acting: Acting) -> None:
        booked(cast, acting, cast.coordinator)
        assert told(cast.rep) == []


def test_who_is_left_out_is_led_to_the_deal(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"]
    with work(by=cast.rep.pk, why="split", reach=Reach.everything()):
        made = Split.objects.create(opportunity=deal, starts_on=date(2026, 4, 1), by=cast.rep)
        SplitPart.objects.bulk_create(
            SplitPart(split=made, person=person, weight=weight)
            for person, weight in ((cast.rep, SIXTY), (cast.peer, FORTY))
        )
    order = booked(cast, acting, cast.coordinator, shares=[ShareInput(cast.rep.pk, WHOLE)])
    page = reverse("opportunity_detail", args=[deal.pk])
    assert told(cast.peer) == [(f"{order.number}, 40 % → 0 %", cast.coordinator.name, page)]
    assert told(cast.rep) == []


def test_who_books_it_so_themselves_is_told_nothing(cast: Cast, acting: Acting) -> None:
    booked(cast, acting, cast.rep, shares=shares(cast, SIXTY, FORTY))
    assert told(cast.rep) == []
