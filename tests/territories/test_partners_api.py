"""Partners and their people over the API: everybody reads them, administrators keep them."""

from typing import Any

import pytest

from tests.calls import Api, count, faults
from tests.cast import Cast


@pytest.fixture
def partner(cast: Cast) -> str:
    """The address of a partner."""
    made = Api(cast.admin).post("partners/", {"name": "Resellers"})
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "version": 1, "name": "Resellers", "is_active": True}
    return f"partners/{made.json()['id']}/"


@pytest.fixture
def rep(cast: Cast, partner: str) -> str:
    """The address of somebody who works for that partner."""
    made = Api(cast.admin).post(f"{partner}people/", {"name": "Rolf", "email": "rolf@resellers.example"})
    assert made.status_code == 201
    return f"partners/people/{made.json()['id']}/"


def test_everybody_reads_what_an_administrator_keeps(cast: Cast, partner: str, rep: str) -> None:
    admin, reader = Api(cast.admin), Api(cast.rep)
    assert [row["name"] for row in reader.get("partners/").json()["results"]] == ["Resellers"]
    read = reader.get(rep).json()
    assert read == {
        "id": read["id"],
        "version": 1,
        "partner_id": reader.get(partner).json()["id"],
        "name": "Rolf",
        "email": "rolf@resellers.example",
        "phone": "",
        "is_active": True,
    }
    assert reader.get(f"{partner}people/").json()["results"] == [read]
    changed = admin.patch(rep, {"phone": "555 01", "is_active": False}, If_Match="1").json()
    assert changed == {**read, "version": 2, "phone": "555 01", "is_active": False}
    renamed = admin.patch(partner, {"name": "Resellers Ltd"}, If_Match="1").json()
    assert (renamed["name"], renamed["is_active"], renamed["version"]) == ("Resellers Ltd", True, 2)
    retired = admin.patch(partner, {"is_active": False}, If_Match="2").json()
    assert (retired["name"], retired["is_active"]) == ("Resellers Ltd", False)


def test_what_was_changed_since_is_not_overwritten(cast: Cast, partner: str, rep: str) -> None:
    api = Api(cast.admin)
    for path in (partner, rep):
        assert api.patch(path, {"name": "First"}, If_Match="1").status_code == 200
        assert api.patch(path, {"name": "Second"}, If_Match="1").status_code == 412
        assert api.get(path).json()["name"] == "First"


@pytest.mark.parametrize("who", ["rep", "manager", "director", "coordinator", "executive"])
def test_others_change_nothing(cast: Cast, owner: Any, partner: str, rep: str, who: str) -> None:
    tables = ("territories_partner", "territories_partnerrep")
    api, before = Api(getattr(cast, who)), count(owner, *tables)
    answers = [
        api.post("partners/", {"name": "Mine"}),
        api.patch(partner, {"name": "Mine"}, If_Match="1"),
        api.post(f"{partner}people/", {"name": "Mine"}),
        api.patch(rep, {"name": "Mine"}, If_Match="1"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert count(owner, *tables) == before
    assert (api.get(partner).json()["version"], api.get(rep).json()["version"]) == (1, 1)


def test_what_does_not_fit_is_named(cast: Cast, partner: str, rep: str) -> None:
    api = Api(cast.admin)
    answers = [
        api.post("partners/", {"name": " "}),
        api.post("partners/", {"name": "Mine", "colour": "red"}),
        api.post("partners/", {"name": "x" * 121}),
        api.post(f"{partner}people/", {"name": "Rita", "email": "no address"}),
        api.patch(rep, {"email": "no address"}, If_Match="1"),
    ]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert [faults(answer)[0][1] for answer in answers] == ["name", "colour", "name", "email", "email"]
    assert api.post("partners/", {"name": "Resellers"}).status_code == 422
    assert api.get("partners/987654321/").status_code == 404
    assert api.get("partners/987654321/people/").status_code == 404
    assert api.post("partners/987654321/people/", {"name": "Rita"}).status_code == 404
    assert api.get("partners/people/987654321/").status_code == 404
