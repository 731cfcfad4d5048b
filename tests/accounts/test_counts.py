"""How many accounts lie in each territory, kept as they come and go: always what a look at all of them would say."""

from datetime import date
from typing import Any

import pytest
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Count, Sum

from accounts.bulk.counts import TOGETHER, count_anew, put_counts_together
from accounts.models import Account, AccountCount
from accounts.services import assign_accounts, create_account
from accounts.tasks import compare_counts, count_together
from common.access import Reach
from common.errors import Forbidden
from common.transaction import work
from imports.services import undo_batch
from salesops.celery import app
from tests import databases
from tests.cast import Cast
from tests.imports.tables import Tables, as_admin
from tests.planning.test_territory_retire_race import at_once, waits
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


def test_the_worker_makes_wrong_counts_anew_and_says_so(cast: Cast, caplog: Any) -> None:
    """As after a restore of rows alone: the trigger counted the accounts, and the counts came in beside that."""
    with worker():
        compare_counts()
        assert caplog.messages == []
        with work(by=None, why="counting", reach=Reach.everything()):
            right = kept()
            for name, number in (("West 1", 5), ("East 1", -3)):
                AccountCount.objects.create(territory=cast.territories[name], number=number)
            wrong = kept()
            assert wrong != right
        count_together()
        with work(by=None, why="a look", reach=Reach.everything()):
            assert kept() == wrong, "a comparison of all accounts is not for every few minutes"
        compare_counts()
    assert caplog.messages == ["Counts of accounts were wrong in 2 territories and were made anew."]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert kept() == right == looked_at()


def test_the_clock_puts_them_together_often_and_compares_them_by_night() -> None:
    clock = {entry["task"]: entry["schedule"] for entry in app.conf.beat_schedule.values()}
    assert clock["accounts.put_counts_together"] == 300
    assert clock["accounts.compare_counts"] == crontab(hour=3, minute=20)


def test_nobody_makes_them_anew_who_does_not_see_every_account(cast: Cast, acting: Any) -> None:
    with worker():
        with pytest.raises(ImproperlyConfigured):
            count_anew()
        with acting(cast.rep), pytest.raises(Forbidden):
            count_anew()
    with work(by=None, why="a look", reach=Reach.everything()):
        assert names(cast, kept()) == {"East 1": 1, "East 2": 1, "West 1": 1}


def test_two_at_once_count_both_and_each_sees_its_own(cast: Cast, db: str, owner: Any) -> None:
    other = databases.connect(db)
    other.autocommit = False
    move = "UPDATE accounts_account SET territory_id = %s WHERE name = %s"
    west = cast.territories["West 1"].pk
    with other.cursor() as cursor, work(by=None, why="counting", reach=Reach.everything()):
        cursor.execute("SET LOCAL pghistory.context_id = '00000000-0000-0000-0000-000000000001'")
        cursor.execute("SET LOCAL pghistory.context_metadata = '{}'")
        cursor.execute(move, [west, "Beech"])
        Account.objects.filter(name="Acorn").update(territory=west)
        assert names(cast, kept()) == {"East 2": 1, "West 1": 2}
        other.commit()
        assert names(cast, kept()) == {"West 1": 3} == names(cast, looked_at())
    other.close()


def test_who_makes_them_anew_waits_for_who_puts_them_together(cast: Cast, db: str, owner: Any) -> None:
    with work(by=None, why="to and fro", reach=Reach.everything()):
        for name in ("West 1", "East 1"):
            Account.objects.filter(name="Acorn").update(territory=cast.territories[name])

    def make_anew() -> None:
        with worker(), work(by=None, why="counting", reach=Reach.everything()):
            count_anew()

    other = databases.connect(db)
    other.autocommit = False
    with other.cursor() as cursor:
        cursor.execute(TOGETHER)
        making, failed = at_once(make_anew)
        waits(owner)
    other.commit()
    other.close()
    making.join(timeout=30)
    assert failed == []
    with work(by=None, why="a look", reach=Reach.everything()):
        assert names(cast, kept()) == {"East 1": 1, "East 2": 1, "West 1": 1}


def test_an_import_that_is_undone_is_counted_and_taken_off_again(cast: Cast) -> None:
    tables = Tables(cast.admin)
    lines = ("N-1 | Nine | West 1 | 2026-05-01", "N-2 | Ten | East 1 | 2026-05-01")
    batch = tables.bring("accounts", "Number | Name | Territory | From", *lines)
    with work(by=None, why="a look", reach=Reach.everything()):
        assert names(cast, kept()) == {"East 1": 2, "East 2": 1, "West 1": 2} == names(cast, looked_at())
    with as_admin(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
    with work(by=None, why="a look", reach=Reach.everything()):
        assert names(cast, kept()) == {"East 1": 1, "East 2": 1, "West 1": 1} == names(cast, looked_at())
