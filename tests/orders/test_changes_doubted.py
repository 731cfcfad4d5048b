"""What comes new to an order that is booked is for those to decide who work the queue where a booking would be."""

from datetime import date
from typing import Any

import pytest

from catalog.models import Product
from common.errors import Refused
from common.services import set_policy
from orders.models import BookingEvent, Order
from orders.services import ShareInput, amend, cancel, correct
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import MAY, order_of
from tests.orders.test_changing import line, now, of
from tests.orders.test_queue import everything

CAUSE = BookingEvent.Cause.AMOUNT
FREE = date(2026, 5, 13)
WORDS = "A coordinator decides about it: ask one to enter it."


@pytest.fixture
def order(cast: Cast, acting: Acting) -> Order:
    """12 licences for 1,200.00, their list price, booked on 11 May; 5 working days back are free, and so are 80 %."""
    with everything():
        Product.objects.filter(name="Licence").update(list_price_minor=100_00, currency="USD")
    with acting(cast.rep):
        found = order_of(cast, booked_on=date(2026, 5, 11), lines=[line(cast, "Licence", 12, 1_200_00)])
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="backdate_days", value=5)
        set_policy(by=cast.admin.pk, name="price_limit_percent", value=80)
    return found


def change(cast: Cast, acting: Acting, order: Order, act: Any, who: str, *wish: Any, **more: Any) -> int:
    """What the order is worth after that change."""
    by = getattr(cast, who)
    if act is correct:
        more = {"cause": CAUSE, "shares": [ShareInput(cast.rep.pk, 100_000_000)], **more}
    with acting(by):
        act(**of(order, by, lines=[line(cast, *one) for one in wish], **more))
    with everything():
        return sum(event.amount_minor for event in now(order).events.all())


@pytest.mark.parametrize("act", [amend, correct])
class TestWhatComesNew:
    def test_a_day_too_far_back(self, cast: Cast, acting: Acting, order: Order, act: Any) -> None:
        more = ("Licence", 15, 1_500_00)
        with pytest.raises(Refused) as refused:
            change(cast, acting, order, act, "director", more, booked_on=MAY)
        assert (refused.value.code, refused.value.path) == ("too_old", "booked_on")
        assert str(refused.value.message) == f"Booked 6 working days back; 5 are free. {WORDS}"
        assert change(cast, acting, order, act, "coordinator", more, booked_on=MAY) == 1_500_00
        more = ("Licence", 16, 1_600_00)
        assert change(cast, acting, order, act, "director", more, booked_on=FREE) == 1_600_00

    def test_less_is_dated_back_as_a_cancellation_is(
        self, cast: Cast, acting: Acting, order: Order, act: Any
    ) -> None:
        assert change(cast, acting, order, act, "director", ("Licence", 6, 600_00), booked_on=MAY) == 600_00

    @pytest.mark.parametrize(
        "low", [("Licence", 12, 1_00), ("Licence", 12, 959_99), ("Licence", 20, 1_500_00)]
    )
    def test_a_price_below_the_limit(
        self, cast: Cast, acting: Acting, order: Order, act: Any, low: tuple[str, int, int]
    ) -> None:
        with pytest.raises(Refused) as refused:
            change(cast, acting, order, act, "director", low)
        assert (refused.value.code, refused.value.path) == ("price_low", "lines.0.amount")
        usual = "$2,000.00" if low[1] == 20 else "$1,200.00"
        text = f"Licence (line 1) is below 80 % of its list price of {usual}"
        assert str(refused.value.message) == f"{text}. {WORDS}"
        assert change(cast, acting, order, act, "coordinator", low) == low[2]

    def test_what_stands_was_decided_about(self, cast: Cast, acting: Acting, order: Order, act: Any) -> None:
        change(cast, acting, order, act, "coordinator", ("Licence", 12, 120_00))
        wish = [("Licence", 12, 120_00), ("Server", 1, 2_500_00)]
        assert change(cast, acting, order, act, "director", *wish) == 2_620_00
        assert change(cast, acting, order, act, "director", ("Licence", 6, 60_00), wish[1]) == 2_560_00
        with pytest.raises(Refused) as refused:
            change(cast, acting, order, act, "director", ("Licence", 7, 70_00), wish[1])
        assert refused.value.code == "price_low"


def test_a_part_is_cancelled_on_an_earlier_day(cast: Cast, acting: Acting, order: Order) -> None:
    with acting(cast.director):
        cancel(**of(order, cast.director, booked_on=MAY, amount_minor=200_00))
    with everything():
        assert [one.amount_minor for one in now(order).events.order_by("pk")] == [1_200_00, -200_00]


def test_over_the_api(cast: Cast, order: Order) -> None:
    licence = {"product_id": cast.products["Licence"].pk, "quantity": 15, "amount": "1500.00"}
    wish = {"booked_on": "2026-05-12", "reason": "more", "lines": [licence]}
    answer = Api(cast.director).post(f"orders/{order.pk}/amend/", wish, If_Match=str(order.version))
    assert answer.status_code == 422
    assert faults(answer) == [("too_old", "booked_on")]
