"""Whatever happens, what a page said is read again as it was, and what explains the difference adds up to it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common.access import Reach
from common.errors import Refused
from common.models import Period, Run
from common.transaction import reach
from orders.models import Basis, Order
from orders.selectors.known import AsOf, known_at
from orders.services import cancel
from quotas.selectors.measures import measured
from quotas.selectors.team import Question, Row, Team, team_attainment, team_since
from quotas.services import set_quota
from territories.models import Seat
from territories.services import end_seat, seat_person
from tests.cast import Cast
from tests.conftest import TODAY as BEGUN
from tests.conftest import Acting
from tests.quotas.conftest import Sell
from tests.quotas.now import HALF, TODAY, WHOLE
from tests.quotas.test_team_attainment import move
from tests.quotas.test_team_now_histories import NODES, PEOPLE, TestRandomHistories
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]
del TestRandomHistories

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "sell", "cancel", "node", "seat", "leave", "quota", "quota"]),
        st.integers(0, 1_000_000),
        st.integers(0, 140),
        st.integers(0, 60),
    ),
    min_size=3,
    max_size=7,
)
READERS = ("executive", "manager")


class Said(NamedTuple):
    """What a page said at an instant, and to a reader of which reach."""

    at: datetime
    who: str
    basis: str
    territories: frozenset[int]
    lines: list[Any]
    measures: list[Any]


def measures(mine: Reach, question: Question) -> list[Any]:
    """What every row of the measures says, and how many customers ordered: they are by seat alone."""
    if question.basis != Basis.SEAT:
        return []
    found = measured(mine, question)
    rows = ((row.name, row.node_id or 0, row.person_id or 0, row.sums) for row in found.rows)
    return [found.customers, found.total, *sorted(rows, key=lambda row: row[:3])]


def lines(team: Team) -> list[Any]:
    """All that a row says, but what awaits its booking and the open pipeline."""
    rows = [*team.rows, Row(path="total", name="", figures=team.total)]
    return sorted(
        (
            row.path,
            row.who,
            row.figures.intakes,
            row.figures.quotas,
            row.figures.pace,
            row.assigned,
            row.rolled_up,
            row.since,
            row.until,
        )
        for row in rows
    )


@pytest.mark.slow
class TestHistories:
    """Each goes on where the last one ended, so that there is nothing to shrink to."""

    @settings(
        max_examples=3,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=STEPS)
    def test_what_was_read_is_read_again(
        self,
        cast: Cast,
        sell: Sell,
        night: Callable[..., Run],
        acting: Acting,
        stamps: Stamps,
        clock: Any,
        steps: list[Any],
    ) -> None:
        said: list[Said] = []
        first = len(stamps.given)
        for number, (what, amount, days, which) in enumerate(steps, first):
            day = date(2026, 5, 19) - timedelta(days)
            try:
                getattr(self, f"_{what}")(cast, sell, acting, amount, day, which)
            except Refused:
                continue
            at = BEGUN + timedelta(minutes=number)
            stamps(at)
            night(is_full=True)
            said += [self._read(cast, acting, at, who, basis) for who, basis in asked()]
        for one in said:
            again = self._read(cast, acting, one.at, one.who, one.basis, is_known=True)
            if again.territories == one.territories:
                assert again == one
            self._check_since(cast, acting, one)

    def _check_since(self, cast: Cast, acting: Acting, one: Said) -> None:
        """The steps lead from what was known to what the cells say now, in both views, and leave no rest."""
        for is_now in (False, True):
            with acting(getattr(cast, one.who)):
                known, now = (
                    question(cast, one.basis, as_of, is_now=is_now)
                    for as_of in (AsOf(None, known_at(one.at)), AsOf())
                )
                team, cells = team_attainment(reach(), known), team_attainment(reach(), now)
                found = team_since(reach(), known, team.top_nodes)
                for asked, said in ((known, team), (now, cells)):
                    if one.basis == Basis.SEAT:
                        assert measured(reach(), asked).total.intake == said.total.intake
            assert found
            assert (found.then_intake, found.then_quota) == (team.total.intake, team.total.quota)
            assert (found.now_intake, found.now_quota) == (cells.total.intake, cells.total.quota)
            assert (found.rest_intake, found.rest_quota) == (0, 0)
            assert all(step.intake_minor or step.quota_minor for step in found.steps)

    def _read(
        self, cast: Cast, acting: Acting, at: datetime, who: str, basis: str, *, is_known: bool = False
    ) -> Said:
        """Out of the cells, or as known at the instant."""
        with acting(getattr(cast, who)):
            as_of = AsOf(None, known_at(at)) if is_known else AsOf()
            mine, asked = reach(), question(cast, basis, as_of)
            team = team_attainment(mine, asked)
            return Said(at, who, basis, mine.territories, lines(team), measures(mine, asked))

    def _sell(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        seller, helper = PEOPLE[n % 3], PEOPLE[(n // 3) % 3]
        shares = {seller: WHOLE} if seller == helper else {seller: HALF, helper: HALF}
        sell(["Acorn", "Beech", "Cedar"][n % 3], amount + 1, day, shares)

    def _cancel(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        with acting(cast.admin):
            order = Order.objects.filter(state="booked").order_by("pk").first()
            if order:
                by = {"by": cast.admin.pk, "order_id": order.pk, "version": order.version}
                cancel(**by, booked_on=max(day, order.booked_on), reason="stepped back")

    def _node(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        move(cast, acting, NODES[n % 5], ["West Team", "East Team", "Company", "West"][amount % 4], day)

    def _seat(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        place = {"territory_id": cast.territories[NODES[n % 6]].pk, "kind": ["overlay", "owner"][amount % 2]}
        with acting(cast.admin):
            seat_person(by=cast.admin.pk, user_id=getattr(cast, PEOPLE[n % 3]).pk, **place, starts_on=day)

    def _leave(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        with acting(cast.admin):
            seats = Seat.objects.on(day).filter(user=getattr(cast, PEOPLE[n % 3]), starts_on__lt=day)
            if seat := seats.order_by("kind", "id").first():
                end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=day)

    def _quota(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        whose: dict[str, Any] = {"person_id": getattr(cast, [*PEOPLE, "manager"][n % 4]).pk}
        if amount % 3 == 0:
            whose = {"territory_id": cast.territories[NODES[n % 6]].pk}
        quarter = cast.q1 if n % 5 == 0 else cast.q2
        with acting(cast.admin):
            set_quota(by=cast.admin.pk, period_id=quarter.pk, amount_minor=amount, reason="a change", **whose)


def question(cast: Cast, basis: str, as_of: AsOf, *, is_now: bool = False) -> Question:
    """Both quarters, with every node open."""
    return Question(
        period=cast.q2,
        quarters=list(Period.objects.filter(code__in=["2026-Q1", "2026-Q2"]).order_by("starts_on")),
        on=TODAY,
        opened=frozenset(node.pk for node in cast.territories.values()),
        basis=basis,
        is_now=is_now,
        as_of=as_of,
    )


def asked() -> list[tuple[str, str]]:
    return [(who, basis) for who in READERS for basis in ("seat", "territory")]
