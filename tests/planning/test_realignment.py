"""A realignment from draft to publishing to taking it back: what was seen is what happens, and nothing sold moves."""

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.models.functions import Now

from accounts.models import Account, AccountTerritory, Cause, Hold, Module, ModuleMember, Potential, Rule
from accounts.services import create_account
from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.transaction import work
from pipeline.models import Opportunity
from planning.models import Draft, Move, Passing
from planning.selectors.clashes import clashes_of
from planning.selectors.drafts import lines_of
from planning.selectors.measures import measure
from planning.selectors.previews import effect_of
from planning.services.drafts import add_move, create_draft, edit_draft, remove_move
from planning.services.moves import catch_up
from planning.services.passing import pass_due
from planning.services.realigning import (
    ask_publishing,
    preview_draft,
    publish_draft,
    queued_drafts,
    reopen_draft,
    undo_draft,
)
from planning.tasks import pass_due_work, publish_drafts
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import Edge, Seat, User
from territories.selectors import reach_for
from territories.services import move_territory
from tests import databases
from tests.accounts.places import add_overlay, assign_account, hold, spans, today_of
from tests.cast import Cast
from workspace.models import Approval, Event, Message
from workspace.services import answer

TODAY, TOMORROW = date(2026, 5, 20), date(2026, 5, 21)
COMMIT = 10_000_001


def moved(cast: Cast, acting: Any, *, on: date = TODAY, **move: Any) -> Draft:
    """A draft of the administrator with one move, looked at."""
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=on)
        add_move(by=cast.admin.pk, draft_id=draft.pk, **move)
        draft.refresh_from_db()
        return preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)


def acorn_west(cast: Cast, **choices: Any) -> dict[str, Any]:
    """Acorn goes from East 1 to West 1."""
    west = cast.territories["West 1"].pk
    return {"kind": "accounts", "account_ids": [cast.accounts["Acorn"].pk], "into_id": west, **choices}


def publish(draft: Draft, cast: Cast, ben: User, acting: Any) -> Draft:
    """Asked for by who made it, approved by the second administrator, made by the worker."""
    with acting(cast.admin):
        approval = ask_publishing(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    with acting(ben):
        answer(by=ben.pk, approval_id=approval.pk, version=approval.version, is_granted=True)
    return work_off()


def work_off() -> Draft:
    with work(by=None, why="realignments", reach=Reach.everything()):
        [draft_id] = queued_drafts()
        draft = publish_draft(draft_id=draft_id)
        assert draft is not None
        assert publish_draft(draft_id=draft_id) is None
    return draft


def look(read: Callable[[], Any]) -> Any:
    with work(by=None, why="a look", reach=Reach.everything()):
        return read()


def test_the_preview_sets_before_and_after_side_by_side_and_moves_nothing(cast, acting):
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    with acting(cast.admin):
        effect = effect_of(draft, reach_for(cast.admin, TODAY))
        assert AccountTerritory.in_field().on(TODAY).get(account__name="Acorn").territory.name == "East 1"
        assert not Passing.objects.exists()
    rows = {side.name: side.figures for side in effect.nodes}
    none, nothing = (None, None), (0, 0)
    amount, amounts = (COMMIT, 0), (COMMIT + 2, 2 * COMMIT + 2)
    figures = [none, nothing, none, nothing]  # quota, sold, attainment, as organised now
    rest = [none, none, none]  # best case, pipeline, potential
    assert rows["East 1"] == [(1, 0), amount, amount, *figures, amount, *rest, (1, 0), none]
    assert rows["West 1"] == [(1, 2), amounts, amounts, *figures, amounts, *rest, (1, 2), none]
    assert list(rows) == ["East", "East Team", "East 1", "West", "West Team", "West 1"]
    people = {side.name: side.figures[:2] for side in effect.people}
    assert people == {
        "Rita Rep": [(1, 0), (COMMIT, None)],
        "Oscar Other": [(1, 2), (COMMIT + 2, 2 * COMMIT + 2)],
    }
    assert [(one.deal.name, one.owner, one.to, one.on) for one in effect.deals] == [
        ("Acorn renewal", "Rita Rep", "Oscar Other", TODAY)
    ]
    assert (effect.accounts, effect.kept, effect.more_deals, effect.tasks) == (1, [], 0, 0)


def test_what_the_preview_says_is_what_stands_after_publishing(cast, ben, acting):
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    said = {pk: after for pk, _before, after in draft.preview["nodes"]}
    people = {pk: after for pk, _before, after in draft.preview["people"]}
    published = publish(draft, cast, ben, acting)
    assert (published.state, published.approved_by_id) == ("published", ben.pk)
    found = look(lambda: measure(TODAY))
    assert {pk: found.nodes[pk] for pk in said} == said
    assert {pk: found.people[pk] for pk in people} == people
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.other_rep.pk, "West 1")
    place = look(lambda: AccountTerritory.in_field().on(TODAY).get(account__name="Acorn"))
    assert (place.cause, place.cause_id, place.reason) == (Cause.REALIGNMENT, draft.pk, "Spring")
    before = look(lambda: AccountTerritory.in_field().on(date(2026, 5, 19)).get(account__name="Acorn"))
    assert before.territory.name == "East 1"


