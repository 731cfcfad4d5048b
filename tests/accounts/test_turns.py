"""Acts at the same time: none waits for one that waits for it, and none closes a ring that the other opens."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import Account, Classification
from accounts.selectors.previews import preview
from accounts.services import accounts as account_services
from accounts.services import assign_accounts, classify_account, edit_account, hold_account, runs
from accounts.services.standing import apply_due_classifications
from common.access import Reach
from common.errors import Refused
from common.transaction import work
from planning.services.merging import merge_accounts
from tests import databases
from tests.accounts.ruled import is_in, rule
from tests.cast import Cast
from tests.planning.test_territory_retire_race import at_once as in_a_thread
from tests.planning.test_territory_retire_race import waits
from tests.workspace.at_once import at_once

TODAY = date(2026, 5, 20)


def later(cast: Cast, act: Callable[[], Any]) -> Callable[[], str]:
    """The act by the administrator half a second from now: *ok*, or what went wrong."""

    def go() -> str:
        time.sleep(0.5)
        return told(cast, act)

    return go


def told(cast: Cast, act: Callable[[], Any]) -> str:
    try:
        with work(by=cast.admin.pk, why="at once", reach=Reach.everything()):
            act()
    except Exception as error:  # noqa: BLE001  what went wrong is what is asked
        return repr(error)
    return "ok"


def slowly(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Let something take a second after it has done its work."""
    real = getattr(module, name)

    def slow(*args: Any) -> Any:
        found = real(*args)
        time.sleep(1)
        return found

    monkeypatch.setattr(module, name, slow)


def acts(cast: Cast) -> dict[str, Callable[[], Any]]:
    acorn, by = cast.accounts["Acorn"].pk, cast.admin.pk
    june, east_2 = date(2026, 6, 1), cast.territories["East 2"].pk
    hold = {"account_id": acorn, "person_id": cast.rep.pk, "starts_on": june, "stops_on": date(2026, 9, 1)}
    place = {"account_ids": [acorn], "territory_id": east_2, "starts_on": june}
    pair = {"survivor_id": cast.accounts["Beech"].pk, "merged_id": acorn}
    return {
        "assign": lambda: assign_accounts(by=by, **place),
        "hold": lambda: hold_account(by=by, **hold),
        "merge": lambda: merge_accounts(by=by, **pair, reason="one"),
    }


@pytest.mark.parametrize("name", ["assign", "hold", "merge"])
def test_an_act_waits_for_a_run_of_the_rules(cast, acting, monkeypatch, name):
    with acting(cast.admin):
        one = is_in("account", cast.accounts["Acorn"].pk)
        rule(cast.admin, "R", cast.territories["West 1"], one, spares_placed=False)
        runs.ask_run(by=cast.admin.pk, starts_on=TODAY, digest=preview(TODAY).digest)
    slowly(monkeypatch, runs, "preview")
    said = at_once(runs.run_waiting, later(cast, acts(cast)[name]))
    assert said[0] is True
    assert said[1] == "ok" or "doesn't own West 1" in said[1]  # by then it is not Rita's any more


def classify(cast: Cast) -> None:
    classify_account(
        by=cast.admin.pk, account_id=cast.accounts["Acorn"].pk, starts_on=TODAY, is_strategic=True
    )


def begin(cast: Cast) -> None:
    row = {"account": cast.accounts["Acorn"], "starts_on": TODAY, "is_strategic": True}
    Classification.objects.create(**row)
    apply_due_classifications(today=TODAY)


@pytest.mark.parametrize("act", [classify, begin])
def test_who_classifies_waits_for_a_run_of_the_rules_before_an_account_is_locked(cast, db, owner, act):
    """A run brings accounts to where they are in no order of theirs: it would wait for one, and its writer for it."""
    run = databases.connect(db)
    run.autocommit = False
    with run.cursor() as cursor:
        cursor.execute(runs.ALONE)
        classifying, failed = in_a_thread(lambda: told(cast, lambda: act(cast)))
        waits(owner)
        cursor.execute("SELECT FROM accounts_account FOR UPDATE NOWAIT")
    run.rollback()
    run.close()
    classifying.join(timeout=30)
    assert failed == []
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Account.objects.get(name="Acorn").is_strategic


def test_two_accounts_do_not_become_each_others_parent(cast, monkeypatch):
    slowly(monkeypatch, account_services, "_check_parent")
    acorn, beech = (cast.accounts[name].pk for name in ("Acorn", "Beech"))

    def below(child: int, parent: int) -> Callable[[], str]:
        def act() -> None:
            version = Account.objects.get(pk=child).version
            edit_account(by=cast.admin.pk, account_id=child, version=version, parent_id=parent)

        return lambda: told(cast, act)

    said = at_once(below(acorn, beech), below(beech, acorn))
    assert sorted(said)[1] == "ok"
    assert Refused.__name__ in sorted(said)[0]
