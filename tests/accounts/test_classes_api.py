"""Classes and holds over the API: read on any day, set from a day on, ended."""

from typing import Any

import pytest

from tests.calls import Api, count, faults, message
from tests.cast import Cast

CLASSES, HOLDS, TODAY, JUNE, JULY = "account-classes/", "holds/", "2026-05-20", "2026-06-01", "2026-07-01"


def wish(cast: Cast, *names: str, **more: Any) -> dict[str, Any]:
    return {"account_ids": [cast.accounts[name].pk for name in names], "starts_on": TODAY, **more}


def keep(cast: Cast, name: str = "Acorn", **more: Any) -> dict[str, Any]:
    ids = {"account_id": cast.accounts[name].pk, "person_id": cast.rep.pk}
    return {**ids, "starts_on": TODAY, "stops_on": JULY, "reason": "in talks", **more}


class TestClasses:
    def test_they_hold_from_a_day_on_as_the_page_shows(self, cast: Cast, browse: Any) -> None:
        api, acorn = Api(cast.manager), cast.accounts["Acorn"].pk
        body = wish(cast, "Acorn", segment="Enterprise", is_strategic=True, reason="review")
        answer = api.post(CLASSES, body)
        assert (answer.status_code, answer.json()) == (201, {"changed": [acorn]})
        api.post(CLASSES, wish(cast, "Acorn", tier="A", starts_on=JUNE))
        [row] = Api(cast.rep).get(f"{CLASSES}?account={acorn}").json()["results"]
        assert row == {
            "id": row["id"],
            "account_id": acorn,
            "segment": "Enterprise",
            "tier": "",
            "business_unit": "",
            "is_strategic": True,
            "starts_on": TODAY,
            "stops_on": JUNE,
            "reason": "review",
        }
        [later] = api.get(f"{CLASSES}?on={JUNE}").json()["results"]
        assert (later["segment"], later["tier"], later["is_strategic"]) == ("Enterprise", "A", True)
        page = browse(cast.manager).get(f"/accounts/{acorn}/classes/").context
        assert page["held"].pk == row["id"]
        assert [one.pk for one, _words in page["others"]] == [later["id"]]
        assert api.get(f"accounts/{acorn}/").json()["segment"] == "Enterprise"
        assert Api(cast.other_rep).get(f"{CLASSES}?account={acorn}").json()["results"] == []

    @pytest.mark.parametrize(
        ("who", "name", "status"),
        [
            ("rep", "Acorn", 403),
            ("director", "Acorn", 403),
            ("executive", "Acorn", 403),
            ("manager", "Cedar", 404),
            ("other_manager", "Cedar", 201),
            ("admin", "Cedar", 201),
        ],
    )
    def test_who_may(self, cast: Cast, who: str, name: str, status: int) -> None:
        assert Api(getattr(cast, who)).post(CLASSES, wish(cast, name, tier="A")).status_code == status

    @pytest.mark.parametrize(
        ("more", "code", "at"),
        [
            ({}, "empty_body", ""),
            ({"segment": "", "tier": ""}, "same", "starts_on"),
            ({"is_strategic": "yes"}, "flag", "is_strategic"),
            ({"tier": "A", "starts_on": "1 June"}, "date_format", "starts_on"),
            ({"tier": "A", "account_ids": []}, "empty", "account_ids"),
            ({"colour": "red"}, "unknown_field", "colour"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, more: dict[str, Any], code: str, at: str
    ) -> None:
        answer = Api(cast.admin).post(CLASSES, wish(cast, "Acorn", **more))
        assert (answer.status_code, faults(answer)) == (422, [(code, at)])
        assert count(owner, "accounts_classification") == [0]


class TestHolds:
    def test_one_is_made_read_and_ended(self, cast: Cast, browse: Any) -> None:
        api = Api(cast.director)
        answer = api.post(HOLDS, keep(cast))
        assert answer.status_code == 201
        made = answer.json()
        assert made == {"id": made["id"], **keep(cast)}
        assert [row.pk for row in browse(cast.director).get("/accounts/holds/").context["page"].rows] == [
            made["id"]
        ]
        for query in ("", f"?account={made['account_id']}", f"?person={cast.rep.pk}"):
            assert Api(cast.rep).get(HOLDS + query).json()["results"] == [made]
        assert api.get(f"{HOLDS}?on={JULY}").json()["results"] == []
        assert Api(cast.other_director).get(HOLDS).json()["results"] == []
        ended = api.post(f"{HOLDS}{made['id']}/end/", {"stops_on": JUNE}).json()["hold"]
        assert (ended["stops_on"], ended["reason"]) == (JUNE, "in talks")
        again = api.post(f"{HOLDS}{made['id']}/end/", {"stops_on": JUNE})
        assert (again.status_code, faults(again)) == (412, [("stale", "")])

    def test_one_that_has_not_begun_is_taken_back(self, cast: Cast) -> None:
        api = Api(cast.admin)
        made = api.post(HOLDS, keep(cast, starts_on=JUNE)).json()
        assert api.post(f"{HOLDS}{made['id']}/end/", {"stops_on": JUNE}).json() == {"hold": None}

    @pytest.mark.parametrize(
        ("more", "code", "at", "words"),
        [
            ({"stops_on": TODAY}, "refused", "stops_on", "The end must come after the start."),
            ({"person_id": 987654321}, "refused", "person_id", "Choose a person who is still here."),
            ({"stops_on": None}, "null", "stops_on", "null"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, more: dict[str, Any], code: str, at: str, words: str
    ) -> None:
        answer = Api(cast.admin).post(HOLDS, keep(cast, **more))
        assert (answer.status_code, faults(answer)) == (422, [(code, at)])
        assert words in message(answer)

    def test_a_second_one_is_refused_and_the_first_named(self, cast: Cast) -> None:
        api = Api(cast.admin)
        api.post(HOLDS, keep(cast))
        answer = api.post(HOLDS, keep(cast, starts_on=JUNE))
        assert (answer.status_code, faults(answer)) == (422, [("hold_one", "starts_on")])
        assert "Acorn is held with Rita Rep" in message(answer)

    @pytest.mark.parametrize(("who", "status"), [("rep", 403), ("manager", 403), ("other_director", 404)])
    def test_others_hold_and_end_nothing(self, cast: Cast, who: str, status: int) -> None:
        made, theirs = Api(cast.admin).post(HOLDS, keep(cast)).json(), Api(getattr(cast, who))
        assert theirs.post(HOLDS, keep(cast)).status_code == status
        assert theirs.post(f"{HOLDS}{made['id']}/end/", {"stops_on": JUNE}).status_code == status
