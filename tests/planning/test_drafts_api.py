"""Realignments over the API: drafted, filled, looked at, asked for, published, taken back."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Module, Rule
from territories.models import Seat, User
from territories.services import end_seat
from tests.accounts.places import add_accounts
from tests.calls import Api, count, faults, message
from tests.cast import Cast
from tests.planning.test_realignment import work_off
from workspace.models import Approval
from workspace.services import answer as answer_approval

LIST, TODAY = "realignments/", "2026-05-20"


def path(draft: Any, act: str = "") -> str:
    return f"realignments/{draft['id']}/{act}"


def acorn_west(cast: Cast, **more: Any) -> dict[str, Any]:
    ids = {"account_ids": [cast.accounts["Acorn"].pk], "into_id": cast.territories["West 1"].pk}
    return {"kind": "accounts", **ids, "open_work": "go", **more}


@pytest.fixture
def api(cast: Cast) -> Api:
    return Api(cast.admin)


@pytest.fixture
def draft(api: Api) -> Any:
    return api.post(LIST, {"name": "Spring", "starts_on": TODAY}).json()


def seen(api: Api, cast: Cast, draft: Any, **more: Any) -> Any:
    """The draft with Acorn's move, looked at."""
    version = api.post(path(draft, "moves/"), acorn_west(cast, **more)).json()["version"]
    return api.post(path(draft, "preview/"), {}, If_Match=str(version)).json()


class TestDrafting:
    def test_a_draft_is_begun_and_shown_whole(self, cast: Cast, api: Api) -> None:
        answer = api.post(LIST, {"name": "Spring", "note": "Two\nteams", "starts_on": TODAY})
        assert answer.status_code == 201
        made = answer.json()
        assert made == {
            "id": made["id"],
            "version": 1,
            "name": "Spring",
            "note": "Two\nteams",
            "starts_on": TODAY,
            "state": "open",
            "made_by_id": cast.admin.pk,
            "undoes_id": None,
            "approved_by_id": None,
            "previewed_at": None,
            "published_at": None,
            "error": "",
            "moves": [],
            "effect": None,
            "refused": "",
        }
        assert api.get(path(made)).json() == made
        listed = {name: made[name] for name in made if name not in ("moves", "effect", "refused")}
        assert api.get(LIST).json() == {"results": [listed], "after": None}

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("starts_on", "2026-05-19", "past"),
            ("starts_on", "soon", "date_format"),
            ("name", "", "blank"),
            ("state", "published", "unknown_field"),
        ],
    )
    def test_what_does_not_fit_is_named(self, api: Api, field: str, value: Any, code: str) -> None:
        answer = api.post(LIST, {"name": "Spring", "starts_on": TODAY, field: value})
        assert (answer.status_code, faults(answer)) == (422, [(code, field)])

    def test_an_edit_names_its_version(self, api: Api, draft: Any) -> None:
        answer = api.patch(path(draft), {"name": "Summer"}, If_Match="1")
        assert (answer.status_code, answer.json()["name"], answer.json()["version"]) == (200, "Summer", 2)
        late = api.patch(path(draft), {"name": "Autumn"}, If_Match="1")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])

    def test_pages_join_without_a_gap(self, api: Api) -> None:
        for number in range(51):
            assert api.post(LIST, {"name": f"R {number}", "starts_on": TODAY}).status_code == 201
        first = api.get(LIST).json()
        second = api.get(f"{LIST}?after={first['after']}").json()
        assert (len(first["results"]), len(second["results"]), second["after"]) == (50, 1, None)
        assert first["results"][0]["name"] == "R 50"


