"""What a run was made of, kept with its versions, and that the same inputs come to the same bytes."""

import itertools
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from common.errors import Refused
from common.models import Run
from common.services import set_rate
from orders.models import LedgerHead
from quotas.models import Publication
from quotas.services import set_quota
from territories.services import move_territory, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell, everything
from tests.quotas.test_rollup import cells

APRIL, MAY, JUNE = date(2026, 4, 14), date(2026, 5, 12), date(2026, 6, 1)
Night = Callable[..., Run]
Refresh = Callable[[], Run | None]


def other(first: Run, second: Run) -> set[str]:
    """The inputs in which two runs differ."""
    return {name for name in first.inputs if first.inputs[name] != second.inputs[name]}


class TestInputs:
    def test_a_run_keeps_each_with_its_version(self, cast: Cast, sell: Sell, night: Night) -> None:
        sell("Acorn", 100_00, MAY)
        run = night()
        with everything():
            head = LedgerHead.objects.get()
            run = Run.objects.get(pk=run.pk)
        assert (run.inputs["ledger_seq"], run.inputs["ledger"], run.inputs["code"]) == (1, head.hash, 1)
        assert run.inputs.keys() == {
            *("ledger_seq", "ledger", "code", "tree", "calendar", "seats", "quotas", "rates")
        }
        assert {len(run.inputs[name]) for name in ("tree", "calendar", "seats", "rates")} == {64}
        assert run.totals == {"2026-Q2": 100_00}

    def test_what_is_changed_is_told_apart(
        self, cast: Cast, acting: Acting, sell: Sell, night: Night, owner: Any
    ) -> None:
        runs = [night()]
        sell("Acorn", 100_00, MAY)
        runs.append(night())
        admin, place = cast.admin.pk, cast.territories
        with acting(cast.admin):
            move_territory(
                by=admin, territory_id=place["East 2"].pk, parent_id=place["West Team"].pk, on=JUNE
            )
        runs.append(night())
        with acting(cast.admin):
            seat_person(
                by=admin, user_id=cast.rep.pk, territory_id=place["East"].pk, kind="overlay", starts_on=JUNE
            )
        runs.append(night())
        with acting(cast.admin):
            set_quota(by=admin, period_id=cast.q2.pk, amount_minor=500_00, person_id=cast.rep.pk)
        runs.append(night())
        with acting(cast.admin):
            set_rate(
                by=admin,
                currency="EUR",
                kind="booked",
                value=Decimal("1.3"),
                starts_on=JUNE,
            )
        runs.append(night())
        owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
        owner.execute("SELECT set_config('pghistory.context_metadata', '{}', false)")
        owner.execute("UPDATE common_period SET code = 'Q4 of 2035' WHERE code = '2035-Q4'")
        runs.append(night(is_full=True))
        assert [other(*pair) for pair in itertools.pairwise(runs)] == [
            *({"ledger_seq", "ledger"}, {"tree"}, {"seats"}, {"quotas"}, {"rates"}, {"calendar"})
        ]
        assert len({run.input_hash for run in runs}) == len(runs)

    def test_a_refresh_keeps_them_too_and_knows_them_of_an_unchanged_plan(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh
    ) -> None:
        first = night()
        sell("Acorn", 100_00, MAY)
        second = refresh()
        assert second is not None
        assert other(first, second) == {"ledger_seq", "ledger"}

    def test_a_published_run_is_never_changed(self, cast: Cast, night: Night, owner: Any) -> None:
        run = night()
        run.totals = {"2026-Q2": 1}
        with pytest.raises(IntegrityError, match="append-only"), everything():
            run.save()


class TestSameBytes:
    def test_of_the_same_inputs_by_night_by_the_second_and_anew_from_rows_in_another_order(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh, owner: Any
    ) -> None:
        night()
        for account, amount, day in (("Acorn", 100_01, MAY), ("Beech", 33_33, APRIL), ("Cedar", 7_77, MAY)):
            sell(account, amount, day, {"rep": 33_333_333, "peer": 66_666_667})
            refresh()
        by_the_second, seen = night(date(2026, 5, 20)), cells()
        owner.execute("SET session_replication_role = replica")
        owner.execute("CREATE TABLE turned AS SELECT * FROM orders_credit ORDER BY ledger_seq DESC")
        owner.execute(
            "DELETE FROM orders_credit; INSERT INTO orders_credit SELECT * FROM turned; DROP TABLE turned"
        )
        owner.execute(
            "DELETE FROM quotas_leafcell; DELETE FROM quotas_nodecell; DELETE FROM quotas_monthdigest"
        )
        anew = night(date(2026, 5, 20), is_full=True)
        assert anew.changed_rows > 0
        assert cells() == seen
        assert anew.input_hash == by_the_second.input_hash
        assert anew.output_hash == by_the_second.output_hash
        assert anew.totals == by_the_second.totals == {"2026-Q2": 141_11}

    def test_other_figures_of_the_same_inputs_fail_the_run(
        self, cast: Cast, sell: Sell, night: Night, owner: Any
    ) -> None:
        sell("Acorn", 100_00, MAY)
        good = night()
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE common_run SET output_hash = repeat('0', 64)")
        with pytest.raises(
            Refused, match=f"Run {good.pk} made other figures of the same inputs: output 0{{12}},"
        ):
            night()
        with everything():
            assert Publication.objects.get().run_id == good.pk
            failed = Run.objects.get(state="failed")
            assert failed.error.startswith(f"Run {good.pk} made other figures")
        sell("Acorn", 1_00, MAY)
        assert night().state == Run.State.PUBLISHED
