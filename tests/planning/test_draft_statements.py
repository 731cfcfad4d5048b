"""What is asked of the database about realignments does not grow with how many there are of anything."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccountTerritory, Module, ModuleMember
from accounts.services import assign_accounts
from common.services import set_policy
from planning.models import Move
from planning.selectors.assign import waiting_requests
from planning.selectors.drafts import realignment_effects
from planning.selectors.exchange import sheet_of
from planning.selectors.twice import twin_of
from planning.services.assign import assign_or_ask
from planning.services.drafts import add_move, create_draft
from planning.services.realigning import preview_draft
from territories.models import User
from territories.selectors import reach_for
from tests.cast import Cast
from tests.planning.acts import JUNE, TODAY


def statements(read: Callable[[], Any]) -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as found:
        answer = read()
    return len(found), answer


def test_waiting_realignments_are_told_together(cast: Cast, acting: Any) -> None:
    asked = []
    with acting(cast.admin):
        for name in ("Acorn", "Beech", "Cedar"):
            draft = create_draft(by=cast.admin.pk, name=name, starts_on=TODAY)
            move = {"kind": "accounts", "account_ids": [cast.accounts[name].pk]}
            add_move(by=cast.admin.pk, draft_id=draft.pk, **move, into_id=cast.territories["East Team"].pk)
            draft.refresh_from_db()
            preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
            asked.append({"draft_id": draft.pk})
    with acting(cast.admin):
        realignment_effects(asked)
        one, [said] = statements(lambda: realignment_effects(asked[:1]))
        several, all_said = statements(lambda: realignment_effects(asked))
    assert one == several
    assert said == all_said[0]
    assert said.startswith("From May 20, 2026: 1 account goes to East Team. 1 account moves. ")


def test_requests_that_wait_are_named_together(cast: Cast, acting: Any, ben: User) -> None:
    acorn, beech, cedar = (cast.accounts[name].pk for name in ("Acorn", "Beech", "Cedar"))
    place = {"territory_id": cast.territories["East Team"].pk, "starts_on": JUNE, "coverage": "field"}
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
        for ids in ([acorn, beech], [beech, cedar]):
            assert assign_or_ask(by=cast.admin.pk, account_ids=ids, **place, reason="x").approval
        waiting_requests([acorn])
        one, [first] = statements(lambda: waiting_requests([acorn]))
        several, both = statements(lambda: waiting_requests([acorn, beech, cedar]))
    assert one == several
    assert first.text.startswith("Acorn: asked for already")
    assert [waits.text.split(":")[0] for waits in both] == ["Acorn, Beech", "Beech, Cedar"]


def test_what_moves_already_is_asked_once(cast: Cast, acting: Any) -> None:
    nodes = cast.territories
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=JUNE)
        fresh = Move(
            draft=draft, kind="accounts", account_ids=[cast.accounts["Acorn"].pk], into=nodes["East 2"]
        )
        counts = []
        for name in ("Beech", "Cedar", "Acorn"):
            module = Module.objects.create(name=name)
            ModuleMember.objects.create(account=cast.accounts[name], module=module, starts_on=JUNE)
            said = {"kind": "module", "module_id": module.pk, "into_id": nodes["East Team"].pk}
            add_move(by=cast.admin.pk, draft_id=draft.pk, **said)
            counts.append(statements(lambda: twin_of(fresh, JUNE)))
        node = Move(draft=draft, kind="node", territory=nodes["West Team"], into=nodes["East"])
        alone, _twin = statements(lambda: twin_of(node, JUNE))
    assert (counts[0], counts[1]) == ((2, None), (2, None))
    assert counts[2][1] is not None
    assert counts[2][1][1] == "Acorn"
    assert alone == 1


def test_the_sheet_asks_once_what_later_territories_are_called(cast: Cast, acting: Any) -> None:
    mine, counts = reach_for(cast.admin, TODAY), []
    with acting(cast.admin):
        list(sheet_of(mine, TODAY))
        for name, into in (("Acorn", "East 2"), ("Beech", "West 1"), ("Cedar", "East 1")):
            place = {"territory_id": cast.territories[into].pk, "starts_on": JUNE, "reason": "x"}
            assign_accounts(by=cast.admin.pk, account_ids=[cast.accounts[name].pk], **place)
            counts.append(statements(lambda: list(sheet_of(mine, TODAY))))
        assert AccountTerritory.in_field().on(JUNE).count() == 3
    assert counts[0][0] == counts[2][0]
    assert [line[-1] for line in counts[2][1][-3:]] == [
        "in East 2 from Jun 1, 2026 on", "in West 1 from Jun 1, 2026 on", "in East 1 from Jun 1, 2026 on",
    ]  # fmt: skip
