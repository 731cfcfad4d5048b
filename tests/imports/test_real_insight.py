"""What two real exports come to: the product's rates, cycles and pipeline equal those counted from the raw files.

Needs the real files in ../shared/data, and skips where they are missing.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.core.management import call_command

from common.transaction import work
from pipeline.models import Opportunity
from pipeline.selectors.board import board
from pipeline.selectors.insight import Asked, rates_now, tallies
from pipeline.selectors.opportunities import Filters
from pipeline.selectors.win_rates import CLOSED, CREATED, counted, pace
from territories.models import User
from territories.selectors import reach_for
from tests.prepared import connected, database

pytestmark = pytest.mark.slow
Deals = list[dict[str, str]]
LAST_DAY = date(2017, 12, 31)
YEAR = Asked(date(2017, 1, 1), LAST_DAY, {})
HALF = Asked(date(2024, 1, 1), date(2024, 6, 30), {})


def read(path: Path) -> Deals:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def reading(email: str, day: date) -> AbstractContextManager[Any]:
    """A transaction of that person, as the web gives it."""
    with work(by=None, why="who"):
        person = User.objects.get(email=email)
        mine = reach_for(person, day)
    return work(by=person.pk, why="a test", reach=mine)


@pytest.fixture(scope="module")
def maven(maven_brought_in: tuple[str, str], django_db_blocker: Any) -> Iterator[None]:
    template, _printed = maven_brought_in
    with database(template) as name, django_db_blocker.unblock(), connected(name):
        yield


@pytest.fixture(scope="module")
def deals(real_files: Path) -> Deals:
    return read(real_files / "maven-crm" / "sales_pipeline.csv")


def decided(deals: Deals) -> Deals:
    return [deal for deal in deals if deal["close_date"].startswith("2017")]


def days(deal: dict[str, str]) -> int:
    return (date.fromisoformat(deal["close_date"]) - date.fromisoformat(deal["engage_date"])).days


def test_the_win_rate_of_a_year(maven: None, deals: Deals) -> None:
    found = Counter(deal["deal_stage"] for deal in decided(deals))
    with reading("executive@maven.example", LAST_DAY) as context:
        [line] = tallies(counted(context.reach, YEAR, CLOSED), "", rates_now(LAST_DAY))
    assert (line.won, line.lost) == (found["Won"], found["Lost"])
    assert line.by_count == Fraction(found["Won"], found["Won"] + found["Lost"])
    value = sum(int(deal["close_value"]) for deal in decided(deals) if deal["deal_stage"] == "Won")
    assert (line.won_minor, line.lost_minor) == (value * 100, 0)
    assert line.unvalued == found["Lost"]


def test_the_win_rate_of_what_was_created(maven: None, deals: Deals) -> None:
    made = [deal for deal in deals if deal["engage_date"].startswith("2017")]
    won = sum(deal["deal_stage"] == "Won" for deal in made)
    with reading("executive@maven.example", LAST_DAY) as context:
        [line] = tallies(counted(context.reach, YEAR, CREATED), "", rates_now(LAST_DAY))
    assert (line.deals, line.by_count) == (len(made), Fraction(won, len(made)))


def test_the_win_rate_of_every_agent(maven: None, deals: Deals) -> None:
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    for deal in decided(deals):
        expected[deal["sales_agent"]][deal["deal_stage"]] += 1
    with reading("executive@maven.example", LAST_DAY) as context:
        lines = tallies(counted(context.reach, YEAR, CLOSED), "owner", rates_now(LAST_DAY))
    assert {line.label: (line.won, line.lost) for line in lines} == {
        agent: (found["Won"], found["Lost"]) for agent, found in expected.items()
    }


@pytest.mark.parametrize("region", ["", "Central", "East", "West"])
def test_the_sales_cycle(maven: None, deals: Deals, real_files: Path, region: str) -> None:
    """The median of the days from engaging to closing; a director's is that of their own region."""
    teams = read(real_files / "maven-crm" / "sales_teams.csv")
    agents = {row["sales_agent"] for row in teams if region in ("", row["regional_office"])}
    won = [one for one in decided(deals) if one["deal_stage"] == "Won" and one["sales_agent"] in agents]
    email = f"director.{region.lower()}@maven.example" if region else "executive@maven.example"
    with reading(email, LAST_DAY) as context:
        rates = rates_now(LAST_DAY)
        [line] = tallies(counted(context.reach, YEAR, CLOSED), "", rates)
        found = pace(context.reach, YEAR, line, LAST_DAY)
    assert found.cycle == Fraction(median(days(deal) for deal in won))
    assert line.won == len(won)


def test_the_open_pipeline_by_stage(maven: None, deals: Deals, real_files: Path) -> None:
    """Region by region, for the board counts up to 2,000 deals."""
    office = {
        row["sales_agent"]: row["regional_office"]
        for row in read(real_files / "maven-crm" / "sales_teams.csv")
    }
    whole: Counter[str] = Counter()
    for region in ("Central", "East", "West"):
        expected = Counter(
            deal["deal_stage"]
            for deal in deals
            if deal["deal_stage"] not in ("Won", "Lost") and office[deal["sales_agent"]] == region
        )
        with reading(f"director.{region.lower()}@maven.example", LAST_DAY) as context:
            columns = board(context.reach, Filters({}, "", ""), LAST_DAY).columns
            found = {column.stage.name: column.count for column in columns if column.is_open}
        assert found == {stage: expected[stage] for stage in ("Prospecting", "Engaging")}
        whole += expected
    assert whole == {"Prospecting": 500, "Engaging": 1_589}


