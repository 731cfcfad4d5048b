"""Corporate families, merging and workload over the API."""

from typing import Any

import pytest

from tests.calls import Api, faults
from tests.cast import Cast
from tests.planning.test_account_family import make_family
from tests.planning.test_territory_workload_panel import fill


def path(cast: Cast, name: str, act: str) -> str:
    return f"accounts/{cast.accounts[name].pk}/{act}/"


class TestFamily:
    def test_own_and_with_all_below_as_on_the_page(self, cast: Cast, acting: Any, browse: Any) -> None:
        make_family(cast, acting)
        found = Api(cast.admin).get(path(cast, "Acorn", "family")).json()
        acorn, beech, cedar = (cast.accounts[name].pk for name in ("Acorn", "Beech", "Cedar"))
        assert found["year"] == "2026"
        assert [(row["account_id"], row["parent_id"], row["more"]) for row in found["members"][:3]] == [
            (cedar, None, 0),
            (acorn, cedar, 0),
            (beech, acorn, 0),
        ]
        assert found["members"][1] == {
            "account_id": acorn,
            "parent_id": cedar,
            "name": "Acorn",
            "own": {"accounts": 1, "pipeline": "100000.01", "intake": "500.00"},
            "subtree": {"accounts": 3, "pipeline": "100110.02", "intake": "1000.00"},
            "more": 0,
        }
        for person in (cast.admin, cast.rep):
            page = browse(person).get(f"/accounts/{acorn}/family/").context["family"]
            rows = Api(person).get(path(cast, "Acorn", "family")).json()["members"]
            assert [(one.account.pk, one.all.accounts) for one in page.members] == [
                (row["account_id"], row["subtree"]["accounts"]) for row in rows
            ]

    def test_out_of_reach_there_is_none(self, cast: Cast) -> None:
        assert Api(cast.other_rep).get(path(cast, "Acorn", "family")).status_code == 404


class TestMerging:
    def test_what_moves_is_read_done_and_undone(self, cast: Cast, browse: Any) -> None:
        api, acorn, cedar = Api(cast.admin), cast.accounts["Acorn"].pk, cast.accounts["Cedar"].pk
        effect = api.get(f"{path(cast, 'Cedar', 'merge')}?survivor={acorn}").json()
        shown = browse(cast.admin).get(f"/accounts/{cedar}/merge/?into={acorn}").context["effect"]
        assert effect["open_deals"] == shown.open_deals == 1
        assert {name: getattr(shown, name) for name in effect} == effect
        answer = api.post(path(cast, "Cedar", "merge"), {"survivor_id": acorn, "reason": "the same"})
        assert answer.status_code == 201
        made = answer.json()
        assert (made["merged_id"], made["survivor_id"], made["undone_at"]) == (cedar, acorn, None)
        assert api.get(f"account-merges/?account={acorn}").json()["results"] == [made]
        assert api.get(f"account-merges/?account={cedar}").json()["results"] == []
        assert api.get("accounts/").json()["results"][-1]["id"] != cedar
        again = api.post(path(cast, "Cedar", "merge"), {"survivor_id": acorn, "reason": "the same"})
        assert (again.status_code, faults(again)) == (422, [("merged", "survivor_id")])
        undo = f"account-merges/{made['id']}/undo/"
        late = api.post(undo, {}, If_Match="7")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        undone = api.post(undo, {}, If_Match=str(made["version"])).json()
        assert (undone["undone_by_id"], undone["kept"]) == (cast.admin.pk, {})
        assert api.get("accounts/").json()["results"][-1]["id"] == cedar
        twice = api.post(undo, {}, If_Match=str(undone["version"]))
        assert (twice.status_code, faults(twice)) == (409, [("undone", "")])

    def test_bad_input_is_named(self, cast: Cast) -> None:
        api, acorn = Api(cast.admin), cast.accounts["Acorn"].pk
        same = api.post(path(cast, "Acorn", "merge"), {"survivor_id": acorn, "reason": "the same"})
        assert (same.status_code, faults(same)) == (422, [("same", "survivor_id")])
        empty = api.post(path(cast, "Cedar", "merge"), {"survivor_id": acorn})
        assert (empty.status_code, faults(empty)) == (422, [("required", "reason")])
        never = api.post(path(cast, "Cedar", "merge"), {"survivor_id": 987654321, "reason": "x"})
        assert never.status_code == 404
        assert faults(api.get(path(cast, "Cedar", "merge"))) == [("bad_query", "survivor")]

    @pytest.mark.parametrize("who", ["rep", "director", "executive", "coordinator"])
    def test_it_is_the_administrator_s(self, cast: Cast, who: str) -> None:
        api, acorn = Api(getattr(cast, who)), cast.accounts["Acorn"].pk
        answers = [
            api.get(f"{path(cast, 'Acorn', 'merge')}?survivor={acorn}"),
            api.post(path(cast, "Acorn", "merge"), {"survivor_id": acorn, "reason": "x"}),
            api.get("account-merges/"),
            api.post("account-merges/1/undo/", {}, If_Match="1"),
        ]
        assert [answer.status_code for answer in answers] == [403] * 4


class TestWorkload:
    def test_the_figures_of_the_panel(self, cast: Cast, acting: Any, browse: Any) -> None:
        with acting(cast.admin):
            fill(cast)
        east = cast.territories["East 1"].pk
        found = Api(cast.admin).get(f"territories/{east}/workload/").json()
        assert found == {
            "accounts": 40,
            "without_norm": 0,
            "hours": "720.000000",
            "capacity_hours": "1080.000000",
            "load": "0.666667",
            "ways": {"inside": 40},
            "year": "2026",
            "potential": None,
            "potential_unknown": 40,
        }
        page = browse(cast.admin).get(f"/territories/{east}/workload/").context["found"]
        assert (page.hours, page.capacity_hours, page.work.accounts) == (720, 1080, 40)
        other = Api(cast.other_rep).get(f"territories/{east}/workload/").json()
        assert (other["accounts"], other["load"]) == (0, None)
        before = Api(cast.admin).get(f"territories/{east}/workload/?on=2026-05-19").json()
        assert (before["accounts"], before["without_norm"]) == (1, 1)
