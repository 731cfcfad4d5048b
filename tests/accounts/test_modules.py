"""Modules: which accounts move as one, on which days, and who may say so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import sleep
from typing import Any

import pytest
from django.db import connections

from accounts.models import Account, AccountTerritory, Module, ModuleMember
from accounts.selectors.modules import (
    bundles,
    members_of,
    members_on,
    module_history,
    module_list,
    module_of,
    places_on,
)
from accounts.services import modules as services
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period
from common.transaction import reach
from tests.accounts.bundled import JUNE, MAY, module, spans
from tests.accounts.places import assign_account
from tests.cast import Cast


def add(cast: Cast, person: Any, made: Module, *names: str, on: date = MAY, **more: Any) -> int:
    ids = [cast.accounts[name].pk for name in names]
    facts = {"module_id": made.pk, "account_ids": ids, "starts_on": on, **more}
    return services.add_to_module(by=person.pk, **facts).came


def out(cast: Cast, made: Module, *names: str, on: date, reason: str = "") -> int:
    ids = [cast.accounts[name].pk for name in names]
    facts = {"module_id": made.pk, "account_ids": ids, "starts_on": on, "reason": reason}
    return services.take_out_of_module(by=cast.admin.pk, **facts)


def test_accounts_come_in_from_a_day_on(cast: Cast, acting: Any) -> None:
    made = module(cast, acting)
    with acting(cast.admin):
        assert add(cast, cast.admin, made, "Acorn", "Cedar", on=JUNE, reason=" big ones ") == 2
        row = ModuleMember.objects.get(account=cast.accounts["Acorn"])
        assert (row.reason, row.recorded_by_id) == ("big ones", cast.admin.pk)
        assert members_of(made.pk, MAY) == []
        assert members_of(made.pk, JUNE) == sorted(cast.accounts[name].pk for name in ("Acorn", "Cedar"))
    assert spans(acting, cast) == [
        ("Acorn", "Key accounts", JUNE, None),
        ("Cedar", "Key accounts", JUNE, None),
    ]


def test_one_of_another_module_is_refused_by_name_and_then_nothing_is_done(cast: Cast, acting: Any) -> None:
    module(cast, acting, "Acorn")
    other = module(cast, acting, name="Growth")
    with acting(cast.admin), pytest.raises(Refused) as refused:
        add(cast, cast.admin, other, "Acorn", "Beech", on=JUNE)
    assert str(refused.value.message) == (
        "1 account is in another module then: Acorn (Key accounts). Leave it out, or move it."
    )
    assert (refused.value.path, refused.value.code) == ("moves", "in_other_module")
    assert spans(acting, cast) == [("Acorn", "Key accounts", MAY, None)]


def test_asked_to_it_moves_over(cast: Cast, acting: Any) -> None:
    module(cast, acting, "Acorn", "Cedar")
    other = module(cast, acting, name="Growth")
    with acting(cast.admin):
        assert add(cast, cast.admin, other, "Acorn", "Beech", on=JUNE, moves=True) == 2
    assert spans(acting, cast) == [
        ("Acorn", "Key accounts", MAY, JUNE),
        ("Acorn", "Growth", JUNE, None),
        ("Beech", "Growth", JUNE, None),
        ("Cedar", "Key accounts", MAY, None),
    ]
    with acting(cast.admin):
        gone = ModuleMember.objects.get(account=cast.accounts["Acorn"], superseded_at__isnull=False)
        rest = ModuleMember.objects.current().get(account=cast.accounts["Acorn"], stops_on=JUNE)
        assert gone.superseded_at == rest.recorded_at
        assert gone.superseded_by_id == cast.admin.pk


def test_many_names_are_cut_short(cast: Cast, acting: Any) -> None:
    made, other = module(cast, acting), module(cast, acting, name="Growth")
    with acting(cast.admin):
        territory = cast.territories["East 1"]
        rows = [
            Account.objects.create(name=f"Fir {n}", number=f"F-{n}", territory=territory) for n in range(7)
        ]
        ids = [row.pk for row in rows]
        facts: dict[str, Any] = {"by": cast.admin.pk, "account_ids": ids, "starts_on": MAY}
        services.add_to_module(module_id=made.pk, **facts)
        with pytest.raises(Refused) as refused:
            services.add_to_module(module_id=other.pk, **facts)
    said = "7 accounts are in other modules then: Fir 0 (Key accounts), Fir 1 (Key accounts), "
    assert str(refused.value.message).startswith(said)
    assert "Fir 4 (Key accounts), …." in str(refused.value.message)


def test_who_is_in_it_stays_and_all_in_it_is_said(cast: Cast, acting: Any) -> None:
    made = module(cast, acting, "Acorn")
    with acting(cast.admin):
        assert add(cast, cast.admin, made, "Acorn", "Beech", on=JUNE) == 1
        with pytest.raises(Refused, match=r"They are in Key accounts on that day already\."):
            add(cast, cast.admin, made, "Acorn", on=JUNE)
    assert spans(acting, cast) == [
        ("Acorn", "Key accounts", MAY, None),
        ("Beech", "Key accounts", JUNE, None),
    ]


def test_one_that_comes_later_or_leaves_comes_in_now_for_good(cast: Cast, acting: Any) -> None:
    made = module(cast, acting, "Acorn", on=JUNE)
    with acting(cast.admin):
        assert add(cast, cast.admin, made, "Acorn", "Beech") == 2
        out(cast, made, "Beech", on=date(2026, 8, 1))
        assert add(cast, cast.admin, made, "Beech", on=date(2026, 7, 1)) == 1
    assert spans(acting, cast) == [
        ("Acorn", "Key accounts", MAY, None),
        ("Beech", "Key accounts", MAY, date(2026, 7, 1)),
        ("Beech", "Key accounts", date(2026, 7, 1), None),
    ]


def test_at_most_500_by_hand(cast: Cast, acting: Any) -> None:
    made = module(cast, acting)
    with acting(cast.admin), pytest.raises(Refused, match="At most 500 accounts are picked at once"):
        services.add_to_module(by=cast.admin.pk, module_id=made.pk, account_ids=range(501), starts_on=MAY)


def test_nothing_in_a_closed_period_or_a_retired_module(cast: Cast, acting: Any, owner: Any) -> None:
    made = module(cast, acting, "Cedar")
    with acting(cast.admin):
        Period.objects.filter(code="2026-04").update(is_closed=True)
        with pytest.raises(Conflict):
            add(cast, cast.admin, made, "Acorn", on=date(2026, 4, 30))
        with pytest.raises(Conflict):
            out(cast, made, "Cedar", on=date(2026, 4, 30))
        services.retire_module(by=cast.admin.pk, module_id=made.pk, version=1)
        with pytest.raises(Refused, match=r"Key accounts was retired\."):
            add(cast, cast.admin, made, "Acorn")


def test_taking_out_ends_it_and_what_is_not_in_it_is_named(cast: Cast, acting: Any) -> None:
    made = module(cast, acting, "Acorn", "Cedar")
    with acting(cast.admin):
        assert out(cast, made, "Acorn", on=JUNE, reason="lost") == 1
        with pytest.raises(Refused) as refused:
            out(cast, made, "Cedar", "Acorn", on=JUNE)
        assert str(refused.value.message) == "Not in Key accounts on that day or later: Acorn."
        assert out(cast, made, "Cedar", on=MAY) == 1
    assert spans(acting, cast) == [("Acorn", "Key accounts", MAY, JUNE)]


def test_directors_bundle_what_lies_below_them(cast: Cast, acting: Any) -> None:
    with acting(cast.director):
        made = services.create_module(by=cast.director.pk, name=" Eastern ", note=" all of it ")
        assert (made.name, made.note) == ("Eastern", "all of it")
        assert add(cast, cast.director, made, "Acorn", "Beech") == 2
        with pytest.raises(NotInReach):
            add(cast, cast.director, made, "Cedar")
        for act in (services.retire_module, services.restore_module, services.edit_module):
            with pytest.raises(Forbidden):
                act(by=cast.director.pk, module_id=made.pk, version=1)  # type: ignore[operator]
    with acting(cast.admin):
        assign_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            territory_id=cast.territories["West 1"].pk,
            starts_on=MAY,
        )
        from accounts.models import Participant

        Participant.objects.create(account=cast.accounts["Acorn"], user=cast.director, reason="credit")
    with acting(cast.director), pytest.raises(Forbidden, match="not yours: Acorn"):
        add(cast, cast.director, made, "Acorn", on=JUNE)


def test_others_may_not(cast: Cast, acting: Any) -> None:
    made = module(cast, acting)
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        with acting(person):
            with pytest.raises(Forbidden):
                services.create_module(by=person.pk, name="Mine")
            with pytest.raises(Forbidden):
                add(cast, person, made, "Acorn")


def test_a_new_module_comes_with_what_goes_into_it(cast: Cast, acting: Any) -> None:
    facts: dict[str, Any] = {"account_ids": [cast.accounts["Acorn"].pk], "starts_on": MAY}
    made = module(cast, acting, name="Growth")
    with acting(cast.director):
        added = services.add_to_module(by=cast.director.pk, name="Eastern", **facts)
        assert (added.module.name, added.came) == ("Eastern", 1)
        for wrong in ({}, {"name": " "}, {"name": "West", "module_id": made.pk}):
            with pytest.raises(Refused, match=r"Choose a module, or name a new one\."):
                services.add_to_module(by=cast.director.pk, **facts, **wrong)


def test_nothing_and_nobody_is_not_in_reach(cast: Cast, acting: Any) -> None:
    made = module(cast, acting)
    with acting(cast.admin):
        with pytest.raises(NotInReach):
            add(cast, cast.admin, made)
        with pytest.raises(NotInReach):
            services.add_to_module(by=cast.admin.pk, module_id=0, account_ids=[1], starts_on=MAY)


def test_who_sees_a_part_of_it_does_not_move_it(cast: Cast, acting: Any) -> None:
    made = module(cast, acting, "Acorn", "Cedar")
    with acting(cast.director), pytest.raises(Refused, match="You don't see all accounts of this module"):
        members_of(made.pk, JUNE)
    with acting(cast.admin):
        out(cast, made, "Cedar", on=JUNE)
    with acting(cast.director):
        assert members_of(made.pk, JUNE) == [cast.accounts["Acorn"].pk]


def test_an_edit_is_of_a_version_and_a_name_is_given_once(cast: Cast, acting: Any) -> None:
    made = module(cast, acting)
    with acting(cast.admin):
        services.edit_module(by=cast.admin.pk, module_id=made.pk, version=1, name="Top", note="best")
        with pytest.raises(Stale):
            services.edit_module(by=cast.admin.pk, module_id=made.pk, version=1, name="Again")
        with pytest.raises(Refused, match="no field colour"):
            services.edit_module(by=cast.admin.pk, module_id=made.pk, version=2, colour="red")
        with pytest.raises(Refused, match=r"There is a module of that name already\."):
            services.create_module(by=cast.admin.pk, name="TOP")


def test_a_retired_module_is_empty_from_today_and_can_be_used_again(cast: Cast, acting: Any) -> None:
    made = module(cast, acting, "Acorn", on=date(2026, 4, 1))
    with acting(cast.admin):
        add(cast, cast.admin, made, "Beech", on=JUNE)
        assert services.retire_module(by=cast.admin.pk, module_id=made.pk, version=1, reason="done") == 2
        assert [row.name for row in module_list(is_active=False)] == ["Key accounts"]
        assert list(module_list()) == []
        services.restore_module(by=cast.admin.pk, module_id=made.pk, version=2)
        assert [row.pk for row in module_list("KEY")] == [made.pk]
    assert spans(acting, cast) == [("Acorn", "Key accounts", date(2026, 4, 1), MAY)]


def test_what_is_seen_of_a_module_is_what_may_be_read(cast: Cast, acting: Any) -> None:
    made = module(cast, acting, "Acorn", "Beech", "Cedar")
    with acting(cast.admin):
        AccountTerritory.objects.current().get(account=cast.accounts["Cedar"]).replaced(stops_on=JUNE)
        (bundle,) = bundles(reach(), module_list(), MAY)
        assert [(place.territory.name, place.count) for place in bundle.places] == [
            ("East 1", 1),
            ("East 2", 1),
            ("West 1", 1),
        ]
        assert (bundle.count, len(bundle.first), bundle.more) == (3, 3, 0)
        (later,) = bundles(reach(), [made], JUNE)
        assert [place.territory.name for place in later.places] == ["East 1", "East 2", "Unassigned"]
        where = places_on([cast.accounts["Cedar"].pk], JUNE)
        assert [place.name for place in where.values()] == ["Unassigned"]
    with acting(cast.director):
        (bundle,) = bundles(reach(), [made], MAY)
        assert bundle.count == 2
        assert [row.account.name for row in members_on(reach(), made.pk, MAY)] == ["Acorn", "Beech"]
        assert module_of(cast.accounts["Cedar"].pk, MAY) is None
    with acting(cast.rep):
        row = module_of(cast.accounts["Acorn"].pk, date(2026, 5, 1))
        assert row is not None
        assert (row.module.name, row.starts_on) == ("Key accounts", MAY)


def test_what_became_of_a_module_as_sentences(cast: Cast, acting: Any) -> None:
    made = module(cast, acting, "Acorn", "Beech")
    with acting(cast.admin):
        out(cast, made, "Acorn", on=JUNE, reason="lost")
    with acting(cast.admin):
        add(cast, cast.admin, made, "Cedar", on=date(2026, 7, 1))
    with acting(cast.admin):
        out(cast, made, "Cedar", on=date(2026, 7, 1))
        services.edit_module(by=cast.admin.pk, module_id=made.pk, version=1, note="best")
    with acting(cast.admin):
        told = module_history(reach(), made)
    assert [(line.text or line.field, bool(line.mark)) for line in told] == [
        ("Note", False),
        ("Cedar came in, from Jul 1, 2026 on", True),
        ("Acorn left on Jun 1, 2026: lost", False),
        ("2 accounts came in, from May 20, 2026 on: named", False),
        ("Created", False),
    ]
    with acting(cast.other_director):
        assert [line.text for line in module_history(reach(), made) if "account" in line.text] == []


WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def test_who_comes_second_to_the_same_account_is_told(cast: Cast, acting: Any, owner: Any) -> None:
    module(cast, acting, "Acorn")
    other = module(cast, acting, name="Growth")

    def move() -> str:
        with acting(cast.admin), pytest.raises(Stale) as refused:
            add(cast, cast.admin, other, "Acorn", on=JUNE, moves=True)
        connections.close_all()
        return refused.value.code

    with ThreadPoolExecutor(1) as pool:
        owner.execute("BEGIN")
        owner.execute("UPDATE accounts_modulemember SET superseded_at = now() WHERE superseded_at IS NULL")
        second = pool.submit(move)
        waiting = 0
        while not waiting:
            sleep(0.05)
            owner.execute(WAITS)
            (waiting,) = owner.fetchone()
        owner.execute("COMMIT")
        assert second.result(10) == "stale"
    assert spans(acting, cast) == []
