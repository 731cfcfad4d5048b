"""The roll-up: exact figures, as sold, the same by night and by the second."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common.errors import Refused
from common.models import Period, Run
from common.services import set_rate
from orders.models import Credit, DirtyCell, Order
from orders.services import cancel
from quotas.models import LeafCell, NodeCell, Publication, QuotaCell
from quotas.selectors.intake import people_intake
from quotas.services import set_quota
from territories.models import Edge, Seat
from territories.services import end_seat, move_territory, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell, everything, node_intake

APRIL, MAY = date(2026, 4, 14), date(2026, 5, 12)
HALF = 50_000_000
Night = Callable[..., Run]
Refresh = Callable[[], Run | None]


def intake(cast: Cast, name: str, period: str = "2026-Q2", basis: str = "seat") -> int:
    with everything():
        return node_intake(cast.territories[name].pk, Period.objects.get(code=period), basis)


def cells() -> list[Any]:
    """Every derived figure, without the rows' own ids."""
    with everything():
        return [
            sorted(map(repr, LeafCell.objects.values_list(*names(LeafCell)))),
            sorted(map(repr, NodeCell.objects.values_list(*names(NodeCell)))),
            sorted(map(repr, QuotaCell.objects.values_list(*names(QuotaCell)))),
        ]


def names(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.name != "id"]


def walked(basis: str) -> dict[tuple[int, date], int]:
    """Order intake by node and month, by climbing the tree from every single credit: slow, and obviously right."""
    with everything():
        edges = list(Edge.objects.current().values_list("child_id", "parent_id", "starts_on", "stops_on"))
        credits = list(Credit.objects.intake().values_list(f"{basis}_id", "booked_on", "plan_minor"))
    sums: dict[tuple[int, date], int] = defaultdict(int)
    for leaf, day, amount in credits:
        node: int | None = leaf
        while node:
            sums[node, day.replace(day=1)] += amount
            node = next(
                (
                    up
                    for child, up, start, stop in edges
                    if child == node and start <= day < (stop or date.max)
                ),
                None,
            )
    return sums


def shown(cast: Cast, basis: str) -> dict[tuple[int, date], int]:
    """The same by the selector that pages use."""
    nodes = [node.pk for node in cast.territories.values()]
    with everything():
        months = Period.objects.months().filter(starts_on__gte=date(2025, 12, 1), starts_on__lte=MAY)
        return {
            (node, month.starts_on): amount
            for month in months
            for node in nodes
            if (amount := node_intake(node, month, basis))
        }


class TestFigures:
    def test_a_node_is_the_sum_of_its_subtree(self, cast: Cast, sell: Sell, night: Night) -> None:
        sell("Acorn", 100_00, MAY)
        sell("Beech", 250_01, APRIL)
        sell("Cedar", 70_00, MAY)
        night()
        nodes = ("East 1", "East 2", "East Team", "East", "West", "Company")
        assert {name: intake(cast, name) for name in nodes} == {
            "East 1": 100_00,
            "East 2": 250_01,
            "East Team": 350_01,
            "East": 350_01,
            "West": 70_00,
            "Company": 420_01,
        }
        assert intake(cast, "Company", "2026-05") == 170_00
        with everything():
            assert people_intake([cast.peer.pk], cast.q2)[cast.peer.pk] == 250_01

    def test_a_deal_shared_in_the_team_counts_once(self, cast: Cast, sell: Sell, night: Night) -> None:
        sell("Acorn", 100_000_00, MAY, {"rep": HALF, "peer": HALF})
        night()
        assert intake(cast, "East Team") == 100_000_00
        assert (intake(cast, "East 1"), intake(cast, "East 2")) == (50_000_00, 50_000_00)

    def test_currencies_are_converted_before_they_are_added(
        self, cast: Cast, sell: Sell, night: Night
    ) -> None:
        sell("Acorn", 100_00, MAY)
        sell("Acorn", 100_00, MAY, currency="EUR")
        night()
        assert intake(cast, "Company") == 210_00

    def test_a_credit_out_of_territory_counts_once_in_each_tree(
        self, cast: Cast, sell: Sell, night: Night
    ) -> None:
        sell("Acorn", 90_00, MAY, {"other_rep": 2 * HALF})
        night()
        assert (intake(cast, "West"), intake(cast, "East")) == (90_00, 0)
        assert (intake(cast, "West", basis="territory"), intake(cast, "East", basis="territory")) == (
            0,
            90_00,
        )
        assert intake(cast, "West 1", basis="territory") == 0
        assert intake(cast, "East 1", basis="territory") == 90_00
        assert intake(cast, "Company") == intake(cast, "Company", basis="territory") == 90_00


