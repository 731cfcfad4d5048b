"""Forecast calls over the API: given for oneself or for a team that one leads, each of them kept."""

from typing import Any

import pytest

from tests.calls import Api, count, faults
from tests.cast import Cast


@pytest.fixture
def wish(cast: Cast) -> dict[str, Any]:
    """A rep's own call as a program gives it."""
    return {"period_id": cast.q2.pk, "amount": "95000.50", "note": "two deals\nare sure"}


class TestCalling:
    def test_a_call_is_kept_exactly_as_given(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.rep).post("submissions/", wish)
        assert answer.status_code == 201
        made = answer.json()
        assert made == {
            "id": made["id"],
            "person_id": cast.rep.pk,
            "period_id": cast.q2.pk,
            "node_id": cast.territories["East 1"].pk,
            "is_team": False,
            "category": "commit",
            "amount": "95000.50",
            "note": "two deals\nare sure",
            "submitted_at": made["submitted_at"],
            "is_late": True,
        }
        assert made["submitted_at"].startswith("2026-05-20T09:00:")
        assert Api(cast.rep).get("submissions/").json()["results"] == [made]

    def test_a_second_call_stands_before_the_first(self, cast: Cast, wish: dict[str, Any]) -> None:
        api = Api(cast.rep)
        api.post("submissions/", wish)
        api.post("submissions/", {**wish, "amount": "99000.00"})
        rows = api.get("submissions/").json()["results"]
        assert [row["amount"] for row in rows] == ["99000.00", "95000.50"]

    def test_a_lead_calls_for_their_team(self, cast: Cast, wish: dict[str, Any]) -> None:
        team = {"node_id": cast.territories["East Team"].pk, "category": "best_case"}
        answer = Api(cast.manager).post("submissions/", {**wish, **team})
        assert answer.status_code == 201
        assert {name: answer.json()[name] for name in [*team, "is_team"]} == {**team, "is_team": True}

    @pytest.mark.parametrize(
        ("who", "node"),
        [("rep", "East 1"), ("rep", "West 1"), ("manager", "West Team"), ("director", "East Team")],
    )
    def test_nobody_calls_for_what_they_do_not_lead(
        self, cast: Cast, owner: Any, wish: dict[str, Any], who: str, node: str
    ) -> None:
        team = {"node_id": cast.territories[node].pk}
        answer = Api(getattr(cast, who)).post("submissions/", {**wish, **team})
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])
        assert count(owner, "forecasts_submission") == [0]

    @pytest.mark.parametrize("who", ["coordinator", "executive", "admin"])
    def test_who_sells_nothing_calls_nothing(self, cast: Cast, wish: dict[str, Any], who: str) -> None:
        answer = Api(getattr(cast, who)).post("submissions/", wish)
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    def test_a_quarter_that_ended_is_a_conflict(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.rep).post("submissions/", {**wish, "period_id": cast.q1.pk})
        assert (answer.status_code, faults(answer)) == (409, [("period_ended", "")])

    @pytest.mark.parametrize(
        ("change", "status", "code", "path"),
        [
            ({"amount": 95000}, 422, "amount_format", "amount"),
            ({"amount": "95.000,50"}, 422, "amount_format", "amount"),
            ({"amount": "-1.00"}, 422, "negative", "amount"),
            ({"category": "closed"}, 422, "unknown_choice", "category"),
            ({"is_team": True}, 422, "unknown_field", "is_team"),
            ({"note": "x" * 1001}, 422, "max_length", "note"),
            ({"note": "zero\u200bwidth"}, 422, "bad_character", "note"),
            ({"period_id": 987654321}, 404, "not_found", ""),
            ({"person_id": 1}, 422, "unknown_field", "person_id"),
            ({"is_late": False}, 422, "unknown_field", "is_late"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self,
        cast: Cast,
        owner: Any,
        wish: dict[str, Any],
        change: dict[str, Any],
        status: int,
        code: str,
        path: str,
    ) -> None:
        answer = Api(cast.rep).post("submissions/", {**wish, **change})
        assert (answer.status_code, faults(answer)) == (status, [(code, path)])
        assert count(owner, "forecasts_submission") == [0]


class TestReading:
    @pytest.mark.parametrize(
        ("who", "people"),
        [
            ("rep", ["rep"]),
            ("peer", ["peer"]),
            ("director", ["peer", "rep"]),
            ("other_manager", []),
            ("executive", ["peer", "rep"]),
            ("coordinator", []),
        ],
    )
    def test_a_list_holds_what_is_in_reach(
        self, cast: Cast, wish: dict[str, Any], who: str, people: list[str]
    ) -> None:
        for person in ("rep", "peer"):
            Api(getattr(cast, person)).post("submissions/", wish)
        rows = Api(getattr(cast, who)).get("submissions/").json()["results"]
        assert [row["person_id"] for row in rows] == [getattr(cast, person).pk for person in people]
