"""Leads over the API: taken up, filtered, worked and ended, within one's reach."""

from typing import Any

import pytest

from tests.calls import Api, count, faults
from tests.cast import Cast
from tests.pipeline.leads import ELLA, a_lead

TABLES = ("pipeline_lead", "pipeline_activity", "accounts_account", "pipeline_opportunity")


def test_a_lead_is_taken_up_and_read_as_it_was_sent(cast: Cast) -> None:
    api = Api(cast.rep)
    answer = api.post("leads/", {**ELLA, "source": "Referral"})
    assert answer.status_code == 201
    lead = answer.json()
    assert {name: lead[name] for name in ELLA} == ELLA
    assert (lead["owner_id"], lead["state"], lead["is_touched"]) == (cast.rep.pk, "open", False)
    assert api.get(f"leads/{lead['id']}/").json() == lead
    again = api.post("leads/", ELLA)
    assert (again.status_code, faults(again)) == (409, [("lead_exists", "anyway_reason")])
    assert api.post("leads/", {**ELLA, "anyway_reason": "her sister"}).status_code == 201


def test_the_list_takes_the_filters_of_the_page(cast: Cast, acting: Any) -> None:
    a_lead(acting, cast.rep, source="Referral")
    a_lead(acting, cast.peer, anyway_reason="more")
    api = Api(cast.manager)
    assert len(api.get("leads/").json()["results"]) == 2
    assert [row["owner_id"] for row in api.get("leads/?source=Referral").json()["results"]] == [cast.rep.pk]
    assert api.get("leads/?state=converted").json()["results"] == []
    assert faults(api.get("leads/?colour=red")) == [("bad_query", "colour")]


def test_it_is_edited_worked_given_and_ended(cast: Cast, acting: Any) -> None:
    path = f"leads/{a_lead(acting, cast.rep).pk}/"
    api = Api(cast.manager)
    assert api.patch(path, {"town": "Ulm"}).status_code == 428
    assert api.patch(path, {"town": "Ulm"}, If_Match="1").json()["version"] == 2
    assert api.patch(path, {"town": "Bonn"}, If_Match="1").status_code == 412
    logged = api.post(f"{path}activities/", {"kind": "call", "subject": "Rang her"})
    assert (logged.status_code, logged.json()["is_done"]) == (200, True)
    assert [row["subject"] for row in api.get(f"{path}activities/").json()["results"]] == ["Rang her"]
    assert api.get(path).json()["is_touched"] is True
    given = api.post(f"{path}give/", {"owner_id": cast.peer.pk}, If_Match="2").json()
    assert (given["owner_id"], given["is_touched"], given["version"]) == (cast.peer.pk, False, 3)
    assert faults(api.post(f"{path}disqualify/", {"reason": "Bored"}, If_Match="3")) == [
        ("unknown_reason", "reason")
    ]
    ended = api.post(f"{path}disqualify/", {"reason": "No need"}, If_Match="3").json()
    assert (ended["state"], ended["reason"], ended["closed_on"]) == ("disqualified", "No need", "2026-05-20")
    assert api.post(f"{path}reopen/", {}, If_Match="4").json()["state"] == "open"


def test_it_is_converted_whole_or_not_at_all(cast: Cast, acting: Any, owner: Any) -> None:
    path = f"leads/{a_lead(acting, cast.rep).pk}/convert/"
    api, before = Api(cast.rep), count(owner, *TABLES)
    wish: dict[str, Any] = {
        "account": {"name": "Dogwood"},
        "contact": {"name": "Ella"},
        "deal": {"name": "Servers", "stage_id": cast.stages["Prospecting"].pk, "currency": "USD", "amount": "10.00",
                 "close_on": "2026-06-30"},
    }  # fmt: skip
    wrong = api.post(path, {**wish, "deal": {**wish["deal"], "stage_id": 10**9}}, If_Match="1")
    assert (wrong.status_code, count(owner, *TABLES)) == (422, before)
    done = api.post(path, wish, If_Match="1").json()
    assert done["state"] == "converted"
    assert all(done[name] for name in ("account_id", "contact_id", "opportunity_id"))
    assert count(owner, *TABLES) == [before[0], before[1], before[2] + 1, before[3] + 1]


@pytest.mark.parametrize("who", ["peer", "other_rep", "other_director"])
def test_anothers_lead_is_not_there(cast: Cast, acting: Any, who: str) -> None:
    path, api = f"leads/{a_lead(acting, cast.rep).pk}/", Api(getattr(cast, who))
    assert api.get("leads/?state=all").json()["results"] == []
    assert api.get(path).status_code == api.get(f"{path}activities/").status_code == 404
    assert api.patch(path, {"town": "Ulm"}, If_Match="1").status_code == 404
    bodies: dict[str, dict[str, Any]] = {
        "give": {"owner_id": cast.rep.pk},
        "disqualify": {"reason": "No need"},
        "reopen": {},
        "convert": {"account": {"name": "X"}},
        "activities": {"kind": "call", "subject": "x"},
    }
    for act, body in bodies.items():
        assert api.post(f"{path}{act}/", body, If_Match="1").status_code == 404, act
