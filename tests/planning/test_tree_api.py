"""Territories are retired, merged and split over the API."""

from datetime import date
from typing import Any

import pytest

from tests.calls import Api, faults, message
from tests.cast import Cast
from tests.planning.test_territory_retire import empty

JUNE = "2026-06-01"


def path(cast: Cast, act: str, name: str = "West 1") -> str:
    return f"territories/{cast.territories[name].pk}/{act}/"


def part(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"name": "East 3", "code": "EAST-3", "account_ids": [cast.accounts["Acorn"].pk], **more}


class TestRetiring:
    def test_an_empty_one_leaves_the_tree(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            empty(cast, on=date(2026, 6, 1))
        answer = Api(cast.admin).post(path(cast, "retire"), {"on": JUNE, "reason": "too small"})
        assert answer.status_code == 200
        assert (answer.json()["name"], answer.json()["is_in_tree"]) == ("West 1", False)

    def test_what_hangs_on_it_is_said(self, cast: Cast) -> None:
        answer = Api(cast.admin).post(path(cast, "retire"), {"on": JUNE})
        assert (answer.status_code, faults(answer)) == (409, [("not_empty", "on")])
        assert "Accounts: 1" in message(answer)


class TestMerging:
    def test_all_it_has_goes_over(self, cast: Cast) -> None:
        api, into = Api(cast.admin), cast.territories["East 1"].pk
        answer = api.post(path(cast, "merge"), {"into_id": into, "on": JUNE})
        assert answer.status_code == 200
        assert answer.json() == {"nodes": 0, "accounts": 1, "seats": 1, "rules": 0, "work": 0}
        places = api.get(f"account-territories/?on={JUNE}&territory={into}").json()["results"]
        assert {row["account_id"] for row in places} == {
            cast.accounts["Acorn"].pk,
            cast.accounts["Cedar"].pk,
        }

    def test_into_itself_it_is_refused(self, cast: Cast) -> None:
        body = {"into_id": cast.territories["West 1"].pk, "on": JUNE}
        answer = Api(cast.admin).post(path(cast, "merge"), body)
        assert (answer.status_code, faults(answer)) == (422, [("refused", "into_id")])


class TestSplitting:
    def test_a_part_takes_its_accounts(self, cast: Cast) -> None:
        api = Api(cast.admin)
        answer = api.post(path(cast, "split", "East 1"), {"on": JUNE, "parts": [part(cast)]})
        assert answer.status_code == 200
        [made] = answer.json()["territories"]
        assert (made["name"], made["parent_id"]) == ("East 3", cast.territories["East Team"].pk)
        [place] = api.get(f"account-territories/?on={JUNE}&territory={made['id']}").json()["results"]
        assert place["account_id"] == cast.accounts["Acorn"].pk

    def test_what_is_wrong_in_a_part_is_named(self, cast: Cast) -> None:
        api, split = Api(cast.admin), path(cast, "split", "East 1")
        answer = api.post(split, {"on": JUNE, "parts": [part(cast, account_ids=[])]})
        assert (answer.status_code, faults(answer)) == (422, [("refused", "parts[0].account_ids")])
        answer = api.post(split, {"on": JUNE, "parts": [part(cast, account_ids=["7"])]})
        assert faults(answer) == [("whole_number", "parts[0].account_ids[0]")]


@pytest.mark.parametrize("who", ["rep", "director", "other_director", "executive"])
def test_others_change_nothing(cast: Cast, who: str) -> None:
    api, east = Api(getattr(cast, who)), cast.territories["East 1"].pk
    answers = [
        api.post(path(cast, "retire"), {"on": JUNE}),
        api.post(path(cast, "merge"), {"on": JUNE, "into_id": east}),
        api.post(path(cast, "split", "East 1"), {"on": JUNE, "parts": [part(cast)]}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3


@pytest.mark.parametrize("act", ["retire", "merge", "split"])
def test_one_that_never_was_is_not_found(cast: Cast, act: str) -> None:
    assert Api(cast.admin).post(f"territories/987654321/{act}/", {}).status_code == 404