class TestMoves:
    def test_a_move_is_put_in_and_taken_out(self, cast: Cast, api: Api, draft: Any) -> None:
        answer = api.post(path(draft, "moves/"), acorn_west(cast, reason="closer"))
        assert answer.status_code == 201
        [move] = answer.json()["moves"]
        kept = {"stays_until": None, "quota": "person"}
        assert move == {"id": move["id"], **acorn_west(cast, reason="closer"), **kept}
        out = api.post(f"realignments/moves/{move['id']}/remove/", {})
        assert (out.status_code, out.json()["moves"]) == (200, [])
        assert api.post(f"realignments/moves/{move['id']}/remove/", {}).status_code == 404

    def test_every_kind_says_what_it_has(self, cast: Cast, api: Api, draft: Any) -> None:
        east, west = cast.territories["East"].pk, cast.territories["West Team"].pk
        api.post(path(draft, "moves/"), {"kind": "node", "territory_id": west, "into_id": east})
        seat = {"kind": "seat", "territory_id": west, "seat_kind": "lead", "person_id": cast.manager.pk}
        moves = api.post(path(draft, "moves/"), {**seat, "quota": "territory"}).json()["moves"]
        rest = {"open_work": "usual", "stays_until": None, "quota": "territory", "reason": ""}
        assert moves == [
            {"id": moves[0]["id"], "kind": "node", "territory_id": west, "into_id": east, "reason": ""},
            {"id": moves[1]["id"], **seat, **rest},
        ]

    def test_modules_and_rules_go_too(self, cast: Cast, api: Api, draft: Any, acting: Any) -> None:
        into, work = cast.territories["East 2"].pk, {"open_work": "until", "stays_until": "2026-07-01"}
        with acting(cast.admin):
            module = Module.objects.create(name="Big ones")
            rule = Rule.objects.create(name="Ours", territory_id=cast.territories["East 1"].pk)
        modules = {"kind": "module", "module_id": module.pk, "into_id": into, **work, "quota": "accounts"}
        rules = {"kind": "rule", "rule_id": rule.pk, "into_id": into, **work}
        api.post(path(draft, "moves/"), modules)
        moves = api.post(path(draft, "moves/"), rules).json()["moves"]
        written = [modules, rules]
        assert moves == [
            {"id": move["id"], **body, "reason": ""} for move, body in zip(moves, written, strict=True)
        ]
        never = api.post(path(draft, "moves/"), {**modules, "module_id": 987654321})
        assert (never.status_code, faults(never)) == (404, [("not_found", "")])

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            ({"kind": "galaxy"}, [("unknown_choice", "kind")]),
            ({"account_ids": []}, [("account_count", "account_ids")]),
            ({"account_ids": ["7"]}, [("whole_number", "account_ids[0]")]),
            ({"into_id": 987654321}, [("refused", "into_id")]),
            ({"territory_id": 4}, [("not_of_kind", "territory_id")]),
            ({"kind": "node"}, [("not_of_kind", "account_ids"), ("not_of_kind", "open_work")]),
            ({"open_work": "until"}, [("reversed_range", "stays_until")]),
            ({"stays_until": "2026-06-01"}, [("not_until", "stays_until")]),
            ({"quota": "territory"}, [("quota_of_kind", "quota")]),
            ({"seat": 4}, [("unknown_field", "seat")]),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, api: Api, draft: Any, owner: Any, wrong: dict[str, Any], expected: Any
    ) -> None:
        answer = api.post(path(draft, "moves/"), acorn_west(cast, **wrong))
        assert (answer.status_code, faults(answer)) == (422, expected)
        assert count(owner, "planning_move") == [0]

    def test_accounts_out_of_reach_are_not_moved_and_not_shown(self, cast: Cast, api: Api) -> None:
        director = Api(cast.director)
        mine = director.post(LIST, {"name": "Mine", "starts_on": TODAY}).json()
        cedar = {"kind": "accounts", "account_ids": [cast.accounts["Cedar"].pk]}
        body = {**cedar, "into_id": cast.territories["East 1"].pk}
        assert director.post(path(mine, "moves/"), body).status_code == 404
        api.post(path(mine, "moves/"), body)
        [move] = director.get(path(mine)).json()["moves"]
        assert move["account_ids"] == []


