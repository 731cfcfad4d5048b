"""Moves of a draft as they are put in: what is offered, where accounts are, what moves already, and editing them."""

import re
from datetime import date
from typing import Any

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import Account, AccountTerritory, Cause, Coverage, Module, ModuleMember, Rule
from accounts.services import assign_accounts
from common.errors import Conflict, Refused, Stale
from common.history import history_of
from common.services import set_policy
from planning.models import Draft, Move
from planning.selectors.assign import waiting_requests
from planning.services.assign import assign_or_ask
from planning.services.drafts import add_move, create_draft, edit_move
from planning.services.realigning import undo_draft
from quotas.services import set_quota
from territories.models import Edge, Seat, Territory, User
from territories.services import pass_seat
from tests.accounts.places import add_accounts, add_overlay, offered, shape
from tests.cast import Cast
from tests.planning.test_realignment import acorn_west, look, moved, publish
from workspace.models import Approval

DAY = date(2026, 6, 1)
WORK = {"open_work": "usual", "quota": "person"}


def plain(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def spring(cast: Cast, acting: Any) -> Draft:
    with acting(cast.admin):
        draft: Draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=DAY)
        return draft


def put(client: Any, draft: Draft, kind: str, **values: Any) -> Any:
    return client.post(f"{reverse('move_create', args=[draft.pk])}?kind={kind}", values)


# ---- the same twice ----


@pytest.mark.parametrize("first", ["accounts", "module", "rule"])
def test_the_same_account_in_two_moves_is_said_when_the_second_is_put_in(
    cast: Cast, acting: Any, browse: Any, spring: Draft, first: str
) -> None:
    west, east = cast.territories["West 1"].pk, cast.territories["East 2"].pk
    acorn = cast.accounts["Acorn"]
    with acting(cast.admin):
        module = Module.objects.create(name="Gems")
        ModuleMember.objects.create(account=acorn, module=module, starts_on=DAY)
        rule = Rule.objects.create(name="Oaks", territory_id=cast.territories["East 1"].pk)
        AccountTerritory.objects.filter(account=acorn).update(superseded_at=Now())
        placed = {"account": acorn, "territory": cast.territories["East 1"], "starts_on": date(2026, 1, 1)}
        AccountTerritory.objects.create(**placed, cause=Cause.RULE, cause_id=rule.pk)
        said: dict[str, Any] = {
            "accounts": {"account_ids": [acorn.pk]},
            "module": {"module_id": module.pk},
            "rule": {"rule_id": rule.pk},
        }
        move = add_move(by=cast.admin.pk, draft_id=spring.pk, kind=first, into_id=west, **said[first])
    client, into = browse(cast.admin), {"into_id": east, **WORK}
    words = {
        "accounts": "1 account goes to West 1.",
        "module": "The module Gems goes to West 1.",
        "rule": "The rule Oaks leads to West 1, with the accounts that it placed.",
    }[first]
    itself = {"accounts": "Acorn", "module": "Gems", "rule": "Oaks"}[first]
    again = {
        "accounts": put(client, spring, "accounts", accounts=[acorn.pk], **into),
        "module": put(client, spring, "module", module_id=module.pk, **into),
        "rule": put(client, spring, "rule", rule_id=rule.pk, into_id=east, open_work="usual"),
    }
    for kind, answer in again.items():
        assert answer.status_code == 422
        text = plain(answer)
        what = itself if kind == first else "Acorn"
        assert f"This realignment moves {what} already: {words}" in text
        assert f'href="{reverse("move_edit", args=[move.pk])}"' in text
    assert look(lambda: spring.moves.count()) == 1


def test_a_territory_and_a_seat_move_once(cast: Cast, browse: Any, acting: Any, spring: Draft) -> None:
    client, nodes = browse(cast.admin), cast.territories
    place = {"territory_id": nodes["West Team"].pk, "into_id": nodes["East"].pk}
    assert put(client, spring, "node", **place).status_code == 302
    assert "moves West Team already: West Team goes below East." in plain(
        put(client, spring, "node", **place)
    )
    seat = {"territory_id": nodes["East 1"].pk, "seat_kind": "owner", "is_vacant": "on", **WORK}
    assert put(client, spring, "seat", **seat).status_code == 302
    again = put(client, spring, "seat", **seat | {"person_id": cast.peer.pk, "is_vacant": ""})
    assert "moves East 1 already: nobody becomes owner of East 1." in plain(again)