def test_both_sides_are_told_on_publishing(cast, ben, acting):
    publish(moved(cast, acting, **acorn_west(cast)), cast, ben, acting)
    told = look(
        lambda: set(Message.objects.filter(event=Event.REALIGNED).values_list("person__name", "about"))
    )
    assert told == {("Rita Rep", "Spring"), ("Oscar Other", "Spring")}


def test_a_move_of_tomorrow_takes_effect_tomorrow(cast, ben, acting, clock):
    draft = moved(cast, acting, on=TOMORROW, **acorn_west(cast, open_work="go"))
    publish(draft, cast, ben, acting)
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.rep.pk, "East 1")
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    look(lambda: catch_up(TOMORROW))
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.other_rep.pk, "West 1")
    found = look(lambda: measure(TOMORROW))
    said = {pk: after for pk, _before, after in draft.preview["nodes"]}
    assert {pk: found.nodes[pk] for pk in said} == said


@pytest.mark.parametrize(
    ("choices", "on"),
    [
        ({"open_work": "usual"}, None),  # a commit that closes within 30 days stays
        ({"open_work": "closed"}, None),
        ({"open_work": "until", "stays_until": date(2026, 6, 1)}, date(2026, 6, 1)),
    ],
)
def test_open_deals_stay_where_the_move_says_so(cast, ben, acting, choices, on):
    draft = moved(cast, acting, **acorn_west(cast, **choices))
    publish(draft, cast, ben, acting)
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.rep.pk, "West 1")
    assert look(lambda: Passing.objects.get().passes_on) == on


def test_a_deal_passes_on_its_day_and_once(cast, ben, acting):
    until = {"open_work": "until", "stays_until": date(2026, 6, 1)}
    publish(moved(cast, acting, **acorn_west(cast, **until)), cast, ben, acting)
    assert look(lambda: pass_due(date(2026, 5, 31))) == 0
    assert look(lambda: pass_due(date(2026, 6, 1))) == 1
    assert look(lambda: pass_due(date(2026, 6, 1))) == 0
    assert look(lambda: Opportunity.objects.get(name="Acorn renewal").owner_id) == cast.other_rep.pk


def test_a_deal_that_somebody_else_has_by_then_stays_with_them(cast, ben, acting):
    until = {"open_work": "until", "stays_until": date(2026, 6, 1)}
    publish(moved(cast, acting, **acorn_west(cast, **until)), cast, ben, acting)
    look(lambda: Opportunity.objects.filter(name="Acorn renewal").update(owner=cast.peer))
    assert look(lambda: pass_due(date(2026, 6, 1))) == 0
    assert look(lambda: Opportunity.objects.get(name="Acorn renewal").owner_id) == cast.peer.pk


def test_a_held_account_stays_and_is_named(cast, ben, acting):
    hold = {"account": cast.accounts["Acorn"], "person": cast.rep, "stops_on": date(2026, 7, 1)}
    look(lambda: Hold.objects.create(**hold, starts_on=TODAY))
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        effect = effect_of(draft, reach_for(cast.admin, TODAY))
    assert [one.account.name for one in effect.kept] == ["Acorn"]
    publish(draft, cast, ben, acting)
    place = look(lambda: AccountTerritory.in_field().on(TODAY).get(account__name="Acorn"))
    assert place.territory.name == "East 1"


def test_a_territory_goes_below_another_and_its_figures_with_it(cast, ben, acting):
    east, west = cast.territories["East Team"], cast.territories["West"]
    draft = moved(cast, acting, kind="node", territory_id=east.pk, into_id=west.pk)
    said = {pk: after for pk, _before, after in draft.preview["nodes"]}
    assert said[west.pk]["accounts"] == 3
    publish(draft, cast, ben, acting)
    assert look(lambda: Edge.objects.on(TODAY).get(child=east).parent_id) == west.pk
    assert look(lambda: measure(TODAY).nodes[west.pk]) == said[west.pk]


