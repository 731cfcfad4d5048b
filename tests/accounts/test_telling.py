"""Owners of territories hear of accounts that came to them."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from accounts.services import apply_due_assignments, create_account
from accounts.tasks import apply_due_assignments as begin_days
from common.access import Reach
from common.transaction import work
from territories.selectors import reach_for
from tests.accounts.places import assign_account
from tests.cast import Cast
from workspace.models import Message
from workspace.selectors.sentences import sentence

TODAY = date(2026, 5, 20)


def told() -> list[tuple[str, str, str]]:
    with work(by=None, why="a test", reach=Reach.everything()):
        rows = Message.objects.order_by("id").select_related("person", "by")
        return [(row.person.name, sentence(row), row.url) for row in rows]


def assign(cast: Cast, account: Account, place: str, day: date = TODAY) -> None:
    node = cast.territories[place].pk
    assign_account(by=cast.admin.pk, account_id=account.pk, territory_id=node, starts_on=day)


def test_an_account_that_is_assigned_comes_to_its_new_owner_who_may_read_it(cast: Cast, acting: Any) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.admin):
        assign(cast, acorn, "East 2")
    url = f"/accounts/{acorn.pk}/"
    assert told() == [("Paul Peer", "Ada Admin gave you the account Acorn.", url)]
    with work(by=None, why="a test", reach=Reach.everything()):
        assert Account.objects.visible_to(reach_for(cast.peer, TODAY)).filter(pk=acorn.pk).exists()


def test_one_that_is_planned_comes_on_its_day_and_many_are_one_message(
    cast: Cast, acting: Any, clock: Any
) -> None:
    with acting(cast.admin):
        assign(cast, cast.accounts["Acorn"], "West 1", date(2026, 6, 1))
        assign(cast, cast.accounts["Beech"], "West 1", date(2026, 6, 1))
        assign(cast, cast.accounts["Cedar"], "East 2", date(2026, 6, 1))
    assert told() == []
    clock.move_to("2026-06-01T15:00:00Z")
    assert begin_days() == 3
    cedar = f"/accounts/{cast.accounts['Cedar'].pk}/"
    assert sorted(told()) == [
        ("Oscar Other", "2 accounts came to you.", "/accounts/"),
        ("Paul Peer", "The account Cedar came to you.", cedar),
    ]
    assert begin_days() == 0
    assert len(told()) == 2


@pytest.mark.parametrize("owners", [1, 3])
def test_the_day_s_moves_ask_as_much_for_many_owners_as_for_one(
    cast: Cast, acting: Any, clock: Any, owners: int
) -> None:
    moves = list(zip(("Acorn", "Beech", "Cedar"), ("West 1", "East 2", "East 1"), strict=True))
    with acting(cast.admin):
        for name, place in moves[:owners]:
            assign(cast, cast.accounts[name], "West Team", TODAY)
            assign(cast, cast.accounts[name], place, date(2026, 6, 1))
    clock.move_to("2026-06-01T15:00:00Z")
    with (
        work(by=None, why="a test", reach=Reach.everything()),
        CaptureQueriesContext(connection) as statements,
    ):
        assert apply_due_assignments(today=date(2026, 6, 1)) == owners
    assert len(told()) == owners
    assert len(statements) == 16


def test_a_new_account_of_another_is_told_and_one_s_own_is_not(cast: Cast, acting: Any) -> None:
    with acting(cast.manager):
        create_account(by=cast.manager.pk, name="Fir", territory_id=cast.territories["East 1"].pk)
    with acting(cast.rep):
        create_account(by=cast.rep.pk, name="Elm")
    assert [row[:2] for row in told()] == [("Rita Rep", "Mona Manager gave you the account Fir.")]


def test_an_owner_whose_role_reads_no_accounts_there_is_not_told(cast: Cast, acting: Any, owner: Any) -> None:
    owner.execute("ALTER TABLE territories_rolegrant DISABLE TRIGGER USER")
    owner.execute("UPDATE territories_rolegrant SET role = 'director' WHERE user_id = %s", [cast.peer.pk])
    owner.execute("ALTER TABLE territories_rolegrant ENABLE TRIGGER USER")
    with acting(cast.admin):
        assign(cast, cast.accounts["Acorn"], "East 2")
    assert told() == []


def test_nothing_due_tells_nobody(cast: Cast) -> None:
    with work(by=None, why="a test", reach=Reach.everything()):
        assert apply_due_assignments(today=TODAY) == 0
    assert told() == []
