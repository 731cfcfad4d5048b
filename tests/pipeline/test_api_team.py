"""The team of a deal and who gets its credit, over the API."""

from typing import Any

import pytest

from tests.calls import Api, faults, message
from tests.cast import Cast


@pytest.fixture
def path(cast: Cast) -> str:
    return f"opportunities/{cast.deals['Acorn renewal'].pk}/"


def test_the_team(cast: Cast, path: str) -> None:
    api = Api(cast.rep)
    made = api.post(f"{path}team/", {"person_id": cast.other_rep.pk, "role": "Presales"})
    assert made.status_code == 201
    member = made.json()
    assert member == {
        "id": member["id"],
        "person_id": cast.other_rep.pk,
        "role": "Presales",
        "starts_on": "2026-05-20",
        "stops_on": None,
    }
    assert Api(cast.other_rep).get(f"{path}team/").json() == {"members": [member]}
    role = api.post(f"{path}team/{member['id']}/role/", {"role": "Delivery", "starts_on": "2026-06-01"})
    later = role.json()
    assert (later["role"], later["starts_on"]) == ("Delivery", "2026-06-01")
    ended = api.post(f"{path}team/{later['id']}/end/", {"stops_on": "2026-07-01"}).json()
    assert (ended["starts_on"], ended["stops_on"]) == ("2026-06-01", "2026-07-01")
    shown = api.get(f"{path}team/").json()["members"]
    assert [(row["role"], row["starts_on"], row["stops_on"]) for row in shown] == [
        ("Presales", "2026-05-20", "2026-06-01"),
        ("Delivery", "2026-06-01", "2026-07-01"),
    ]
    twice = api.post(f"{path}team/", {"person_id": cast.other_rep.pk})
    assert faults(twice) == [("teammember_once", "person_id")]
    assert api.post(f"{path}team/{member['id']}/end/", {}).status_code == 404


def test_the_split(cast: Cast, path: str) -> None:
    api = Api(cast.rep)
    before = api.get(f"{path}split/").json()
    whole = {"person_id": cast.rep.pk, "percent": "100"}
    assert before == {
        "version": 1,
        "waiting": None,
        "splits": [
            {
                "id": None,
                "starts_on": "2026-02-02",
                "stops_on": None,
                "reason": "",
                "revenue": [whole],
                "overlay": [],
            }
        ],
    }
    revenue = [{"person_id": cast.rep.pk, "percent": "60"}, {"person_id": cast.other_rep.pk, "percent": "40"}]
    body = {"starts_on": "2026-05-20", "revenue": revenue, "overlay": [{**whole, "percent": "12.5"}]}
    told = api.send("PUT", f"{path}split/", body, If_Match="1").json()
    assert told == api.get(f"{path}split/").json()
    assert (told["version"], told["waiting"]) == (2, None)
    assert (told["splits"][1]["revenue"], told["splits"][1]["overlay"]) == (revenue, body["overlay"])
    assert told["splits"][0]["stops_on"] == "2026-05-20"
    less = [{**revenue[0], "percent": "90"}, {**revenue[1], "percent": "10"}]
    asked = api.send(
        "PUT", f"{path}split/", {**body, "revenue": less, "reason": "He left it"}, If_Match="2"
    ).json()
    waiting = asked["waiting"]
    assert (waiting["approver_id"], waiting["role"], waiting["asked_by_id"]) == (
        cast.other_manager.pk,
        "",
        cast.rep.pk,
    )
    assert asked["splits"] == told["splits"]


