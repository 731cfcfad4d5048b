"""Deals over the API: opened, read, edited, moved, within one's reach and in exact amounts."""

from typing import Any

import pytest
from django.utils.html import escape

from tests.calls import Api, count, faults, message
from tests.cast import Cast
from tests.pipeline.selling import put_servers
from workspace.models import ListValue

TABLES = ("pipeline_opportunity", "pipeline_opportunityevent", "pipeline_stagevisit")


@pytest.fixture
def wish(cast: Cast) -> dict[str, Any]:
    """A deal as a program asks for it."""
    return {
        "account_id": cast.accounts["Acorn"].pk,
        "name": "Acorn pilot",
        "stage_id": cast.stages["Qualified"].pk,
        "currency": "USD",
        "amount": "1234.50",
        "close_on": "2026-07-01",
    }


@pytest.fixture
def renewal(cast: Cast) -> str:
    return f"opportunities/{cast.deals['Acorn renewal'].pk}/"


class TestReading:
    def test_a_deal_is_shown_with_its_amount_as_text(self, cast: Cast, renewal: str) -> None:
        answer = Api(cast.rep).get(renewal)
        assert answer.status_code == 200
        assert answer.json() == {
            "id": cast.deals["Acorn renewal"].pk,
            "version": 1,
            "number": "O-1",
            "account_id": cast.accounts["Acorn"].pk,
            "name": "Acorn renewal",
            "owner_id": cast.rep.pk,
            "territory_id": cast.territories["East 1"].pk,
            "stage_id": cast.stages["Negotiation"].pk,
            "state": "open",
            "category": "commit",
            "motion": "new",
            "channel": "direct",
            "partner_id": None,
            "partner_rep_id": None,
            "source": "",
            "currency": "USD",
            "amount": "100000.01",
            "close_on": "2026-06-15",
            "next_step": "",
            "next_step_on": None,
            "lost_reason": "",
            "lost_to": "",
            "won_reason": "",
            "awaits_booking": False,
            "merged_into_id": None,
            "created_on": "2026-02-02",
            "stage_since_on": "2026-04-01",
            "closed_on": None,
            "own": {},
        }

    @pytest.mark.parametrize(
        ("who", "amounts"),
        [
            ("rep", ["100000.01"]),
            ("director", ["100000.01", "100000.02"]),
            ("other_manager", ["100000.03"]),
            ("executive", ["100000.01", "100000.02", "100000.03"]),
        ],
    )
    def test_a_list_holds_what_is_in_reach(self, cast: Cast, who: str, amounts: list[str]) -> None:
        rows = Api(getattr(cast, who)).get("opportunities/").json()["results"]
        assert [row["amount"] for row in rows] == amounts

    @pytest.mark.parametrize("who", ["peer", "other_rep", "other_director"])
    def test_another_persons_deal_is_not_there(self, cast: Cast, renewal: str, who: str) -> None:
        api = Api(getattr(cast, who))
        foreign, never = api.get(renewal), api.get("opportunities/987654321/")
        assert foreign.status_code == never.status_code == 404
        assert foreign.content == never.content


class TestOpening:
    def test_a_deal_is_opened_exactly_as_asked(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.rep).post("opportunities/", wish)
        assert answer.status_code == 201
        made = answer.json()
        assert {name: made[name] for name in wish} == wish
        assert (made["owner_id"], made["state"], made["category"]) == (cast.rep.pk, "open", "pipeline")
        assert (made["created_on"], made["version"]) == ("2026-05-20", 1)
        assert Api(cast.rep).get(f"opportunities/{made['id']}/").json() == made

    def test_a_manager_opens_one_for_a_rep(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.manager).post("opportunities/", {**wish, "owner_id": cast.rep.pk})
        assert (answer.status_code, answer.json()["owner_id"]) == (201, cast.rep.pk)

    def test_a_rep_opens_none_for_a_peer(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.rep).post("opportunities/", {**wish, "owner_id": cast.peer.pk})
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    def test_another_teams_account_is_not_there(self, cast: Cast, wish: dict[str, Any], owner: Any) -> None:
        api, before = Api(cast.rep), count(owner, *TABLES)
        foreign = api.post("opportunities/", {**wish, "account_id": cast.accounts["Cedar"].pk})
        never = api.post("opportunities/", {**wish, "account_id": 987654321})
        assert foreign.status_code == never.status_code == 404
        assert foreign.content == never.content
        assert count(owner, *TABLES) == before

    def test_a_deal_does_not_begin_won(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.rep).post("opportunities/", {**wish, "stage_id": cast.stages["Won"].pk})
        assert (answer.status_code, faults(answer)) == (422, [("win_by_booking", "stage_id")])

    def test_who_books_orders_opens_no_deals(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.coordinator).post("opportunities/", wish)
        assert answer.status_code == 403