def test_what_waits_for_approval_is_said_on_both_sides(
    cast: Cast, acting: Any, browse: Any, ben: User, spring: Draft
) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
        place = {"territory_id": cast.territories["West 1"].pk, "starts_on": DAY, "coverage": "field"}
        ids = [cast.accounts[name].pk for name in ("Acorn", "Beech")]
        approval = assign_or_ask(by=cast.admin.pk, account_ids=ids, **place, reason="nearer").approval
        assert approval is not None
        add_move(by=cast.admin.pk, draft_id=spring.pk, **acorn_west(cast))
    client = browse(cast.admin)
    words = "Acorn: asked for already, and not answered yet: Assign 2 accounts to West 1, by Ada Admin."
    text = plain(client.get(reverse("draft_detail", args=[spring.pk])))
    assert words in text
    assert f'href="{reverse("approval_detail", args=[approval.pk])}"' in text
    chosen = {
        "account": cast.accounts["Acorn"].pk,
        "territory_id": cast.territories["East 2"].pk,
        "look": "1",
    }
    chosen |= {"coverage": "field", "starts_on": "2026-06-01", "reason": "x"}
    assert words in plain(client.post(reverse("accounts_assign"), chosen))
    # Who does not read the request learns neither what it asks nor who asked.
    other = plain(browse(cast.director).post(reverse("accounts_assign"), chosen))
    assert "Acorn is in another request that waits for an answer." in other
    for hidden in ("Assign 2 accounts", "by Ada Admin", reverse("approval_detail", args=[approval.pk])):
        assert hidden not in other


def test_what_waits_is_counted_where_its_accounts_are_out_of_reach(
    cast: Cast, acting: Any, ben: User
) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
        place = {"territory_id": cast.territories["West 1"].pk, "starts_on": DAY, "coverage": "field"}
        ids = [cast.accounts[name].pk for name in ("Acorn", "Beech")]
        assign_or_ask(by=cast.admin.pk, account_ids=ids, **place, reason="nearer")
        [mine] = waiting_requests(ids)
    with acting(cast.other_director):
        [theirs] = waiting_requests(ids)
        [one] = waiting_requests(ids[:1])
    assert mine.text.startswith("Acorn, Beech: asked for already")
    assert (theirs.text, theirs.url) == ("2 accounts are in another request that waits for an answer.", "")
    assert one.text == "1 account is in another request that waits for an answer."


# ---- what is offered ----


def test_only_what_takes_accounts_on_the_day_is_offered(
    cast: Cast, browse: Any, acting: Any, spring: Draft
) -> None:
    with acting(cast.admin):
        shape(cast)
        add_overlay(cast, "Security", "East")
        ends = Edge.objects.filter(child=cast.territories["East 2"])
        ends.update(superseded_at=Now())
        place = {"child": cast.territories["East 2"], "parent": cast.territories["East Team"]}
        Edge.objects.create(**place, starts_on=date(2025, 1, 1), stops_on=date(2026, 7, 1))
        late = Territory.objects.create(name="East 3", code="EAST-3")
        Edge.objects.create(child=late, parent=cast.territories["East Team"], starts_on=date(2026, 6, 15))
        rule = Rule.objects.create(
            name="Oaks", territory_id=cast.territories["Security"].pk, coverage=Coverage.SPECIALIST
        )
    client, page = browse(cast.admin), reverse("move_create", args=[spring.pk])
    accounts = client.get(page, {"kind": "accounts"})
    assert offered(accounts, "into_id") == ["—", "East Team", "East 1", "Unassigned", "West Team", "West 1"]
    assert "East 2" in offered(accounts, "from_id")
    assert "East 3" not in plain(accounts)
    assert offered(client.get(page, {"kind": "module"}), "into_id") == offered(accounts, "into_id")
    assert "Security" in offered(client.get(page, {"kind": "rule"}), "into_id")
    told = {"kind": "rule", "rule_id": rule.pk}
    assert offered(client.get(page, told), "into_id") == ["—", "Security"]


def test_a_director_is_offered_what_they_lead(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="Own", starts_on=DAY)
    page = browse(cast.director).get(reverse("move_create", args=[draft.pk]), {"kind": "accounts"})
    assert offered(page, "into_id") == ["—", "East", "East Team", "East 1", "East 2"]