@pytest.mark.parametrize(
    ("shares", "fault"),
    [
        (("60", "39.99"), ("split_total", "revenue")),
        (("60", "100.01"), ("share_format", "revenue[1].percent")),
        (("60", 40), ("share_format", "revenue[1].percent")),
        (("100",), ("unchanged", "")),
        ((), ("empty", "revenue")),
    ],
)
def test_what_is_wrong_is_named(
    cast: Cast, path: str, shares: tuple[Any, ...], fault: tuple[str, str]
) -> None:
    people = (cast.rep.pk, cast.peer.pk)
    parts = [{"person_id": pk, "percent": share} for pk, share in zip(people, shares, strict=False)]
    answer = Api(cast.rep).send(
        "PUT", f"{path}split/", {"starts_on": "2026-05-20", "revenue": parts}, If_Match="1"
    )
    assert faults(answer) == [fault]


def test_rows_are_named(cast: Cast, path: str) -> None:
    parts = [{"person_id": cast.rep.pk, "percent": "50"}, {"person_id": 999_999, "percent": "50"}]
    body = {"starts_on": "2026-05-20", "revenue": parts}
    answer = Api(cast.rep).send("PUT", f"{path}split/", body, If_Match="1")
    assert faults(answer) == [("unknown_person", "revenue[1].person_id")]


def test_within_reach_and_at_the_version_that_was_read(cast: Cast, path: str) -> None:
    body = {"starts_on": "2026-05-20", "revenue": [{"person_id": cast.rep.pk, "percent": "100"}]}
    assert Api(cast.other_rep).get(f"{path}split/").status_code == 404
    assert Api(cast.other_rep).get(f"{path}team/").status_code == 404
    assert Api(cast.executive).send("PUT", f"{path}split/", body, If_Match="1").status_code == 403
    assert Api(cast.executive).post(f"{path}team/", {"person_id": cast.rep.pk}).status_code == 403
    assert Api(cast.rep).send("PUT", f"{path}split/", body, If_Match="7").status_code == 412
    assert Api(cast.rep).send("PUT", f"{path}split/", body).status_code == 428


def test_the_channel_of_a_deal(cast: Cast, acting: Any, path: str) -> None:
    from territories.services.partners import create_partner, create_partner_rep

    with acting(cast.admin):
        ours, others = (create_partner(by=cast.admin.pk, name=name) for name in ("Resellers", "Others"))
        rolf, otto = (
            create_partner_rep(by=cast.admin.pk, partner_id=row.pk, name=name)
            for row, name in ((ours, "Rolf"), (others, "Otto"))
        )
    api = Api(cast.rep)
    wrong = [
        ({"partner_id": ours.pk}, ("opportunity_channel", "channel")),
        ({"channel": "partner"}, ("opportunity_channel", "partner_id")),
        ({"channel": "partner", "partner_id": 999_999}, ("unknown", "partner_id")),
        (
            {"channel": "partner", "partner_id": ours.pk, "partner_rep_id": otto.pk},
            ("other_partner", "partner_rep_id"),
        ),
        ({"source": "Crystal ball"}, ("unknown_source", "source")),
    ]
    for change, fault in wrong:
        assert faults(api.patch(path, change, If_Match="1")) == [fault]
    change = {"channel": "partner", "partner_id": ours.pk, "partner_rep_id": rolf.pk, "source": "referral"}
    told = api.patch(path, change, If_Match="1").json()
    assert {name: told[name] for name in change} == {**change, "source": "Referral"}
    assert message(api.patch(path, {"partner_id": others.pk}, If_Match="2")).startswith(
        "They work for another"
    )
    told = api.patch(path, {"channel": "direct"}, If_Match="2").json()
    assert (told["channel"], told["partner_id"], told["partner_rep_id"]) == ("direct", None, None)
    new = {
        "account_id": cast.accounts["Acorn"].pk,
        "name": "Through Resellers",
        "stage_id": cast.stages["Proposal"].pk,
        "currency": "USD",
        "amount": "10.00",
        "close_on": "2026-07-01",
        "channel": "partner",
        "partner_id": ours.pk,
    }
    made = api.post("opportunities/", new)
    assert (made.status_code, made.json()["partner_id"]) == (201, ours.pk)
    assert faults(api.post("opportunities/", {**new, "channel": "direct"})) == [
        ("opportunity_channel", "channel")
    ]
