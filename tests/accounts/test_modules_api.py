"""Modules over the API: made and changed, accounts in and out by date, filled as seen, moved as one, retired."""

from typing import Any

import pytest

from common.services import set_policy
from tests.accounts.bundled import JUNE as FIRST_OF_JUNE
from tests.accounts.bundled import MAY, spans
from tests.calls import Api, count, faults, message
from tests.cast import Cast

TODAY, JUNE, JULY = "2026-05-20", "2026-06-01", "2026-07-01"
RETAIL = [[{"kind": "industry", "values": ["Retail"]}]]


@pytest.fixture
def api(cast: Cast) -> Api:
    return Api(cast.admin)


@pytest.fixture
def module(api: Api) -> Any:
    return api.post("modules/", {"name": "Key accounts", "note": "Five shops"}).json()


def path(module: Any, act: str = "") -> str:
    return f"modules/{module['id']}/{act}"


def picked(cast: Cast, *names: str, **more: Any) -> dict[str, Any]:
    return {"account_ids": [cast.accounts[name].pk for name in names], "starts_on": TODAY, **more}


class TestModules:
    def test_one_is_made_and_read_by_everybody(self, cast: Cast, api: Api, module: Any) -> None:
        whole = {"id": module["id"], "version": 1, "name": "Key accounts", "note": "Five shops"}
        assert module == {**whole, "conditions": [], "is_active": True}
        assert Api(cast.director).get(path(module)).json() == module
        del module["conditions"]  # they may name accounts out of reach, and serve those alone who bundle
        for person in (cast.rep, cast.manager, cast.executive):
            assert Api(person).get(path(module)).json() == module
            assert Api(person).get("modules/").json() == {"results": [module], "after": None}

    def test_an_edit_names_its_version(self, api: Api, module: Any) -> None:
        answer = api.patch(path(module), {"name": "Retail", "conditions": RETAIL}, If_Match="1")
        assert answer.status_code == 200
        assert answer.json() == {**module, "version": 2, "name": "Retail", "conditions": RETAIL}
        late = api.patch(path(module), {"note": ""}, If_Match="1")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("name", "", "blank"),
            ("name", "key ACCOUNTS", "module_name_once"),
            ("conditions", [[{"kind": "colour", "values": ["red"]}]], "conditions"),
            ("is_active", False, "unknown_field"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, owner: Any, api: Api, module: Any, field: str, value: Any, code: str
    ) -> None:
        answer = api.post("modules/", {"name": "Other", field: value})
        assert (answer.status_code, faults(answer)) == (422, [(code, field)])
        assert count(owner, "accounts_module") == [1]

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("rep", [403, 403, 403, 403, 403, 404]),
            ("manager", [403, 403, 403, 403, 403, 403]),
            ("director", [201, 403, 201, 403, 403, 200]),
            ("other_director", [201, 403, 404, 403, 403, 404]),
            ("executive", [403, 403, 403, 403, 403, 403]),
        ],
    )
    def test_who_may_do_what(self, cast: Cast, api: Api, module: Any, who: str, expected: list[int]) -> None:
        api.post(path(module, "accounts/"), picked(cast, "Beech"))
        theirs, out = Api(getattr(cast, who)), picked(cast, "Beech", starts_on=JUNE)
        answers = [
            theirs.post("modules/", {"name": "Mine"}),
            theirs.patch(path(module), {"note": "x"}, If_Match="1"),
            theirs.post(path(module, "accounts/"), picked(cast, "Acorn")),
            theirs.post(path(module, "retire/"), {}, If_Match="1"),
            theirs.post(path(module, "restore/"), {}, If_Match="1"),
            theirs.post(path(module, "accounts/take-out/"), out),
        ]
        assert [answer.status_code for answer in answers] == expected

    def test_conditions_that_name_too_much_are_refused(self, api: Api) -> None:
        groups = [
            [{"kind": "postcode", "values": [f"{group:02}{code:03}" for code in range(1_000)]}]
            for group in range(3)
        ]
        refused = api.post("modules/", {"name": "Wide", "conditions": groups})
        assert (refused.status_code, faults(refused)) == (422, [("conditions", "conditions")])
        assert "All conditions together name more than" in message(refused)
        made = api.post("modules/", {"name": "Wide", "conditions": groups[:2]})
        assert api.get(path(made.json(), "fill/")).json()["new"] == 0

    def test_one_that_never_was_is_not_found(self, cast: Cast, api: Api) -> None:
        for act in ("accounts/", "accounts/take-out/", "fill/", "move/", "retire/", "restore/"):
            assert api.post(f"modules/987654321/{act}", {}, If_Match="1").status_code == 404


