"""A real company comes in whole: every figure of the product equals one counted from the files by other means.

Needs the real files in ../shared/data, and skips where they are missing.
"""

import csv
from collections import Counter, defaultdict
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum

from accounts.models import Account
from catalog.models import Product
from common.access import Reach
from common.models import Period
from common.transaction import work
from orders.models import Credit, Order
from orders.rollup import verify_ledger
from pipeline.models import Opportunity, OpportunityLine, StageVisit
from quotas.selectors.intake import people_intake
from quotas.services import run_nightly
from territories.models import RoleGrant, Territory, User
from territories.selectors import reach_for
from tests.prepared import connected, database
from tests.quotas.conftest import node_intake

pytestmark = pytest.mark.slow
LAST_DAY = date(2017, 12, 31)


@pytest.fixture(scope="module")
def truth(real_files: Path) -> dict[str, list[dict[str, str]]]:
    """The files, read plainly."""
    names = ("accounts", "products", "sales_pipeline", "sales_teams")
    tables = {}
    for name in names:
        with (real_files / "maven-crm" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    return tables


@pytest.fixture(scope="module")
def won(truth) -> list[dict[str, str]]:
    return [deal for deal in truth["sales_pipeline"] if deal["deal_stage"] == "Won"]


@pytest.fixture(scope="module")
def maven(maven_brought_in: tuple[str, str], django_db_blocker: Any):
    """The company brought in, with the night of its last day."""
    template, printed = maven_brought_in
    with database(template) as name, django_db_blocker.unblock():
        with connected(name, as_owner=True):
            run_nightly(as_of=LAST_DAY)
        with connected(name):
            yield printed


@pytest.fixture
def everything(maven):
    with work(by=None, why="a test", reach=Reach.everything()):
        yield


def team_of(truth: Any) -> dict[str, tuple[str, str]]:
    """Agent -> manager and regional office."""
    return {row["sales_agent"]: (row["manager"], row["regional_office"]) for row in truth["sales_teams"]}


def quarter(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def test_everything_is_counted(maven, everything, truth):
    roles = Counter(RoleGrant.objects.values_list("role", flat=True))
    assert (roles["rep"], roles["manager"], roles["director"]) == (35, 6, 3)
    assert Opportunity.objects.count() == len(truth["sales_pipeline"]) == 8_800
    assert Account.objects.count() == 85
    assert Product.objects.count() == 7
    assert Order.objects.count() == 4_238
    assert "rejected" in maven


def test_order_intake_is_that_of_the_file(everything, won):
    total = sum(int(deal["close_value"]) for deal in won)
    assert total == 10_005_534
    assert Credit.objects.aggregate(total=Sum("plan_minor"))["total"] == total * 100
    assert verify_ledger().is_sound


def test_order_intake_by_agent_and_quarter(everything, won):
    expected: dict[tuple[str, str], int] = defaultdict(int)
    for deal in won:
        expected[deal["sales_agent"], quarter(deal["close_date"])] += int(deal["close_value"]) * 100
    agents = User.objects.filter(role_grants__role="rep")
    assert len(agents) == 35
    for period in Period.objects.quarters():
        for agent in agents:
            assert people_intake([agent.pk], period)[agent.pk] == expected.get((agent.name, period.code), 0)


def test_order_intake_by_manager_region_and_quarter(everything, truth, won):
    teams = team_of(truth)
    managers: dict[tuple[str, str], int] = defaultdict(int)
    regions: dict[tuple[str, str], int] = defaultdict(int)
    for deal in won:
        manager, region = teams[deal["sales_agent"]]
        value, code = int(deal["close_value"]) * 100, quarter(deal["close_date"])
        managers[manager, code] += value
        regions[region, code] += value
    for period in Period.objects.quarters():
        for region in ("Central", "East", "West"):
            node = Territory.objects.get(name=region)
            assert node_intake(node.pk, period) == regions.get((region, period.code), 0)
        for manager in {name for name, _ in teams.values()}:
            node = Territory.objects.get(name=f"{manager}'s team")
            assert node_intake(node.pk, period) == managers.get((manager, period.code), 0)


def test_the_tree_has_its_types(everything, truth):
    kinds = Counter(Territory.objects.filter(is_unassigned=False).values_list("kind", flat=True))
    assert kinds == {"company": 1, "region": 3, "area": 6, "territory": 35}


def test_agents_without_a_deal_are_there_with_nothing(everything, truth):
    sellers = {deal["sales_agent"] for deal in truth["sales_pipeline"]}
    idle = [row["sales_agent"] for row in truth["sales_teams"] if row["sales_agent"] not in sellers]
    assert len(idle) == 5
    people = User.objects.filter(name__in=idle).annotate(deals=Count("opportunities"))
    assert [person.deals for person in people] == [0] * 5
    for period in Period.objects.quarters().filter(code__startswith="2017"):
        assert set(people_intake([person.pk for person in people], period).values()) == {0}


def test_misspelt_words_are_put_right(everything, truth):
    misspelt = sum(deal["product"] == "GTXPro" for deal in truth["sales_pipeline"])
    spelt = sum(deal["product"] == "GTX Pro" for deal in truth["sales_pipeline"])
    assert misspelt == 1_480
    assert OpportunityLine.objects.filter(product__name="GTX Pro").count() == misspelt + spelt
    assert not Account.objects.filter(industry="technolgy").exists()
    assert not Account.objects.filter(country="Philipines").exists()
    assert Account.objects.filter(industry="technology").count() == sum(
        a["sector"] == "technolgy" for a in truth["accounts"]
    )


def test_what_the_file_does_not_say_is_not_made_up(everything, truth):
    running = Opportunity.objects.filter(state="open")
    without = sum(
        not d["account"] for d in truth["sales_pipeline"] if d["deal_stage"] in ("Engaging", "Prospecting")
    )
    assert running.count() == 1_589 + 500
    assert running.filter(account=None).count() == without == 1_425
    assert not Opportunity.objects.exclude(state="won").exclude(amount_minor=None).exists()
    assert not StageVisit.objects.filter(
        opportunity__stage__name="Prospecting", stage__name="Engaging"
    ).exists()


def test_accounts_keep_their_parents_and_millions(everything, truth):
    parents = {row["account"]: row["subsidiary_of"] for row in truth["accounts"] if row["subsidiary_of"]}
    found = dict(Account.objects.exclude(parent=None).values_list("name", "parent__name"))
    assert found == parents
    assert Account.objects.get(name="Acme Corporation").annual_revenue_minor == 110_004_000_000


@pytest.mark.parametrize("region", ["Central", "East", "West"])
def test_the_director_of_a_region_sees_exactly_that_region(maven, truth, won, region):
    with work(by=None, why="who"):
        director = User.objects.get(email=f"director.{region.lower()}@maven.example")
        mine = reach_for(director, LAST_DAY)
    agents = {agent for agent, (_, office) in team_of(truth).items() if office == region}
    total = sum(int(deal["close_value"]) for deal in won if deal["sales_agent"] in agents)
    deals = sum(deal["sales_agent"] in agents for deal in truth["sales_pipeline"])
    with work(by=director.pk, why="a test", reach=mine):
        # Nothing narrows these but the database's own row policies.
        assert Credit.objects.aggregate(total=Sum("plan_minor"))["total"] == total * 100
        assert Opportunity.objects.count() == deals
        assert set(Credit.objects.values_list("person__name", flat=True)) <= agents
        # The scope of the product's own queries finds the same rows.
        assert Opportunity.objects.visible_to(mine).count() == deals
        assert Credit.objects.visible_to(mine).count() == Credit.objects.count()


def test_again_changes_nothing(maven, real_files, tmp_path):
    folder = tmp_path / "maven"
    folder.mkdir()
    for file in (real_files / "maven-crm").glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes() + b"\r\n")
    printed = StringIO()
    call_command("import_data", "maven-crm", str(folder), stdout=printed, skip_checks=True)
    rows = {
        line.split()[0]: [int(cell) for cell in line.split()[1:5]]
        for line in printed.getvalue().splitlines()[2:]
    }
    assert rows["opportunity"] == [0, 0, 8_800, 0]
    assert rows["order"] == [0, 0, 4_238, 0]
    assert all(created == changed == rejected == 0 for created, changed, _, rejected in rows.values())
