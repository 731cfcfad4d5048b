"""A run taken back leaves accounts as if it had not been, from that day on, whatever was planned before and after."""

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from accounts.models import Account, AccountTerritory
from accounts.selectors.taking_back import taking_back
from tests.accounts.ruled import JUNE, is_in, places, rule, run
from tests.accounts.test_rule_run_back import JULY, TODAY, take_back
from tests.cast import Cast

JANUARY = date(2026, 1, 1)
CUTS = [JANUARY, date(2026, 4, 1), TODAY, date(2026, 5, 25), JUNE, date(2026, 6, 15), JULY, date(2026, 9, 1)]
BACKS = [JUNE, date(2026, 6, 20), JULY, date(2026, 8, 15)]
DAYS = [*CUTS, *BACKS, *(JANUARY + timedelta(days=number) for number in range(0, 270, 9))]


def make_accounts(company: Cast, rnd: random.Random) -> None:
    """Thirty accounts with up to three places each, some with days in none, by every cause."""
    nodes = [company.territories[name] for name in ("East 1", "East 2", "West 1", "Finance", "Bay")]
    nobody = company.territories["Unassigned"]
    for number in range(30):
        name = f"Any {number:02}"
        made = Account.objects.create(name=name, number=name, territory=nobody, tier=rnd.choice("ABC"))
        cuts = sorted(rnd.sample(range(len(CUTS) + 1), rnd.randint(2, 4)))
        for first, last in pairwise(cuts):
            if rnd.random() < 0.75:
                AccountTerritory.objects.create(
                    account=made,
                    territory=rnd.choice(nodes),
                    starts_on=CUTS[first],
                    stops_on=CUTS[last] if last < len(CUTS) else None,
                    cause=rnd.choice(["manual", "import", "rule"]),
                )


@pytest.mark.parametrize("seed", range(3))
def test_runs_are_taken_back(company: Cast, acting: Any, seed: int) -> None:
    """Two runs, the newer one taken back first, then the older one."""
    rnd = random.Random(seed)
    nodes, by = company.territories, company.admin
    first = rnd.choice([TODAY, JUNE])
    second = rnd.choice([day for day in (TODAY, JUNE, JULY) if day >= first])
    back = rnd.choice([day for day in BACKS if day >= second])

    def look() -> dict[date, dict[str, str]]:
        with acting(by):
            return {day: places(day) for day in DAYS}

    with acting(by):
        make_accounts(company, rnd)
        rule(by, "A", nodes["Finance"], is_in("tier", "A"), spares_placed=False)
        rule(by, "B", nodes["Bay"], is_in("tier", "B"))
    before = look()
    older = run(acting, by, first)
    between = look()
    with acting(by):
        rule(by, "Sooner", nodes["West 1"], is_in("tier", "A", "C"), priority=1, spares_placed=False)
    newer = run(acting, by, second)
    after = look()
    assert after != between != before
    with acting(by):
        told = taking_back(newer, back).moved
    take_back(acting, by, newer, back)
    now = look()
    assert now == {day: (between if day >= back else after)[day] for day in DAYS}
    changed = {
        name for name in after[back].keys() | now[back].keys() if after[back].get(name) != now[back].get(name)
    }
    assert told == len(changed)
    with acting(by):
        assert taking_back(older, back).stay == 0
    take_back(acting, by, older, back)
    assert look() == {day: (before if day >= back else after)[day] for day in DAYS}