def test_a_seat_is_taken_and_quota_follows_the_territory_by_days(cast, ben, acting):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
    move = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = moved(cast, acting, **move, person_id=ben.pk, quota="territory", open_work="go")
    publish(draft, cast, ben, acting)
    # 91 days: 1 April to 19 May are 49 of them
    amounts = dict(look(lambda: list(Quota.objects.current().values_list("person__name", "amount_minor"))))
    assert amounts == {"Rita Rep": 4_900_000, "Ben Boss": 4_200_000}
    # In the name of who made the draft: Ben, who approved it, is asked about his own like everybody else.
    waiting = Approval.objects.filter(kind="quota_accept", state="waiting")
    asked = look(lambda: set(waiting.values_list("approver__name", "asked_by__name")))
    assert asked == {("Rita Rep", "Ada Admin"), ("Ben Boss", "Ada Admin")}
    assert look(lambda: Seat.objects.on(TODAY).get(territory__name="East 1").user_id) == ben.pk
    assert look(lambda: Opportunity.objects.get(name="Acorn renewal").owner_id) == ben.pk


def test_quota_moves_with_accounts_by_potential(cast, ben, acting):
    with acting(cast.admin):
        for person in (cast.rep, cast.other_rep):
            set_quota(by=cast.admin.pk, person_id=person.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
        other = ash(cast)
        year, family = cast.q2.parent, cast.families["Hardware"]
        for account, amount in ((cast.accounts["Acorn"], 15_000), (other, 85_000)):
            row = {"account": account, "family": family, "year": year, "as_of": TODAY}
            Potential.objects.create(**row, amount_minor=amount)
    publish(moved(cast, acting, **acorn_west(cast, quota="accounts")), cast, ben, acting)
    # 42 of 91 days are left, 15 % of the potential goes: 9,100,000 x 42/91 x 0.15
    amounts = dict(look(lambda: list(Quota.objects.current().values_list("person__name", "amount_minor"))))
    assert amounts == {"Rita Rep": 8_470_000, "Oscar Other": 9_730_000}


def test_without_potential_quota_does_not_move_with_accounts(cast, acting):
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        early = add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, quota="accounts"))
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
        assert "potential of East 1 is not known" in draft.preview["refused"]
        remove_move(by=cast.admin.pk, move_id=early.pk)
        with pytest.raises(Refused, match="potential of East 1 is not known for 2026-Q2") as refused:
            add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, quota="accounts"))
        assert (refused.value.path, refused.value.code) == ("quota", "no_potential")
        draft.refresh_from_db()
    with acting(cast.admin), pytest.raises(Conflict, match="Look at its effect first"):
        ask_publishing(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)


def test_a_worker_that_is_killed_leaves_nothing_half_done(cast, ben, acting, owner, db):
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        east, west = cast.territories["East Team"], cast.territories["West"]
        add_move(by=cast.admin.pk, draft_id=draft.pk, kind="node", territory_id=east.pk, into_id=west.pk)
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, open_work="go"))
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
        approval = ask_publishing(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    with acting(ben):
        answer(by=ben.pk, approval_id=approval.pk, version=approval.version, is_granted=True)
    blocker = databases.connect(db)
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute("SELECT id FROM pipeline_opportunity WHERE name = 'Acorn renewal' FOR UPDATE")
    failed: list[Exception] = []
    worker = threading.Thread(target=_publish_until_killed, args=(draft.pk, failed))
    worker.start()
    kill_what_waits(owner)
    worker.join(timeout=20)
    blocker.rollback()
    blocker.close()
    assert [type(error) for error in failed] == [OperationalError]
    assert look(lambda: Edge.objects.on(TODAY).get(child=east).parent.name) == "East"
    place = look(lambda: AccountTerritory.in_field().on(TODAY).get(account__name="Acorn"))
    assert place.territory.name == "East 1"
    assert work_off().state == "published"
    assert look(lambda: Edge.objects.on(TODAY).get(child=east).parent_id) == west.pk


def _publish_until_killed(draft_id: int, failed: list[Exception]) -> None:
    try:
        with work(by=None, why="a realignment", reach=Reach.everything()):
            publish_draft(draft_id=draft_id)
    except OperationalError as error:
        failed.append(error)
    finally:
        connections.close_all()


def kill_what_waits(owner: Any) -> None:
    """End the server's process that waits for a lock, once there is one."""
    waits = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    for _turn in range(200):
        owner.execute(f"{waits} AND wait_event_type = 'Lock'")
        if owner.fetchall():
            return
        time.sleep(0.05)


def test_what_changed_since_it_was_seen_is_not_published(cast, ben, acting):
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    look(lambda: Opportunity.objects.filter(name="Acorn renewal").update(owner=cast.peer))
    published = publish(draft, cast, ben, acting)
    assert published.state == "open"
    assert "Other things would move by now" in published.error
    place = look(lambda: AccountTerritory.in_field().on(TODAY).get(account__name="Acorn"))
    assert place.territory.name == "East 1"


def test_a_counter_move_takes_it_back_from_its_day_on(cast, ben, acting, clock):
    draft = publish(moved(cast, acting, **acorn_west(cast, open_work="go")), cast, ben, acting)
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TOMORROW)
        with pytest.raises(Conflict, match="being taken back already"):
            undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TOMORROW)
        counter = preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)
    publish(counter, cast, ben, acting)
    rows = look(
        lambda: list(
            AccountTerritory.in_field()
            .current()
            .filter(account__name="Acorn")
            .order_by("starts_on")
            .values_list("territory__name", "starts_on", "stops_on")
        )
    )
    assert rows == [
        ("East 1", date(2025, 1, 1), TODAY),
        ("West 1", TODAY, TOMORROW),
        ("East 1", TOMORROW, None),
    ]
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.rep.pk, "East 1")