class TestPublishing:
    def test_the_preview_sets_before_and_after_side_by_side(self, cast: Cast, api: Api, draft: Any) -> None:
        effect = seen(api, cast, draft)["effect"]
        sides = {row["territory_id"]: row for row in effect["territories"]}
        side = sides[cast.territories["West 1"].pk]
        assert (side["before"]["accounts"], side["after"]["accounts"]) == (1, 2)
        assert (side["before"]["commit"], side["after"]["commit"]) == ("100000.03", "200000.04")
        assert side["after"]["attainment"] is None
        people = {row["person_id"]: row for row in effect["people"]}
        assert people[cast.rep.pk]["after"]["accounts"] == 0
        assert effect["deals"] == [
            {
                "opportunity_id": cast.deals["Acorn renewal"].pk,
                "owner": "Rita Rep",
                "to": "Oscar Other",
                "passes_on": TODAY,
            }
        ]
        counts = (effect["day"], effect["accounts"], effect["kept"], effect["more_deals"], effect["tasks"])
        assert counts == (TODAY, 1, [], 0, 0)

    def test_a_reader_sees_figures_of_what_they_lead_alone(self, cast: Cast) -> None:
        api = Api(cast.director)
        mine = api.post(LIST, {"name": "Mine", "starts_on": TODAY}).json()
        body = acorn_west(cast, into_id=cast.territories["East 2"].pk)
        version = api.post(path(mine, "moves/"), body).json()["version"]
        effect = api.post(path(mine, "preview/"), {}, If_Match=str(version)).json()["effect"]
        east = {cast.territories[name].pk for name in ("East", "East Team", "East 1", "East 2")}
        assert {row["territory_id"] for row in effect["territories"]} <= east
        assert Api(cast.executive).get(path(mine)).json()["effect"]["accounts"] == 1

    def test_what_was_not_seen_is_not_asked_for(self, api: Api, draft: Any) -> None:
        answer = api.post(path(draft, "ask/"), {}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (409, [("not_seen", "")])

    def test_asked_reopened_and_given_up(self, cast: Cast, api: Api, draft: Any, ben: User) -> None:
        version = str(seen(api, cast, draft)["version"])
        asked = api.post(path(draft, "ask/"), {"reason": "agreed"}, If_Match=version)
        assert (asked.status_code, asked.json()["state"]) == (200, "asked")
        late = api.post(path(draft, "reopen/"), {}, If_Match=version)
        assert late.status_code == 412
        opened = api.post(path(draft, "reopen/"), {}, If_Match=str(asked.json()["version"])).json()
        assert opened["state"] == "open"
        dropped = api.post(path(draft, "drop/"), {}, If_Match=str(opened["version"])).json()
        assert dropped["state"] == "dropped"

    def test_published_and_taken_back(self, cast: Cast, api: Api, draft: Any, ben: User, acting: Any) -> None:
        version = str(seen(api, cast, draft)["version"])
        api.post(path(draft, "ask/"), {"reason": "agreed"}, If_Match=version)
        with acting(ben):
            approval = Approval.objects.get(kind="realignment")
            answer_approval(by=ben.pk, approval_id=approval.pk, version=approval.version, is_granted=True)
        work_off()
        done = api.get(path(draft)).json()
        assert (done["state"], done["approved_by_id"]) == ("published", ben.pk)
        [place] = api.get(f"account-territories/?account={cast.accounts['Acorn'].pk}").json()["results"]
        assert (place["cause"], place["cause_id"]) == ("realignment", draft["id"])
        back = api.post(path(draft, "undo/"), {"starts_on": TODAY})
        assert back.status_code == 201
        assert (back.json()["undoes_id"], len(back.json()["moves"])) == (draft["id"], 1)
        again = api.post(path(draft, "undo/"), {"starts_on": TODAY})
        assert (again.status_code, faults(again)) == (409, [("undone", "")])

    def test_what_cannot_be_made_is_said(self, cast: Cast, api: Api, draft: Any) -> None:
        company, team = cast.territories["West"].pk, cast.territories["West Team"].pk
        body = {"kind": "node", "territory_id": company, "into_id": team}
        version = api.post(path(draft, "moves/"), body).json()["version"]
        tried = api.post(path(draft, "preview/"), {}, If_Match=str(version))
        assert (tried.status_code, tried.json()["effect"]) == (200, None)
        assert tried.json()["refused"] == "A territory can't lie below itself."


class TestReach:
    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("rep", [403] * 10),
            ("manager", [403] * 10),
            ("other_director", [200] + [404] * 9),
            ("executive", [200, 200] + [403] * 8),
        ],
    )
    def test_who_may_do_what(self, cast: Cast, api: Api, draft: Any, who: str, expected: list[int]) -> None:
        caller = Api(getattr(cast, who))
        [move] = api.post(path(draft, "moves/"), acorn_west(cast)).json()["moves"]
        answers = [caller.get(LIST), caller.get(path(draft))]
        answers.append(caller.patch(path(draft), {"name": "Mine"}, If_Match="2"))
        answers.append(caller.post(path(draft, "moves/"), acorn_west(cast)))
        answers.append(caller.post(f"realignments/moves/{move['id']}/remove/", {}))
        for act in ("preview", "ask", "reopen", "drop"):
            answers.append(caller.post(path(draft, f"{act}/"), {}, If_Match="2"))
        answers.append(caller.post(path(draft, "undo/"), {"starts_on": TODAY}))
        assert [answer.status_code for answer in answers] == expected
        assert api.get(path(draft)).json()["name"] == "Spring"

    def test_a_foreign_draft_is_like_one_that_never_was(self, cast: Cast, draft: Any) -> None:
        caller = Api(cast.other_director)
        foreign, never = caller.get(path(draft)), caller.get("realignments/987654321/")
        assert foreign.status_code == never.status_code == 404
        assert foreign.content == never.content
        assert caller.get(LIST).json()["results"] == []
        assert message(foreign)


