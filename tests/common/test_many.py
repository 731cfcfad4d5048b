"""Many rows in one request: all or none, with all that is wrong told at once."""

import uuid
from typing import Any

import pytest

from accounts.models import Account
from common.access import Reach
from common.transaction import work
from pipeline.models import Lead, Opportunity, StageVisit
from tests.calls import Api
from tests.cast import Cast
from tests.pipeline.selling import put_servers
from workspace.services.own import add_own_field


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


def history_of(row: Any) -> Any:
    return row.history


def errors(answer: Any) -> list[tuple[int, str, str]]:
    """Index, field and code of everything that is wrong, after a look at the paths."""
    assert answer.status_code == 422
    for error in answer.json()["errors"]:
        assert set(error) == {"index", "field", "code", "path", "message"}
        assert error["path"].startswith(f"rows[{error['index']}]")
        assert error["path"].endswith(error["field"])
    return [(error["index"], error["field"], error["code"]) for error in answer.json()["errors"]]


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    return cast.deals["Acorn renewal"]


def new(cast: Cast, **values: Any) -> dict[str, Any]:
    """A deal to open."""
    known = {"account_id": cast.accounts["Acorn"].pk, "name": "Acorn again", "currency": "USD"}
    day = {"amount": "1200.50", "close_on": "2026-06-30", "stage_id": cast.stages["Qualified"].pk}
    return {**known, **day, **values}


