"""Accounts over the API: reading, adding and changing them, within one's reach."""

from datetime import date
from typing import Any

import pytest

from territories.services import create_territory
from tests.calls import Api, count, faults, message
from tests.cast import Cast


@pytest.fixture
def acorn(cast: Cast) -> str:
    return f"accounts/{cast.accounts['Acorn'].pk}/"


class TestReading:
    def test_an_account_is_shown_whole(self, cast: Cast, acorn: str) -> None:
        answer = Api(cast.rep).get(acorn)
        assert answer.status_code == 200
        assert answer.json() == {
            "id": cast.accounts["Acorn"].pk,
            "version": 1,
            "number": "A-1",
            "name": "Acorn",
            "industry": "Retail",
            "employees": None,
            "town": "",
            "region": "",
            "country": "US",
            "postcode": "",
            "web_domain": "",
            "tax_number": "",
            "segment": "",
            "tier": "",
            "business_unit": "",
            "is_strategic": False,
            "parent_id": None,
            "territory_id": cast.territories["East 1"].pk,
            "first_ordered_on": None,
            "own": {},
        }

    @pytest.mark.parametrize(
        ("who", "names"),
        [
            ("rep", ["Acorn"]),
            ("manager", ["Acorn", "Beech"]),
            ("other_director", ["Cedar"]),
            ("admin", ["Acorn", "Beech", "Cedar"]),
        ],
    )
    def test_a_list_holds_what_is_in_reach(self, cast: Cast, who: str, names: list[str]) -> None:
        answer = Api(getattr(cast, who)).get("accounts/").json()
        assert [row["name"] for row in answer["results"]] == names
        assert answer["after"] is None

    def test_another_teams_account_is_like_one_that_never_was(self, cast: Cast) -> None:
        api = Api(cast.rep)
        foreign, never = api.get(f"accounts/{cast.accounts['Cedar'].pk}/"), api.get("accounts/987654321/")
        assert foreign.status_code == never.status_code == 404
        assert foreign.content == never.content
        assert faults(foreign) == [("not_found", "")]

    def test_pages_have_fifty_rows_and_join_without_a_gap(self, cast: Cast) -> None:
        api = Api(cast.admin)
        for number in range(60):
            assert api.post("accounts/", {"name": f"Account {number}"}).status_code == 201
        first = api.get("accounts/").json()
        second = api.get(f"accounts/?after={first['after']}").json()
        ids = [row["id"] for row in first["results"] + second["results"]]
        assert (len(first["results"]), len(second["results"]), second["after"]) == (50, 13, None)
        assert ids == sorted(set(ids))


