"""The tree over the API: read on any day, changed from a day on by administrators."""

from typing import Any

import pytest

from tests.calls import Api, count, faults, message
from tests.cast import Cast

JUNE = "2026-06-01"


def names(answer: Any) -> list[str]:
    return [row["name"] for row in answer.json()["results"]]


def west(cast: Cast) -> str:
    return f"territories/{cast.territories['West 1'].pk}/"


def new(cast: Cast, **more: Any) -> dict[str, Any]:
    parent = cast.territories["East Team"].pk
    return {"name": "East 3", "code": "EAST-3", "parent_id": parent, "starts_on": JUNE, **more}


class TestReading:
    def test_the_tree_of_today_is_a_page_of_territories(self, cast: Cast) -> None:
        answer = Api(cast.rep).get("territories/")
        assert answer.status_code == 200
        assert names(answer) == [*cast_names(cast), "Unassigned"]
        assert answer.json()["results"][3] == {
            "id": cast.territories["East 1"].pk,
            "version": 1,
            "code": "EAST-1",
            "name": "East 1",
            "kind": "territory",
            "is_unassigned": False,
            "is_in_tree": True,
            "parent_id": cast.territories["East Team"].pk,
        }

    def test_each_day_has_its_tree(self, cast: Cast) -> None:
        api = Api(cast.admin)
        assert names(api.get("territories/?on=2024-12-31")) == []
        assert api.post("territories/", new(cast)).status_code == 201
        assert "East 3" not in names(api.get("territories/?on=2026-05-31"))
        assert "East 3" in names(api.get(f"territories/?on={JUNE}"))

    def test_one_that_is_not_in_the_tree_is_still_read(self, cast: Cast) -> None:
        answer = Api(cast.rep).get(west(cast) + "?on=2024-12-31").json()
        assert (answer["is_in_tree"], answer["parent_id"]) == (False, None)

    def test_pages_join_without_a_gap(self, cast: Cast) -> None:
        api = Api(cast.admin)
        for number in range(45):
            body = new(cast, name=f"N {number}", code=f"N-{number}", starts_on="2026-05-20")
            assert api.post("territories/", body).status_code == 201
        first = api.get("territories/?on=2026-05-20").json()
        second = api.get(f"territories/?on=2026-05-20&after={first['after']}").json()
        assert (len(first["results"]), len(second["results"]), second["after"]) == (50, 4, None)

    @pytest.mark.parametrize("query", ["on=tomorrow", "day=2026-05-20", "on=2026-05-20&on=2026-05-21"])
    def test_a_query_that_says_something_else_is_refused(self, cast: Cast, query: str) -> None:
        assert Api(cast.rep).get(f"territories/?{query}").status_code == 400

    def test_one_that_never_was_is_not_found(self, cast: Cast) -> None:
        answer = Api(cast.rep).get("territories/987654321/")
        assert (answer.status_code, faults(answer)) == (404, [("not_found", "")])


def cast_names(cast: Cast) -> list[str]:
    rows = sorted(cast.territories.values(), key=lambda row: row.pk)
    return [row.name for row in rows if row.name != "Unassigned"]


class TestWriting:
    def test_a_territory_is_added_from_a_day_on(self, cast: Cast) -> None:
        answer = Api(cast.admin).post("territories/", new(cast, reason="grown"))
        assert answer.status_code == 201
        made = answer.json()
        assert (made["name"], made["kind"], made["is_in_tree"]) == ("East 3", "territory", True)
        assert made["parent_id"] == cast.territories["East Team"].pk

    def test_a_type_that_may_not_lie_there_is_said(self, cast: Cast) -> None:
        answer = Api(cast.admin).post("territories/", new(cast, kind="company"))
        assert (answer.status_code, faults(answer)) == (422, [("kind_order", "kind")])

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("kind", "galaxy", "unknown_choice"),
            ("parent_id", "4", "whole_number"),
            ("parent_id", 987654321, "refused"),
            ("starts_on", "6/1/2026", "date_format"),
            ("name", " ", "blank"),
            ("colour", "red", "unknown_field"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, field: str, value: Any, code: str
    ) -> None:
        before = count(owner, "territories_territory", "territories_edge")
        answer = Api(cast.admin).post("territories/", new(cast, **{field: value}))
        assert (answer.status_code, faults(answer)) == (422, [(code, field)])
        assert count(owner, "territories_territory", "territories_edge") == before

    def test_a_slip_is_corrected_at_its_version(self, cast: Cast) -> None:
        api = Api(cast.admin)
        answer = api.patch(west(cast), {"name": "West One", "code": "W1"}, If_Match="1")
        assert answer.status_code == 200
        assert (answer.json()["name"], answer.json()["version"]) == ("West One", 2)
        late = api.patch(west(cast), {"code": "W2"}, If_Match="1")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        without = api.patch(west(cast), {"code": "W2"})
        assert faults(without) == [("precondition_required", "If-Match")]

    def test_a_move_holds_from_its_day_on(self, cast: Cast) -> None:
        api, east = Api(cast.admin), cast.territories["East Team"].pk
        body = {"parent_id": east, "on": JUNE, "reason": "closer"}
        answer = api.post(west(cast) + "move/", body)
        assert (answer.status_code, answer.json()["parent_id"]) == (200, east)
        before = api.get(west(cast) + "?on=2026-05-31").json()["parent_id"]
        assert before == cast.territories["West Team"].pk
        again = api.post(west(cast) + "move/", body)
        assert (again.status_code, faults(again)) == (422, [("already_there", "parent_id")])

    def test_a_circle_is_refused(self, cast: Cast) -> None:
        company = f"territories/{cast.territories['Company'].pk}/move/"
        body = {"parent_id": cast.territories["West 1"].pk, "on": JUNE}
        answer = Api(cast.admin).post(company, body)
        assert (answer.status_code, faults(answer)) == (422, [("tree_cycle", "parent_id")])
        assert message(answer) == "A territory can't lie below itself."

    def test_another_name_holds_from_its_day_on(self, cast: Cast) -> None:
        api = Api(cast.admin)
        answer = api.post(west(cast) + "rename/", {"name": "Pacific", "starts_on": JUNE})
        assert (answer.status_code, answer.json()["name"]) == (200, "Pacific")
        assert api.get(west(cast)).json()["name"] == "West 1"
        assert "Pacific" in names(api.get(f"territories/?on={JUNE}"))

    @pytest.mark.parametrize("who", ["rep", "director", "other_director", "coordinator", "executive"])
    def test_others_only_read(self, cast: Cast, who: str) -> None:
        api = Api(getattr(cast, who))
        parent = cast.territories["East Team"].pk
        answers = [
            api.post("territories/", new(cast)),
            api.patch(west(cast), {"name": "Mine"}, If_Match="1"),
            api.post(west(cast) + "move/", {"parent_id": parent, "on": JUNE}),
            api.post(west(cast) + "rename/", {"name": "Mine", "starts_on": JUNE}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 4

    def test_what_never_was_is_not_changed(self, cast: Cast) -> None:
        api, never = Api(cast.admin), "territories/987654321/"
        answers = [
            api.patch(never, {"name": "Mine"}, If_Match="1"),
            api.post(never + "move/", {"parent_id": None, "on": JUNE}),
            api.post(never + "rename/", {"name": "Mine", "starts_on": JUNE}),
        ]
        assert [answer.status_code for answer in answers] == [404] * 3
