"""A real wide file of targets and three years of order lines, against figures counted from the files by other means.

Needs the real files in ../shared/data, and skips where they are missing.
"""

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum

from common.access import Reach
from common.transaction import work
from imports.management.commands.import_data import PROFILES
from orders.models import Credit, Order
from orders.rollup import verify_ledger
from quotas.models import Quota
from territories.models import Seat, Territory, User
from tests.prepared import connected, database

pytestmark = pytest.mark.slow
SAMPLE = 40
"""Every so many-th order, with all of its lines."""


def read(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def lines(real_files: Path) -> list[dict[str, str]]:
    path = real_files / "adventureworks-targets" / "FactResellerSales.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = set(sorted({row["SalesOrderNumber"] for row in rows})[::SAMPLE])
    return [row for row in rows if row["SalesOrderNumber"] in kept]


@pytest.fixture(scope="module")
def bicycles(prepared: str, real_files: Path, lines: Any, tmp_path_factory: Any, django_db_blocker: Any):
    """The company, with its sample of orders; the profile's own folder otherwise."""
    folder = tmp_path_factory.mktemp("bicycles")
    for file in (real_files / "adventureworks-targets").glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    with gzip.open(folder / "FactResellerSales.csv.gz", "wt", encoding="utf-8", newline="") as packed:
        writer = csv.DictWriter(packed, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    with database(prepared) as name, connected(name), django_db_blocker.unblock():
        call_command(
            "import_data", "adventureworks-targets", str(folder), stdout=StringIO(), skip_checks=True
        )
        yield folder


@pytest.fixture
def everything(bicycles):
    with work(by=None, why="a test", reach=Reach.everything()):
        yield


def test_order_intake_by_seller(everything, lines, real_files):
    names = {
        row["EmployeeKey"]: row["Salesperson"]
        for row in read(real_files / "adventureworks-targets/Salesperson.csv")
    }
    expected: dict[str, int] = defaultdict(int)
    for line in lines:
        expected[names[line["EmployeeKey"]]] += int(Decimal(line["SalesAmount"]) * 100)
    found = Credit.objects.values_list("person__name").annotate(total=Sum("amount_minor"))
    assert dict(found) == expected
    assert Order.objects.count() == len({line["SalesOrderNumber"] for line in lines})
    assert verify_ledger().is_sound


def test_order_intake_by_region_is_another_figure_with_the_same_total(everything, lines):
    expected: dict[str, int] = defaultdict(int)
    for line in lines:
        expected[f"REGION-{line['SalesTerritoryKey']}"] += int(Decimal(line["SalesAmount"]) * 100)
    found = dict(Credit.objects.values_list("territory__code").annotate(total=Sum("amount_minor")))
    assert found == expected
    assert set(Credit.objects.values_list("seat__code", flat=True)).isdisjoint(found)


def test_quotas_are_the_sums_of_their_fiscal_quarters(everything, real_files):
    folder = real_files / "adventureworks-targets"
    names = {row["EmployeeID"]: row["Salesperson"] for row in read(folder / "Salesperson.csv")}
    expected: dict[tuple[str, str], int] = defaultdict(int)
    for row in read(folder / "ResellerSalesTargets.csv"):
        for month in range(1, 13):
            target = row[f"M{month:02}"]
            if target != "-":
                year = int(row["Year"]) - (month < 7)
                expected[names[row["EmployeeID"]], f"{year}-Q{(month - 7) % 12 // 3 + 1}"] += (
                    int(target) * 1_000_00
                )
    found = {
        (name, code): amount
        for name, code, amount in Quota.objects.values_list("person__name", "period__code", "amount_minor")
    }
    assert found == expected
    assert max(expected, key=expected.__getitem__) == ("Brian Welcker", "2021-Q1")


def test_the_same_targets_in_another_encoding_change_nothing(bicycles, tmp_path):
    """The wide file also comes in UTF-16, which a profile names."""
    text = (PROFILES / "adventureworks-targets.toml").read_text(encoding="utf-8")
    plain, wide = '"ResellerSalesTargets.csv"', '"ResellerSalesTargets_utf16.csv"\nencoding = "utf-16"'
    assert plain in text
    profile = tmp_path / "wide.toml"
    profile.write_text(text.replace(plain, wide), encoding="utf-8")
    printed = StringIO()
    call_command("import_data", str(profile), str(bicycles), stdout=printed, skip_checks=True)
    rows = {line.split()[0]: line.split()[1:5] for line in printed.getvalue().splitlines()[2:]}
    assert rows["quota"] == ["0", "0", "270", "0"]


def test_sellers_share_regions_and_sit_on_one_patch(everything, real_files):
    links = read(real_files / "adventureworks-targets/SalespersonRegion.csv")
    jobs = {
        row["EmployeeKey"]: row["JobTitle"]
        for row in read(real_files / "adventureworks-targets/Salesperson.csv")
    }
    of_sellers = [link for link in links if jobs[link["EmployeeKey"]] == "Sales Representative"]
    assert Seat.objects.filter(kind="overlay").count() == len(of_sellers)
    assert Seat.objects.filter(kind="owner").count() == 14
    assert Territory.objects.get(code="NORTH-AMERICA").seats.get().user.name == "Stephen Jiang"
    assert User.objects.get(name="José Saraiva").email == "jose.saraiva@adventure.example"
