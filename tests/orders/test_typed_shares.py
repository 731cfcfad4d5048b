"""Shares that were typed when a deal was won are those that are booked; what the form showed is what is credited."""

from datetime import timedelta
from typing import Any

import pytest

from orders.services import ShareInput
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book_by_split import credited, split
from tests.orders.test_order_book import booking, rows
from tests.orders.winning import MAY, asks, deal_now, requests, sign, won

SIXTY, FORTY, WHOLE = 60_000_000, 40_000_000, 100_000_000


@pytest.fixture
def _shared(cast: Cast, acting: Acting) -> None:
    """The deal is shared 60/40 from 12 May on."""
    with acting(cast.rep):
        split(cast.rep, cast.deals["Acorn renewal"].pk, MAY, {cast.rep.pk: SIXTY, cast.peer.pk: FORTY})


def send(cast: Cast, browse: Any, by: Any, **changes: Any) -> None:
    address = f"/orders/book/?opportunity={cast.deals['Acorn renewal'].pk}"
    answer = browse(by).post(address, booking(cast, version=str(deal_now(cast).version), **changes))
    assert answer.status_code == 302, answer.content.decode()


ALL_RITAS = {"person": "Rita Rep", "percent": "100"}
HALVES = ({"person": "Rita Rep", "percent": "60"}, {"person": "peer@example.com", "percent": "40"})


@pytest.mark.usefixtures("_shared")
def test_what_was_typed_when_it_was_won_is_booked(cast: Cast, acting: Acting, browse: Any) -> None:
    asks(cast, acting, "contract")
    with acting(cast.manager):
        won(cast, by=cast.manager, shares=[ShareInput(cast.rep.pk, WHOLE)])
    sign(cast)
    send(cast, browse, cast.coordinator, **rows("shares", ALL_RITAS))
    assert credited() == {cast.rep.pk: 1_000_00}


@pytest.mark.usefixtures("_shared")
def test_the_split_is_booked_where_somebody_says_so_instead_of_what_was_typed(
    cast: Cast, acting: Acting, browse: Any
) -> None:
    asks(cast, acting, "contract")
    with acting(cast.rep):
        won(cast, booked_on=MAY - timedelta(days=2), shares=[ShareInput(cast.peer.pk, WHOLE)])
    sign(cast)
    send(cast, browse, cast.coordinator, **rows("shares", *HALVES), booked_on="2026-05-10")
    assert credited() == {cast.rep.pk: 600_00, cast.peer.pk: 400_00}


@pytest.mark.usefixtures("_shared")
def test_a_day_before_the_split_credits_what_the_form_showed(cast: Cast, browse: Any) -> None:
    """It opens with the split of today; who books as of an earlier day sees these shares, and sends them."""
    send(cast, browse, cast.rep, booked_on="2026-05-10")
    assert credited() == {cast.rep.pk: 600_00, cast.peer.pk: 400_00}


@pytest.mark.usefixtures("_shared")
def test_what_is_as_the_split_of_the_day_is_not_kept_as_typed(
    cast: Cast, acting: Acting, browse: Any
) -> None:
    asks(cast, acting, "contract")
    send(cast, browse, cast.rep, booked_on="2026-05-12")
    assert [row.shares for row in requests()] == [[]]