def test_a_territory_is_offered_no_place_within_itself_or_below_its_type(
    cast: Cast, browse: Any, acting: Any, spring: Draft
) -> None:
    with acting(cast.admin):
        shape(cast)
    client, page = browse(cast.admin), reverse("move_create", args=[spring.pk])
    fresh = client.get(page, {"kind": "node"})
    assert "Unassigned" not in offered(fresh, "territory_id")
    assert "East Team" in offered(fresh, "into_id")
    told = {"kind": "node", "territory_id": cast.territories["East"].pk}
    assert offered(client.get(page, told), "into_id") == ["—", "Company", "West"]
    team = {"kind": "node", "territory_id": cast.territories["East Team"].pk}
    assert offered(client.get(page, team), "into_id") == ["—", "Company", "East", "West", "West Team"]
    # What is sent all the same, its act refuses in words of its own.
    below = {"territory_id": cast.territories["East"].pk, "into_id": cast.territories["East Team"].pk}
    assert put(client, spring, "node", **below).status_code == 302
    preview = reverse("draft_preview", args=[spring.pk])
    with acting(cast.admin):
        version = Draft.objects.get().version
    client.post(preview, {"version": version})
    assert "lie below itself" in plain(client.get(reverse("draft_detail", args=[spring.pk])))