class TestAccounts:
    def test_they_come_in_and_are_shown_as_on_the_page(
        self, cast: Cast, api: Api, module: Any, browse: Any
    ) -> None:
        answer = api.post(path(module, "accounts/"), picked(cast, "Cedar", "Acorn", reason="named"))
        assert (answer.status_code, answer.json()) == (201, {"came": 2})
        rows = api.get(path(module, "accounts/")).json()["results"]
        assert rows[0] == {
            "account_id": cast.accounts["Acorn"].pk,
            "territory_id": cast.territories["East 1"].pk,
            "starts_on": TODAY,
            "stops_on": None,
            "reason": "named",
        }
        for person, names in ((cast.admin, ["Acorn", "Cedar"]), (cast.director, ["Acorn"])):
            shown = browse(person).get(f"/accounts/modules/{module['id']}/").context["members"]
            found = Api(person).get(path(module, "accounts/")).json()["results"]
            assert [row.account.name for row, _place in shown] == names
            assert [(row["account_id"], row["territory_id"]) for row in found] == [
                (row.account_id, place.pk) for row, place in shown
            ]
        assert api.get(path(module, "accounts/?on=2026-05-19")).json()["results"] == []

    def test_one_of_another_module_is_refused_by_name_or_moved(
        self, cast: Cast, api: Api, module: Any, acting: Any
    ) -> None:
        other = api.post("modules/", {"name": "Growth"}).json()
        api.post(path(other, "accounts/"), picked(cast, "Acorn"))
        refused = api.post(path(module, "accounts/"), picked(cast, "Acorn", starts_on=JUNE))
        assert (refused.status_code, faults(refused)) == (422, [("in_other_module", "moves")])
        assert "Acorn (Growth)" in message(refused)
        assert api.post(
            path(module, "accounts/"), picked(cast, "Acorn", starts_on=JUNE, moves=True)
        ).json() == {"came": 1}
        assert spans(acting, cast) == [
            ("Acorn", "Growth", MAY, FIRST_OF_JUNE),
            ("Acorn", "Key accounts", FIRST_OF_JUNE, None),
        ]

    def test_they_leave_on_a_day(self, cast: Cast, api: Api, module: Any, acting: Any) -> None:
        api.post(path(module, "accounts/"), picked(cast, "Acorn", "Beech"))
        answer = api.post(path(module, "accounts/take-out/"), picked(cast, "Beech", starts_on=JUNE))
        assert (answer.status_code, answer.json()) == (200, {"left": 1})
        assert spans(acting, cast)[1] == ("Beech", "Key accounts", MAY, FIRST_OF_JUNE)
        again = api.post(path(module, "accounts/take-out/"), picked(cast, "Beech", starts_on=JUNE))
        assert (again.status_code, faults(again)) == (422, [("not_in_module", "starts_on")])

    @pytest.mark.parametrize(
        ("field", "value", "code", "at"),
        [
            ("account_ids", [], "empty", "account_ids"),
            ("account_ids", [1] * 501, "max_length", "account_ids"),
            ("account_ids", ["7"], "whole_number", "account_ids[0]"),
            ("starts_on", "soon", "date_format", "starts_on"),
            ("module_id", 7, "unknown_field", "module_id"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, api: Api, module: Any, field: str, value: Any, code: str, at: str
    ) -> None:
        answer = api.post(path(module, "accounts/"), picked(cast, "Acorn", **{field: value}))
        assert (answer.status_code, faults(answer)) == (422, [(code, at)])
        assert count(owner, "accounts_modulemember") == [0]


class TestFilling:
    def test_it_is_done_as_it_was_seen(self, cast: Cast, api: Api, acting: Any) -> None:
        made = api.post("modules/", {"name": "Retail", "conditions": RETAIL}).json()
        seen = api.get(path(made, f"fill/?on={JUNE}")).json()
        assert seen == {
            "starts_on": JUNE,
            "digest": seen["digest"],
            "new": 3,
            "staying": 0,
            "elsewhere": 0,
            "examples": [cast.accounts[name].pk for name in ("Acorn", "Beech", "Cedar")],
        }
        director = Api(cast.director).get(path(made, f"fill/?on={JUNE}")).json()
        assert (director["new"], director["digest"] != seen["digest"]) == (2, True)
        body = {"starts_on": JUNE, "digest": seen["digest"]}
        changed = api.post(path(made, "fill/"), {**body, "digest": director["digest"]})
        assert (changed.status_code, faults(changed)) == (409, [("changed_since", "")])
        assert api.post(path(made, "fill/"), body).json() == {"came": 3}
        assert len(spans(acting, cast)) == 3

    def test_who_bundles_nothing_sees_no_filling(self, cast: Cast, module: Any) -> None:
        assert Api(cast.manager).get(path(module, "fill/")).status_code == 403


class TestMoving:
    def test_who_assigns_nothing_is_told_so_whatever_is_in_it(
        self, cast: Cast, module: Any, api: Api
    ) -> None:
        api.post(path(module, "accounts/"), picked(cast, "Cedar"))
        body = {"territory_id": cast.territories["East 2"].pk, "starts_on": JUNE, "reason": "nearer"}
        for person in (cast.rep, cast.manager, cast.executive):
            assert Api(person).post(path(module, "move/"), body).status_code == 403

    def test_all_of_it_goes_as_one(self, cast: Cast, api: Api, module: Any) -> None:
        api.post(path(module, "accounts/"), picked(cast, "Acorn", "Beech"))
        into = cast.territories["East 2"].pk
        body = {"territory_id": into, "starts_on": JUNE, "reason": "nearer"}
        answer = Api(cast.director).post(path(module, "move/"), body)
        assert answer.status_code == 201
        acorn, beech = cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
        done = {"is_done": True, "approval_id": None, "dropped": 0}
        assert answer.json() == {**done, "moving": [acorn], "staying": [beech]}
        rows = api.get(path(module, f"accounts/?on={JUNE}")).json()["results"]
        assert [row["territory_id"] for row in rows] == [into, into]

    def test_above_the_limit_a_second_person_is_asked(
        self, cast: Cast, api: Api, module: Any, acting: Any, ben: Any
    ) -> None:
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
        api.post(path(module, "accounts/"), picked(cast, "Acorn", "Cedar"))
        body = {"territory_id": cast.territories["East 2"].pk, "starts_on": JUNE, "reason": "nearer"}
        answer = api.post(path(module, "move/"), body).json()
        assert (answer["is_done"], answer["approval_id"] > 0) == (False, True)

    def test_who_does_not_see_all_of_it_moves_nothing(self, cast: Cast, api: Api, module: Any) -> None:
        api.post(path(module, "accounts/"), picked(cast, "Acorn", "Cedar"))
        body = {"territory_id": cast.territories["East 2"].pk, "starts_on": JUNE, "reason": "nearer"}
        answer = Api(cast.director).post(path(module, "move/"), body)
        assert (answer.status_code, faults(answer)) == (422, [("not_whole", "")])
        empty = api.post(path(module, "move/"), {**body, "starts_on": "2026-05-19"})
        assert (empty.status_code, faults(empty)) == (422, [("empty", "starts_on")])
        assert Api(cast.rep).post(path(module, "move/"), body).status_code in (403, 422)


class TestRetiring:
    def test_it_is_emptied_today_and_used_again(self, cast: Cast, api: Api, module: Any) -> None:
        api.post(path(module, "accounts/"), picked(cast, "Acorn", starts_on="2026-05-01"))
        answer = api.post(path(module, "retire/"), {"reason": "dissolved"}, If_Match="1")
        assert (answer.status_code, answer.json()["is_active"], answer.json()["version"]) == (200, False, 2)
        assert api.get(path(module, "accounts/")).json()["results"] == []
        refused = api.post(path(module, "accounts/"), picked(cast, "Acorn"))
        assert (refused.status_code, faults(refused)) == (422, [("retired", "module_id")])
        late = api.post(path(module, "restore/"), {}, If_Match="1")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        assert api.post(path(module, "restore/"), {}, If_Match="2").json()["is_active"] is True
