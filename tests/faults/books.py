"""What stands in a machine's books: runs that are asked for, and whether every figure is exact."""

from typing import Any

from psycopg2.errors import DeadlockDetected

from common.access import Reach
from common.transaction import work
from quotas import rollup
from tests.faults.servers import Machine, until

ASK = """
INSERT INTO common_run (job, as_of, state, input_hash, output_hash, error, changed_rows)
SELECT 'attainment', (now() AT TIME ZONE 'America/New_York')::date - 1, 'asked', '', '', '', 0
WHERE NOT EXISTS (SELECT 1 FROM common_run WHERE state = 'asked') RETURNING id
"""
DERIVED = "quotas_leafcell, quotas_nodecell, quotas_quotacell, quotas_monthdigest, quotas_publication"
BY_MONTH = {
    "ledger": "SELECT date_trunc('month', booked_on)::date, sum(plan_minor)::bigint FROM orders_credit GROUP BY 1",
    "people": "SELECT month_on, sum(amount_minor)::bigint FROM quotas_leafcell GROUP BY 1",
    "company": """SELECT month_on, sum(amount_minor)::bigint FROM quotas_nodecell
                  JOIN territories_territory t ON t.id = node_id AND t.name = 'Company' GROUP BY 1""",
}


def ask(machine: Machine) -> int:
    """A run that an administrator asks for, of a night whose figures are made from nothing."""
    until(lambda: forgotten(machine))
    return int(machine.value(ASK))


def forgotten(machine: Machine) -> bool:
    """Empty all that is derived; False where a job was just reading it in another order."""
    try:
        machine.rows(f"LOCK TABLE common_rungate IN EXCLUSIVE MODE; TRUNCATE {DERIVED}")
    except DeadlockDetected:
        return False
    return True


def state(machine: Machine, run: int) -> str:
    return str(machine.value("SELECT state FROM common_run WHERE id = %s", run))


def finish(machine: Machine, run: int, *, is_woken: bool = True) -> str:
    """Wake the worker as the clock does until that run is published; answer its output hash."""

    def is_published() -> bool:
        if is_woken:
            machine.wake()
        return state(machine, run) == "published"

    until(is_published, every=0.25)
    return str(machine.value("SELECT output_hash FROM common_run WHERE id = %s", run))


def sums(machine: Machine, what: str) -> dict[Any, int]:
    return dict(machine.rows(BY_MONTH[what]))


def are_empty(machine: Machine) -> bool:
    """Whether nothing of a run is to be seen."""
    return not any(machine.value(f"SELECT count(*) FROM {table}") for table in DERIVED.split(", "))


def are_exact(machine: Machine) -> None:
    """Every month to the cent, by person and for the whole company, and every invariant of the night."""
    assert sums(machine, "people") == sums(machine, "company") == sums(machine, "ledger")
    with machine.looked_into(), work(by=None, why="a look", reach=Reach.everything()):
        assert {one.name: rollup.broken_places(one, None) for one in rollup.invariants()} == {
            one.name: [] for one in rollup.invariants()
        }