class TestAsSold:
    def test_a_rep_who_moves_team_in_may_leaves_april_where_it_was(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Acorn", 100_00, APRIL)
        sell("Cedar", 40_00, APRIL)
        night()
        before = {name: intake(cast, name, "2026-04") for name in ("East Team", "West Team")}
        west_1 = cast.territories["West 1"].pk
        with acting(cast.admin):
            for person, node in ((cast.rep, "East 1"), (cast.other_rep, "West 1")):
                seat = Seat.objects.current().get(user=person, territory=cast.territories[node])
                end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 1))
            seat_person(
                by=cast.admin.pk,
                user_id=cast.rep.pk,
                territory_id=west_1,
                kind="owner",
                starts_on=date(2026, 5, 1),
            )
        sell("Acorn", 30_00, MAY, {"rep": 2 * HALF})
        night(date(2026, 5, 20))
        assert (
            {name: intake(cast, name, "2026-04") for name in before}
            == before
            == {
                "East Team": 100_00,
                "West Team": 40_00,
            }
        )
        assert (intake(cast, "East Team", "2026-05"), intake(cast, "West Team", "2026-05")) == (0, 30_00)

    def test_a_territory_that_moves_inside_a_month_counts_by_day(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Beech", 10_00, date(2026, 5, 9))
        sell("Beech", 25_00, date(2026, 5, 10))
        with acting(cast.admin):
            move_territory(
                by=cast.admin.pk,
                territory_id=cast.territories["East 2"].pk,
                parent_id=cast.territories["West Team"].pk,
                on=date(2026, 5, 10),
            )
        night()
        assert (intake(cast, "East Team"), intake(cast, "West Team")) == (10_00, 25_00)
        assert (intake(cast, "East 2"), intake(cast, "Company")) == (35_00, 35_00)

    def test_a_new_rate_in_may_leaves_april_bit_identical(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Acorn", 333_33, APRIL, currency="EUR")
        first = night()
        april = cells()
        with acting(cast.admin):
            for kind in ("plan", "booked"):
                set_rate(
                    by=cast.admin.pk,
                    kind=kind,
                    currency="EUR",
                    value=Decimal("1.5"),
                    starts_on=date(2026, 5, 1),
                )
        second = night()
        assert cells() == april
        assert second.output_hash == first.output_hash
        assert second.input_hash != first.input_hash
        sell("Acorn", 100_00, MAY, currency="EUR")
        night()
        assert (intake(cast, "Company", "2026-04"), intake(cast, "Company", "2026-05")) == (366_66, 150_00)


class TestNightAndSeconds:
    def test_a_booking_is_counted_within_seconds(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh, acting: Acting
    ) -> None:
        sell("Acorn", 100_00, MAY)
        night()
        assert refresh() is None
        pk = sell("Acorn", 11_00, MAY)
        run = refresh()
        assert run is not None
        assert (run.job, run.ledger_seq) == ("refresh", 2)
        assert intake(cast, "Company") == 111_00
        with everything():
            assert DirtyCell.objects.count() == 0
        with acting(cast.admin):
            cancel(by=cast.admin.pk, order_id=pk, version=1, booked_on=date(2026, 5, 18), reason="Withdrawn")
        refresh()
        assert intake(cast, "Company") == 100_00
        assert refresh() is None

    def test_a_planned_seat_taken_back_is_noticed_within_seconds(
        self, cast: Cast, night: Night, refresh: Refresh, acting: Acting
    ) -> None:
        june, place = date(2026, 6, 1), cast.territories["East"].pk
        with acting(cast.admin):
            planned = {"user_id": cast.rep.pk, "territory_id": place, "kind": "overlay", "starts_on": june}
            seat = seat_person(by=cast.admin.pk, **planned)
        night()
        assert refresh() is None
        with acting(cast.admin):
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=june)
        assert refresh() is not None
        assert refresh() is None

    def test_a_late_booking_of_a_past_quarter_is_counted_by_the_next_night(
        self, cast: Cast, sell: Sell, night: Night
    ) -> None:
        night()
        sell("Acorn", 70_00, date(2026, 2, 3))
        run = night(date(2026, 5, 20))
        assert run.changed_rows > 0
        assert intake(cast, "East", "2026-Q1") == 70_00

    def test_the_same_night_twice_changes_nothing_and_has_the_same_hash(
        self, cast: Cast, sell: Sell, night: Night
    ) -> None:
        sell("Acorn", 100_00, MAY)
        sell("Beech", 100_00, date(2025, 3, 3))
        first, again, full = night(), night(), night(is_full=True)
        assert (again.changed_rows, full.changed_rows) == (0, 0)
        assert first.output_hash == again.output_hash == full.output_hash != ""
        assert first.input_hash == again.input_hash == full.input_hash != ""

    def test_an_entry_outside_the_calendar_fails_the_run_and_keeps_the_figures(
        self, cast: Cast, sell: Sell, night: Night, owner: Any
    ) -> None:
        sell("Acorn", 100_00, MAY)
        good = night()
        owner.execute("SET session_replication_role = replica")
        owner.execute("DELETE FROM common_period WHERE code = '2026-05'")
        with pytest.raises(ValueError, match="outside the fiscal calendar"):
            night(is_full=True)
        with everything():
            failed = Run.objects.first()
            assert failed is not None
            assert failed.state == Run.State.FAILED
            assert "1 entries" in failed.error
            assert Publication.objects.get().run_id == good.pk

    def test_order_intake_on_a_territory_outside_the_tree_fails_the_run(
        self, cast: Cast, sell: Sell, night: Night, owner: Any
    ) -> None:
        sell("Acorn", 100_00, MAY)
        good = night()
        owner.execute("SET session_replication_role = replica")
        child = cast.territories["East 1"].pk
        owner.execute(
            "UPDATE territories_edge SET starts_on = %s WHERE child_id = %s", [date(2026, 5, 18), child]
        )
        with pytest.raises(ValueError, match="lies outside the tree"):
            night(is_full=True)
        with everything():
            assert Publication.objects.get().run_id == good.pk

    def test_a_broken_ledger_fails_the_run_and_keeps_the_figures(
        self, cast: Cast, sell: Sell, night: Night, owner: Any
    ) -> None:
        sell("Acorn", 100_00, MAY)
        night()
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE orders_credit SET plan_minor = plan_minor + 1")
        with pytest.raises(Refused, match="does not verify"):
            night(is_full=True)
        assert intake(cast, "Company") == 100_00


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "sell", "sell", "cancel", "move", "seat", "quota", "refresh"]),
        st.integers(0, 1_000_000),
        st.integers(0, 150),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=8,
)