class TestOpeningDeals:
    def test_all_of_them_are_opened(self, cast: Cast) -> None:
        rows = [new(cast), new(cast, name="Acorn once more", amount="0.00", next_step_on=None)]
        del rows[1]["next_step_on"]
        answer = Api(cast.rep).post("opportunities/bulk/", {"rows": rows})
        assert answer.status_code == 201
        made = answer.json()["results"]
        assert [set(row) for row in made] == [{"id", "version"}] * 2
        with everything():
            deals = [Opportunity.objects.get(pk=row["id"]) for row in made]
            assert [(one.name, one.amount_minor, one.version) for one in deals] == [
                ("Acorn again", 120_050, 1),
                ("Acorn once more", 0, 1),
            ]
            assert {one.number for one in deals} == {f"OPP-{one.pk}" for one in deals}
            assert {one.owner_id for one in deals} == {cast.rep.pk}
            assert StageVisit.objects.filter(opportunity__in=deals).count() == 2
            assert [history_of(one).get().pgh_context["by"] for one in deals] == [cast.rep.pk] * 2

    def test_all_that_is_wrong_is_told_and_nothing_is_opened(self, cast: Cast) -> None:
        rows = [
            new(cast),
            new(cast, name=""),
            new(cast, account_id=cast.accounts["Cedar"].pk),
            new(cast, amount="12,5", curency="USD"),
            new(cast, stage_id=cast.stages["Won"].pk),
            new(cast, owner_id=cast.other_rep.pk),
            "a deal",
        ]
        answer = Api(cast.rep).post("opportunities/bulk/", {"rows": rows})
        assert errors(answer) == [
            (1, "name", "blank"),
            (2, "", "not_found"),
            (3, "curency", "unknown_field"),
            (4, "stage_id", "win_by_booking"),
            (5, "", "forbidden"),
            (6, "", "invalid"),
        ]
        with everything():
            assert Opportunity.objects.count() == 3

    def test_one_key_is_for_the_whole(self, cast: Cast) -> None:
        api, key = Api(cast.rep), uuid.uuid4().hex
        body = {"rows": [new(cast), new(cast)]}
        first, again = (api.post("opportunities/bulk/", body, Idempotency_Key=key) for _ in range(2))
        assert first.json() == again.json()
        with everything():
            assert Opportunity.objects.count() == 5

    @pytest.mark.parametrize(
        "body", [{}, {"rows": []}, {"rows": {}}, [], {"rows": [{}], "more": 1}, {"row": [{}]}]
    )
    def test_what_holds_no_rows_is_refused(self, cast: Cast, body: Any) -> None:
        answer = Api(cast.rep).post("opportunities/bulk/", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "rows_missing"


class TestChangingDeals:
    def test_each_at_its_version(self, cast: Cast, deal: Opportunity) -> None:
        other = cast.deals["Beech renewal"]
        rows = [
            {"id": deal.pk, "version": 1, "fields": {"amount": "7.00", "next_step": "Call"}},
            {"id": other.pk, "version": 1, "fields": {"close_on": "2026-06-29"}},
        ]
        answer = Api(cast.manager).patch("opportunities/bulk/", {"rows": rows})
        assert answer.status_code == 200
        assert answer.json()["results"] == [{"id": deal.pk, "version": 2}, {"id": other.pk, "version": 2}]
        with everything():
            deal.refresh_from_db()
            assert (deal.amount_minor, deal.next_step) == (700, "Call")
            assert history_of(deal).count() == 2

    def test_all_that_is_wrong_is_told(self, cast: Cast, deal: Opportunity) -> None:
        rows = [
            {"id": deal.pk, "version": 9, "fields": {"name": "stale"}},
            {"id": cast.deals["Cedar renewal"].pk, "version": 1, "fields": {"name": "not theirs"}},
            {"id": deal.pk, "version": 1},
            {"id": "x", "version": 1, "fields": {"name": "no id"}},
            {"id": deal.pk + 1000, "version": 1, "fields": {"amount": 5}},
            {"id": deal.pk + 1001, "version": 1, "fields": {"currency": "EUR"}},
        ]
        answer = Api(cast.rep).patch("opportunities/bulk/", {"rows": rows})
        assert {(index, field) for index, field, _code in errors(answer)} == {
            (0, ""), (1, ""), (2, "fields"), (3, "id"), (4, "amount"), (5, "amount"),
        }  # fmt: skip
        assert (0, "", "stale") in errors(answer)
        assert (1, "", "not_found") in errors(answer)
        with everything():
            deal.refresh_from_db()
            assert deal.version == 1

    def test_an_amount_is_what_the_products_come_to(self, cast: Cast, deal: Opportunity) -> None:
        put_servers(cast, deal.name)
        api = Api(cast.rep)
        rows = [{"id": deal.pk, "version": deal.version, "fields": {"amount": "5.00", "name": "Bigger"}}]
        wrong = api.patch("opportunities/bulk/", {"rows": rows})
        assert errors(wrong) == [(0, "amount", "amount_of_products")]
        rows[0]["fields"] = {"amount": "100000.00", "name": "Bigger"}
        right = api.patch("opportunities/bulk/", {"rows": rows}).json()
        assert right == {"results": [{"id": deal.pk, "version": deal.version + 1}]}
        told = api.get(f"opportunities/{deal.pk}/").json()
        assert (told["amount"], told["name"]) == ("100000.00", "Bigger")

    def test_own_fields_are_kept_too(self, cast: Cast, acting: Any, deal: Opportunity) -> None:
        with acting(cast.admin):
            add_own_field(by=cast.admin.pk, subject="opportunity", label="Seats", kind="number")
        api = Api(cast.rep)
        made = api.post("opportunities/bulk/", {"rows": [new(cast, own={"seats": "12.50"})]})
        rows = [{"id": deal.pk, "version": 1, "fields": {"own": {"seats": "7"}, "next_step": "Count"}}]
        assert api.patch("opportunities/bulk/", {"rows": rows}).status_code == 200
        with everything():
            opened = Opportunity.objects.get(pk=made.json()["results"][0]["id"])
            deal.refresh_from_db()
            assert (opened.own, deal.own, deal.next_step) == ({"seats": "12.5"}, {"seats": "7"}, "Count")

    def test_stages_move_along(self, cast: Cast, deal: Opportunity) -> None:
        lost = {"stage_id": cast.stages["Lost"].pk, "lost_reason": "Price"}
        rows = [{"id": deal.pk, "version": 1, "fields": lost}]
        assert Api(cast.rep).patch("opportunities/bulk/", {"rows": rows}).status_code == 200
        with everything():
            deal.refresh_from_db()
            assert (deal.state, deal.lost_reason) == ("lost", "Price")
            assert deal.visits.count() == 2
        won = {"stage_id": cast.stages["Won"].pk}
        other = cast.deals["Beech renewal"]
        rows = [{"id": other.pk, "version": 1, "fields": won}]
        answer = Api(cast.peer).patch("opportunities/bulk/", {"rows": rows})
        assert errors(answer) == [(0, "stage_id", "win_by_booking")]

    def test_a_new_owner_comes_with_the_reason(self, cast: Cast, deal: Opportunity) -> None:
        api = Api(cast.manager)
        body: dict[str, Any] = {
            "rows": [{"id": deal.pk, "version": 1, "fields": {"owner_id": cast.peer.pk}}],
        }
        assert errors(api.patch("opportunities/bulk/", body)) == [(0, "owner_id", "reason_needed")]
        wrong = api.patch("opportunities/bulk/", {**body, "reason": ["x"]})
        assert [(one["path"], wrong.status_code) for one in wrong.json()["errors"]] == [("reason", 422)]
        assert api.patch("opportunities/bulk/", {**body, "reason": "Rita leaves"}).status_code == 200
        with everything():
            deal.refresh_from_db()
            assert deal.owner_id == cast.peer.pk
            assert history_of(deal).order_by("pgh_id").last().pgh_context["why"] == "Rita leaves"

    def test_ten_thousand_and_no_more(self, cast: Cast) -> None:
        rows = [{"id": number, "version": 1, "fields": {"name": "x"}} for number in range(10_001)]
        answer = Api(cast.rep).patch("opportunities/bulk/", {"rows": rows})
        assert answer.json()["errors"][0]["code"] == "too_many"


class TestOthers:
    def test_accounts(self, cast: Cast) -> None:
        api = Api(cast.admin)
        made = api.post("accounts/bulk/", {"rows": [{"name": "Dogwood"}, {"name": "Elm", "town": "Oslo"}]})
        assert made.status_code == 201
        ids = [row["id"] for row in made.json()["results"]]
        rows = [{"id": pk, "version": 1, "fields": {"country": "NO"}} for pk in ids]
        assert api.patch("accounts/bulk/", {"rows": rows}).json()["results"] == [
            {"id": pk, "version": 2} for pk in ids
        ]
        bad = api.post("accounts/bulk/", {"rows": [{"name": "Fir"}, {"name": "Dogwood"}, {"name": "Acorn"}]})
        assert {(index, code) for index, _field, code in errors(bad)} == {
            (1, "account_exists"),
            (2, "account_exists"),
        }
        with everything():
            assert sorted(Account.objects.values_list("name", "country").filter(pk__in=ids)) == [
                ("Dogwood", "NO"),
                ("Elm", "NO"),
            ]
            assert not Account.objects.filter(name="Fir").exists()

    def test_contacts_one_by_one(self, cast: Cast) -> None:
        api, acorn = Api(cast.rep), cast.accounts["Acorn"].pk
        made = api.post("contacts/", {"account_id": acorn, "name": "Ann Ash", "email": "ann@ash.example"})
        assert (made.status_code, made.json()["account_id"]) == (201, acorn)
        path = f"contacts/{made.json()['id']}/"
        assert api.patch(path, {"title": "Buyer"}, If_Match="1").json()["version"] == 2
        assert api.patch(path, {"title": "Boss"}, If_Match="1").status_code == 412
        assert api.get(path).json()["title"] == "Buyer"
        assert [row["name"] for row in api.get(f"contacts/?account={acorn}").json()["results"]] == ["Ann Ash"]
        assert Api(cast.other_rep).get(path).status_code == 404
        assert Api(cast.other_rep).get("contacts/").json()["results"] == []

    def test_activities(self, cast: Cast) -> None:
        api, acorn = Api(cast.rep), cast.accounts["Acorn"].pk
        rows = [
            {
                "account_id": acorn,
                "kind": "call",
                "subject": f"Call {day}",
                "done": False,
                "due_on": f"2026-05-2{day}",
            }
            for day in (1, 2)
        ]
        ids = [row["id"] for row in api.post("activities/bulk/", {"rows": rows}).json()["results"]]
        done = [{"id": pk, "version": 1, "fields": {"outcome": "Reached"}} for pk in ids]
        assert api.patch("activities/bulk/", {"rows": done}).json()["results"] == [
            {"id": pk, "version": 2} for pk in ids
        ]
        assert {code for _index, _field, code in errors(api.patch("activities/bulk/", {"rows": done}))} == {
            "already_done"
        }

    def test_leads(self, cast: Cast) -> None:
        api = Api(cast.rep)
        rows = [{"name": f"Ann {number}", "email": f"ann{number}@example.com"} for number in range(3)]
        made = api.post("leads/bulk/", {"rows": rows})
        assert made.status_code == 201
        ids = [row["id"] for row in made.json()["results"]]
        changed = [{"id": pk, "version": 1, "fields": {"company": "Ash"}} for pk in ids]
        assert api.patch("leads/bulk/", {"rows": [*changed, changed[0]]}).status_code == 422
        assert api.patch("leads/bulk/", {"rows": changed}).status_code == 200
        with everything():
            assert Lead.objects.filter(company="Ash").count() == 3

    def test_changes_are_done_in_the_order_of_ids_and_answered_as_sent(self, cast: Cast) -> None:
        api = Api(cast.rep)
        named = [{"name": f"Ann {number}", "email": f"ann{number}@example.com"} for number in range(3)]
        made = api.post("leads/bulk/", {"rows": named})
        ids = [row["id"] for row in made.json()["results"]]
        sent = [ids[2], ids[0], ids[1]]
        rows = [{"id": pk, "version": 1, "fields": {"company": "Ash"}} for pk in sent]
        assert [row["id"] for row in api.patch("leads/bulk/", {"rows": rows}).json()["results"]] == sent
        with everything():
            written = history_of(Lead.objects.get(pk=ids[0])).model.objects.filter(company="Ash")
            assert list(written.order_by("pgh_id").values_list("pgh_obj_id", flat=True)) == sorted(ids)
        faults = errors(api.patch("leads/bulk/", {"rows": rows}))
        assert [(index, code) for index, _field, code in faults] == [(place, "stale") for place in range(3)]

    def test_five_hundred_at_once(self, cast: Cast) -> None:
        answer = Api(cast.rep).post("leads/bulk/", {"rows": [{"name": "Ann"}] * 501})
        assert answer.json()["errors"][0]["code"] == "too_many"
