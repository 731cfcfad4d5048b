"""Rules over the API: written, previewed and run as on the pages."""

from typing import Any

import pytest

from accounts.services.runs import run_waiting
from common.services import set_policy
from territories.models import User
from tests.accounts.ruled import account, is_in
from tests.accounts.ruled import rule as ruled
from tests.calls import Api, count, faults
from tests.cast import Cast
from workspace.models import Approval

TODAY, JUNE = "2026-05-20", "2026-06-01"
US = [[{"kind": "country", "values": ["US"]}]]


def wish(cast: Cast, **more: Any) -> dict[str, Any]:
    """Accounts of retail go to West 1."""
    groups = [[{"kind": "account", "values": [cast.accounts["Acorn"].pk]}]]
    return {"name": "Acorn", "territory_id": cast.territories["West 1"].pk, "conditions": groups, **more}


@pytest.fixture
def rule(cast: Cast) -> Any:
    return Api(cast.admin).post("rules/", wish(cast, spares_placed=False)).json()


class TestWriting:
    def test_a_rule_is_made_and_shown_whole(self, cast: Cast) -> None:
        api = Api(cast.admin)
        answer = api.post("rules/", wish(cast))
        assert answer.status_code == 201
        made = answer.json()
        whole = {
            "id": made["id"],
            "version": 1,
            "coverage": "field",
            "priority": 100,
            "spares_placed": True,
            "is_active": True,
        }
        assert made == {**whole, **wish(cast)}
        assert api.get(f"rules/{made['id']}/").json() == made
        assert api.get("rules/").json() == {"results": [made], "after": None}

    def test_an_edit_names_its_version(self, cast: Cast, rule: Any) -> None:
        api, path = Api(cast.admin), f"rules/{rule['id']}/"
        answer = api.patch(path, {"priority": 5, "is_active": False}, If_Match="1")
        assert answer.status_code == 200
        assert answer.json() == {**rule, "version": 2, "priority": 5, "is_active": False}
        late = api.patch(path, {"priority": 6}, If_Match="1")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("conditions", [], "conditions"),
            ("conditions", "US", "conditions"),
            ("conditions", [[{"kind": "colour", "values": ["red"]}]], "conditions"),
            ("conditions", [[{"kind": "account", "values": [987654321]}]], "unknown_account"),
            ("conditions", US, "matches_all"),
            ("territory_id", 987654321, "refused"),
            ("coverage", "everything", "unknown_choice"),
            ("priority", 0, "min_value"),
            ("priority", 1_000_001, "max_value"),
            ("is_active", "yes", "flag"),
            ("version", 1, "unknown_field"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, field: str, value: Any, code: str
    ) -> None:
        answer = Api(cast.admin).post("rules/", wish(cast, **{field: value}))
        assert (answer.status_code, faults(answer)) == (422, [(code, field)])
        assert count(owner, "accounts_rule") == [0]

    def test_one_that_never_was_is_not_found(self, cast: Cast) -> None:
        api = Api(cast.admin)
        assert api.get("rules/987654321/").status_code == 404
        assert api.patch("rules/987654321/", {"priority": 1}, If_Match="1").status_code == 404

    def test_pages_join_without_a_gap(self, cast: Cast) -> None:
        api = Api(cast.admin)
        for number in range(51):
            assert api.post("rules/", wish(cast, name=f"R {number}")).status_code == 201
        first = api.get("rules/").json()
        second = api.get(f"rules/?after={first['after']}").json()
        assert (len(first["results"]), len(second["results"]), second["after"]) == (50, 1, None)


