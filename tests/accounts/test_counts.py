"""How many accounts lie in each territory, kept as they come and go: always what a look at all of them would say."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Sum

from accounts.bulk.counts import count_anew, put_counts_together
from accounts.models import Account, AccountCount
from accounts.services import assign_accounts, create_account
from common.access import Reach
from common.transaction import work
from tests.cast import Cast
from tests.quotas.conftest import worker

TODAY = date(2026, 5, 20)


def kept() -> dict[int, int]:
    """What the counts say, without territories in which nothing is."""
    rows = AccountCount.objects.values_list("territory_id").annotate(all=Sum("number"))
    return {node: number for node, number in rows if number}


def looked_at() -> dict[int, int]:
    rows = Account.objects.filter(merged_into=None).order_by().values_list("territory_id")
    return dict(rows.annotate(all=Count("pk")))


@pytest.fixture
def _everything(cast: Cast) -> Any:
    with work(by=None, why="counting", reach=Reach.everything()):
        yield


def names(cast: Cast, found: dict[int, int]) -> dict[str, int]:
    by_id = {territory.pk: name for name, territory in cast.territories.items()}
    return {by_id[node]: number for node, number in found.items()}


@pytest.mark.usefixtures("_everything")
def test_counts_follow_every_change(cast: Cast) -> None:
    assert names(cast, kept()) == {"East 1": 1, "East 2": 1, "West 1": 1}
    west = cast.territories["West 1"]
    Account.objects.filter(name__in=["Acorn", "Beech"]).update(territory=west)
    assert names(cast, kept()) == {"West 1": 3}
    Account.objects.filter(name="Beech").update(merged_into=cast.accounts["Acorn"])
    assert names(cast, kept()) == {"West 1": 2}
    Account.objects.filter(name="Beech").update(merged_into=None, territory=cast.territories["East 2"])
    assert names(cast, kept()) == {"West 1": 2, "East 2": 1} == names(cast, looked_at())


def test_counts_follow_the_acts(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        west = cast.territories["West 1"].pk
        create_account(by=cast.admin.pk, name="Dogwood", territory_id=west)
        assert kept() == looked_at()
        assert kept()[west] == 2
        moved = [cast.accounts["Acorn"].pk]
        assign_accounts(
            by=cast.admin.pk, account_ids=moved, territory_id=west, starts_on=TODAY, reason="Moved"
        )
        assert kept()[west] == 3
        assert kept() == looked_at()


@pytest.mark.usefixtures("_everything")
def test_what_is_taken_back_was_never_counted(cast: Cast) -> None:
    before = kept()
    with transaction.atomic():
        Account.objects.update(territory=cast.territories["West 1"])
        assert names(cast, kept()) == {"West 1": 3}
        transaction.set_rollback(True)
    assert kept() == before


def test_the_worker_puts_them_together(cast: Cast) -> None:
    with work(by=None, why="to and fro", reach=Reach.everything()):
        for name in ("West 1", "East 1", "East 2", "West 1"):
            Account.objects.filter(name="Acorn").update(territory=cast.territories[name])
        before = kept()
    with worker(), work(by=None, why="counting", reach=Reach.everything()):
        put_counts_together()
        assert kept() == before
        rows = AccountCount.objects.values_list("territory_id", flat=True)
        assert len(rows) == len(set(rows)) == 2


def test_they_are_made_anew(cast: Cast) -> None:
    with worker(), work(by=None, why="counting", reach=Reach.everything()):
        right = kept()
        AccountCount.objects.create(territory=cast.territories["West 1"], number=5)
        assert kept() != right
        count_anew()
        assert kept() == right