class TestAdding:
    def test_it_goes_into_the_reps_own_territory(self, cast: Cast) -> None:
        answer = Api(cast.rep).post(
            "accounts/", {"name": "Dogwood", "industry": "Energy", "employees": 40, "country": "CA"}
        )
        assert answer.status_code == 201
        made = answer.json()
        assert (made["name"], made["employees"], made["version"]) == ("Dogwood", 40, 1)
        assert made["territory_id"] == cast.territories["East 1"].pk
        assert Api(cast.rep).get(f"accounts/{made['id']}/").json() == made

    def test_it_is_not_put_into_a_territory_of_others(self, cast: Cast, owner: Any) -> None:
        west = cast.territories["West 1"].pk
        answer = Api(cast.rep).post("accounts/", {"name": "Dogwood", "territory_id": west})
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])
        assert count(owner, "accounts_account") == [3]

    def test_it_is_not_put_into_a_territory_outside_of_the_tree(
        self, cast: Cast, acting: Any, owner: Any
    ) -> None:
        with acting(cast.admin):
            east, june = cast.territories["East"].pk, date(2026, 6, 1)
            later = create_territory(
                by=cast.admin.pk, name="East 3", code="EAST-3", parent_id=east, starts_on=june
            )
        answer = Api(cast.admin).post("accounts/", {"name": "Dogwood", "territory_id": later.pk})
        assert (answer.status_code, faults(answer)) == (422, [("refused", "territory_id")])
        assert message(answer) == "East 3 is not part of the tree on May 20, 2026."
        assert count(owner, "accounts_account") == [3]

    def test_a_number_that_is_taken_is_said(self, cast: Cast) -> None:
        answer = Api(cast.admin).post("accounts/", {"name": "Dogwood", "number": "A-1"})
        assert (answer.status_code, faults(answer)) == (422, [("taken", "number")])

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("employees", -1, "min_value"),
            ("employees", 2**31, "max_value"),
            ("employees", "40", "whole_number"),
            ("employees", 40.0, "whole_number"),
            ("employees", True, "whole_number"),
            ("name", "", "blank"),
            ("name", None, "null"),
            ("name", 7, "text"),
            ("name", "x" * 161, "max_length"),
            ("postcode", "1" * 17, "max_length"),
            ("parent_id", 0, "min_value"),
            ("parent_id", 10**30, "max_value"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, field: str, value: Any, code: str
    ) -> None:
        answer = Api(cast.rep).post("accounts/", {"name": "Dogwood", field: value})
        assert (answer.status_code, faults(answer)) == (422, [(code, field)])
        assert count(owner, "accounts_account") == [3]

    def test_a_parent_out_of_reach_is_refused(self, cast: Cast) -> None:
        parent = cast.accounts["Cedar"].pk
        answer = Api(cast.rep).post("accounts/", {"name": "Dogwood", "parent_id": parent})
        assert (answer.status_code, faults(answer)) == (422, [("refused", "parent_id")])


class TestChanging:
    def test_an_edit_names_its_version_and_raises_it(self, cast: Cast, acorn: str) -> None:
        answer = Api(cast.rep).patch(acorn, {"town": "Boston", "employees": 12}, If_Match='"1"')
        assert answer.status_code == 200
        assert (answer.json()["town"], answer.json()["employees"], answer.json()["version"]) == (
            "Boston",
            12,
            2,
        )

    def test_a_stale_edit_changes_nothing(self, cast: Cast, acorn: str) -> None:
        api = Api(cast.rep)
        api.patch(acorn, {"town": "Boston"}, If_Match="1")
        late = api.patch(acorn, {"town": "Salem"}, If_Match="1")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        assert api.get(acorn).json()["town"] == "Boston"

    @pytest.mark.parametrize("version", ["", "*", "one", "-1", "1.0", "١", "9" * 5000])
    def test_without_a_version_nothing_is_changed(self, cast: Cast, acorn: str, version: str) -> None:
        api = Api(cast.rep)
        answer = api.patch(acorn, {"town": "Boston"}, **({"If_Match": version} if version else {}))
        assert (answer.status_code, faults(answer)) == (428, [("precondition_required", "If-Match")])
        assert api.get(acorn).json()["town"] == ""

    def test_an_edit_that_says_nothing_is_refused(self, cast: Cast, acorn: str) -> None:
        answer = Api(cast.rep).patch(acorn, {}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (422, [("empty_body", "")])
        assert "industry" in message(answer)

    def test_who_may_only_see_it_may_not_change_it(self, cast: Cast, acorn: str) -> None:
        answer = Api(cast.director).patch(acorn, {"town": "Boston"}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    def test_who_may_not_see_it_learns_nothing(self, cast: Cast, acorn: str) -> None:
        answer = Api(cast.other_rep).patch(acorn, {"nonsense": 1}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (404, [("not_found", "")])

    @pytest.mark.parametrize("field", ["territory_id", "version", "id", "first_ordered_on"])
    def test_what_is_only_read_is_not_sent(self, cast: Cast, acorn: str, field: str) -> None:
        answer = Api(cast.admin).patch(acorn, {field: 1}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (422, [("unknown_field", field)])
        assert "only read" in message(answer)
