"""Cancelling and correcting: counter-entries in a period of their own, by the order's split and rates."""

from datetime import date
from typing import Any

import pytest

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period, Rate
from common.transaction import work
from orders.models import BookingEvent, Credit, Order
from orders.rollup import verify_ledger
from orders.services import LineInput, ShareInput, cancel, correct
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, HALF, MAY, SIXTY, WHOLE, ledger, order_of

THIRDS = (33_333_334, 33_333_333, 33_333_333)


def take_back(cast: Cast, order: Order, **changes: Any) -> Order:
    """A cancellation by the coordinator on 19 May."""
    values = {
        "booked_on": date(2026, 5, 19),
        "reason": "bought elsewhere",
        "version": order.version,
        **changes,
    }
    cancel(by=cast.coordinator.pk, order_id=order.pk, **values)
    return Order.objects.get(pk=order.pk)


def put_right(cast: Cast, order: Order, **changes: Any) -> Order:
    """A correction by the coordinator on 19 May: one licence for 1,000.00, all of it the owner's, unless said so."""
    values = {
        "booked_on": date(2026, 5, 19),
        "reason": "typed wrong",
        "cause": "amount",
        "version": order.version,
        "lines": [LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
        "shares": [],
        **changes,
    }
    correct(by=cast.coordinator.pk, order_id=order.pk, **values)
    return Order.objects.get(pk=order.pk)


def held() -> dict[int, tuple[int, int]]:
    """What each person holds: amount and plan money."""
    found: dict[int, tuple[int, int]] = {}
    for row in ledger():
        amount, plan = found.get(row.person_id, (0, 0))
        found[row.person_id] = (amount + row.amount_minor, plan + row.plan_minor)
    return found


@pytest.fixture
def thirds(cast: Cast, acting: Acting) -> Order:
    """100.00 EUR, booked on 12 May and shared by three."""
    people = sorted([cast.rep.pk, cast.peer.pk, cast.manager.pk])
    with acting(cast.rep):
        return order_of(cast, amount=100_00, currency="EUR", shares=list(map(ShareInput, people, THIRDS)))


class TestCancel:
    def test_a_cancellation_counts_on_its_own_day(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 3, 31))
        with acting(cast.coordinator):
            assert take_back(cast, order).state == "cancelled"
        assert [(row.booked_on, row.amount_minor) for row in ledger()] == [
            (date(2026, 3, 31), 1_000_00),
            (date(2026, 5, 19), -1_000_00),
        ]

    def test_thirds_cancelled_in_two_halves_leave_nothing(
        self, cast: Cast, acting: Acting, thirds: Order
    ) -> None:
        assert [row.amount_minor for row in ledger()] == [33_34, 33_33, 33_33]
        with acting(cast.coordinator):
            first = take_back(cast, thirds, amount_minor=50_00)
            assert first.state == "booked"
            assert take_back(cast, first, amount_minor=50_00).state == "cancelled"
        assert [row.amount_minor for row in ledger()[3:6]] == [-16_67, -16_66, -16_67]
        assert [row.amount_minor for row in ledger()[6:]] == [-16_67, -16_67, -16_66]
        assert set(held().values()) == {(0, 0)}

    def test_the_rates_are_those_of_the_order(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        with work(by=None, why="new rates"):
            for rate in Rate.objects.current():
                rate.replaced(stops_on=date(2026, 5, 15))
                Rate.objects.create(kind=rate.kind, currency="EUR", value=2, starts_on=date(2026, 5, 15))
        before = ledger()
        with acting(cast.coordinator):
            take_back(cast, thirds)
        counters = ledger()[3:]
        assert [row.plan_minor for row in counters] == [-row.plan_minor for row in before]
        assert {row.plan_rate_id for row in counters} == {row.plan_rate_id for row in before}
        assert [row.reverses_id for row in counters] == [row.pk for row in before]

    def test_a_new_rate_leaves_earlier_credits_as_they_are(
        self, cast: Cast, acting: Acting, thirds: Order
    ) -> None:
        before = [(row.plan_minor, row.booked_minor, row.hash) for row in ledger()]
        with work(by=None, why="new rates"):
            Rate.objects.get(kind="plan").replaced(stops_on=date(2026, 5, 13))
            Rate.objects.create(kind="plan", currency="EUR", value=2, starts_on=date(2026, 5, 13))
        with acting(cast.rep):
            later = order_of(cast, amount=100_00, currency="EUR", booked_on=date(2026, 5, 14))
        assert [(row.plan_minor, row.booked_minor, row.hash) for row in ledger()][:3] == before
        assert ledger()[-1].plan_minor == 200_00
        assert later.pk != thirds.pk

    def test_stamps_stay_those_of_the_order(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        with acting(cast.coordinator):
            take_back(cast, thirds, amount_minor=1_00)
        first, last = ledger()[0], ledger()[3]
        assert (last.seat_id, last.territory_id, last.motion) == (
            first.seat_id,
            first.territory_id,
            first.motion,
        )

    def test_a_part_is_taken_from_all_lines(self, cast: Cast, acting: Acting) -> None:
        lines = [
            LineInput(cast.products[name].pk, 1, amount)
            for name, amount in [("Server", 300_00), ("Licence", 100_00)]
        ]
        with acting(cast.rep):
            order = order_of(cast, lines=lines)
        with acting(cast.coordinator):
            take_back(cast, order, amount_minor=100_00)
        assert [row.amount_minor for row in ledger()[2:]] == [-75_00, -25_00]

    def test_it_is_never_dated_before_what_it_takes_back(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, amount=100_00, booked_on=date(2026, 1, 5))
        with acting(cast.coordinator):
            lines = [LineInput(cast.products["Licence"].pk, 1, 300_00)]
            order = put_right(cast, order, lines=lines)
            with pytest.raises(Refused, match="stands on an entry of May 19, 2026") as refused:
                take_back(cast, order, booked_on=date(2026, 2, 1))
            assert refused.value.path == "booked_on"
            take_back(cast, order)
        assert [(row.booked_on, row.amount_minor) for row in ledger()] == [
            (date(2026, 1, 5), 100_00),
            (date(2026, 5, 19), -100_00),
            (date(2026, 5, 19), 300_00),
            (date(2026, 5, 19), -300_00),
        ]

    def test_an_order_worth_nothing_is_cancelled_without_an_entry(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, amount=0)
        with acting(cast.coordinator):
            assert take_back(cast, order).state == "cancelled"
            event = BookingEvent.objects.get(kind="cancellation")
        assert (event.amount_minor, event.reason) == (0, "bought elsewhere")
        assert ledger() == []

    @pytest.mark.parametrize("amount", [0, -1, 100_01])
    def test_never_more_than_is_left(self, cast: Cast, acting: Acting, thirds: Order, amount: int) -> None:
        with acting(cast.coordinator), pytest.raises(Refused, match="still worth"):
            take_back(cast, thirds, amount_minor=amount)

    def test_what_is_cancelled_is_not_cancelled_again(
        self, cast: Cast, acting: Acting, thirds: Order
    ) -> None:
        with acting(cast.coordinator):
            order = take_back(cast, thirds)
            with pytest.raises(Conflict, match="already cancelled"):
                take_back(cast, order)

    def test_a_stale_version_is_refused(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        with acting(cast.coordinator):
            take_back(cast, thirds, amount_minor=1_00)
            with pytest.raises(Stale):
                take_back(cast, thirds, version=1)

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"reason": "  "}, "reason"),
            ({"booked_on": date(2026, 5, 11)}, "booked_on"),
            ({"booked_on": date(2026, 5, 21)}, "booked_on"),
        ],
    )
    def test_what_is_wrong_and_where(
        self, cast: Cast, acting: Acting, thirds: Order, changes: dict[str, Any], path: str
    ) -> None:
        with acting(cast.coordinator), pytest.raises(Refused) as refused:
            take_back(cast, thirds, **changes)
        assert refused.value.path == path

    def test_it_is_dated_in_an_open_period(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        with work(by=None, why="close the books"):
            Period.objects.filter(code="2026-05").update(is_closed=True)
        with acting(cast.coordinator), pytest.raises(Conflict) as refused:
            take_back(cast, thirds)
        assert refused.value.code == "period_closed"

    def test_an_order_of_a_closed_period_is_cancelled_in_an_open_one(
        self, cast: Cast, acting: Acting
    ) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 3, 31))
        with work(by=None, why="close the books"):
            Period.objects.filter(code="2026-Q1").update(is_closed=True)
        with acting(cast.coordinator):
            take_back(cast, order)
        assert held()[cast.rep.pk] == (0, 0)

    def test_who_may(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        for person in (cast.rep, cast.manager, cast.executive):
            with acting(person), pytest.raises(Forbidden):
                cancel(by=person.pk, order_id=thirds.pk, version=1, booked_on=MAY, reason="no")
        for person in (cast.other_rep, cast.other_director):
            with acting(person), pytest.raises(NotInReach):
                cancel(by=person.pk, order_id=thirds.pk, version=1, booked_on=MAY, reason="no")
        with acting(cast.director):
            cancel(by=cast.director.pk, order_id=thirds.pk, version=1, booked_on=MAY, reason="yes")


class TestCorrect:
    def test_a_changed_split_moves_credit_and_nothing_else(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, currency="EUR")
        with acting(cast.coordinator):
            shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)]
            put_right(cast, order, shares=shares)
        assert held() == {cast.rep.pk: (600_00, 660_00), cast.other_rep.pk: (400_00, 440_00)}
        with acting(cast.other_rep):
            assert Order.objects.get().pk == order.pk

    def test_new_lines_change_the_value_on_the_day_of_the_correction(
        self, cast: Cast, acting: Acting
    ) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        with acting(cast.coordinator):
            put_right(cast, order, lines=[LineInput(cast.products["Server"].pk, 2, 700_00)])
            change = BookingEvent.objects.get(kind="correction")
            assert (change.amount_minor, change.booked_on, change.reason) == (
                -300_00,
                date(2026, 5, 19),
                "typed wrong",
            )
        assert held()[cast.rep.pk] == (700_00, 700_00)
        assert [row.family.name for row in ledger()] == ["Software", "Software", "Hardware"]

    def test_after_a_part_was_taken_back_the_rest_is_shared_anew(
        self, cast: Cast, acting: Acting, thirds: Order
    ) -> None:
        with acting(cast.coordinator):
            order = take_back(cast, thirds, amount_minor=40_00)
            lines = [LineInput(cast.products["Licence"].pk, 1, 60_00)]
            shares = [ShareInput(cast.rep.pk, HALF), ShareInput(cast.peer.pk, HALF)]
            order = put_right(cast, order, lines=lines, shares=shares)
            assert held()[cast.rep.pk] == (30_00, 33_00)
            assert take_back(cast, order).state == "cancelled"
        assert set(held().values()) == {(0, 0)}

    def test_without_shares_the_owner_gets_everything(
        self, cast: Cast, acting: Acting, thirds: Order
    ) -> None:
        with acting(cast.coordinator):
            put_right(cast, thirds, lines=[LineInput(cast.products["Licence"].pk, 1, 100_00)])
        assert {person: amount for person, (amount, _plan) in held().items()} == {
            cast.rep.pk: 100_00,
            cast.peer.pk: 0,
            cast.manager.pk: 0,
        }

    def test_new_credit_is_stamped_as_of_the_order(self, cast: Cast, acting: Acting) -> None:
        from territories.models import Seat

        with acting(cast.rep):
            order = order_of(cast)
        with work(by=None, why="move", reach=Reach.everything()):
            Seat.objects.get(user=cast.rep).replaced(stops_on=date(2026, 5, 15))
            Seat.objects.create(
                user=cast.rep, territory=cast.territories["West"], kind="overlay", starts_on=date(2026, 5, 15)
            )
        with acting(cast.coordinator):
            put_right(cast, order, shares=[ShareInput(cast.rep.pk, WHOLE)])
        assert {row.seat.name for row in ledger()} == {"East 1"}

    def test_a_cancelled_order_stays_cancelled(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        with acting(cast.coordinator):
            order = take_back(cast, thirds)
            with pytest.raises(Conflict):
                put_right(cast, order)

    def test_a_bad_split_leaves_everything_as_it_was(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        with acting(cast.coordinator), pytest.raises(Refused, match="total 60 %"):
            put_right(cast, thirds, shares=[ShareInput(cast.rep.pk, SIXTY)])
        assert len(ledger()) == 3

    def test_the_ledger_stays_sound(self, cast: Cast, acting: Acting, thirds: Order) -> None:
        with acting(cast.coordinator):
            order = put_right(cast, thirds, lines=[LineInput(cast.products["Server"].pk, 1, 10_01)])
            take_back(cast, order, amount_minor=3_33)
        with work(by=None, why="verify", reach=Reach.everything()):
            assert verify_ledger().is_sound
            assert Credit.objects.filter(kind="revenue").count() == len(ledger())