def test_seats_and_territories_are_taken_back_too(cast, ben, acting, clock):
    east, west = cast.territories["East Team"], cast.territories["West"]
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        seat = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
        add_move(by=cast.admin.pk, draft_id=draft.pk, **seat, person_id=None)
        add_move(by=cast.admin.pk, draft_id=draft.pk, kind="node", territory_id=east.pk, into_id=west.pk)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    draft = publish(draft, cast, ben, acting)
    assert not look(lambda: Seat.objects.on(TODAY).filter(territory__name="East 1").exists())
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TOMORROW)
        counter = preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)
    publish(counter, cast, ben, acting)
    assert look(lambda: Seat.objects.on(TOMORROW).get(territory__name="East 1").user_id) == cast.rep.pk
    assert look(lambda: Edge.objects.on(TOMORROW).get(child=east).parent.name) == "East"


def test_two_drafts_that_touch_the_same_are_told_so(cast, acting):
    first = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        second = create_draft(by=cast.admin.pk, name="Summer", starts_on=TOMORROW)
        east = cast.territories["East 2"].pk
        both = [cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk]
        add_move(by=cast.admin.pk, draft_id=second.pk, kind="accounts", account_ids=both, into_id=east)
        assert [(clash.draft.name, clash.what) for clash in clashes_of(second)] == [("Spring", ["1 account"])]
        assert [clash.draft.name for clash in clashes_of(first)] == ["Summer"]


def test_a_draft_moves_a_thing_once(cast, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin), pytest.raises(Refused, match="moves Acorn already: 1 account goes to West 1"):
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast))


def test_a_change_of_the_draft_makes_its_effect_unseen(cast, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        edit_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version, starts_on=TOMORROW)
        draft.refresh_from_db()
        assert (draft.digest, draft.preview) == ("", None)
        move = Move.objects.get()
        remove_move(by=cast.admin.pk, move_id=move.pk)
        with pytest.raises(NotInReach):
            remove_move(by=cast.admin.pk, move_id=move.pk)


def test_a_draft_that_waits_is_worked_on_again_only_by_taking_it_back(cast, ben, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        ask_publishing(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
        draft.refresh_from_db()
        with pytest.raises(Conflict, match="no draft any more"):
            add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast))
        reopen_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
        assert Approval.objects.get().state == "withdrawn"


def test_nothing_that_is_past_is_realigned(cast, ben, acting, clock):
    with acting(cast.admin), pytest.raises(Refused, match="today or later"):
        create_draft(by=cast.admin.pk, name="Late", starts_on=date(2026, 5, 19))
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin), pytest.raises(Refused, match="today or later"):
        edit_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version, starts_on=date(2026, 5, 19))
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    published = publish(draft, cast, ben, acting)
    assert (published.state, "today or later" in published.error) == ("open", True)


def test_a_director_realigns_accounts_within_what_they_lead(cast, acting):
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="East only", starts_on=TODAY)
        acorn, beech = cast.accounts["Acorn"].pk, cast.territories["East 2"].pk
        add_move(by=cast.director.pk, draft_id=draft.pk, kind="accounts", account_ids=[acorn], into_id=beech)
        into_west = {"kind": "accounts", "into_id": cast.territories["West 1"].pk}
        with pytest.raises(Forbidden):
            add_move(
                by=cast.director.pk, draft_id=draft.pk, account_ids=[cast.accounts["Beech"].pk], **into_west
            )
        with pytest.raises(NotInReach):
            add_move(
                by=cast.director.pk, draft_id=draft.pk, account_ids=[cast.accounts["Cedar"].pk], **into_west
            )
        for kind in ("node", "seat", "rule"):
            with pytest.raises(Forbidden):
                add_move(by=cast.director.pk, draft_id=draft.pk, kind=kind)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.director.pk, draft_id=draft.pk, version=draft.version)
        effect = effect_of(draft, reach_for(cast.director, TODAY))
    assert {side.name for side in effect.nodes} == {"East 1", "East 2"}
    with acting(cast.other_director), pytest.raises(NotInReach):
        edit_draft(by=cast.other_director.pk, draft_id=draft.pk, version=draft.version, name="Mine")


