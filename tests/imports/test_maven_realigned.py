"""A real company is realigned in mid-quarter: as sold and as organised now are the sums of the files, by other means.

Needs the real files in ../shared/data, and skips where they are missing.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from common.access import Reach
from common.models import Period
from common.transaction import work
from orders.models import Basis
from planning.models import Draft
from planning.services.drafts import add_move, create_draft
from planning.services.realigning import preview_draft, publish_draft
from quotas.selectors.team import Question, team_attainment
from quotas.services import run_nightly
from territories.models import Territory, User
from territories.selectors import reach_for
from tests.prepared import connected, database

pytestmark = pytest.mark.slow
DAY, LAST_DAY = date(2017, 11, 15), date(2017, 12, 31)
TEAM, ACCOUNTS = "Dustin Brinkmann", ["Betasoloin", "Cancity", "Isdom", "Hottechi", "Konex"]
Deal = dict[str, str]


@pytest.fixture(scope="module")
def deals(real_files: Path) -> list[Deal]:
    """What was won in the quarter, each with its agent's manager and office, read plainly."""
    folder = real_files / "maven-crm"
    with (folder / "sales_teams.csv").open(encoding="utf-8", newline="") as file:
        teams = {row["sales_agent"]: row for row in csv.DictReader(file)}
    with (folder / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        won = [row for row in csv.DictReader(file) if row["deal_stage"] == "Won"]
    return [row | teams[row["sales_agent"]] for row in won if row["close_date"] >= "2017-10-01"]


@pytest.fixture(scope="module")
def realigned(maven_brought_in: tuple[str, str], django_db_blocker: Any) -> Iterator[None]:
    """A team of Central goes below East, and five accounts go to an agent of West, on 15 November."""
    template, _printed = maven_brought_in
    with database(template) as name, django_db_blocker.unblock():
        with connected(name), time_machine.travel(f"{DAY}T18:00:00Z"):
            _realign()
        with connected(name, as_owner=True), time_machine.travel("2018-01-02T18:00:00Z"):
            run_nightly(as_of=LAST_DAY)
        with connected(name), time_machine.travel("2018-01-02T18:00:00Z"):
            yield


def _realign() -> None:
    with work(by=None, why="a look", reach=Reach.everything()):
        admin = User.objects.get(email="admin@maven.example")
        mine = reach_for(admin, DAY)
        nodes = {node.name: node.pk for node in Territory.objects.all()}
        accounts = list(Account.objects.filter(name__in=ACCOUNTS).values_list("pk", flat=True))
    with work(by=admin.pk, why="a realignment", reach=mine):
        draft = create_draft(by=admin.pk, name="Mid-quarter", starts_on=DAY)
        place = {"draft_id": draft.pk, "by": admin.pk}
        add_move(**place, kind="node", territory_id=nodes[f"{TEAM}'s team"], into_id=nodes["East"])
        patch = next(pk for name, pk in nodes.items() if name == "Vicki Laflamme's patch")
        add_move(**place, kind="accounts", account_ids=accounts, into_id=patch)
        draft.refresh_from_db()
        draft = preview_draft(by=admin.pk, draft_id=draft.pk, version=draft.version)
        assert draft.digest
    with work(by=None, why="approved", reach=Reach.everything()):
        Draft.objects.update(state=Draft.State.QUEUED, approved_by=admin)
        done = publish_draft(draft_id=draft.pk)
        assert done is not None
        assert (done.state, done.error) == ("published", "")


def total(deals: list[Deal], chosen: Callable[[Deal], bool]) -> int:
    return sum(int(deal["close_value"]) * 100 for deal in deals if chosen(deal))


def intake(basis: str, *, is_now: bool) -> dict[str, int]:
    """Order intake of every territory of the quarter's table, all of it open."""
    with work(by=None, why="a look", reach=Reach.everything()):
        period, every = Period.objects.get(code="2017-Q4"), Territory.objects.values_list("pk", flat=True)
        question = Question(period, [period], LAST_DAY, basis=basis, opened=frozenset(every), is_now=is_now)
        rows = team_attainment(Reach.everything(), question).rows
        found: dict[str, int] = {}
        for row in rows:
            if row.node_id:
                found[row.name] = found.get(row.name, 0) + row.figures.intake
        return found


def test_as_sold_each_deal_counts_under_the_tree_of_its_day(realigned: None, deals: list[Deal]) -> None:
    found = intake(Basis.SEAT, is_now=False)

    def moved(deal: Deal) -> bool:
        return deal["manager"] == TEAM and deal["close_date"] >= DAY.isoformat()

    assert found["Central"] == total(
        deals, lambda deal: deal["regional_office"] == "Central" and not moved(deal)
    )
    assert found["East"] == total(deals, lambda deal: deal["regional_office"] == "East" or moved(deal))
    assert found["West"] == total(deals, lambda deal: deal["regional_office"] == "West")
    assert found["Maven Hardware"] == total(deals, lambda deal: True)


def test_as_organised_now_the_team_counts_below_east_with_all_it_sold(
    realigned: None, deals: list[Deal]
) -> None:
    found = intake(Basis.SEAT, is_now=True)
    east = total(deals, lambda deal: deal["regional_office"] == "East" or deal["manager"] == TEAM)
    central = total(deals, lambda deal: deal["regional_office"] == "Central" and deal["manager"] != TEAM)
    assert (found["East"], found["Central"]) == (east, central)
    assert found[f"{TEAM}'s team"] == total(deals, lambda deal: deal["manager"] == TEAM)
    assert found["Maven Hardware"] == total(deals, lambda deal: True)


def test_by_territory_the_accounts_count_where_they_are_now(realigned: None, deals: list[Deal]) -> None:
    found = intake(Basis.TERRITORY, is_now=True)
    theirs = total(deals, lambda deal: deal["account"] in ACCOUNTS)
    assert theirs > 0
    assert found["Vicki Laflamme's patch"] == theirs
    assert found["West"] == theirs
    assert found["Maven Hardware"] == total(deals, lambda deal: True)
