"""Quotas and attainment over the API: set in versions, read exactly, within one's reach."""

from collections.abc import Callable
from typing import Any

import pytest

from common.models import Run
from tests.calls import Api, count, faults, message
from tests.cast import Cast

Q2 = "attainment/?period=2026-Q2"


@pytest.fixture
def wish(cast: Cast) -> dict[str, Any]:
    """A rep's quota of the quarter as a program sets it."""
    return {"period_id": cast.q2.pk, "person_id": cast.rep.pk, "amount": "120000.00"}


class TestQuotas:
    def test_a_quota_is_set_exactly_as_asked(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.admin).post("quotas/", wish)
        assert answer.status_code == 201
        made = answer.json()
        assert made == {
            "id": made["id"],
            "period_id": cast.q2.pk,
            "person_id": cast.rep.pk,
            "territory_id": None,
            "family_id": None,
            "kind": "assigned",
            "amount": "120000.00",
            "reason": "",
            "recorded_at": made["recorded_at"],
        }
        assert made["recorded_at"] is not None
        assert Api(cast.rep).get("quotas/").json()["results"] == [made]

    def test_a_change_gives_its_reason_and_supersedes(
        self, cast: Cast, wish: dict[str, Any], owner: Any
    ) -> None:
        api = Api(cast.director)
        assert api.post("quotas/", wish).status_code == 201
        stands = str(api.get("quotas/").json()["results"][0]["id"])
        silent = api.post("quotas/", {**wish, "amount": "130000.00"}, If_Match=stands)
        assert (silent.status_code, faults(silent)) == (422, [("reason_needed", "reason")])
        change = {**wish, "amount": "130000.00", "reason": "a larger patch"}
        told = api.post("quotas/", change, If_Match=stands)
        assert (told.status_code, told.json()["amount"]) == (201, "130000.00")
        assert [row["amount"] for row in api.get("quotas/").json()["results"]] == ["130000.00"]
        assert count(owner, "quotas_quota") == [2]

    def test_a_change_names_the_quota_that_it_read(
        self, cast: Cast, wish: dict[str, Any], owner: Any
    ) -> None:
        api = Api(cast.director)
        first = api.post("quotas/", wish).json()["id"]
        change = {**wish, "amount": "130000.00", "reason": "a larger patch"}
        blind = api.post("quotas/", change)
        assert (blind.status_code, faults(blind)) == (428, [("precondition_required", "If-Match")])
        assert api.post("quotas/", change, If_Match=str(first)).status_code == 201
        late = api.post("quotas/", {**change, "amount": "90000.00"}, If_Match=str(first))
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        unread = api.post("quotas/", {**change, "amount": "90000.00"}, If_Match="0")
        assert (unread.status_code, faults(unread)) == (412, [("stale", "")])
        assert api.post("quotas/", {**wish, "kind": "own"}).status_code == 201
        assert [row["amount"] for row in api.get("quotas/").json()["results"]] == ["130000.00", "120000.00"]
        assert count(owner, "quotas_quota") == [3]

    @pytest.mark.parametrize(
        ("who", "people"),
        [
            ("rep", ["rep"]),
            ("manager", ["rep", "peer"]),
            ("other_director", ["other_rep"]),
            ("executive", ["rep", "peer", "other_rep"]),
            ("coordinator", []),
        ],
    )
    def test_a_list_holds_what_is_in_reach(
        self, cast: Cast, wish: dict[str, Any], who: str, people: list[str]
    ) -> None:
        for person in ("rep", "peer", "other_rep"):
            Api(cast.admin).post("quotas/", {**wish, "person_id": getattr(cast, person).pk})
        rows = Api(getattr(cast, who)).get("quotas/").json()["results"]
        assert [row["person_id"] for row in rows] == [getattr(cast, person).pk for person in people]

    @pytest.mark.parametrize("who", ["rep", "manager", "other_director", "executive", "coordinator"])
    def test_who_may_not_set_it_is_told(self, cast: Cast, wish: dict[str, Any], owner: Any, who: str) -> None:
        answer = Api(getattr(cast, who)).post("quotas/", wish)
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])
        assert count(owner, "quotas_quota") == [0]

    @pytest.mark.parametrize(
        ("change", "status", "code", "path"),
        [
            ({"amount": 120000}, 422, "amount_format", "amount"),
            ({"amount": "1.005"}, 422, "amount_format", "amount"),
            ({"amount": "-1.00"}, 422, "quota_not_negative", "amount"),
            ({"family_id": 987654321}, 422, "unknown_family", "family_id"),
            ({"kind": "overlay"}, 422, "unknown_choice", "kind"),
            ({"person_id": None}, 422, "assignee", "assignee"),
            ({"territory_id": 1}, 422, "assignee", "assignee"),
            ({"person_id": 987654321}, 404, "not_found", ""),
            ({"period_id": 987654321}, 404, "not_found", ""),
            ({"kind": "wish"}, 422, "unknown_choice", "kind"),
            ({"motion": "new"}, 422, "unknown_field", "motion"),
            ({"quarter": "2026-Q2"}, 422, "unknown_field", "quarter"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self,
        cast: Cast,
        wish: dict[str, Any],
        owner: Any,
        change: dict[str, Any],
        status: int,
        code: str,
        path: str,
    ) -> None:
        answer = Api(cast.admin).post("quotas/", {**wish, **change})
        assert (answer.status_code, faults(answer)) == (status, [(code, path)])
        assert count(owner, "quotas_quota") == [0]

    def test_a_quota_is_of_a_quarter(self, cast: Cast, wish: dict[str, Any], owner: Any) -> None:
        owner.execute("SELECT id FROM common_period WHERE code = '2026'")
        answer = Api(cast.admin).post("quotas/", {**wish, "period_id": owner.fetchone()[0]})
        assert (answer.status_code, faults(answer)) == (422, [("not_a_quarter", "period_id")])

    def test_a_closed_quarter_is_a_conflict(self, cast: Cast, wish: dict[str, Any], owner: Any) -> None:
        owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
        owner.execute("SELECT set_config('pghistory.context_metadata', '{}', false)")
        owner.execute("UPDATE common_period SET is_closed = true WHERE code = '2026-Q2'")
        answer = Api(cast.admin).post("quotas/", wish)
        assert (answer.status_code, faults(answer)) == (409, [("period_closed", "period_id")])


class TestAttainment:
    @pytest.fixture
    def sold(self, cast: Cast, wish: dict[str, Any], night: Callable[..., Run]) -> None:
        """The rep was asked for 120,000.00 and sold 40,000.00 of the licence; the night has counted it."""
        Api(cast.admin).post("quotas/", wish)
        order = {
            "account_id": cast.accounts["Acorn"].pk,
            "booked_on": "2026-05-12",
            "currency": "USD",
            "motion": "new",
            "lines": [{"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "40000.00"}],
        }
        assert Api(cast.rep).post("orders/", order).status_code == 201
        night()

    def test_a_rep_reads_their_own_figures(self, cast: Cast, sold: None) -> None:
        answer = Api(cast.rep).get(Q2)
        assert answer.status_code == 200
        assert answer.json() == {
            "period": "2026-Q2",
            "currency": "USD",
            "crediting_rule": "by_split",
            "results": [
                {
                    "person_id": cast.rep.pk,
                    "name": "Rita Rep",
                    "quota": "120000.00",
                    "order_intake": "40000.00",
                    "attainment": "0.333333",
                }
            ],
            "after": None,
        }

    def test_without_a_quota_there_is_no_ratio(self, cast: Cast, sold: None) -> None:
        rows = {row["name"]: row for row in Api(cast.manager).get(Q2).json()["results"]}
        assert set(rows) == {"Rita Rep", "Paul Peer", "Mona Manager"}
        peer = rows["Paul Peer"]
        assert (peer["quota"], peer["order_intake"], peer["attainment"]) == (None, "0.00", None)
        assert rows["Rita Rep"]["order_intake"] == "40000.00"

    def test_another_regions_director_reads_none_of_it(self, cast: Cast, sold: None) -> None:
        rows = Api(cast.other_director).get(Q2).json()["results"]
        assert {row["name"] for row in rows} == {"Oscar Other", "Olga Other", "Otto Other"}
        assert {row["order_intake"] for row in rows} == {"0.00"}

    def test_an_executive_reads_everybodys(self, cast: Cast, sold: None) -> None:
        rows = Api(cast.executive).get(Q2).json()["results"]
        assert len(rows) == 10
        assert sorted(row["order_intake"] for row in rows)[-1] == "40000.00"

    def test_who_enters_orders_reads_no_attainment(self, cast: Cast) -> None:
        answer = Api(cast.coordinator).get(Q2)
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    @pytest.mark.parametrize(
        ("query", "status", "code", "path"),
        [
            ("", 400, "bad_query", "period"),
            ("?period=", 400, "bad_query", "period"),
            ("?period=2026", 400, "bad_query", "period"),
            ("?period=2026-05", 400, "bad_query", "period"),
            ("?period=1999-Q1", 400, "bad_query", "period"),
            ("?period=2026-Q2&period=2026-Q1", 400, "bad_query", "period"),
            ("?quarter=2026-Q2", 400, "bad_query", "quarter"),
            ("?period=2026-Q2%00", 400, "bad_query", "period"),
        ],
    )
    def test_the_quarter_is_asked_for_plainly(
        self, cast: Cast, query: str, status: int, code: str, path: str
    ) -> None:
        answer = Api(cast.rep).get(f"attainment/{query}")
        assert (answer.status_code, faults(answer)) == (status, [(code, path)])

    def test_it_is_only_read(self, cast: Cast) -> None:
        answer = Api(cast.admin).post("attainment/", {})
        assert (answer.status_code, message(answer)[:6]) == (405, "Method")