def test_reps_and_managers_realign_nothing(cast, acting):
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            create_draft(by=person.pk, name="Mine", starts_on=TODAY)


def test_what_is_measured_is_what_everybody_may_see_together(cast):
    found = look(lambda: measure(TODAY))
    root = cast.territories["Company"].pk
    assert found.nodes[root]["accounts"] == 3
    assert found.nodes[root]["pipeline_all"] == 3 * COMMIT + 3


def test_what_has_moved_out_of_a_directors_hands_is_not_asked_for(cast, acting):
    acorn, east = cast.accounts["Acorn"].pk, cast.territories["East 2"].pk
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="East only", starts_on=TODAY)
        add_move(by=cast.director.pk, draft_id=draft.pk, kind="accounts", account_ids=[acorn], into_id=east)
    with acting(cast.admin):
        west = cast.territories["West 1"].pk
        assign_account(
            by=cast.admin.pk, account_id=acorn, territory_id=west, starts_on=TODAY, reason="sold there"
        )
    for act in (preview_draft, ask_publishing):
        with (
            acting(cast.director),
            pytest.raises(Forbidden, match=r"you no longer see an account|only within what you lead"),
        ):
            act(by=cast.director.pk, draft_id=draft.pk, version=look(Draft.objects.get).version)


def test_a_director_takes_nothing_that_is_to_be_elsewhere_by_then(cast, acting):
    with acting(cast.admin):
        west, later = cast.territories["West 1"].pk, date(2026, 6, 1)
        acorn = {"account_id": cast.accounts["Acorn"].pk, "territory_id": west, "reason": "sold there"}
        assign_account(by=cast.admin.pk, **acorn, starts_on=later)
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="Summer", starts_on=date(2026, 7, 1))
        move = {"kind": "accounts", "account_ids": [cast.accounts["Acorn"].pk]}
        with pytest.raises(Forbidden, match="only within what you lead"):
            add_move(by=cast.director.pk, draft_id=draft.pk, **move, into_id=cast.territories["East 2"].pk)


def test_a_director_moves_no_module_that_they_see_in_part(cast, acting):
    with acting(cast.admin):
        module = Module.objects.create(name="Gems")
        for name in ("Acorn", "Cedar"):
            ModuleMember.objects.create(account=cast.accounts[name], module=module, starts_on=TODAY)
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="Gems", starts_on=TODAY)
        move = {"kind": "module", "module_id": module.pk, "into_id": cast.territories["East 2"].pk}
        with pytest.raises(Refused, match="don't see all accounts"):
            add_move(by=cast.director.pk, draft_id=draft.pk, **move)


def test_a_move_that_an_administrator_put_in_is_not_a_directors_to_publish(cast, acting):
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="East only", starts_on=TODAY)
    with acting(cast.admin):
        east, west = cast.territories["East Team"].pk, cast.territories["West"].pk
        add_move(by=cast.admin.pk, draft_id=draft.pk, kind="node", territory_id=east, into_id=west)
    with acting(cast.director), pytest.raises(Forbidden, match="not yours to make"):
        preview_draft(by=cast.director.pk, draft_id=draft.pk, version=look(Draft.objects.get).version)


def ash(cast: Cast) -> Account:
    """One more account of East 1, which has been there for long."""
    place = {"territory": cast.territories["East 1"]}
    account = Account.objects.create(name="Ash", number="A-9", **place)
    AccountTerritory.objects.create(account=account, **place, starts_on=date(2025, 1, 1))
    return account


def known_potential(cast: Cast, *amounts: tuple[Account, int]) -> None:
    for account, amount in amounts:
        row = {
            "account": account,
            "family": cast.families["Hardware"],
            "year": cast.q2.parent,
            "as_of": TODAY,
        }
        Potential.objects.create(**row, amount_minor=amount)


def quotas_after(cast: Cast, ben: User, acting: Any, *moves: dict[str, Any]) -> dict[str, int]:
    """What everybody is asked once a draft of these moves is published, each of them with a quota of 91,000.00."""
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        for move in moves:
            add_move(by=cast.admin.pk, draft_id=draft.pk, **move)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    publish(draft, cast, ben, acting)
    return dict(look(lambda: list(Quota.objects.current().values_list("person__name", "amount_minor"))))