class TestEditing:
    def test_fields_change_and_the_version_grows(self, cast: Cast, renewal: str) -> None:
        changes = {
            "amount": "90000.00",
            "close_on": "2026-09-30",
            "category": "best_case",
            "motion": "renewal",
            "next_step": "Send the draft",
            "next_step_on": "2026-05-27",
        }
        answer = Api(cast.rep).patch(renewal, changes, If_Match="1")
        assert answer.status_code == 200
        made = answer.json()
        assert {name: made[name] for name in changes} == changes
        assert made["version"] == 2

    def test_a_stale_edit_changes_nothing(self, cast: Cast, renewal: str) -> None:
        api = Api(cast.rep)
        api.patch(renewal, {"amount": "90000.00"}, If_Match="1")
        late = api.patch(renewal, {"amount": "80000.00"}, If_Match="1")
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        assert api.get(renewal).json()["amount"] == "90000.00"

    def test_without_a_version_nothing_changes(self, cast: Cast, renewal: str) -> None:
        answer = Api(cast.rep).patch(renewal, {"amount": "90000.00"})
        assert (answer.status_code, faults(answer)) == (428, [("precondition_required", "If-Match")])

    def test_who_may_only_see_it_may_not_change_it(self, cast: Cast, renewal: str) -> None:
        answer = Api(cast.executive).patch(renewal, {"amount": "1.00"}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    def test_an_amount_keeps_the_decimals_of_the_deals_currency(
        self, cast: Cast, wish: dict[str, Any], owner: Any
    ) -> None:
        owner.execute(
            "INSERT INTO common_rate (kind, currency, value, starts_on, source, recorded_at) "
            "VALUES ('plan', 'JPY', 0.0066, '2025-01-01', '', now())"
        )
        api = Api(cast.rep)
        made = api.post("opportunities/", {**wish, "currency": "JPY", "amount": "1500"}).json()
        assert made["amount"] == "1500"
        place = f"opportunities/{made['id']}/"
        wrong = api.patch(place, {"amount": "1500.50"}, If_Match="1")
        assert (wrong.status_code, faults(wrong)) == (422, [("amount_format", "amount")])
        assert "0 decimals" in message(wrong)
        right = api.patch(place, {"amount": "1600"}, If_Match="1").json()
        assert (right["amount"], right["currency"]) == ("1600", "JPY")

    def test_an_amount_is_what_the_products_come_to(self, cast: Cast, renewal: str) -> None:
        put_servers(cast)
        api = Api(cast.rep)
        wrong = api.patch(renewal, {"amount": "90000.00", "name": "Bigger"}, If_Match="1")
        assert (wrong.status_code, faults(wrong)) == (422, [("amount_of_products", "amount")])
        assert "$100,000.00" in message(wrong)
        assert api.get(renewal).json()["name"] == "Acorn renewal"
        right = api.patch(renewal, {"amount": "100000.00", "name": "Bigger"}, If_Match="1").json()
        assert (right["amount"], right["name"]) == ("100000.00", "Bigger")
        again = api.patch(renewal, {"amount": "100000.00"}, If_Match="2").json()
        assert (again["amount"], again["version"]) == ("100000.00", 2)

    def test_a_new_currency_comes_with_its_amount(self, cast: Cast, wish: dict[str, Any]) -> None:
        api = Api(cast.rep)
        place = f"opportunities/{api.post('opportunities/', wish).json()['id']}/"
        alone = api.patch(place, {"currency": "EUR"}, If_Match="1")
        assert (alone.status_code, faults(alone)) == (422, [("required", "amount")])
        both = api.patch(place, {"currency": "EUR", "amount": "7.70"}, If_Match="1").json()
        assert (both["currency"], both["amount"]) == ("EUR", "7.70")

    @pytest.mark.parametrize("field", ["stage_id", "state", "territory_id", "version", "account_id"])
    def test_what_has_its_own_way_is_not_edited(self, cast: Cast, renewal: str, field: str) -> None:
        answer = Api(cast.admin).patch(renewal, {field: 1}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (422, [("unknown_field", field)])


class TestMoving:
    def test_a_deal_moves_on(self, cast: Cast, renewal: str) -> None:
        answer = Api(cast.rep).post(
            renewal + "stage/", {"stage_id": cast.stages["Proposal"].pk}, If_Match="1"
        )
        assert answer.status_code == 200
        made = answer.json()
        assert (made["stage_id"], made["version"]) == (cast.stages["Proposal"].pk, 2)
        assert made["stage_since_on"] == "2026-05-20"

    def test_losing_asks_why(self, cast: Cast, renewal: str) -> None:
        api, lost = Api(cast.rep), cast.stages["Lost"].pk
        silent = api.post(renewal + "stage/", {"stage_id": lost}, If_Match="1")
        assert (silent.status_code, faults(silent)) == (422, [("required", "lost_reason")])
        told = api.post(renewal + "stage/", {"stage_id": lost, "lost_reason": "price"}, If_Match="1").json()
        assert (told["state"], told["lost_reason"], told["closed_on"]) == ("lost", "Price", "2026-05-20")

    def test_a_reason_that_is_not_in_the_list_is_refused_with_those_that_are(
        self, cast: Cast, acting: Any, renewal: str
    ) -> None:
        api, move = Api(cast.rep), {"stage_id": cast.stages["Lost"].pk, "lost_reason": "Bad weather"}
        answer = api.post(renewal + "stage/", move, If_Match="1")
        assert (answer.status_code, faults(answer)) == (422, [("unknown_lost_reason", "lost_reason")])
        assert message(answer) == "One of: Price, Product fit, Timing, Competitor, No decision, No budget."
        with acting(cast.admin):
            ListValue.objects.filter(value="Price").update(is_offered=False)
        retired = api.post(renewal + "stage/", {**move, "lost_reason": "Price"}, If_Match="1")
        assert retired.status_code == 422
        with acting(cast.admin):
            ListValue.objects.update(is_offered=False)
        told = api.post(renewal + "stage/", move, If_Match="1").json()
        assert (told["state"], told["lost_reason"]) == ("lost", "Bad weather")

    def test_winning_is_booking(self, cast: Cast, renewal: str) -> None:
        answer = Api(cast.rep).post(renewal + "stage/", {"stage_id": cast.stages["Won"].pk}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (422, [("win_by_booking", "stage_id")])

    @pytest.mark.parametrize(("version", "status"), [("2", 412), ("", 428)])
    def test_a_move_names_the_version_it_read(
        self, cast: Cast, renewal: str, version: str, status: int
    ) -> None:
        headers = {"If_Match": version} if version else {}
        move = {"stage_id": cast.stages["Proposal"].pk}
        assert Api(cast.rep).post(renewal + "stage/", move, **headers).status_code == status

    def test_another_persons_deal_is_not_moved(self, cast: Cast, renewal: str) -> None:
        move = {"stage_id": cast.stages["Proposal"].pk}
        assert Api(cast.peer).post(renewal + "stage/", move, If_Match="1").status_code == 404


# What people and programs send in the place of an amount, a day, a name, an id: field, value, code, what is said.
BAD = [
    ("amount", "1e3", "amount_format", "1000.00"),
    ("amount", "1_000", "amount_format", "1000.00"),
    ("amount", "٣", "amount_format", "1000.00"),
    ("amount", "１000", "amount_format", "1000.00"),
    ("amount", "1,000.00", "amount_format", "1000.00"),
    ("amount", "1.000,00", "amount_format", "1000.00"),
    ("amount", "1 000", "amount_format", "1000.00"),
    ("amount", "-0", "amount_format", "write 0"),
    ("amount", "--5", "amount_format", "1000.00"),
    ("amount", "(100)", "amount_format", "1000.00"),
    ("amount", "€100", "amount_format", "1000.00"),
    ("amount", "1.005", "amount_format", "2 decimals"),
    ("amount", "NaN", "amount_format", "1000.00"),
    ("amount", "Infinity", "amount_format", "1000.00"),
    ("amount", "1e400", "amount_format", "1000.00"),
    ("amount", "9" * 13, "amount_format", "12 digits"),
    ("amount", "9" * 5000, "amount_format", "12 digits"),
    ("amount", "=1+1", "amount_format", "1000.00"),
    ("amount", "12\x00", "amount_format", "1000.00"),
    ("amount", "", "amount_format", "1000.00"),
    ("amount", "-5.00", "amount_range", "zero or more"),
    ("currency", "usd", "currency_format", "EUR"),
    ("currency", "XXX", "unknown_currency", "USD, EUR"),
    ("currency", "CHF", "unknown_currency", "USD, EUR"),
    ("close_on", "2027-02-29", "date_format", "28 days"),
    ("close_on", "20260701", "date_format", "2026-03-31"),
    ("close_on", "2026-W24-1", "date_format", "2026-03-31"),
    ("close_on", "2026-07-01T00:00:00", "date_format", "2026-03-31"),
    ("close_on", "07/01/2026 or so", "date_format", "2026-03-31"),
    ("close_on", "٢026-07-01", "date_format", "2026-03-31"),
    ("close_on", "0001-01-01", "date_format", "1900 to 2199"),
    ("close_on", "9999-12-31", "date_format", "1900 to 2199"),
    ("close_on", "1999-12-31", "date_range", "2000 and 2100"),
    ("close_on", "2101-01-01", "date_range", "2000 and 2100"),
    ("name", "   ", "blank", "blank"),
    ("name", "x" * 161, "max_length", "160"),
    ("name", "zero\u200bwidth", "bad_character", "U+200B"),
    ("name", "\u202eleft", "bad_character", "U+202E"),
    ("name", "bell\x07", "bad_character", "U+0007"),
    ("name", "nul\x00", "bad_character", "U+0000"),
    ("name", "e" + "\u0301" * 10_000, "bad_character", "U+0301"),
    ("stage_id", "x", "whole_number", "whole number"),
]
# What only JSON can say.
BAD_JSON = [
    ("amount", 1000, "amount_format", "1000.00"),
    ("amount", 10.5, "amount_format", "1000.00"),
    ("amount", None, "null", "null"),
    ("amount", ["1"], "amount_format", "1000.00"),
    ("amount", "  1 ", "amount_format", "1000.00"),
    ("amount", "+5", "amount_format", "1000.00"),
    ("currency", 5, "currency_format", "EUR"),
    ("close_on", 20260701, "date_format", "2026-03-31"),
    ("close_on", "07/01/2026", "date_format", "2026-03-31"),
    ("close_on", None, "null", "null"),
    ("name", 5, "text", "text"),
    ("name", {"a": 1}, "text", "text"),
    ("stage_id", "1", "whole_number", "whole number"),
    ("stage_id", True, "whole_number", "whole number"),
    ("stage_id", 1.0, "whole_number", "whole number"),
    ("stage_id", 10**30, "max_value", "9223372036854775807"),
    ("stage_id", 987654321, "unknown_stage", "stage"),
    ("motion", "gift", "unknown_choice", "new, expansion, renewal"),
    ("motion", [], "unknown_choice", "new, expansion, renewal"),
    ("owner_id", 987654321, "unknown_person", "person"),
    ("ownr_id", 1, "unknown_field", "owner_id"),
    ("number", "O-99", "unknown_field", "only read"),
]

# A form takes amounts as its reader writes them: here in English, where commas are allowed between thousands.
BAD_TYPED = [row for row in BAD if row[:2] != ("amount", "1,000.00")]
FIELDS = {"amount": "amount_minor", "account_id": "account"}


class TestTheCatalogueOfBadInput:
    @pytest.mark.parametrize(("field", "value", "code", "said"), BAD + BAD_JSON)
    def test_over_the_api(
        self, cast: Cast, owner: Any, wish: dict[str, Any], field: str, value: Any, code: str, said: str
    ) -> None:
        before = count(owner, *TABLES)
        answer = Api(cast.rep).post("opportunities/", {**wish, field: value})
        assert (answer.status_code, faults(answer)) == (422, [(code, field)])
        assert said in message(answer)
        assert count(owner, *TABLES) == before

    @pytest.mark.parametrize("field", ["account_id", "name", "stage_id", "currency", "amount", "close_on"])
    def test_what_is_missing_is_named(self, cast: Cast, wish: dict[str, Any], field: str) -> None:
        answer = Api(cast.rep).post("opportunities/", {name: wish[name] for name in wish if name != field})
        assert (answer.status_code, faults(answer)) == (422, [("required", field)])

    def test_all_that_is_wrong_is_said_at_once(self, cast: Cast, wish: dict[str, Any]) -> None:
        answer = Api(cast.rep).post("opportunities/", {**wish, "amount": "1e3", "close_on": "soon"})
        assert faults(answer) == [("amount_format", "amount"), ("date_format", "close_on")]

    @pytest.mark.parametrize(("field", "value"), [(field, value) for field, value, _, _ in BAD_TYPED])
    def test_over_the_form(
        self, cast: Cast, owner: Any, browse: Any, wish: dict[str, Any], field: str, value: str
    ) -> None:
        typed = {FIELDS.get(name, name): text for name, text in wish.items()}
        before = count(owner, *TABLES)
        answer = browse(cast.rep).post("/opportunities/new/", {**typed, FIELDS.get(field, field): value})
        assert answer.status_code == 422
        form = answer.context["form"]
        assert set(form.errors) == {FIELDS.get(field, field)}
        assert form.data[FIELDS.get(field, field)] == value
        for sentence in form.errors[FIELDS.get(field, field)]:
            assert len(sentence) > 5
            assert escape(sentence) in answer.content.decode()
        assert count(owner, *TABLES) == before
