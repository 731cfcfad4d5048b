"""Where accounts are, in tests of how they got there."""

import re
from datetime import date
from typing import Any

from accounts.models import Account, AccountTerritory, Hold
from accounts.services import assign_accounts
from common.access import Reach
from common.transaction import work
from territories.models import Edge, Territory
from tests.cast import START, Cast

MAY = date(2026, 5, 20)
JUNE = date(2026, 6, 1)
JULY = date(2026, 7, 1)


def spans(cast: Cast, account: str, coverage: str = "field") -> list[tuple[str, date, date | None]]:
    """The territories of an account as known now, in order."""
    with work(by=None, why="look", reach=Reach.everything()):
        rows = AccountTerritory.objects.current().filter(account__name=account, coverage=coverage)
        rows = rows.select_related("territory").order_by("starts_on")
        return [(row.territory.name, row.starts_on, row.stops_on) for row in rows]


def today_of(account: str) -> tuple[str, str, str]:
    """The territories that an account carries today: in the field, of specialists, of partners."""
    with work(by=None, why="look", reach=Reach.everything()):
        row = Account.objects.select_related("territory", "specialist_territory", "partner_territory").get(
            name=account
        )
    others = (row.specialist_territory, row.partner_territory)
    specialist, partner = (place.name if place else "" for place in others)
    return row.territory.name, specialist, partner


def add_overlay(cast: Cast, name: str, parent: str) -> Territory:
    """An overlay below a territory of the cast, from its first day on."""
    with work(by=None, why="an overlay", reach=Reach.everything()):
        node = Territory.objects.create(name=name, code=name.upper().replace(" ", "-"), kind="overlay")
        Edge.objects.create(child=node, parent=cast.territories[parent], starts_on=START)
    cast.territories[name] = node
    return node


def add_accounts(cast: Cast, count: int, territory: str = "East 1") -> list[int]:
    """So many more accounts in a territory: Oak 01, Oak 02, …; their ids."""
    node = cast.territories[territory]
    with work(by=None, why="more accounts", reach=Reach.everything()):
        rows = Account.objects.bulk_create(
            Account(name=f"Oak {number:02}", number=f"OAK-{number}", territory=node)
            for number in range(1, count + 1)
        )
        AccountTerritory.objects.bulk_create(
            AccountTerritory(account=row, territory=node, starts_on=START) for row in rows
        )
    return [row.pk for row in rows]


def assign_account(*, account_id: int, coverage: str = "field", **place: Any) -> AccountTerritory:
    """One account goes to a territory, as many do; the row that says so. Of whoever acts."""
    assign_accounts(account_ids=[account_id], coverage=coverage, **place)
    rows = AccountTerritory.objects.current().select_related("territory")
    row: AccountTerritory = rows.get(
        account=account_id, coverage=coverage, territory=place["territory_id"], starts_on=place["starts_on"]
    )
    return row


def hold(cast: Cast, account: str, person: Any, starts_on: date, stops_on: date) -> Hold:
    with work(by=None, why="a hold", reach=Reach.everything()):
        row: Hold = Hold.objects.create(
            account=cast.accounts[account], person=person, starts_on=starts_on, stops_on=stops_on
        )
    return row


def offered(page: Any, name: str) -> list[str]:
    """The choices of a plain list."""
    found = re.search(rf'<select name="{name}".*?</select>', page.content.decode(), re.S)
    assert found
    return [text.strip() for text in re.findall(r">([^<]+)</option>", found[0])]


def shape(cast: Cast) -> None:
    """Types as a company has them."""
    kinds = {
        "Company": "company",
        "East": "region",
        "West": "region",
        "East Team": "area",
        "West Team": "area",
    }
    for name, kind in kinds.items():
        Territory.objects.filter(name=name).update(kind=kind)