def test_quota_moves_once_however_many_moves_take_accounts(cast, ben, acting):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
        account, third = ash(cast), create_account(by=cast.admin.pk, name="Birch", territory_id=None)
        known_potential(cast, (cast.accounts["Acorn"], 40_000), (account, 40_000), (third, 20_000))
        AccountTerritory.objects.create(
            account=Account.objects.create(name="Elm", number="A-8", territory=cast.territories["East 1"]),
            territory=cast.territories["East 1"],
            starts_on=date(2025, 1, 1),
        )
        known_potential(cast, (Account.objects.get(name="Elm"), 20_000))
    with_quota = {"quota": "accounts", "open_work": "go"}
    second = {"kind": "accounts", "account_ids": [account.pk], "into_id": cast.territories["East 2"].pk}
    amounts = quotas_after(cast, ben, acting, acorn_west(cast, **with_quota), {**second, **with_quota})
    # 42 of 91 days, 40 of 100 each: 16,800.00 go to the west and to East 2
    assert amounts == {"Rita Rep": 5_740_000, "Oscar Other": 1_680_000, "Paul Peer": 1_680_000}


def test_a_seats_new_owner_gets_what_the_accounts_left(cast, ben, acting):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
        known_potential(cast, (cast.accounts["Acorn"], 10_000), (ash(cast), 90_000))
    seat = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    seat |= {"person_id": ben.pk, "quota": "territory"}
    amounts = quotas_after(cast, ben, acting, acorn_west(cast, quota="accounts"), seat)
    # 49 of 91 days stay; of the other 42,000.00 a tenth went with Acorn
    assert amounts == {"Rita Rep": 4_900_000, "Ben Boss": 3_780_000, "Oscar Other": 420_000}


def test_quota_of_several_seats_follows_none_of_them(cast, acting, ben):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
        Seat.objects.filter(user=cast.peer).update(superseded_at=Now())
        place = {"territory": cast.territories["East 2"], "kind": "owner"}
        Seat.objects.create(user=cast.rep, **place, starts_on=date(2026, 1, 1))
    move = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = moved(cast, acting, **move, person_id=ben.pk, quota="territory")
    assert "Rita Rep has several seats and one quota" in draft.preview["refused"]


def test_open_work_passes_whichever_job_wakes_first(cast, ben, acting, clock):
    publish(moved(cast, acting, on=TOMORROW, **acorn_west(cast, open_work="go")), cast, ben, acting)
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    assert look(lambda: pass_due(TOMORROW)) == 1
    assert look(lambda: Opportunity.objects.get(name="Acorn renewal").owner_id) == cast.other_rep.pk


def test_a_rule_is_taken_back_with_its_accounts(cast, ben, acting, clock):
    with acting(cast.admin):
        rule = Rule.objects.create(name="All of East", territory=cast.territories["East 1"])
        AccountTerritory.objects.filter(account__name="Acorn").update(superseded_at=Now())
        row = {"account": cast.accounts["Acorn"], "territory": cast.territories["East 1"], "cause": "rule"}
        AccountTerritory.objects.create(**row, cause_id=rule.pk, starts_on=date(2026, 1, 1))
    move = {"kind": "rule", "rule_id": rule.pk, "into_id": cast.territories["West 1"].pk}
    draft = publish(moved(cast, acting, **move), cast, ben, acting)
    assert place_of("Acorn", TODAY) == "West 1"
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    publish(taken_back(cast, acting, draft), cast, ben, acting)
    assert place_of("Acorn", TOMORROW) == "East 1"
    assert look(lambda: Rule.objects.get().territory.name) == "East 1"


def place_of(name: str, day: date) -> str:
    return str(look(lambda: AccountTerritory.in_field().on(day).get(account__name=name).territory.name))


def taken_back(cast: Cast, acting: Any, draft: Draft) -> Draft:
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TOMORROW)
        return preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)


def test_what_has_moved_on_since_stays(cast, ben, acting, clock):
    east, west = cast.territories["East Team"], cast.territories["West"]
    draft = publish(
        moved(cast, acting, kind="node", territory_id=east.pk, into_id=west.pk), cast, ben, acting
    )
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    with acting(cast.admin):
        company = cast.territories["Company"].pk
        move_territory(by=cast.admin.pk, territory_id=east.pk, parent_id=company, on=TOMORROW)
        with pytest.raises(Conflict, match="nothing to take back"):
            undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TOMORROW)


def special(cast: Cast, acting: Any) -> dict[str, Any]:
    """A rule of specialists, which placed Acorn in the overlay *Pumps*, is to lead to *Valves*."""
    pumps, valves = (add_overlay(cast, name, "East") for name in ("Pumps", "Valves"))
    with acting(cast.admin):
        rule = Rule.objects.create(name="Special", coverage="specialist", territory=pumps)
        place = {"account": cast.accounts["Acorn"], "territory": pumps, "coverage": "specialist"}
        AccountTerritory.objects.create(**place, cause="rule", cause_id=rule.pk, starts_on=date(2026, 1, 1))
    return {"kind": "rule", "rule_id": rule.pk, "into_id": valves.pk}