def test_who_also_sits_beyond_the_region_shows_nothing_from_there(
    cast: Cast, acting: Any, browse: Any
) -> None:
    """Oscar of West 1, with eight accounts there, comes to East 2; East's director drafts what brings him Acorn."""
    add_accounts(cast, 7, "West 1")
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.peer)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 20))
        place = {"territory_id": cast.territories["East 2"].pk, "kind": "owner", "share": 5_000}
        Seat.objects.create(user_id=cast.other_rep.pk, starts_on=date(2026, 5, 20), **place)
    east = Api(cast.director)
    draft = east.post(LIST, {"name": "Spring", "starts_on": "2026-06-01"}).json()
    seen(east, cast, draft, into_id=cast.territories["East 2"].pk)
    for person, oscars in ((cast.director, (None, None)), (cast.executive, (9, 10))):
        people = {one["person_id"]: one for one in Api(person).get(path(draft)).json()["effect"]["people"]}
        told = people[cast.other_rep.pk]
        assert (told["before"]["accounts"], told["after"]["accounts"]) == oscars
        ritas = people[cast.rep.pk]
        assert (ritas["before"]["accounts"], ritas["after"]["accounts"]) == (1, 0)
        text = browse(person).get(reverse("draft_detail", args=[draft["id"]])).content.decode()
        assert ("people who also sit on territories that you don't see" in unescape(text)) is (
            person == cast.director
        )
    hidden = Api(cast.director).get(path(draft)).json()["effect"]["people"]
    oscar = next(one for one in hidden if one["person_id"] == cast.other_rep.pk)
    assert {oscar[side][name] for side in ("before", "after") for name in ("intake", "attainment")} == {None}
