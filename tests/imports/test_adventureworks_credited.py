"""A real company's targets and sales under both crediting rules, against figures counted from the files alone.

The files name no owner of a region: several sellers share most of them. Who owns one is written here, with hand-overs
in mid-month and days without anybody; whoever else sells there sits in an overlay, as the profile has it. Each seller
owns their own patch besides, on which nothing is sold.

Needs the real files in ../shared/data, and skips where they are missing. It takes the first two fiscal years (1,994
orders of 21,778 lines), and all lines of an order as one: so it is brought in within a minute, each order to the cent.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from common.access import Reach
from common.models import Period
from common.policies import BY_OWNER
from common.services import set_policy
from common.transaction import work
from imports.management.commands.import_data import PROFILES
from orders.models import Credit
from orders.selectors.credits import NOBODY, CreditFilter
from orders.selectors.known import AsOf
from quotas.selectors.crediting import rule_of
from quotas.selectors.question import Question
from quotas.selectors.standings import standings
from quotas.selectors.team import team_attainment
from quotas.services import run_nightly
from territories.models import Territory, User
from tests.prepared import connected, database

pytestmark = pytest.mark.slow

LAST_DAY = date(2019, 6, 30)
START, END = "2016-07-01", "2021-07-01"
OWNERS = [
    # region, seller, from, until
    ("1", "286", START, "2018-11-16"),
    ("1", "289", "2018-11-16", END),
    ("2", "281", START, END),
    ("3", "283", START, END),
    ("4", "282", START, "2018-03-05"),
    ("4", "287", "2018-04-17", END),
    ("5", "285", START, "2017-08-11"),
    ("5", "281", "2017-08-29", END),
    ("6", "284", START, "2019-02-01"),
    ("6", "288", "2019-03-06", END),
    ("7", "292", START, END),
    ("10", "291", "2018-08-20", END),
]
SEATS = """
[[table]]
entity = "seat"
file = "Owners.csv"
join = [{ file = "Salesperson.csv", on = "EmployeeKey" }]
[table.fields]
person = "Salesperson"
territory = { template = "REGION-{SalesTerritoryKey}" }
kind = { value = "owner" }
starts_on = "From"
stops_on = "Until"

# ---- Products"""
Sums = dict[tuple[str, str], int]
"""Minor units by the name of a person, or nothing for nobody, and the code of a quarter."""


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def quarter(day: str) -> str:
    """The fiscal quarter of a day as written; the year begins in July and is named by that one."""
    year, month = int(day[:4]), int(day[5:7])
    return f"{year - (month < 7)}-Q{(month - 7) % 12 // 3 + 1}"


@pytest.fixture(scope="module")
def files(real_files: Path) -> Path:
    return real_files / "adventureworks-targets"


@pytest.fixture(scope="module")
def names(files: Path) -> dict[str, str]:
    return {row["EmployeeKey"]: row["Salesperson"] for row in read(files / "Salesperson.csv")}


@pytest.fixture(scope="module")
def lines(files: Path) -> list[dict[str, str]]:
    path = files / "FactResellerSales.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return [line for line in csv.DictReader(file) if line["OrderDate"] <= str(LAST_DAY)]


@pytest.fixture(scope="module")
def sold_by_seller(lines: Any, names: Any) -> Sums:
    """By split: each order is its seller's."""
    sums: Sums = defaultdict(int)
    for line in lines:
        sums[names[line["EmployeeKey"]], quarter(line["OrderDate"])] += cents(line)
    return dict(sums)


@pytest.fixture(scope="module")
def sold_by_owner(lines: Any, names: Any) -> Sums:
    """By territory owner: each order is of whoever owned its region on its day; days compare as they are written."""
    sums: Sums = defaultdict(int)
    for line in lines:
        region, day = line["SalesTerritoryKey"], line["OrderDate"]
        owners = [key for place, key, first, stop in OWNERS if place == region and first <= day < stop]
        assert len(owners) <= 1
        sums[names[owners[0]] if owners else "", quarter(day)] += cents(line)
    return dict(sums)


@pytest.fixture(scope="module")
def targets(files: Path) -> Sums:
    """Of sellers, the months of each quarter, in thousands; "-" is none. A manager's target is that of the team."""
    sellers = [row for row in read(files / "Salesperson.csv") if row["JobTitle"] == "Sales Representative"]
    names = {row["EmployeeID"]: row["Salesperson"] for row in sellers}
    sums: Sums = defaultdict(int)
    for row in read(files / "ResellerSalesTargets.csv"):
        for month in range(1, 13):
            day, target = f"{row['Year']}-{month:02}-01", row[f"M{month:02}"]
            if row["EmployeeID"] in names and target != "-" and day <= str(LAST_DAY):
                sums[names[row["EmployeeID"]], quarter(day)] += int(target) * 1_000_00
    return dict(sums)


def cents(line: dict[str, str]) -> int:
    amount = Decimal(line["SalesAmount"]) * 100
    assert amount == int(amount)
    return int(amount)


