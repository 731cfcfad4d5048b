"""Potential and the norms behind workload over the API, and whether an account is here already."""

from typing import Any

import pytest

from tests.calls import Api, count, faults, message
from tests.cast import Cast

LIST, TODAY = "potentials/", "2026-05-20"


def wish(cast: Cast, name: str = "Acorn", **more: Any) -> dict[str, Any]:
    ids = {"account_id": cast.accounts[name].pk, "family_id": cast.families["Hardware"].pk}
    return {**ids, "year": "2026", "amount": "180000.00", "as_of": TODAY, "source": "own estimate", **more}


class TestPotential:
    def test_the_newest_day_counts_as_on_the_page(self, cast: Cast, browse: Any) -> None:
        api = Api(cast.rep)
        answer = api.post(LIST, wish(cast))
        assert answer.status_code == 201
        first = answer.json()
        kept = {"id": first["id"], "counts": True, "recorded_by_id": cast.rep.pk}
        assert first == {**wish(cast), **kept, "recorded_at": first["recorded_at"]}
        older = api.post(LIST, wish(cast, as_of="2026-05-01", amount="9.00")).json()
        assert older["counts"] is False
        newer = api.post(LIST, wish(cast, amount=None)).json()
        rows = api.get(f"{LIST}?account={first['account_id']}").json()["results"]
        assert [(row["id"], row["amount"], row["counts"]) for row in rows] == [
            (first["id"], "180000.00", False),
            (older["id"], "9.00", False),
            (newer["id"], None, True),
        ]
        page = browse(cast.rep).get(f"/accounts/{first['account_id']}/potential/")
        [cell] = [cells[0] for row, cells in page.context["rows"] if row.pk == first["family_id"]]
        assert cell.newest.pk == newer["id"]
        assert Api(cast.other_rep).get(LIST).json()["results"] == []

    @pytest.mark.parametrize(
        ("more", "code", "at", "words"),
        [
            ({"year": "1999"}, "unknown_year", "year", "It has: 2025, 2026"),
            ({"family_id": 987654321}, "unknown_family", "family_id", "product families"),
            ({"as_of": "2026-05-21"}, "future", "as_of", "today or an earlier day"),
            ({"amount": "-1.00"}, "refused", "amount", "zero or more"),
            ({"amount": 180000}, "amount_format", "amount", "as text"),
            ({"amount": "1.234"}, "amount_format", "amount", "decimal"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, more: dict[str, Any], code: str, at: str, words: str
    ) -> None:
        answer = Api(cast.rep).post(LIST, wish(cast, **more))
        assert (answer.status_code, faults(answer)) == (422, [(code, at)])
        assert words in message(answer)
        assert count(owner, "accounts_potential") == [0]

    @pytest.mark.parametrize(
        ("who", "status"), [("director", 403), ("executive", 403), ("other_rep", 404), ("manager", 201)]
    )
    def test_who_may(self, cast: Cast, who: str, status: int) -> None:
        assert Api(getattr(cast, who)).post(LIST, wish(cast)).status_code == status


class TestNorms:
    def test_they_hold_from_a_day_on(self, cast: Cast) -> None:
        api = Api(cast.admin)
        norm = {"segment": "Enterprise", "tier": "A", "touches": 12, "minutes": 90, "starts_on": TODAY}
        made = api.post("touch-norms/", norm).json()
        assert made == {"id": made["id"], **norm, "stops_on": None, "reason": ""}
        assert api.get("touch-norms/").json()["results"] == [made]
        assert api.get("touch-norms/?on=2026-05-19").json()["results"] == []
        way = {"segment": "Enterprise", "way": "inside", "starts_on": TODAY}
        model = api.post("coverage-models/", way).json()
        assert model == {"id": model["id"], **way, "stops_on": None, "reason": ""}
        assert api.get("coverage-models/").json()["results"] == [model]
        refused = api.post("coverage-models/", {**way, "way": "mail"})
        assert (refused.status_code, faults(refused)) == (422, [("unknown_choice", "way")])
        refused = api.post("touch-norms/", {**norm, "touches": 1001})
        assert (refused.status_code, faults(refused)) == (422, [("max_value", "touches")])

    def test_others_neither_read_nor_set_them(self, cast: Cast) -> None:
        for person in (cast.manager, cast.executive):
            for path in ("touch-norms/", "coverage-models/"):
                assert Api(person).get(path).status_code == 403
                assert Api(person).post(path, {}).status_code == 403


class TestLookingUp:
    def test_of_what_is_unseen_one_learns_that_it_is_here(self, cast: Cast, owner: Any) -> None:
        api, acorn = Api(cast.rep), cast.accounts["Acorn"].pk
        answer = api.post("accounts/look-up/", {"name": "ACORN, Inc."})
        assert (answer.status_code, answer.json()) == (
            200,
            {"account_ids": [acorn], "exists_unseen": False},
        )
        hidden = api.post("accounts/look-up/", {"name": "Cedar"})
        assert hidden.json() == {"account_ids": [], "exists_unseen": True}
        nothing = api.post("accounts/look-up/", {"name": "Ced"})
        assert nothing.json() == {"account_ids": [], "exists_unseen": False}
        assert count(owner, "accounts_lookup") == [3]
        assert Api(cast.admin).post("accounts/look-up/", {"name": "Cedar"}).json()["account_ids"] == [
            cast.accounts["Cedar"].pk
        ]

    def test_not_too_often(self, cast: Cast, owner: Any) -> None:
        api = Api(cast.rep)
        owner.execute(
            "INSERT INTO accounts_lookup (person_id, name, web_domain, tax_number, has_found, asked_at) "
            "SELECT %s, '', '', '', false, '2026-05-20T09:00Z' FROM generate_series(1, 30)",
            [cast.rep.pk],
        )
        answer = api.post("accounts/look-up/", {"name": "Cedar"})
        assert (answer.status_code, faults(answer)) == (409, [("too_many_lookups", "anyway_reason")])

    def test_access_is_asked_for(self, cast: Cast, ben: Any) -> None:
        api = Api(cast.rep)
        answer = api.post("accounts/ask-access/", {"name": "Cedar", "reason": "a lead"})
        assert answer.status_code == 201
        assert answer.json()["approval_id"] > 0
        none = api.post("accounts/ask-access/", {"name": "Nobody", "reason": "a lead"})
        assert (none.status_code, faults(none)) == (422, [("no_such_account", "name")])

    def test_who_adds_no_accounts_looks_for_none(self, cast: Cast) -> None:
        for path in ("look-up", "ask-access"):
            assert Api(cast.director).post(f"accounts/{path}/", {"name": "Cedar"}).status_code == 403
