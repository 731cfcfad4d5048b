"""What is known around a deal, and what was done on it with whom, over the API."""

from typing import Any

import pytest

from accounts.models import Contact
from tests.calls import Api, faults
from tests.cast import Cast


@pytest.fixture
def place(cast: Cast) -> str:
    return f"opportunities/{cast.deals['Acorn renewal'].pk}/"


@pytest.fixture
def ann(cast: Cast, acting: Any) -> Contact:
    with acting(cast.rep):
        return Contact.objects.create(account=cast.accounts["Acorn"], name="Ann Acorn", title="CFO")


def test_stakeholders_and_when_they_were_met(cast: Cast, place: str, ann: Contact) -> None:
    api, path = Api(cast.rep), f"{place}stakeholders/"
    assert api.get(path).json() == {"coverage": None, "stakeholders": []}
    made = api.post(path, {"contact_id": ann.pk, "role": "decides"})
    assert made.status_code == 201
    new = {"name": "Bo", "seniority": "vice", "email": "bo@acorn.example", "role": "uses", "note": "Night"}
    assert api.post(path, new).status_code == 201
    talk = {"kind": "demo", "subject": "Demo", "contact_ids": [ann.pk]}
    activity = api.post(f"{place}activities/", talk)
    assert (activity.status_code, activity.json()["contact_ids"]) == (201, [ann.pk])
    assert [row["contact_ids"] for row in api.get(f"{place}activities/").json()["results"]] == [[ann.pk]]
    told = api.get(path).json()
    assert told["coverage"] == "0.500000"
    first, second = told["stakeholders"]
    assert (first["name"], first["title"], first["stance"], first["last_met_on"]) == (
        "Ann Acorn", "CFO", "unknown", "2026-05-20",
    )  # fmt: skip
    assert (second["name"], second["seniority"], second["note"], second["last_met_on"]) == (
        "Bo", "vice", "Night", None,
    )  # fmt: skip
    one = f"{path}{first['id']}/"
    changed = api.patch(one, {"stance": "for"}, If_Match="1").json()
    assert (changed["stance"], changed["version"]) == ("for", 2)
    assert api.patch(one, {"stance": "for"}, If_Match="1").status_code == 412
    assert api.patch(one, {"stance": "for"}).status_code == 428
    assert faults(api.patch(one, {"name": "Cy"}, If_Match="2")) == [("unknown_field", "name")]
    assert api.post(f"{one}remove/", {}, If_Match="2").json() == {}
    assert api.post(f"{one}remove/", {}, If_Match="3").status_code == 404
    assert [row["name"] for row in api.get(path).json()["stakeholders"]] == ["Bo"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"role": "decides"}, ("contact_missing", "contact_id")),
        ({"role": "boss", "name": "Bo"}, ("unknown_choice", "role")),
        ({"role": "uses", "contact_id": 999_999}, ("unknown_contact", "contact_id")),
        ({"role": "uses", "name": "Ann Acorn"}, ("contact_once", "name")),
        ({"role": "uses", "name": "Bo", "email": "nowhere"}, ("email", "email")),
        ({"role": "uses", "name": "a\0b"}, ("bad_character", "name")),
        ({"role": "uses", "name": "Bo", "note": "x" * 301}, ("max_length", "note")),
    ],
)
def test_what_is_wrong_with_a_stakeholder_is_named(
    cast: Cast, place: str, ann: Contact, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert faults(Api(cast.rep).post(f"{place}stakeholders/", body)) == [fault]


@pytest.mark.parametrize(
    ("part", "body", "change", "wrong", "fault"),
    [
        (
            "competitors",
            {"name": "Oak", "strategy": "Speed", "is_incumbent": True},
            {"is_incumbent": False},
            {"name": "oak"},
            ("competitor_once", "name"),
        ),
        (
            "requirements",
            {"kind": "technical", "text": "Fast", "state": "open"},
            {"state": "met"},
            {"text": "Slow", "state": "gone"},
            ("unknown_choice", "state"),
        ),
        (
            "concessions",
            {
                "kind": "discount", "text": "5 % off", "reason": "Budget", "in_return": "", "worth": "5000.01",
                "given_on": "2026-05-19",
            },
            {"worth": None},
            {"kind": "discount", "text": "5 % off", "reason": "Budget", "worth": "-5.00"},
            ("amount_range", "worth"),
        ),
    ],
)  # fmt: skip
def test_the_others_are_added_changed_and_removed(
    cast: Cast,
    place: str,
    part: str,
    body: dict[str, Any],
    change: dict[str, Any],
    wrong: dict[str, Any],
    fault: tuple[str, str],
) -> None:
    api, path = Api(cast.rep), f"{place}{part}/"
    made = api.post(path, body)
    assert made.status_code == 201
    row = made.json()
    one = f"{path}{row.pop('id')}/"
    assert row == {"version": 1, **body}
    assert faults(api.post(path, wrong)) == [fault]
    changed = api.patch(one, change, If_Match="1").json()
    assert {name: changed[name] for name in (*change, "version")} == {**change, "version": 2}
    assert api.patch(one, change, If_Match="1").status_code == 412
    (listed,) = api.get(path).json()["results"]
    assert listed == changed
    assert Api(cast.other_rep).get(path).status_code == 404
    assert Api(cast.other_rep).patch(one, change, If_Match="2").status_code == 404
    assert Api(cast.executive).post(path, body).status_code == 403
    assert api.post(f"{one}remove/", {}, If_Match="2").status_code == 200
    assert api.get(path).json()["results"] == []


def test_the_same_request_sent_twice_adds_one(cast: Cast, place: str) -> None:
    api, path = Api(cast.rep), f"{place}requirements/"
    for _time in range(2):
        assert api.post(path, {"text": "Fast"}, Idempotency_Key="twice-the-same").status_code == 201
    assert len(api.get(path).json()["results"]) == 1