def written(folder: Path, files: Path, lines: list[dict[str, str]]) -> None:
    """The folder of the profile: its files, the owners, and one line for each order."""
    for file in files.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    with (folder / "Owners.csv").open("w", encoding="utf-8", newline="") as table:
        csv.writer(table).writerows([("SalesTerritoryKey", "EmployeeKey", "From", "Until"), *OWNERS])
    orders: dict[str, dict[str, str]] = {}
    for line in lines:
        order = orders.setdefault(
            line["SalesOrderNumber"], {**line, "SalesAmount": "0", "OrderQuantity": "1"}
        )
        order["SalesAmount"] = str(Decimal(order["SalesAmount"]) + Decimal(line["SalesAmount"]))
    with gzip.open(folder / "FactResellerSales.csv.gz", "wt", encoding="utf-8", newline="") as packed:
        writer = csv.DictWriter(packed, list(lines[0]))
        writer.writeheader()
        writer.writerows(orders.values())


@pytest.fixture(scope="module")
def company(
    prepared: str, files: Path, lines: Any, tmp_path_factory: Any, django_db_blocker: Any
) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bicycles")
    written(folder, files, lines)
    text = (PROFILES / "adventureworks-targets.toml").read_text(encoding="utf-8")
    assert text.count("\n# ---- Products") == 1
    (folder / "owned.toml").write_text(text.replace("\n# ---- Products", SEATS), encoding="utf-8")
    with database(prepared) as name, django_db_blocker.unblock():
        with connected(name):
            profile = str(folder / "owned.toml")
            call_command("import_data", profile, str(folder), stdout=StringIO(), skip_checks=True)
        with connected(name, as_owner=True):
            run_nightly(as_of=LAST_DAY)
        with connected(name):
            yield


@pytest.fixture
def everything(company: None) -> Iterator[None]:
    with work(by=None, why="a test", reach=Reach.everything()):
        yield


@pytest.fixture
def by_owner(everything: None) -> None:
    set_policy(by=None, name="crediting_rule", value=BY_OWNER, starts_on=date(2016, 7, 1))


def quarters() -> list[Period]:
    return list(Period.objects.quarters().filter(starts_on__gte="2017-07-01", starts_on__lte=LAST_DAY))


def told(as_of: AsOf) -> tuple[Sums, Sums, dict[tuple[str, str], Any]]:
    """What the product says of every person in every quarter: order intake, quotas, attainment."""
    people = list(User.objects.order_by("pk"))
    found = [
        ((one.person.name, period.code), one)
        for period in quarters()
        for one in standings(Reach.everything(), people, period, as_of)
    ]
    intakes = {key: one.intake_minor for key, one in found if one.intake_minor}
    quotas = {key: one.quota_minor for key, one in found if one.quota_minor is not None}
    return intakes, quotas, {key: one.attainment for key, one in found if one.attainment is not None}


def ratios(sums: Sums, targets: Sums) -> dict[tuple[str, str], Any]:
    return {key: Fraction(sums.get(key, 0), target) for key, target in targets.items() if target}


CLOCKS = [pytest.param(AsOf(), id="cells"), pytest.param(AsOf(LAST_DAY), id="ledger")]


@pytest.mark.parametrize("as_of", CLOCKS)
def test_by_split(everything: None, sold_by_seller: Sums, targets: Sums, as_of: AsOf) -> None:
    assert {rule_of(period) for period in quarters()} == {"by_split"}
    intakes, quotas, attained = told(as_of)
    assert intakes == sold_by_seller
    assert quotas == targets
    assert attained == ratios(sold_by_seller, targets)


@pytest.mark.parametrize("as_of", CLOCKS)
def test_by_territory_owner(by_owner: None, sold_by_owner: Sums, targets: Sums, as_of: AsOf) -> None:
    assert {rule_of(period) for period in quarters()} == {"by_territory_owner"}
    expected = {key: amount for key, amount in sold_by_owner.items() if key[0]}
    intakes, quotas, attained = told(as_of)
    assert intakes == expected
    assert quotas == targets
    assert attained == ratios(expected, targets)


def test_the_rules_differ_and_the_company_does_not(
    everything: None, sold_by_seller: Sums, sold_by_owner: Sums
) -> None:
    differing = {
        key
        for key in sold_by_seller.keys() | sold_by_owner.keys()
        if sold_by_seller.get(key) != sold_by_owner.get(key)
    }
    assert len(differing) > 50
    assert sum(sold_by_seller.values()) == sum(sold_by_owner.values())
    assert Credit.objects.count() == 1994


def test_what_nobody_owned(by_owner: None, sold_by_owner: Sums) -> None:
    expected = {code: amount for (name, code), amount in sold_by_owner.items() if not name}
    found = {
        period.code: sum(
            CreditFilter(period, owner_id=NOBODY)
            .narrow(Credit.objects.all())
            .values_list("plan_minor", flat=True)
        )
        for period in quarters()
    }
    assert {code: amount for code, amount in found.items() if amount} == expected
    assert len(expected) >= 4


def test_the_table_of_the_team_says_the_same(by_owner: None, sold_by_owner: Sums) -> None:
    opened = frozenset(Territory.objects.values_list("pk", flat=True))
    for period in quarters():
        question = Question(period, [period], LAST_DAY, basis="territory", is_by_owner=True, opened=opened)
        team = team_attainment(Reach.everything(), question)
        sums: dict[str, int] = defaultdict(int)
        for row in team.rows:
            if row.node_id is None and row.figures.intake:
                sums["" if row.is_moved else row.name] += row.figures.intake
        assert sums == {name: amount for (name, code), amount in sold_by_owner.items() if code == period.code}
        assert team.total.intake == sum(sums.values())
