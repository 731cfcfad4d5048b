"""Orders over the API: booked and cancelled, down to the rows of the ledger."""

from typing import Any

import pytest

from tests.calls import Api, count, faults, message
from tests.cast import Cast

TABLES = (
    "orders_order",
    "orders_bookingevent",
    "orders_credit",
    "orders_dirtycell",
    "pipeline_opportunityevent",
)
LEDGER = """
    SELECT u.email, c.kind, c.motion, c.booked_on::text, c.currency, c.amount_minor, c.booked_minor, c.plan_minor,
           e.kind, c.reverses_id IS NOT NULL
    FROM orders_credit c JOIN territories_user u ON u.id = c.person_id JOIN orders_bookingevent e ON e.id = c.event_id
    ORDER BY c.ledger_seq
"""


def ledger(owner: Any) -> list[tuple[Any, ...]]:
    owner.execute(LEDGER)
    return [tuple(row) for row in owner.fetchall()]


@pytest.fixture
def wish(cast: Cast) -> dict[str, Any]:
    """An order as a program books it: 100.01 in three lines' worth of two products, shared 60 to 40."""
    return {
        "account_id": cast.accounts["Acorn"].pk,
        "booked_on": "2026-05-12",
        "currency": "EUR",
        "motion": "expansion",
        "purchase_order": "PO 7",
        "lines": [
            {"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "100.01"},
            {"product_id": cast.products["Server"].pk, "quantity": 2, "amount": "50.00"},
        ],
        "shares": [
            {"person_id": cast.rep.pk, "percent": "60"},
            {"person_id": cast.peer.pk, "percent": "40"},
        ],
    }


class TestBooking:
    def test_the_ledger_holds_exactly_what_was_booked(
        self, cast: Cast, owner: Any, wish: dict[str, Any]
    ) -> None:
        answer = Api(cast.rep).post("orders/", wish)
        assert answer.status_code == 201
        made = answer.json()
        assert made == {
            "id": made["id"],
            "version": 1,
            "number": made["number"],
            "account_id": cast.accounts["Acorn"].pk,
            "opportunity_id": None,
            "renews_order_id": None,
            "owner_id": cast.rep.pk,
            "territory_id": cast.territories["East 1"].pk,
            "booked_on": "2026-05-12",
            "currency": "EUR",
            "amount": "150.01",
            "motion": "expansion",
            "state": "booked",
            "purchase_order": "PO 7",
            "delivered_on": None,
            "invoiced_on": None,
            "paid_on": None,
            "contract_number": "",
            "signed_on": None,
            "bill_to": "",
            "ship_to": "",
            "own": {},
        }
        rep, peer, day = "rep@example.com", "peer@example.com", "2026-05-12"
        assert ledger(owner) == [
            (rep, "revenue", "expansion", day, "EUR", 60_01, 72_01, 66_01, "booking", False),
            (peer, "revenue", "expansion", day, "EUR", 40_00, 48_00, 44_00, "booking", False),
            (rep, "revenue", "expansion", day, "EUR", 30_00, 36_00, 33_00, "booking", False),
            (peer, "revenue", "expansion", day, "EUR", 20_00, 24_00, 22_00, "booking", False),
        ]
        lines = [{**line, "renewed": "0.00", "term_months": None, "shares": []} for line in wish["lines"]]
        whole = {**made, "lines": lines, "shares": [{**share, "kind": "revenue"} for share in wish["shares"]]}
        told = Api(cast.peer).get(f"orders/{made['id']}/").json()
        assert all(line.pop("id") for line in told["lines"])
        assert told == whole

    def test_booking_wins_the_deal_that_was_read(self, cast: Cast, owner: Any, wish: dict[str, Any]) -> None:
        api, deal = Api(cast.rep), cast.deals["Acorn renewal"]
        asked = {name: wish[name] for name in ("booked_on", "motion", "lines")}
        asked |= {"currency": "USD", "opportunity_id": deal.pk, "opportunity_version": 1}
        answer = api.post("orders/", asked)
        assert answer.status_code == 201
        assert (answer.json()["opportunity_id"], answer.json()["amount"]) == (deal.pk, "150.01")
        won = api.get(f"opportunities/{deal.pk}/").json()
        assert (won["state"], won["closed_on"], won["version"]) == ("won", "2026-05-12", 2)
        assert [row[:1] + row[5:8] for row in ledger(owner)] == [
            ("rep@example.com", 100_01, 100_01, 100_01),
            ("rep@example.com", 50_00, 50_00, 50_00),
        ]

    @pytest.mark.parametrize(
        ("version", "status", "code"), [(7, 412, "stale"), (None, 428, "precondition_required")]
    )
    def test_a_deal_is_not_won_unread(
        self, cast: Cast, owner: Any, wish: dict[str, Any], version: int | None, status: int, code: str
    ) -> None:
        before = count(owner, *TABLES)
        asked = {**wish, "currency": "USD", "opportunity_id": cast.deals["Acorn renewal"].pk}
        if version:
            asked["opportunity_version"] = version
        answer = Api(cast.rep).post("orders/", asked)
        assert (answer.status_code, faults(answer)[0][0]) == (status, code)
        assert count(owner, *TABLES) == before

    def test_the_same_key_books_once(self, cast: Cast, owner: Any, wish: dict[str, Any]) -> None:
        api = Api(cast.rep)
        first, again = (api.post("orders/", wish, Idempotency_Key="booking-of-may") for _ in range(2))
        assert first.json() == again.json()
        assert count(owner, "orders_order", "orders_credit") == [1, 4]

    def test_another_teams_account_or_deal_is_not_there(
        self, cast: Cast, owner: Any, wish: dict[str, Any]
    ) -> None:
        api = Api(cast.rep)
        account = api.post("orders/", {**wish, "account_id": cast.accounts["Cedar"].pk})
        deal = {"currency": "USD", "opportunity_id": cast.deals["Cedar renewal"].pk, "opportunity_version": 1}
        foreign = api.post("orders/", {**wish, **deal})
        assert (account.status_code, foreign.status_code) == (404, 404)
        assert count(owner, "orders_order") == [0]

    def test_an_executive_reads_but_books_nothing(self, cast: Cast, wish: dict[str, Any]) -> None:
        asked = {**wish, "currency": "USD", "opportunity_id": cast.deals["Acorn renewal"].pk}
        answer = Api(cast.executive).post("orders/", {**asked, "opportunity_version": 1})
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    @pytest.mark.parametrize(
        ("change", "status", "code", "path"),
        [
            ({"booked_on": "2026-05-21"}, 422, "date_range", "booked_on"),
            ({"booked_on": "1999-01-01"}, 422, "date_range", "booked_on"),
            ({"booked_on": "2026-5-1"}, 422, "date_format", "booked_on"),
            ({"currency": "JPY"}, 422, "amount_format", "lines[0].amount"),
            ({"lines": []}, 422, "empty", "lines"),
            ({"lines": {}}, 422, "not_a_list", "lines"),
            ({"lines": ["x"]}, 422, "invalid", "lines[0]"),
            (
                {"lines": [{"product_id": 1, "quantity": 1, "amount": 5}]},
                422,
                "amount_format",
                "lines[0].amount",
            ),
            (
                {"lines": [{"product_id": 1, "quantity": 0, "amount": "5"}]},
                422,
                "min_value",
                "lines[0].quantity",
            ),
            (
                {"lines": [{"product_id": 987654, "quantity": 1, "amount": "5"}]},
                422,
                "unknown_product",
                "lines[0].product_id",
            ),
            (
                {"lines": [{"product_id": 1, "quantity": 1, "amount": "5", "price": 1}]},
                422,
                "unknown_field",
                "lines[0].price",
            ),
            ({"shares": [{"person_id": 1, "percent": 60}]}, 422, "share_format", "shares[0].percent"),
            ({"shares": [{"person_id": 1, "percent": "60,5"}]}, 422, "share_format", "shares[0].percent"),
            ({"shares": [{"person_id": 987654, "percent": "100"}]}, 422, "unknown_person", "shares"),
            ({"motion": "gift"}, 422, "unknown_choice", "motion"),
            ({"owner_id": "rep"}, 422, "whole_number", "owner_id"),
            ({"purchase_order": "x" * 81}, 422, "max_length", "purchase_order"),
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
        before = count(owner, *TABLES)
        answer = Api(cast.rep).post("orders/", {**wish, **change})
        assert (answer.status_code, faults(answer)[0]) == (status, (code, path))
        assert count(owner, *TABLES) == before

    @pytest.mark.parametrize(("parts", "said"), [(("60", "39.99"), "99.99"), (("60", "40.01"), "100.01")])
    def test_shares_that_are_not_a_hundred_are_told_their_total(
        self, cast: Cast, owner: Any, wish: dict[str, Any], parts: tuple[str, str], said: str
    ) -> None:
        people = (cast.rep.pk, cast.peer.pk)
        shares = [{"person_id": who, "percent": part} for who, part in zip(people, parts, strict=True)]
        answer = Api(cast.rep).post("orders/", {**wish, "shares": shares})
        assert (answer.status_code, faults(answer)) == (422, [("split_total", "shares")])
        assert said in message(answer)
        assert count(owner, "orders_order") == [0]

    def test_a_person_stands_once_in_the_split(self, cast: Cast, wish: dict[str, Any]) -> None:
        shares = [{"person_id": cast.rep.pk, "percent": "50"}] * 2
        answer = Api(cast.rep).post("orders/", {**wish, "shares": shares})
        assert (answer.status_code, faults(answer)) == (422, [("splitshare_person_once", "shares")])

    def test_a_closed_period_is_a_conflict(self, cast: Cast, owner: Any, wish: dict[str, Any]) -> None:
        owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
        owner.execute("SELECT set_config('pghistory.context_metadata', '{}', false)")
        owner.execute("UPDATE common_period SET is_closed = true WHERE code = '2026-04'")
        answer = Api(cast.rep).post("orders/", {**wish, "booked_on": "2026-04-15"})
        assert (answer.status_code, faults(answer)) == (409, [("period_closed", "booked_on")])

    def test_a_missing_rate_is_a_conflict_that_names_it(
        self, cast: Cast, owner: Any, wish: dict[str, Any]
    ) -> None:
        owner.execute(
            "INSERT INTO common_rate (kind, currency, value, starts_on, source, recorded_at) "
            "VALUES ('plan', 'CHF', 1.1, '2025-01-01', '', now())"
        )
        answer = Api(cast.rep).post("orders/", {**wish, "currency": "CHF"})
        assert (answer.status_code, faults(answer)[0][0]) == (409, "no_rate")
        assert "CHF" in message(answer)
        assert "2026-05-12" in message(answer)


class TestCancelling:
    @pytest.fixture
    def place(self, cast: Cast, wish: dict[str, Any]) -> str:
        return f"orders/{Api(cast.rep).post('orders/', wish).json()['id']}/"

    def test_a_part_is_taken_back_by_its_split_and_rates(self, cast: Cast, owner: Any, place: str) -> None:
        asked = {"booked_on": "2026-05-20", "reason": "fewer seats", "amount": "30.00"}
        answer = Api(cast.director).post(place + "cancel/", asked, If_Match="1")
        assert answer.status_code == 200
        assert (answer.json()["amount"], answer.json()["state"], answer.json()["version"]) == (
            "120.01",
            "booked",
            2,
        )
        counters = ledger(owner)[4:]
        assert {row[3] for row in counters} == {"2026-05-20"}
        assert {row[8:] for row in counters} == {("cancellation", True)}
        assert [(row[0], row[5], row[6], row[7]) for row in counters] == [
            ("rep@example.com", -12_00, -14_40, -13_20),
            ("peer@example.com", -8_00, -9_60, -8_80),
            ("rep@example.com", -6_00, -7_20, -6_60),
            ("peer@example.com", -4_00, -4_80, -4_40),
        ]

    def test_a_whole_order_leaves_nothing_behind(self, cast: Cast, owner: Any, place: str) -> None:
        asked = {"booked_on": "2026-05-20", "reason": "withdrawn"}
        answer = Api(cast.coordinator).post(place + "cancel/", asked, If_Match="1")
        assert (answer.json()["amount"], answer.json()["state"]) == ("0.00", "cancelled")
        rows = ledger(owner)
        assert len(rows) == 8
        assert [sum(row[column] for row in rows) for column in (5, 6, 7)] == [0, 0, 0]
        again = Api(cast.coordinator).post(place + "cancel/", asked, If_Match="2")
        assert (again.status_code, faults(again)) == (409, [("already_cancelled", "")])

    @pytest.mark.parametrize(
        ("change", "code", "path"),
        [
            ({"amount": "150.02"}, "amount_range", "amount"),
            ({"amount": "-1.00"}, "amount_range", "amount"),
            ({"amount": "1.005"}, "amount_format", "amount"),
            ({"amount": 5}, "amount_format", "amount"),
            ({"reason": " "}, "blank", "reason"),
            ({"booked_on": "2026-05-11"}, "date_range", "booked_on"),
            ({"currency": "USD"}, "unknown_field", "currency"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, place: str, change: dict[str, Any], code: str, path: str
    ) -> None:
        asked = {"booked_on": "2026-05-20", "reason": "fewer seats", **change}
        answer = Api(cast.director).post(place + "cancel/", asked, If_Match="1")
        assert (answer.status_code, faults(answer)) == (422, [(code, path)])
        assert len(ledger(owner)) == 4

    @pytest.mark.parametrize(
        ("who", "version", "status"),
        [("rep", "1", 403), ("other_director", "1", 404), ("director", "2", 412), ("director", "", 428)],
    )
    def test_who_may_and_on_which_version(
        self, cast: Cast, owner: Any, place: str, who: str, version: str, status: int
    ) -> None:
        headers = {"If_Match": version} if version else {}
        asked = {"booked_on": "2026-05-20", "reason": "withdrawn"}
        assert Api(getattr(cast, who)).post(place + "cancel/", asked, **headers).status_code == status
        assert len(ledger(owner)) == 4

    def test_what_is_left_of_each_line_is_told(self, cast: Cast, place: str) -> None:
        asked = {"booked_on": "2026-05-20", "reason": "fewer seats", "amount": "30.00"}
        api = Api(cast.director)
        api.post(place + "cancel/", asked, If_Match="1")
        made = api.get(place).json()
        assert [(line["quantity"], line["amount"]) for line in made["lines"]] == [(1, "80.01"), (2, "40.00")]

    def test_a_correction_replaces_lines_and_split(
        self, cast: Cast, owner: Any, place: str, wish: dict[str, Any]
    ) -> None:
        lines = [{**wish["lines"][0], "amount": "10.00"}]
        asked = {"booked_on": "2026-05-20", "reason": "typed wrong", "cause": "amount", "lines": lines}
        api = Api(cast.director)
        answer, made = api.post(place + "correct/", asked, If_Match="1"), api.get(place).json()
        assert (answer.status_code, made["amount"], made["version"]) == (200, "10.00", 2)
        number = made["lines"][0]["id"]
        assert made["lines"] == [
            {**lines[0], "renewed": "0.00", "term_months": None, "shares": [], "id": number}
        ]
        assert made["shares"] == [{"person_id": cast.rep.pk, "percent": "100", "kind": "revenue"}]
        rows = ledger(owner)[4:]
        assert [(row[0], row[5]) for row in rows] == [
            ("rep@example.com", -60_01),
            ("peer@example.com", -40_00),
            ("rep@example.com", -30_00),
            ("peer@example.com", -20_00),
            ("rep@example.com", 10_00),
        ]
        assert {row[8] for row in rows} == {"correction"}

    def test_what_the_customer_adds_is_credited_as_of_its_day(
        self, cast: Cast, owner: Any, place: str, wish: dict[str, Any]
    ) -> None:
        more = {**wish["lines"][1], "quantity": 3, "amount": "80.00"}
        new = [{"person_id": cast.peer.pk, "percent": "100"}]
        asked = {
            "booked_on": "2026-05-20",
            "reason": "one more",
            "lines": [wish["lines"][0], more],
            "shares": new,
        }
        api = Api(cast.director)
        answer = api.post(place + "amend/", asked, If_Match="1")
        assert (answer.status_code, answer.json()["amount"]) == (200, "180.01")
        assert [(row[0], row[5], row[8]) for row in ledger(owner)[4:]] == [
            ("peer@example.com", 30_00, "amendment")
        ]
        made = api.get(place).json()
        assert [(line["amount"], len(line["shares"])) for line in made["lines"]] == [
            ("100.01", 2),
            ("50.00", 2),
            ("30.00", 1),
        ]
        assert made["shares"] == []

    def test_credit_is_shared_anew(self, cast: Cast, owner: Any, place: str) -> None:
        beside = {"person_id": cast.manager.pk, "percent": "10", "kind": "overlay"}
        alone = [{"person_id": cast.peer.pk, "percent": "100"}]
        asked = {
            "booked_on": "2026-05-20",
            "reason": "Paul sold it",
            "shares": [{"person_id": cast.rep.pk, "percent": "100"}, beside],
            "line_shares": [alone, []],
        }
        answer = Api(cast.director).post(place + "split/", asked, If_Match="1")
        assert (answer.status_code, answer.json()["amount"]) == (200, "150.01")
        held: dict[tuple[str, str], int] = {}
        for row in ledger(owner):
            held[row[0], row[1]] = held.get((row[0], row[1]), 0) + row[5]
        assert held == {
            ("rep@example.com", "revenue"): 50_00,
            ("peer@example.com", "revenue"): 100_01,
            ("manager@example.com", "overlay"): 10_00 + 5_00,
        }

    def test_an_order_is_put_on_another_day(self, cast: Cast, owner: Any, place: str) -> None:
        asked = {"booked_on": "2026-03-31", "reason": "signed then"}
        answer = Api(cast.director).post(place + "day/", asked, If_Match="1")
        assert (answer.status_code, answer.json()["booked_on"]) == (200, "2026-03-31")
        assert {row[3] for row in ledger(owner)[8:]} == {"2026-03-31"}

    def test_a_renewal_counts_what_it_adds(self, cast: Cast, place: str, wish: dict[str, Any]) -> None:
        first = Api(cast.rep).get(place).json()["id"]
        lines = [{**wish["lines"][0], "amount": "120.01", "renewed": "100.01"}]
        again = {**wish, "motion": "renewal", "renews_order_id": first, "lines": lines}
        twice = Api(cast.rep).post("orders/", again)
        assert (twice.status_code, faults(twice)) == (422, [("purchase_order_taken", "purchase_order")])
        answer = Api(cast.rep).post("orders/", {**again, "is_second": True})
        assert (answer.status_code, answer.json()["amount"]) == (201, "20.00")
        assert answer.json()["renews_order_id"] == first

    @pytest.mark.parametrize("act", ["amend", "split", "day"])
    @pytest.mark.parametrize(("who", "status"), [("rep", 403), ("other_director", 404), ("coordinator", 412)])
    def test_who_changes_an_order_and_on_which_version(
        self, cast: Cast, place: str, wish: dict[str, Any], act: str, who: str, status: int
    ) -> None:
        asked: dict[str, Any] = {"booked_on": "2026-05-20", "reason": "so"}
        more = {"amend": {"lines": wish["lines"][:1]}, "split": {"shares": wish["shares"][:0]}, "day": {}}
        answer = Api(getattr(cast, who)).post(f"{place}{act}/", asked | more[act], If_Match="7")
        assert answer.status_code == status

    @pytest.mark.parametrize(("who", "status"), [("rep", 403), ("other_director", 404), ("coordinator", 412)])
    def test_who_corrects_and_on_which_version(
        self, cast: Cast, place: str, wish: dict[str, Any], who: str, status: int
    ) -> None:
        asked = {
            "booked_on": "2026-05-20",
            "reason": "typed wrong",
            "cause": "amount",
            "lines": wish["lines"],
        }
        answer = Api(getattr(cast, who)).post(place + "correct/", asked, If_Match="7")
        assert answer.status_code == status

    def test_the_purchase_order_is_noted(self, cast: Cast, place: str) -> None:
        api = Api(cast.coordinator)
        answer = api.patch(place, {"purchase_order": "PO 4711"}, If_Match="1")
        assert (answer.status_code, answer.json()["purchase_order"], answer.json()["version"]) == (
            200,
            "PO 4711",
            2,
        )
        assert api.patch(place, {"purchase_order": "PO 1"}, If_Match="1").status_code == 412
        refused = api.patch(place, {"state": "cancelled"}, If_Match="2")
        assert (refused.status_code, faults(refused)) == (422, [("unknown_field", "state")])
        assert Api(cast.executive).patch(place, {"purchase_order": "X"}, If_Match="2").status_code == 403

    def test_a_list_shows_what_orders_are_worth_now(self, cast: Cast, place: str) -> None:
        asked = {"booked_on": "2026-05-20", "reason": "fewer seats", "amount": "30.00"}
        Api(cast.director).post(place + "cancel/", asked, If_Match="1")
        rows = Api(cast.peer).get("orders/").json()["results"]
        assert [row["amount"] for row in rows] == ["120.01"]
        assert Api(cast.other_rep).get("orders/").json()["results"] == []