class TestRunning:
    def test_the_preview_counts_by_territory(self, cast: Cast, rule: Any) -> None:
        answer = Api(cast.admin).get(f"rules/preview/?on={TODAY}")
        assert answer.status_code == 200
        found = answer.json()
        east, west = cast.territories["East 1"].pk, cast.territories["West 1"].pk
        changes = {row["territory_id"]: row for row in found["territories"]}
        counted = {"coverage": "field", "territory_id": west, "before": 1, "came": 1, "went": 0, "after": 2}
        assert changes[west] == counted
        assert (changes[east]["before"], changes[east]["went"], changes[east]["after"]) == (1, 1, 0)
        assert (found["starts_on"], found["conflicts"], found["faults"]) == (TODAY, [], [])
        assert (found["spared"], found["held"]) == (0, 0)
        assert (found["never_matching"], len(found["digest"])) == ([], 64)

    def test_conflicts_and_rules_that_match_nothing_are_named(self, cast: Cast, rule: Any) -> None:
        api = Api(cast.admin)
        east = cast.territories["East 2"].pk
        other = api.post("rules/", wish(cast, name="Other", territory_id=east, spares_placed=False)).json()
        nowhere = [[{"kind": "country", "values": ["Atlantis"]}]]
        never = api.post("rules/", wish(cast, name="Never", conditions=nowhere)).json()
        found = api.get("rules/preview/").json()
        assert found["conflicts"] == [{"decides_id": rule["id"], "other_id": other["id"], "count": 1}]
        assert found["never_matching"] == [never["id"]]

    def test_a_run_does_what_was_previewed(self, cast: Cast, rule: Any) -> None:
        api = Api(cast.admin)
        digest = api.get("rules/preview/").json()["digest"]
        answer = api.post("rules/runs/", {"starts_on": TODAY, "digest": digest})
        assert answer.status_code == 201
        assert answer.json()["approval_id"] is None
        asked = answer.json()["run"]
        assert (asked["state"], asked["counts"], asked["asked_by_id"]) == ("waiting", {}, cast.admin.pk)
        assert run_waiting()
        done = api.get(f"rules/runs/{asked['id']}/").json()
        assert (done["state"], done["error"]) == ("done", "")
        assert done["counts"]["moved"] == 1
        assert all(isinstance(count, int) for count in done["counts"].values())
        assert [row["id"] for row in api.get("rules/runs/").json()["results"]] == [asked["id"]]

    def test_a_run_of_something_else_is_refused(self, cast: Cast, rule: Any) -> None:
        answer = Api(cast.admin).post("rules/runs/", {"starts_on": TODAY, "digest": "x"})
        assert (answer.status_code, faults(answer)) == (409, [("changed_since", "")])
        assert not run_waiting()

    def test_above_the_limit_a_second_person_is_asked(
        self, cast: Cast, rule: Any, acting: Any, ben: User
    ) -> None:
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
            account("Beside", cast.territories["East 1"], tier="Z")
            place = cast.territories["East 2"]
            ruled(cast.admin, "Z", place, is_in("tier", "Z"))
        api = Api(cast.admin)
        digest = api.get("rules/preview/").json()["digest"]
        answer = api.post("rules/runs/", {"starts_on": TODAY, "digest": digest, "reason": "new year"})
        assert (answer.status_code, answer.json()["run"]) == (201, None)
        with acting(cast.admin):
            approval = Approval.objects.get(pk=answer.json()["approval_id"])
            assert (approval.kind, approval.state, approval.reason) == ("rule_run", "waiting", "new year")
        assert not run_waiting()

    def test_what_is_not_said_is_named(self, cast: Cast) -> None:
        answer = Api(cast.admin).post("rules/runs/", {"starts_on": "soon"})
        assert faults(answer) == [("date_format", "starts_on"), ("required", "digest")]


class TestReach:
    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("rep", [403, 403, 403, 403, 403, 403]),
            ("manager", [403, 403, 403, 403, 403, 403]),
            ("other_director", [200, 200, 403, 403, 403, 403]),
            ("executive", [200, 200, 403, 403, 403, 200]),
            ("admin", [200, 200, 201, 200, 200, 200]),
        ],
    )
    def test_who_reads_and_who_writes(self, cast: Cast, rule: Any, who: str, expected: list[int]) -> None:
        api, path = Api(getattr(cast, who)), f"rules/{rule['id']}/"
        answers = [
            api.get("rules/"),
            api.get(path),
            api.post("rules/", wish(cast, name="Mine")),
            api.patch(path, {"priority": 7}, If_Match="1"),
            api.get("rules/preview/"),
            api.get("rules/runs/"),
        ]
        assert [answer.status_code for answer in answers] == expected

    def test_an_executive_asks_for_no_run(self, cast: Cast) -> None:
        answer = Api(cast.executive).post("rules/runs/", {"starts_on": TODAY, "digest": "x"})
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])
