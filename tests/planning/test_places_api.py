"""Where accounts are over the API: read within reach, assigned at once or once a second person has approved."""

from typing import Any

import pytest

from common.services import set_policy
from tests.calls import Api, count, faults, message
from tests.cast import Cast

LIST, TODAY, JUNE = "account-territories/", "2026-05-20", "2026-06-01"


def wish(cast: Cast, *names: str, **more: Any) -> dict[str, Any]:
    ids = [cast.accounts[name].pk for name in names or ("Acorn",)]
    to = cast.territories["East 2"].pk
    return {"account_ids": ids, "territory_id": to, "starts_on": JUNE, "reason": "nearer", **more}


def accounts(cast: Cast, answer: Any) -> list[str]:
    names = {row.pk: name for name, row in cast.accounts.items()}
    return [names[row["account_id"]] for row in answer.json()["results"]]


class TestReading:
    def test_a_place_is_shown_whole(self, cast: Cast) -> None:
        [place] = Api(cast.rep).get(LIST).json()["results"]
        assert place == {
            "id": place["id"],
            "account_id": cast.accounts["Acorn"].pk,
            "territory_id": cast.territories["East 1"].pk,
            "coverage": "field",
            "starts_on": "2025-01-01",
            "stops_on": None,
            "cause": "manual",
            "cause_id": None,
            "reason": "",
        }

    @pytest.mark.parametrize(
        ("who", "names"),
        [
            ("rep", ["Acorn"]),
            ("manager", ["Acorn", "Beech"]),
            ("other_director", ["Cedar"]),
            ("executive", ["Acorn", "Beech", "Cedar"]),
        ],
    )
    def test_it_holds_what_is_in_reach(self, cast: Cast, who: str, names: list[str]) -> None:
        assert accounts(cast, Api(getattr(cast, who)).get(LIST)) == names

    def test_it_is_narrowed_by_day_territory_and_account(self, cast: Cast) -> None:
        api = Api(cast.admin)
        east, beech = cast.territories["East 1"].pk, cast.accounts["Beech"].pk
        assert accounts(cast, api.get(f"{LIST}?territory={east}")) == ["Acorn"]
        assert accounts(cast, api.get(f"{LIST}?account={beech}")) == ["Beech"]
        assert accounts(cast, api.get(f"{LIST}?on=2024-12-31")) == []
        assert accounts(cast, Api(cast.rep).get(f"{LIST}?account={beech}")) == []

    @pytest.mark.parametrize("query", ["account=Acorn", "territory=1.5", "on=today", "coverage=field"])
    def test_a_filter_that_is_none_is_refused(self, cast: Cast, query: str) -> None:
        assert Api(cast.rep).get(f"{LIST}?{query}").status_code == 400

    def test_pages_join_without_a_gap(self, cast: Cast) -> None:
        api = Api(cast.admin)
        for number in range(50):
            api.post("accounts/", {"name": f"A {number}", "territory_id": cast.territories["East 1"].pk})
        first = api.get(LIST).json()
        second = api.get(f"{LIST}?after={first['after']}").json()
        assert (len(first["results"]), len(second["results"]), second["after"]) == (50, 3, None)


class TestAssigning:
    def test_a_few_go_at_once(self, cast: Cast) -> None:
        api, body = Api(cast.director), wish(cast, "Acorn", "Beech")
        answer = api.post(LIST, {**body, "account_ids": body["account_ids"] * 2})
        assert answer.status_code == 201
        acorn, beech = cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
        assert answer.json() == {
            "is_done": True,
            "approval_id": None,
            "moving": [acorn],
            "staying": [beech],
            "dropped": 0,
        }
        assert accounts(cast, api.get(f"{LIST}?on={JUNE}&territory={body['territory_id']}")) == [
            "Beech",
            "Acorn",
        ]

    def test_more_wait_for_a_second_person(self, cast: Cast, acting: Any, ben: Any) -> None:
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
        api = Api(cast.admin)
        answer = api.post(LIST, wish(cast, "Acorn", "Cedar"))
        assert answer.status_code == 201
        assert (answer.json()["is_done"], answer.json()["approval_id"] > 0) == (False, True)
        assert accounts(cast, api.get(f"{LIST}?on={JUNE}&territory={cast.territories['East 2'].pk}")) == [
            "Beech"
        ]
        again = api.post(LIST, wish(cast, "Acorn", "Cedar"))
        assert again.status_code == 422
        assert message(again) == "This is asked for already, and waits for an answer."

    @pytest.mark.parametrize(
        ("field", "value", "code", "path"),
        [
            ("account_ids", [], "empty", "account_ids"),
            ("account_ids", [1] * 501, "max_length", "account_ids"),
            ("account_ids", [1, "2"], "whole_number", "account_ids[1]"),
            ("territory_id", 987654321, "refused", "territory_id"),
            ("coverage", "all", "unknown_choice", "coverage"),
            ("reason", "", "blank", "reason"),
            ("starts_on", None, "null", "starts_on"),
            ("cause", "rule", "unknown_field", "cause"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, field: str, value: Any, code: str, path: str
    ) -> None:
        answer = Api(cast.admin).post(LIST, wish(cast, **{field: value}))
        assert (answer.status_code, faults(answer)) == (422, [(code, path)])
        assert count(owner, "accounts_accountterritory") == [3]

    def test_a_rep_assigns_nothing(self, cast: Cast) -> None:
        assert Api(cast.rep).post(LIST, wish(cast)).status_code == 403

    def test_a_director_assigns_within_what_they_lead(self, cast: Cast) -> None:
        foreign = Api(cast.other_director).post(LIST, wish(cast))
        assert (foreign.status_code, faults(foreign)) == (404, [("not_found", "")])
        assert Api(cast.other_director).post(LIST, wish(cast, "Cedar")).status_code == 403