def test_the_forms_of_the_tree_offer_no_more_than_they_take(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        shape(cast)
        add_overlay(cast, "Security", "East")
    client, east = browse(cast.admin), cast.territories["East"].pk
    move = client.get(reverse("territory_move", args=[east]))
    assert offered(move, "parent_id") == ["Nothing: a root of the tree", "Company", "West"]
    merge = client.get(reverse("territory_merge", args=[east]))
    assert offered(merge, "into_id") == ["—", "Company", "West", "West Team", "West 1"]
    assert "Unassigned" not in offered(client.get(reverse("territory_create")), "parent_id")


def test_assigning_offers_overlays_to_specialists_alone(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        shape(cast)
        add_overlay(cast, "Security", "East")
    client, url = browse(cast.admin), reverse("accounts_assign")
    page = client.get(url, {"account": cast.accounts["Acorn"].pk})
    field = ["—", "East Team", "East 1", "East 2", "Unassigned", "West Team", "West 1"]
    assert offered(page, "territory_id") == field
    shown = re.search(r'name="offered" value="([^"]*)"', page.content.decode())
    assert shown is not None
    look_at = {"account": cast.accounts["Acorn"].pk, "starts_on": "2026-05-20", "look": "1", "reason": ""}
    look_at["territory_id"] = ""
    same = client.post(url, {**look_at, "coverage": "field", "offered": shown[1]})
    assert "assign-territory" not in plain(same)
    other = client.post(url, {**look_at, "coverage": "specialist", "offered": shown[1]})
    assert offered(other, "territory_id") == ["—", "Security"]
    assert "This field is required" not in plain(other)


def test_what_types_ask_for_is_found_by_typing_too(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        shape(cast)
    client, suggest = browse(cast.admin), reverse("territory_suggest")

    def found(url: str, **query: Any) -> list[str]:
        return re.findall(
            r'data-value="\d+" data-label="[^"]*">([^<]*?) ?<', client.get(url, query).content.decode()
        )

    assert found(suggest, q="east") == ["East", "East 1", "East 2", "East Team"]
    under = {"as": "node", "on": "2026-06-01", "under": cast.territories["East"].pk}
    assert found(suggest, q="", **under) == ["Company", "West"]
    assert found(reverse("place_suggest"), q="east", coverage="field") == ["East 1", "East 2", "East Team"]
    for wrong in ({"as": "king"}, {"on": "soon"}, {"under": "x"}):
        assert client.get(suggest, {"q": "e", **wrong}).status_code == 400
    assert client.get(reverse("place_suggest"), {"q": "e", "coverage": "all"}).status_code == 400


# ---- accounts are chosen ----


def test_accounts_are_found_with_where_they_are(cast: Cast, browse: Any, acting: Any, spring: Draft) -> None:
    with acting(cast.admin):
        ids, west = [cast.accounts["Acorn"].pk], cast.territories["West 1"].pk
        assign_accounts(
            by=cast.admin.pk, account_ids=ids, territory_id=west, starts_on=date(2026, 12, 2), reason="x"
        )
    client, url = browse(cast.admin), reverse("draft_account_suggest")

    def found(text: str) -> list[str]:
        return re.findall(
            r'data-label="([^"]*)"', client.get(url, {"q": text, "on": "2026-06-01"}).content.decode()
        )

    assert found("aco") == ["Acorn · East 1; in West 1 from Dec 2, 2026 on"]
    assert found("A-2") == ["Beech · East 2"]
    assert found("zzz") == []
    assert client.get(url, {"q": "a", "on": "x"}).status_code == 400
    seen = browse(cast.director).get(url, {"q": "e"}).content.decode()
    assert ("Beech" in seen, "Cedar" in seen) == (True, False)
    assert browse(cast.rep).get(url, {"q": "a"}).status_code == 403


def test_several_are_chosen_and_numbers_still_do(cast: Cast, browse: Any, spring: Draft) -> None:
    client, into = browse(cast.admin), {"into_id": cast.territories["West 1"].pk, **WORK}
    acorn, beech = cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
    wrong = put(client, spring, "accounts", accounts=[acorn, 999_999], **into)
    assert "This can&#x27;t be chosen here." in plain(wrong)
    for bad in ("x", "1\x00", "9" * 30):
        assert put(client, spring, "accounts", accounts=[bad], **into).status_code == 422
    typed = put(client, spring, "accounts", accounts=[acorn], accounts_more_text="Nobody Ltd", **into)
    assert "Nothing that can be chosen here is called Nobody Ltd." in plain(typed)
    assert 'value="Nobody Ltd"' in plain(typed)
    assert "Acorn <small>East 1</small>" in plain(typed)
    done = put(
        client, spring, "accounts", accounts=[acorn], accounts_more_text="beech", numbers="A-3", **into
    )
    assert done.status_code == 302
    assert look(lambda: Move.objects.get().account_ids) == sorted([acorn, beech])  # Cedar is there already
    text = plain(client.get(reverse("draft_detail", args=[spring.pk])))
    assert "2 accounts go to West 1<small>Acorn (East 1), Beech (East 2)</small>" in text


def test_more_than_fifty_are_not_chosen_one_by_one(cast: Cast, browse: Any, spring: Draft) -> None:
    many = [str(number) for number in range(1, 52)]
    answer = put(browse(cast.admin), spring, "accounts", accounts=many, into_id=1, **WORK)
    assert "Choose at most 50 at once." in plain(answer)


def test_what_is_typed_counts_among_the_fifty(cast: Cast, acting: Any, browse: Any, spring: Draft) -> None:
    with acting(cast.admin):
        many = add_accounts(cast, 50)
    chosen = {"accounts": many, "accounts_more_text": "Acorn", "into_id": cast.territories["West 1"].pk}
    answer = put(browse(cast.admin), spring, "accounts", **chosen, **WORK)
    assert answer.status_code == 422
    assert "Choose at most 50 at once." in plain(answer)


# ---- a move is edited ----


@pytest.fixture
def move(cast: Cast, acting: Any) -> Move:
    draft = moved(cast, acting, on=DAY, **acorn_west(cast, open_work="go", reason="nearer"))
    found: Move = look(draft.moves.get)
    return found


def test_a_move_is_edited_and_its_effect_is_to_be_seen_anew(cast: Cast, browse: Any, move: Move) -> None:
    client, url = browse(cast.admin), reverse("move_edit", args=[move.pk])
    page = plain(client.get(url))
    assert "Acorn <small>East 1</small>" in page
    assert f'<option value="{cast.territories["West 1"].pk}" selected>' in page
    assert 'value="nearer"' in page
    beech = cast.accounts["Beech"].pk
    sent = {"accounts": [beech], "into_id": cast.territories["East 1"].pk, "open_work": "closed"}
    sent |= {"quota": "person", "reason": "closer", "version": move.version}
    assert client.post(url, sent).status_code == 302
    text = plain(client.get(reverse("draft_detail", args=[move.draft_id])))
    assert "1 account goes to East 1<small>Beech (East 2)</small>" in text
    assert "stays with its owner until closed" in text
    assert "Its effect has not been looked at as it is now." in text
    stale = client.post(url, sent)
    assert stale.status_code == 412
    assert "changed this" in plain(stale)
    assert look(lambda: len(history_of(Move.objects.get(), ["reason"]))) == 2


def test_a_move_of_many_is_edited_by_its_numbers(
    cast: Cast, browse: Any, acting: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("planning.forms.drafts.MOST_CHOSEN", 1)
    both = {"account_ids": [cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk]}
    draft = moved(cast, acting, **acorn_west(cast) | both)
    page = browse(cast.admin).get(reverse("move_edit", args=[look(draft.moves.get).pk]))
    assert "A-1\nA-2</textarea>" in page.content.decode()


def test_what_its_editor_no_longer_sees_stays_in_a_move_until_it_is_left_out(
    cast: Cast, acting: Any, browse: Any
) -> None:
    acorn, beech = (cast.accounts[name] for name in ("Acorn", "Beech"))
    with acting(cast.admin):
        copy = Account.objects.create(name="Acorn copy", number="A-9", territory=acorn.territory)
    both = {"account_ids": [acorn.pk, copy.pk]}
    move = look(moved(cast, acting, **acorn_west(cast) | both).moves.get)
    look(lambda: Account.objects.filter(pk=copy.pk).update(merged_into=beech))
    client, url = browse(cast.admin), reverse("move_edit", args=[move.pk])
    words = "Leave out 1 account of this move that you no longer see, or that was merged"
    assert words in plain(client.get(url))
    sent = {"accounts": [beech.pk], "into_id": cast.territories["West 1"].pk, **WORK, "version": move.version}
    assert client.post(url, sent).status_code == 302
    assert look(lambda: Move.objects.get().account_ids) == sorted([beech.pk, copy.pk])
    version = look(Draft.objects.get).version
    seen = client.post(
        reverse("draft_preview", args=[move.draft_id]), {"version": version}, HTTP_ACCEPT="text/html"
    )
    told = plain(seen) if seen.status_code != 302 else plain(client.get(seen["Location"]))
    assert "Edit that move and tick that it is left out, or take the move out." in told
    assert "“2 accounts go to West 1”" in told
    sent |= {"version": move.version + 1, "drops_unseen": "on"}
    assert client.post(url, sent).status_code == 302
    assert look(lambda: Move.objects.get().account_ids) == [beech.pk]
    assert "Leave out" not in plain(client.get(url))


def test_another_change_of_a_seat_that_is_planned_is_named(
    cast: Cast, browse: Any, acting: Any, spring: Draft
) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        later = {"user_id": cast.peer.pk, "starts_on": date(2026, 7, 1)}
        pass_seat(by=cast.admin.pk, seat_id=seat.pk, **later)
        east = cast.territories["East 1"].pk
        person = cast.coordinator.pk
        add_move(
            by=cast.admin.pk,
            draft_id=spring.pk,
            kind="seat",
            territory_id=east,
            seat_kind="owner",
            person_id=person,
        )
    text = plain(browse(cast.admin).get(reverse("draft_detail", args=[spring.pk])))
    assert "From Jul 1, 2026 on Paul Peer is planned for this seat." in text


def test_taking_back_says_what_becomes_of_quota(cast: Cast, browse: Any, acting: Any, ben: User) -> None:
    draft = publish(moved(cast, acting, **acorn_west(cast)), cast, ben, acting)
    client = browse(cast.admin)
    form = client.get(reverse("draft_undo", args=[draft.pk]))
    assert "It moved no quota, so none goes back." in plain(form)
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=draft.starts_on)
    page = plain(client.get(reverse("draft_detail", args=[counter.pk])))
    assert "No quota moved with it, and none goes back" in page
    # What who approved it read stays with the approval.
    with acting(ben):
        approval = Approval.objects.get(kind="realignment")
    said = "From May 20, 2026: 1 account goes to West 1. 1 account moves."
    assert approval.effect.startswith(said)
    assert said in plain(client.get(reverse("approval_detail", args=[approval.pk])))


def test_what_is_there_already_is_left_out_and_counted(
    cast: Cast, browse: Any, acting: Any, spring: Draft
) -> None:
    client, west = browse(cast.admin), cast.territories["West 1"].pk
    acorn, cedar = cast.accounts["Acorn"], cast.accounts["Cedar"]
    sent = {"accounts": [acorn.pk, cedar.pk], "into_id": west, **WORK}
    answer = put(client, spring, "accounts", **sent)
    text = plain(client.get(answer["Location"]))
    assert "1 account is in West 1 on that day already, and was left out." in text
    assert "1 account goes to West 1<small>Acorn (East 1)</small>" in text
    assert look(lambda: Move.objects.get().account_ids) == [acorn.pk]
    none = put(client, spring, "accounts", **sent | {"accounts": [cedar.pk]})
    assert none.status_code == 422
    assert "All of these accounts are there on Jun 1, 2026 already. Choose another territory." in plain(none)


def test_quota_without_a_known_potential_is_refused_where_it_is_written(
    cast: Cast, browse: Any, acting: Any, spring: Draft
) -> None:
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
    sent = {"accounts": [cast.accounts["Acorn"].pk], "into_id": cast.territories["West 1"].pk, **WORK}
    answer = put(browse(cast.admin), spring, "accounts", **sent | {"quota": "accounts"})
    assert answer.status_code == 422
    assert "The potential of East 1 is not known for 2026-Q2, so no quota moves with its accounts." in plain(
        answer
    )
    assert not look(Move.objects.exists)


def test_every_kind_is_edited(cast: Cast, browse: Any, acting: Any, spring: Draft) -> None:
    nodes = cast.territories
    with acting(cast.admin):
        rule = Rule.objects.create(name="Oaks", territory_id=nodes["East 1"].pk)
        put_in = [
            {"kind": "node", "territory_id": nodes["West Team"].pk, "into_id": nodes["East"].pk},
            {"kind": "seat", "territory_id": nodes["East 1"].pk, "seat_kind": "owner"},
            {"kind": "rule", "rule_id": rule.pk, "into_id": nodes["East 2"].pk},
        ]
        moves = [add_move(by=cast.admin.pk, draft_id=spring.pk, **one) for one in put_in]
    client = browse(cast.admin)
    changes: list[dict[str, Any]] = [
        {"territory_id": nodes["West 1"].pk, "into_id": nodes["East Team"].pk},
        {"territory_id": nodes["East 1"].pk, "seat_kind": "owner", "person_id": cast.peer.pk, **WORK},
        {"rule_id": rule.pk, "into_id": nodes["West 1"].pk, "open_work": "go"},
    ]
    for one, sent in zip(moves, changes, strict=True):
        url = reverse("move_edit", args=[one.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {**sent, "version": one.version}).status_code == 302
    text = plain(client.get(reverse("draft_detail", args=[spring.pk])))
    for said in (
        "West 1 goes below East Team",
        "Paul Peer becomes owner of East 1",
        "The rule Oaks leads to West 1, with the accounts that it placed",
    ):
        assert said in text


def test_who_may_not_change_the_draft_edits_no_move(cast: Cast, browse: Any, acting: Any, move: Move) -> None:
    url = reverse("move_edit", args=[move.pk])
    assert browse(cast.director).get(url).status_code == 404
    assert browse(cast.rep).get(url).status_code == 403
    with acting(cast.admin), pytest.raises(Stale):
        edit_move(by=cast.admin.pk, move_id=move.pk, version=move.version + 1, **told(cast))


def told(cast: Cast) -> dict[str, Any]:
    said = acorn_west(cast)
    del said["kind"]
    return said


def test_a_published_move_and_one_that_takes_back_stay_as_they_are(
    cast: Cast, browse: Any, acting: Any, ben: User
) -> None:
    draft = publish(moved(cast, acting, **acorn_west(cast)), cast, ben, acting)
    done = look(draft.moves.get)
    with acting(cast.admin):
        with pytest.raises(Conflict, match="is no draft any more: published"):
            edit_move(by=cast.admin.pk, move_id=done.pk, version=done.version, **told(cast))
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=draft.starts_on)
        back = counter.moves.get()
        with pytest.raises(Conflict, match="It takes back what was moved"):
            edit_move(by=cast.admin.pk, move_id=back.pk, version=back.version, **told(cast))
        with pytest.raises(Refused):
            edit_move(by=cast.admin.pk, move_id=back.pk, version=back.version, kind="node")
    text = plain(browse(cast.admin).get(reverse("draft_detail", args=[counter.pk])))
    assert reverse("move_edit", args=[back.pk]) not in text
    assert reverse("move_remove", args=[back.pk]) in text
