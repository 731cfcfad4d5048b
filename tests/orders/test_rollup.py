"""The ledger as a whole: a changed byte is found, and any history leaves credits that say what the orders say."""

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.access import Reach
from common.errors import Conflict, Refused
from common.transaction import work
from orders.models import BookingEvent, Credit, Order
from orders.rollup import LedgerCheck, verify_ledger
from orders.services import LineInput, ShareInput, amend, book_on_another_day, cancel, correct, split_anew
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, MAY, SIXTY, order_of


def check() -> LedgerCheck:
    with work(by=None, why="verify", reach=Reach.everything()):
        return verify_ledger()


@pytest.fixture
def booked(cast: Cast, acting: Acting) -> None:
    """Three orders, each shared by two."""
    shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
    with acting(cast.rep):
        for amount in (100_00, 200_00, 300_00):
            order_of(cast, amount=amount, shares=shares)


@pytest.mark.usefixtures("booked")
class TestVerify:
    def by_hand(self, owner: Any, statement: str) -> None:
        """What somebody with the keys of the database might do behind the product's back."""
        owner.execute("ALTER TABLE orders_credit DISABLE TRIGGER USER")
        owner.execute(statement)
        owner.execute("ALTER TABLE orders_credit ENABLE TRIGGER USER")

    def test_what_was_posted_is_sound(self) -> None:
        assert check() == LedgerCheck(None, [], [])

    @pytest.mark.parametrize(
        "change",
        ["person_id = person_id + 1", "booked_on = booked_on + 1", "hash = repeat('0', 64)", "source = 'x'"],
    )
    def test_a_changed_byte_is_found_where_it_is(self, owner: Any, change: str) -> None:
        self.by_hand(owner, f"UPDATE orders_credit SET {change} WHERE ledger_seq = 4")
        assert check().broken_at == 4

    def test_a_changed_amount_also_disagrees_with_its_event(self, cast: Cast, owner: Any) -> None:
        self.by_hand(owner, "UPDATE orders_credit SET amount_minor = amount_minor + 1 WHERE ledger_seq = 3")
        found = check()
        assert (found.broken_at, len(found.events), found.is_sound) == (3, 1, False)

    def test_a_missing_row_is_found(self, owner: Any) -> None:
        self.by_hand(owner, "DELETE FROM orders_credit WHERE ledger_seq = 2")
        assert check().broken_at == 3

    def test_a_missing_end_is_found(self, owner: Any) -> None:
        self.by_hand(owner, "DELETE FROM orders_credit WHERE ledger_seq = 6")
        assert check().broken_at == 6

    def test_a_changed_line_disagrees_with_its_order(self, owner: Any) -> None:
        owner.execute("ALTER TABLE orders_orderline DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE orders_orderline SET amount_minor = 1 WHERE id = (SELECT min(id) FROM orders_orderline)"
        )
        assert len(check().orders) == 1


SPLITS = st.sampled_from([(100,), (60, 40), (33, 33, 34), (1, 0, 99), (50, 0, 50)])
STEPS = st.tuples(
    st.sampled_from(
        ["book", "cancel", "cancel all", "correct lines", "correct shares", "amend", "split", "date"]
    ),
    st.integers(0, 5),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=3),
    SPLITS,
    st.sampled_from(["USD", "EUR"]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
def test_any_history_leaves_credits_that_sum_to_the_orders(
    cast: Cast, acting: Acting, steps: list[Any]
) -> None:
    with acting(cast.admin):
        before = _worth()
        orders: list[int] = []
        expected: Counter[str] = Counter()
        for day, step in enumerate(steps):
            _apply(cast, orders, expected, MAY - timedelta(days=8 - day), *step)
        assert _gained(before) == {currency: value for currency, value in expected.items() if value}
        assert verify_ledger().is_sound


def _apply(
    cast: Cast,
    orders: list[int],
    expected: Counter[str],
    day: date,
    kind: str,
    which: int,
    amounts: list[int],
    split: tuple[int, ...],
    currency: str,
) -> None:
    """One step of a history, and what it does to the standing value by the plain sums of its inputs."""
    people = [cast.rep.pk, cast.peer.pk, cast.other_rep.pk]
    shares = [ShareInput(person, share * 1_000_000) for person, share in zip(people, split, strict=False)]
    lines = [LineInput(cast.products["Server"].pk, 1, amount) for amount in amounts]
    if kind == "book" or not orders:
        order = order_of(cast, by=cast.admin, booked_on=day, currency=currency, lines=lines, shares=shares)
        orders.append(order.pk)
        expected[currency] += sum(amounts)
        return
    order = Order.objects.get(pk=orders[which % len(orders)])
    worth = sum(BookingEvent.objects.filter(order=order).values_list("amount_minor", flat=True))
    if order.state == "cancelled" or worth == 0:
        return
    counter: dict[str, Any] = {
        "by": cast.admin.pk,
        "order_id": order.pk,
        "version": order.version,
        "booked_on": day,
        "reason": "so",
    }
    if kind == "correct lines":
        correct(**counter, cause="amount", lines=lines, shares=shares)
        expected[order.currency] += sum(amounts) - worth
    elif kind == "amend":
        with suppress(Refused):  # it leaves nothing, or changes nothing
            expected[order.currency] += amend(**counter, lines=lines, shares=shares).amount_minor
    elif kind == "split":
        own = [[ShareInput(people[0], 100_000_000)]] if len(amounts) > 1 else []
        beside = ShareInput(people[-1], 1 + amounts[0] * 1_000, "overlay")
        with suppress(Refused):  # it changes nothing
            split_anew(**counter, shares=[*shares, beside], line_shares=own)
    elif kind == "date":
        with suppress(Conflict):  # it was amended or cancelled in part
            book_on_another_day(**{**counter, "booked_on": day - timedelta(days=40)})
    elif kind == "correct shares":
        lines = [LineInput(cast.products["Server"].pk, 1, worth)]
        correct(**counter, cause="split", lines=lines, shares=shares)
    else:
        part = worth if kind == "cancel all" else 1 + amounts[0] % worth
        cancel(**counter, amount_minor=part)
        expected[order.currency] -= part


def _worth() -> Counter[str]:
    worth: Counter[str] = Counter()
    for row in Credit.objects.intake():
        worth[row.currency] += row.amount_minor
    return worth


def _gained(before: Counter[str]) -> dict[str, int]:
    now = _worth()
    return {
        currency: now[currency] - before[currency] for currency in now if now[currency] != before[currency]
    }
