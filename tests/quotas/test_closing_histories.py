"""Whatever is booked, taken back, corrected and moved while periods close and open: closed months keep their figures.

The company is compared after every step with a few lines of Python that know no ledger.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from common.errors import Refused
from common.models import Period
from orders.models import Credit, Order
from orders.services import LineInput, ShareInput, book, book_on_another_day, cancel, correct
from quotas import rollup
from quotas.services import refresh_dirty
from territories.models import User
from tests.cast import Cast
from tests.closing import close_period
from tests.conftest import Acting
from tests.quotas.conftest import WHOLE, everything, worker
from workspace.services import answer, ask_closing, ask_reopening

DAYS = [date(2026, month, 10) for month in (2, 3, 4, 5)]
CLOSABLE = ["2026-02", "2026-03", "2026-04"]
"""May runs still."""
DAY, AMOUNT = st.sampled_from(DAYS), st.integers(1, 99_999)
QUICK = settings(
    max_examples=4,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@dataclass
class Sold:
    """An order as the model knows it: what it is worth, and the last day that anything happened to it."""

    pk: int
    minor: int
    day: date
    is_plain: bool = True


class Books(RuleBasedStateMachine):
    """Orders in four months, three of which close and open again."""

    def __init__(self, cast: Cast, ben: User, acting: Acting) -> None:
        super().__init__()
        self.cast, self.ben, self.acting = cast, ben, acting
        self.orders: list[Sold] = []
        self.frozen: dict[str, int] = {}
        with acting(cast.admin):
            Period.objects.filter(code__in=CLOSABLE).update(is_closed=False, closed_seq=None)
        self.months = figures()

    def tried(self, days: list[date], act: Callable[..., Any], **said: Any) -> Any:
        """Does it, or is refused: where one of the days lies in a closed month, and nowhere else."""
        if not any(code(day) in self.frozen for day in days):
            return self._done(act, said)
        with pytest.raises(Refused) as refused:
            self._done(act, said)
        assert refused.value.code == "period_closed"
        return None

    def _done(self, act: Callable[..., Any], said: dict[str, Any]) -> Any:
        who = self.cast.coordinator
        with self.acting(who):
            return act(by=who.pk, **said) or True

    def changed(self, order: Sold, act: Callable[..., Any], days: list[date], **said: Any) -> bool:
        with everything():
            version = Order.objects.get(pk=order.pk).version
        asked = {"order_id": order.pk, "version": version, "reason": "It was otherwise", "booked_on": days[0]}
        return bool(self.tried(days, act, **asked, **said))

    @rule(day=DAY, minor=AMOUNT, part=st.integers(0, WHOLE))
    def book(self, day: date, minor: int, part: int) -> None:
        cast = self.cast
        shares = [ShareInput(cast.rep.pk, part), ShareInput(cast.peer.pk, WHOLE - part)]
        made = self.tried(
            [day],
            book,
            account_id=cast.accounts["Acorn"].pk,
            booked_on=day,
            currency="USD",
            lines=[LineInput(cast.products["Licence"].pk, 1, minor)],
            shares=[share for share in shares if share.weight],
            owner_id=cast.rep.pk,
            motion="new",
        )
        if made:
            self.orders.append(Sold(made.pk, minor, day))
            self.months[code(day)] += minor

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), share=st.integers(1, 100))
    def take_back(self, data: st.DataObject, share: int) -> None:
        order = data.draw(st.sampled_from(self.orders))
        day = data.draw(st.sampled_from([day for day in DAYS if day >= order.day]))
        minor = max(1, order.minor * share // 100)
        if self.changed(order, cancel, [day], amount_minor=None if minor == order.minor else minor):
            self._moved(order, day, -minor)
            self.orders = [one for one in self.orders if one.minor]

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), minor=AMOUNT)
    def put_right(self, data: st.DataObject, minor: int) -> None:
        order = data.draw(st.sampled_from(self.orders))
        day = data.draw(st.sampled_from([day for day in DAYS if day >= order.day]))
        lines = [LineInput(self.cast.products["Licence"].pk, 1, minor)]
        said = {"lines": lines, "shares": [], "cause": "amount"}
        if minor != order.minor and self.changed(order, correct, [day], **said):
            self._moved(order, day, minor - order.minor)

    def _moved(self, order: Sold, day: date, more: int) -> None:
        order.minor, order.day, order.is_plain = order.minor + more, day, False
        self.months[code(day)] += more

    @precondition(lambda self: any(order.is_plain for order in self.orders))
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from([order for order in self.orders if order.is_plain]))
        day = data.draw(st.sampled_from([day for day in DAYS if day != order.day]))
        if self.changed(order, book_on_another_day, [day, order.day]):
            self.months[code(order.day)] -= order.minor
            self.months[code(day)] += order.minor
            order.day = day

    @precondition(lambda self: len(self.frozen) < len(CLOSABLE))
    @rule()
    def close(self) -> None:
        first = next(name for name in CLOSABLE if name not in self.frozen)
        self._by_two(ask_closing, first)
        self.frozen[first] = self.months[first]

    @precondition(lambda self: self.frozen)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.frozen)))
        self._by_two(ask_reopening, name)
        del self.frozen[name]

    def _by_two(self, ask: Callable[..., Any], name: str) -> None:
        admin, ben = self.cast.admin, self.ben
        with self.acting(admin):
            asked = ask(by=admin.pk, period_id=Period.objects.get(code=name).pk, reason="It is time")
        with self.acting(ben):
            answer(by=ben.pk, approval_id=asked.pk, version=1, is_granted=True, answer="")

    @invariant()
    def figures_are_those_of_the_model(self) -> None:
        found = figures()
        assert found == self.months
        assert {name: found[name] for name in self.frozen} == self.frozen

    @invariant()
    def what_must_hold_holds(self) -> None:
        with worker():
            refresh_dirty()
        with everything(), worker():
            broken = {one.name: rollup.broken_places(one, None) for one in rollup.invariants()}
        assert {name: places for name, places in broken.items() if places} == {}


def code(day: date) -> str:
    return f"{day:%Y-%m}"


def figures() -> dict[str, int]:
    """Order intake by month, out of the ledger."""
    with everything():
        rows = Credit.objects.intake().order_by().values_list("booked_on").annotate(minor=Sum("plan_minor"))
        found: dict[str, int] = defaultdict(int)
        for day, minor in rows:
            found[code(day)] += minor
    return defaultdict(int, {code(day): found[code(day)] for day in DAYS})


def test_closed_months_keep_their_figures(cast: Cast, ben: User, acting: Acting, night: Any) -> None:
    with acting(cast.admin):
        for name in ("2025", "2026-01"):
            close_period(Period.objects.get(code=name).pk)
    night()
    run_state_machine_as_test(lambda: Books(cast, ben, acting), settings=QUICK)
