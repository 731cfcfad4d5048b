"""The acts on the tree in one line each, and what the tests read of the accounts and the tree."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from accounts.models import Account, AccountTerritory
from common.access import Reach
from common.transaction import work
from pipeline.models import Activity, Opportunity
from planning.services import Merged, Part, merge_territory, retire_territory, split_territory
from territories.models import Edge, Seat, Territory
from territories.services import create_territory
from tests.cast import Cast

WHOLE = 100_000_000
TODAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 1), date(2026, 7, 1)


def retire(cast: Cast, name: str, on: date = JUNE, reason: str = "") -> Territory:
    pk = cast.territories[name].pk
    return retire_territory(by=cast.admin.pk, territory_id=pk, on=on, reason=reason)


def merge(cast: Cast, name: str, into: str, on: date = JUNE, reason: str = "") -> Merged:
    ids = {"territory_id": cast.territories[name].pk, "into_id": cast.territories[into].pk}
    return merge_territory(by=cast.admin.pk, **ids, on=on, reason=reason)


def split(cast: Cast, name: str, parts: dict[str, Sequence[Account]], on: date = JUNE) -> list[Territory]:
    made = split_territory(
        by=cast.admin.pk,
        territory_id=cast.territories[name].pk,
        on=on,
        parts=[
            Part(part, part.upper(), [account.pk for account in accounts]) for part, accounts in parts.items()
        ],
    )
    cast.territories |= {node.name: node for node in made}
    return made


def add(cast: Cast, name: str, below: str | None, on: date = date(2026, 1, 1), kind: str = "") -> Territory:
    parent = cast.territories[below].pk if below else None
    given = {"code": name.upper(), "parent_id": parent, "starts_on": on, "kind": kind}
    cast.territories[name] = create_territory(by=cast.admin.pk, name=name, **given)
    return cast.territories[name]


def account(cast: Cast, name: str, place: str, **more: Any) -> Account:
    """An account in the field of a territory since the beginning."""
    node = cast.territories[place]
    made: Account = Account.objects.create(name=name, number=name.upper(), territory=node, **more)
    AccountTerritory.objects.create(account=made, territory=node, starts_on=date(2025, 1, 1))
    cast.accounts[name] = made
    return made


def task(cast: Cast, place: str, **more: Any) -> Activity:
    about = {"account": cast.accounts["Acorn"], "owner": cast.rep}
    row = {"kind": "task", "subject": "Call", "due_on": JUNE, **about, **more}
    made: Activity = Activity.objects.create(territory=cast.territories[place], **row)
    return made


def lonely_deal(cast: Cast, place: str) -> Opportunity:
    """An open deal of nobody's account that stands on a territory."""
    deal = cast.deals["Acorn renewal"]
    with work(by=None, why="a test", reach=Reach.everything()):
        columns = {f.attname: getattr(deal, f.attname) for f in deal._meta.concrete_fields if not f.generated}
        fresh = {"id": None, "number": "O-9", "name": "Lonely", "account_id": None}
        made: Opportunity = Opportunity.objects.create(
            **{**columns, **fresh, "territory_id": cast.territories[place].pk}
        )
        return made


def places(name: str, coverage: str = "field") -> list[tuple[str, date, date | None]]:
    """Where an account is, by day."""
    rows = AccountTerritory.objects.current().filter(account__name=name, coverage=coverage)
    found = rows.select_related("territory").order_by("starts_on")
    return [(row.territory.name, row.starts_on, row.stops_on) for row in found]


def edges(name: str) -> list[tuple[str, date, date | None]]:
    """What a territory lies below, by day; a root lies below nothing."""
    rows = Edge.objects.current().filter(child__name=name).select_related("parent").order_by("starts_on")
    return [(row.parent.name if row.parent else "", row.starts_on, row.stops_on) for row in rows]


def seats(name: str) -> list[tuple[str, str, date, date | None]]:
    """Who sits on a territory, by day."""
    rows = Seat.objects.current().filter(territory__name=name).select_related("user").order_by("starts_on")
    return [(row.user.name, row.kind, row.starts_on, row.stops_on) for row in rows]