def test_a_rule_of_specialists_leads_to_another_overlay_and_back(cast, ben, acting, clock):
    hold(cast, "Acorn", cast.rep, TODAY, date(2026, 6, 20))
    draft = moved(cast, acting, **special(cast, acting))
    with acting(cast.admin):
        effect = effect_of(draft, reach_for(cast.admin, TODAY))
        [line] = lines_of(draft)
    assert (effect.accounts, effect.kept, effect.deals, effect.tasks) == (1, [], [], 0)
    told = "The rule Special leads to Valves, with the accounts that it placed"
    assert (line.text, line.work, line.quota) == (told, "", "")
    publish(draft, cast, ben, acting)
    since = date(2026, 1, 1)
    assert spans(cast, "Acorn", "specialist") == [("Pumps", since, TODAY), ("Valves", TODAY, None)]
    assert today_of("Acorn") == ("East 1", "Valves", "")
    assert look(lambda: Opportunity.objects.get(name="Acorn renewal").owner_id) == cast.rep.pk
    assert look(lambda: Rule.objects.get().territory.name) == "Valves"
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    publish(taken_back(cast, acting, draft), cast, ben, acting)
    assert spans(cast, "Acorn", "specialist")[1:] == [("Valves", TODAY, TOMORROW), ("Pumps", TOMORROW, None)]
    assert today_of("Acorn") == ("East 1", "Pumps", "")
    assert look(lambda: Rule.objects.get().territory.name) == "Pumps"


def test_an_account_moves_in_the_field_beside_its_specialist(cast, ben, acting):
    rule = special(cast, acting)
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        add_move(by=cast.admin.pk, draft_id=draft.pk, **rule)
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast))
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    assert draft.preview["accounts"] == 1
    publish(draft, cast, ben, acting)
    assert today_of("Acorn") == ("West 1", "Valves", "")


def test_a_rule_of_specialists_leads_to_overlays_alone(cast, acting):
    rule = special(cast, acting)
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        with pytest.raises(Refused, match="West 1 is no overlay"):
            add_move(
                by=cast.admin.pk, draft_id=draft.pk, **{**rule, "into_id": cast.territories["West 1"].pk}
            )
        field = Rule.objects.create(name="All of East", territory=cast.territories["East 1"])
        with pytest.raises(Refused, match="Valves is an overlay"):
            add_move(by=cast.admin.pk, draft_id=draft.pk, **{**rule, "rule_id": field.pk})


def test_quota_goes_as_the_kind_of_move_lets_it(cast, acting):
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        with pytest.raises(Refused, match="what becomes of quota"):
            add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, quota="territory"))


def test_quota_that_moved_is_taken_back_for_the_days_that_are_left(cast, ben, acting, clock):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
    move = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = moved(cast, acting, **move, person_id=ben.pk, quota="territory", open_work="go")
    draft = publish(draft, cast, ben, acting)
    clock.move_to("2026-06-10T09:00:00Z")
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=date(2026, 6, 10))
        counter = preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)
    publish(counter, cast, ben, acting)
    # 42 of 91 days had moved, 42,000.00; of them 21 days are left
    amounts = dict(look(lambda: list(Quota.objects.current().values_list("person__name", "amount_minor"))))
    assert amounts == {"Rita Rep": 7_000_000, "Ben Boss": 2_100_000}
    assert (
        look(lambda: Seat.objects.on(date(2026, 6, 10)).get(territory__name="East 1").user_id) == cast.rep.pk
    )


def test_a_seat_is_given_back_on_its_own_day_with_what_it_had(cast, ben, acting):
    with acting(cast.admin):
        Seat.objects.filter(user=cast.rep).update(superseded_at=Now())
        row = {"territory": cast.territories["East 1"], "kind": "owner", "share": 50_000_000}
        Seat.objects.create(user=cast.rep, **row, starts_on=date(2026, 1, 1), stops_on=date(2026, 9, 1))
    move = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = publish(moved(cast, acting, **move, person_id=ben.pk), cast, ben, acting)
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TODAY)
        counter = preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)
    publish(counter, cast, ben, acting)
    seat = look(lambda: Seat.objects.on(TODAY).get(territory__name="East 1"))
    assert (seat.user_id, seat.share, seat.stops_on) == (cast.rep.pk, 50_000_000, date(2026, 9, 1))


def test_a_seat_that_was_vacant_is_vacant_again_on_the_same_day(cast, ben, acting):
    with acting(cast.admin):
        Seat.objects.filter(user=cast.rep).update(superseded_at=Now())
    move = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = publish(moved(cast, acting, **move, person_id=ben.pk), cast, ben, acting)
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TODAY)
        counter = preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)
    publish(counter, cast, ben, acting)
    assert not look(lambda: Seat.objects.on(TODAY).filter(territory__name="East 1").exists())


