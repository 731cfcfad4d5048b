"""Both views of team attainment after random histories: rows add up, and equal what plain Python finds."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from common.errors import Refused
from common.models import Period
from orders.models import Credit
from quotas.selectors.team import Team
from territories.models import Edge, Seat, Territory
from territories.services import end_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell, everything
from tests.quotas.now import HALF, TODAY, WHOLE, Night, move_account, opening, team_of, total_of
from tests.quotas.test_team_attainment import move

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "sell", "sell", "opening", "node", "seat", "leave", "account", "retire"]),
        st.integers(0, 1_000_000),
        st.integers(0, 140),
        st.integers(0, 60),
    ),
    min_size=3,
    max_size=9,
)
PEOPLE = ("rep", "peer", "other_rep")
NODES = ("East 1", "East 2", "East Team", "West Team", "West 1", "West")


@pytest.mark.slow
class TestRandomHistories:
    """Each goes on where the last one ended, so that there is nothing to shrink to."""

    @settings(
        max_examples=6,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=STEPS)
    def test_rows_add_up_in_both_views_and_bases_and_equal_plain_python(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, steps: list[Any]
    ) -> None:
        for what, amount, days, which in steps:
            getattr(self, f"_{what}")(cast, sell, acting, amount, date(2026, 5, 19) - timedelta(days), which)
        night(is_full=True)
        quarters = list(Period.objects.filter(code__in=["2026-Q1", "2026-Q2"]))
        for basis in ("seat", "territory"):
            more = {"basis": basis, "quarters": quarters}
            sold = team_of(cast, acting, is_now=False, **more)
            now = team_of(cast, acting, **more)
            assert now.total.intakes == sold.total.intakes
            plain = by_plain_python(basis)
            assert {
                row.node_id: row.figures.intake for row in now.rows if row.node_id and row.figures.intake
            } == plain
            for team in (sold, now):
                check(cast, acting, team, "executive")
            for who in ("director", "other_manager"):
                theirs = team_of(cast, acting, who, **more)
                for row in theirs.rows:
                    assert not row.node_id or row.figures.intake == plain.get(row.node_id, 0)
                check(cast, acting, theirs, who)

    def _sell(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        seller, helper = PEOPLE[n % 3], PEOPLE[(n // 3) % 3]
        shares = {seller: WHOLE} if seller == helper else {seller: HALF, helper: HALF}
        try:
            sell(["Acorn", "Beech", "Cedar"][n % 3], amount + 1, day, shares)
        except Refused:
            return

    def _opening(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        try:
            opening(cast, acting, amount + 1, day)
        except Refused:
            return

    def _node(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        try:
            move(cast, acting, NODES[n % 5], ["West Team", "East Team", "Company", "West"][amount % 4], day)
        except Refused:
            return

    def _seat(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        place = {
            "territory_id": cast.territories[NODES[n % 6]].pk,
            "kind": ["overlay", "owner", "cover"][amount % 3],
        }
        days = {"starts_on": day, "stops_on": date(2026, 9, 1) if amount % 3 == 2 else None}
        with acting(cast.admin):
            try:
                seat_person(by=cast.admin.pk, user_id=getattr(cast, PEOPLE[n % 3]).pk, **place, **days)
            except Refused:
                return

    def _leave(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        with acting(cast.admin):
            seats = Seat.objects.on(day).filter(user=getattr(cast, PEOPLE[n % 3]), starts_on__lt=day)
            if seat := seats.order_by("kind", "id").first():
                end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=day)

    def _account(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        try:
            move_account(cast, acting, ["Acorn", "Beech", "Cedar"][n % 3], NODES[n % 5])
        except Refused:
            return

    def _retire(self, cast: Cast, sell: Sell, acting: Acting, amount: int, day: date, n: int) -> None:
        """From today on, so that what is sold still has its place."""
        if amount % 4 == 0 and n % 5 < 2:
            with everything():
                edge = Edge.objects.on(TODAY).filter(child=cast.territories[NODES[n % 2]]).first()
                if edge:
                    edge.replaced(stops_on=TODAY)


def check(cast: Cast, acting: Acting, team: Team, who: str) -> None:
    """Every row is the sum of those below it, and of the credits that it opens."""
    for row in team.rows:
        below = [one for one in team.rows if one.path.rpartition("/")[0] == row.path]
        assert not below or sum(one.figures.intake for one in below) == row.figures.intake
        assert not row.credits or total_of(cast, acting, row, who).figure_minor == row.figures.intake
    assert team.total.intake == sum(row.figures.intake for row in team.tops)


def by_plain_python(basis: str) -> dict[int, int]:
    """Order intake by node, by looking for the place of every single credit and climbing from there: slow and plain."""
    found: Counter[int] = Counter()
    with everything():
        nobody = Territory.objects.get(is_unassigned=True).pk
        up = {edge.child_id: edge.parent_id for edge in Edge.objects.on(TODAY)}
        seats = list(Seat.objects.on(TODAY).exclude(kind="cover"))
        accounts = dict(Account.objects.values_list("pk", "territory_id"))
        rows = Credit.objects.exclude(kind="overlay").filter(booked_on__gte=date(2026, 1, 1))
        for credit in rows.select_related("event__order"):
            if basis == "territory":
                order = credit.event.order
                place = accounts[order.account_id] if order else credit.territory_id
            else:
                own = [
                    seat
                    for seat in seats
                    if seat.user_id == credit.person_id and is_rooted(up, seat.territory_id)
                ]
                kinds = ["owner", "lead", "overlay"]
                own.sort(key=lambda seat: (kinds.index(seat.kind), seat.territory_id))
                place = own[0].territory_id if own else credit.seat_id
            at: int | None = place if is_rooted(up, place) else nobody
            while at:
                found[at] += credit.plan_minor
                at = up[at]
    return {node: amount for node, amount in found.items() if amount}


def is_rooted(up: dict[int, int | None], node: int) -> bool:
    at: int | None = node
    while at in up:
        at = up[at]
    return at is None