PROFILE = """
name = "salesforce"
[company]
name = "Widgets"
reporting_currency = "USD"
time_zone = "America/New_York"
locale = "en-US"
fiscal_start_month = 1
first_year = 2024
last_year = 2026
[style]
dates = "YYYY-MM-DD"

[[table]]
entity = "territory"
rows = [{ code = "ALL", name = "Widgets", kind = "company", starts_on = "2024-01-01" }]

[[table]]
entity = "person"
rows = [{ email = "a@widgets.example", name = "Ann", role = "admin", starts_on = "2024-01-01" }]

[[table]]
entity = "account"
file = "Account.csv"
[table.fields]
number = "Id"
name = "Name"

[[table]]
entity = "stage"
rows = [
    { name = "Qualification", position = 1, kind = "open", probability = 10, category = "pipeline" },
    { name = "Needs Analysis", position = 2, kind = "open", probability = 20, category = "pipeline" },
    { name = "Proposal", position = 3, kind = "open", probability = 75, category = "best_case" },
    { name = "Negotiation", position = 4, kind = "open", probability = 90, category = "commit" },
    { name = "Closed Won", position = 5, kind = "won", probability = 100, category = "closed" },
    { name = "Closed Lost", position = 6, kind = "lost", probability = 0, category = "omitted" },
]

# Ten deals closed before the day on which they were created: that day is the one of the load, so another one stands.
[[table]]
entity = "opportunity"
file = "Opportunity.csv"
[table.fields]
number = "Id"
name = "Name"
account = "AccountId"
owner = { value = "a@widgets.example" }
stage = "StageName"
amount = "Amount"
currency = { value = "USD" }
motion = { column = "Type", map = { "Existing Business" = "expansion", "New Business" = "new" } }
created_on = { value = "2024-01-01" }
close_on = "CloseDate"
[table.fields.source]
column = "LeadSource"
[table.fields.source.map]
Advertisement = "Campaign"
"Customer Event" = "Trade fair"
"Employee Referral" = "Referral"
"Google AdWords" = "Campaign"
Other = "Own research"
"Purchased List" = "Bought list"
"Trade Show" = "Trade fair"
Webinar = "Campaign"
"""


@pytest.fixture(scope="module")
def sold(real_files: Path) -> Deals:
    return read(real_files / "salesforce-export" / "gen-ai-demo" / "Opportunity.csv")


@pytest.fixture(scope="module")
def salesforce(
    prepared: str, real_files: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[str]:
    profile = tmp_path_factory.mktemp("salesforce") / "profile.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    printed, folder = StringIO(), real_files / "salesforce-export" / "gen-ai-demo"
    with database(prepared) as name, django_db_blocker.unblock(), connected(name):
        call_command("import_data", str(profile), str(folder), stdout=printed, skip_checks=True)
        yield printed.getvalue()


TODAY = date(2024, 7, 11)


def cents(deal: dict[str, str]) -> int:
    return int(Decimal(deal["Amount"]) * 100)


def test_a_salesforce_export_comes_in_whole(salesforce: str, sold: Deals) -> None:
    with reading("a@widgets.example", TODAY):
        assert Opportunity.objects.count() == len(sold) == 58
        found = Counter(Opportunity.objects.values_list("source", flat=True))
    assert found["Campaign"] == sum(
        deal["LeadSource"] in ("Advertisement", "Webinar", "Google AdWords") for deal in sold
    )
    assert found["Partner"] == sum(deal["LeadSource"] == "Partner" for deal in sold)


def test_its_win_rate_cycle_and_value(salesforce: str, sold: Deals) -> None:
    won = [
        deal
        for deal in sold
        if deal["StageName"] == "Closed Won" and deal["CloseDate"] <= HALF.last.isoformat()
    ]
    with reading("a@widgets.example", TODAY) as context:
        [line] = tallies(counted(context.reach, HALF, CLOSED), "", rates_now(TODAY))
        cycle = pace(context.reach, HALF, line, TODAY).cycle
    assert (line.won, line.lost, line.by_count) == (len(won), 0, Fraction(1))
    assert line.won_minor == sum(map(cents, won))
    took = [(date.fromisoformat(deal["CloseDate"]) - HALF.first).days for deal in won]
    assert cycle == Fraction(median(took))


def test_its_open_pipeline_by_stage(salesforce: str, sold: Deals) -> None:
    count: Counter[str] = Counter()
    value: Counter[str] = Counter()
    for deal in sold:
        if deal["IsClosed"] != "1":
            count[deal["StageName"]] += 1
            value[deal["StageName"]] += cents(deal)
    with reading("a@widgets.example", TODAY) as context:
        columns = [one for one in board(context.reach, Filters({}, "", ""), TODAY).columns if one.is_open]
    assert {one.stage.name: one.count for one in columns} == count
    assert {one.stage.name: sum(total.amount_minor for total in one.totals) for one in columns} == value