class TestIncrementalEqualsNightly:
    # Every history goes on where the last one ended, so that there is nothing to shrink to.
    @settings(
        max_examples=6,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=STEPS)
    def test_cell_by_cell_after_a_random_history(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh, acting: Acting, steps: list[Any]
    ) -> None:
        with everything():
            is_first = not Publication.objects.exists()
        if is_first:
            night()
        for what, amount, days, which in steps:
            getattr(self, f"_{what}")(
                cast, sell, refresh, acting, amount, date(2026, 5, 19) - timedelta(days), which
            )
        refresh()
        by_the_second = cells()
        assert night(is_full=True).changed_rows == 0
        assert cells() == by_the_second
        for basis in ("seat", "territory"):
            assert shown(cast, basis) == {key: amount for key, amount in walked(basis).items() if amount}

    def _sell(
        self, cast: Cast, sell: Sell, refresh: Refresh, acting: Acting, amount: int, day: date, n: int
    ) -> None:
        people = [{"rep": 2 * HALF}, {"rep": HALF, "peer": HALF}, {"peer": 2 * HALF}, {"other_rep": 2 * HALF}]
        sell(
            ["Acorn", "Beech", "Cedar"][n % 3],
            amount + 1,
            day,
            people[n % 4],
            product=["Licence", "Server"][n % 2],
        )

    def _cancel(
        self, cast: Cast, sell: Sell, refresh: Refresh, acting: Acting, amount: int, day: date, n: int
    ) -> None:
        with everything():
            orders = list(Order.objects.filter(state="booked").order_by("pk"))
        if orders:
            order = orders[n % len(orders)]
            with acting(cast.admin):
                on = max(day, order.booked_on)
                cancel(
                    by=cast.admin.pk, order_id=order.pk, version=order.version, booked_on=on, reason="Random"
                )

    def _move(
        self, cast: Cast, sell: Sell, refresh: Refresh, acting: Acting, amount: int, day: date, n: int
    ) -> None:
        child = cast.territories[["East 1", "East 2", "West 1", "East Team"][n % 4]]
        parent = cast.territories[["West Team", "East Team", "Company", "West"][amount % 4]]
        with acting(cast.admin):
            try:
                move_territory(by=cast.admin.pk, territory_id=child.pk, parent_id=parent.pk, on=day)
            except Refused:
                return

    def _seat(
        self, cast: Cast, sell: Sell, refresh: Refresh, acting: Acting, amount: int, day: date, n: int
    ) -> None:
        node = cast.territories[["West Team", "East Team", "East", "West 1"][n % 4]]
        with acting(cast.admin):
            try:
                seat_person(
                    by=cast.admin.pk,
                    user_id=cast.peer.pk,
                    territory_id=node.pk,
                    kind="overlay",
                    starts_on=day,
                )
            except Refused:
                return

    def _quota(
        self, cast: Cast, sell: Sell, refresh: Refresh, acting: Acting, amount: int, day: date, n: int
    ) -> None:
        assignee: dict[str, Any] = [
            {"person_id": cast.rep.pk},
            {"person_id": cast.manager.pk},
            {"territory_id": cast.territories["East 2"].pk},
            {"territory_id": cast.territories["West"].pk},
        ][n % 4]
        period = (cast.q1, cast.q2)[amount % 2]
        with acting(cast.admin):
            set_quota(by=cast.admin.pk, period_id=period.pk, amount_minor=amount, reason="Random", **assignee)

    def _refresh(
        self, cast: Cast, sell: Sell, refresh: Refresh, acting: Acting, amount: int, day: date, n: int
    ) -> None:
        refresh()