def test_a_draft_that_cannot_be_published_holds_nobody_up(cast, ben, acting, owner):
    first = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        second = create_draft(by=cast.admin.pk, name="Second", starts_on=TODAY)
        beech = [cast.accounts["Beech"].pk]
        add_move(by=cast.admin.pk, draft_id=second.pk, **acorn_west(cast) | {"account_ids": beech})
        second.refresh_from_db()
        preview_draft(by=cast.admin.pk, draft_id=second.pk, version=second.version)
    look(lambda: Draft.objects.update(state="queued", approved_by=ben))
    look(lambda: Move.objects.filter(draft=first).update(open_work="later"))  # what no act writes
    with pytest.raises(ValueError, match="later"):
        publish_drafts()
    found = dict(look(lambda: list(Draft.objects.values_list("name", "state"))))
    assert found == {"Spring": "open", "Second": "published"}
    assert "later" in look(lambda: Draft.objects.get(name="Spring").error)


def test_where_the_target_hangs_is_part_of_what_was_seen(cast, ben, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        east = cast.territories["East"].pk
        move_territory(
            by=cast.admin.pk, territory_id=cast.territories["West Team"].pk, parent_id=east, on=TODAY
        )
    published = publish(draft, cast, ben, acting)
    assert (published.state, "Other things would move" in published.error) == ("open", True)


def test_a_rule_leads_elsewhere_on_its_day(cast, ben, acting, clock):
    with acting(cast.admin):
        rule = Rule.objects.create(name="All of East", territory=cast.territories["East 1"])
    move = {"kind": "rule", "rule_id": rule.pk, "into_id": cast.territories["West 1"].pk}
    publish(moved(cast, acting, on=TOMORROW, **move), cast, ben, acting)
    pass_due_work()
    assert look(lambda: Rule.objects.get().territory.name) == "East 1"
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    assert pass_due_work() == 1
    assert pass_due_work() == 0
    assert look(lambda: Rule.objects.get().territory.name) == "West 1"


def test_what_waits_to_pass_waits_no_more_once_it_is_taken_back(cast, ben, acting, clock):
    until = {"open_work": "until", "stays_until": date(2026, 6, 1)}
    draft = publish(moved(cast, acting, **acorn_west(cast, **until)), cast, ben, acting)
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    publish(taken_back(cast, acting, draft), cast, ben, acting)
    look(lambda: pass_due(date(2026, 6, 1)))
    assert look(lambda: Opportunity.objects.get(name="Acorn renewal").owner_id) == cast.rep.pk


def test_an_account_moves_once_by_module_or_by_number(cast, acting):
    with acting(cast.admin):
        module = Module.objects.create(name="Gems")
        ModuleMember.objects.create(account=cast.accounts["Acorn"], module=module, starts_on=TODAY)
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast))
        east = {"kind": "module", "module_id": module.pk, "into_id": cast.territories["East 2"].pk}
        with pytest.raises(Refused, match="moves Acorn already: 1 account goes to West 1"):
            add_move(by=cast.admin.pk, draft_id=draft.pk, **east)
        ModuleMember.objects.all().update(superseded_at=Now())
        add_move(by=cast.admin.pk, draft_id=draft.pk, **east | {"account_ids": ()})
        ModuleMember.objects.create(account=cast.accounts["Acorn"], module=module, starts_on=TODAY)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    assert "Two moves of this realignment take along Acorn" in draft.preview["refused"]


def test_a_realignment_of_a_day_to_come_is_taken_back_before_it(cast, ben, acting, clock):
    draft = publish(moved(cast, acting, on=TOMORROW, **acorn_west(cast, open_work="go")), cast, ben, acting)
    counter = publish(taken_back(cast, acting, draft), cast, ben, acting)
    assert (counter.state, counter.error) == ("published", "")
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    look(lambda: catch_up(TOMORROW))
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.rep.pk, "East 1")


def test_a_second_realignment_moves_on_what_waits_to_pass_by_the_first(cast, ben, acting, clock):
    publish(moved(cast, acting, on=TOMORROW, **acorn_west(cast, open_work="go")), cast, ben, acting)
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Second", starts_on=TOMORROW)
        onwards = acorn_west(cast, open_work="go") | {"into_id": cast.territories["East 2"].pk}
        add_move(by=cast.admin.pk, draft_id=draft.pk, **onwards)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    assert publish(draft, cast, ben, acting).error == ""
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    look(lambda: catch_up(TOMORROW))
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.peer.pk, "East 2")


def test_what_was_planned_for_later_and_falls_is_counted(cast, acting):
    with acting(cast.admin):
        acorn = {"account_id": cast.accounts["Acorn"].pk, "territory_id": cast.territories["East 2"].pk}
        assign_account(by=cast.admin.pk, **acorn, starts_on=date(2026, 6, 1), reason="planned")
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        assert effect_of(draft, reach_for(cast.admin, TODAY)).dropped == 1
