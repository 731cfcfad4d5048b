"""Seats pass to others over the API: what goes with one, the hand-over, and open work that stays after all."""

from datetime import date
from typing import Any

import pytest

from quotas.models import Quota
from quotas.services import set_quota
from territories.models import Seat
from tests.calls import Api, count, faults
from tests.cast import Cast
from tests.orders.test_book import order_of

TODAY, JUNE, JULY = "2026-05-20", "2026-06-01", "2026-07-01"


@pytest.fixture
def seat(cast: Cast, acting: Any) -> int:
    """Rita's seat on East 1."""
    with acting(cast.admin):
        return int(Seat.objects.current().get(user=cast.rep).pk)


def wish(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"successor_id": cast.manager.pk, "starts_on": JUNE, **more}


class TestPreview:
    def test_it_says_what_the_page_says(self, cast: Cast, acting: Any, browse: Any, seat: int) -> None:
        with acting(cast.admin):
            asked = {"period_id": cast.q2.pk, "person_id": cast.rep.pk}
            quota = set_quota(by=cast.admin.pk, amount_minor=100_000_00, **asked)
        found = Api(cast.admin).get(f"seats/{seat}/hand-over/").json()
        deal = cast.deals["Acorn renewal"]
        assert found == {
            "accounts": 1,
            "leads": 0,
            "activities": 0,
            "work": [
                {
                    "person_id": cast.rep.pk,
                    "deals": 1,
                    "sums": [{"currency": deal.currency, "amount": f"{deal.amount_minor / 100:.2f}"}],
                }
            ],
            "quotas": [{"id": quota.pk, "period_id": cast.q2.pk, "family_id": None, "amount": "100000.00"}],
        }
        goes = browse(cast.admin).get(f"/territories/seats/{seat}/hand-over/").context["goes"]
        assert (goes.accounts, goes.work[0].deals, goes.quotas[0].pk) == (1, 1, quota.pk)

    def test_it_is_the_administrator_s(self, cast: Cast, seat: int) -> None:
        for person in (cast.rep, cast.director, cast.executive):
            assert Api(person).get(f"seats/{seat}/hand-over/").status_code == 403
            assert Api(person).post(f"seats/{seat}/hand-over/", wish(cast)).status_code == 403


class TestEffect:
    """What a seat in the past changes, before it is recorded."""

    def test_it_says_whose_credit_deals_and_quota_it_concerns(
        self, cast: Cast, acting: Any, seat: int
    ) -> None:
        with acting(cast.admin):
            for person in (cast.rep, cast.peer):
                asked = {"period_id": cast.q2.pk, "person_id": person.pk, "amount_minor": 910_00}
                set_quota(by=cast.admin.pk, **asked)
            facts = {
                "by": cast.admin,
                "booked_on": date(2026, 5, 4),
                "amount": 500_00,
                "owner_id": cast.rep.pk,
            }
            order = order_of(cast, "Acorn", **facts)
            ids = {
                row.person_id: row.pk
                for row in Quota.objects.current().filter(person__in=[cast.rep, cast.peer])
            }
        query = f"act=hand_over&seat={seat}&person={cast.manager.pk}&starts_on=2026-05-01&quota=territory"
        answer = Api(cast.admin).get(f"seats/effect/?{query}")
        assert answer.status_code == 200
        east = cast.territories["East 1"].pk
        share = {"from_person_id": cast.rep.pk, "from_territory_id": east, "amount": "500.00"}
        deal = cast.deals["Acorn renewal"]
        assert answer.json() == {
            "orders": [
                {
                    "order_id": order.pk,
                    "number": order.number,
                    "account_id": cast.accounts["Acorn"].pk,
                    "booked_on": "2026-05-04",
                    "currency": order.currency,
                    "closed": "",
                    "is_waiting": False,
                    "shares": [share | {"to_person_id": cast.manager.pk, "to_territory_id": east}],
                }
            ],
            "more": 0,
            "work": [
                {
                    "person_id": cast.rep.pk,
                    "deals": 1,
                    "sums": [{"currency": deal.currency, "amount": f"{deal.amount_minor / 100:.2f}"}],
                }
            ],
            "quotas": [
                {
                    "id": ids[cast.rep.pk],
                    "person_id": cast.rep.pk,
                    "period_id": cast.q2.pk,
                    "family_id": None,
                    "amount": "910.00",
                }
            ],
            "quota_goes": [{"period_id": cast.q2.pk, "family_id": None, "goes": "610.00", "stays": "300.00"}],
        }
        with acting(cast.admin):
            assert Seat.objects.current().get(user=cast.rep).pk == seat

    def test_a_new_seat_in_the_past_touches_what_stands_elsewhere(self, cast: Cast) -> None:
        west = cast.territories["West 1"].pk
        query = f"act=seat&person={cast.rep.pk}&territory={west}&kind=overlay&starts_on=2026-04-01"
        found = Api(cast.admin).get(f"seats/effect/?{query}").json()
        assert (found["orders"], found["quotas"], found["quota_goes"]) == ([], [], [])
        assert [work["person_id"] for work in found["work"]] == [cast.other_rep.pk]

    def test_it_is_the_administrator_s(self, cast: Cast, seat: int) -> None:
        query = f"act=hand_over&seat={seat}&person={cast.peer.pk}&starts_on=2026-05-01"
        for person in (cast.rep, cast.director, cast.executive):
            assert Api(person).get(f"seats/effect/?{query}").status_code == 403

    @pytest.mark.parametrize(
        ("query", "status", "at"),
        [
            ("act=gift&starts_on=2026-05-01", 400, "act"),
            ("act=seat&starts_on=1.5.2026", 400, "starts_on"),
            ("act=hand_over&seat=x&starts_on=2026-05-01", 400, "seat"),
            ("act=hand_over&seat=987654321&starts_on=2026-05-01", 404, ""),
            ("act=seat&person=987654321&territory=1&kind=owner&starts_on=2026-05-01", 404, ""),
            ("act=seat&kind=&starts_on=2026-05-01", 422, ""),
            ("act=seat&starts_on=2026-05-01&colour=red", 400, "colour"),
            ("act=hand_over&starts_on=2026-05-01&quota=accounts", 400, "quota"),
        ],
    )
    def test_what_does_not_fit_is_named(self, cast: Cast, query: str, status: int, at: str) -> None:
        answer = Api(cast.admin).get(f"seats/effect/?{query}")
        assert (answer.status_code, [path for _code, path in faults(answer)]) == (status, [at])


class TestHandingOver:
    def test_quota_follows_the_territory_where_it_is_said(self, cast: Cast, acting: Any, seat: int) -> None:
        with acting(cast.admin):
            asked = {"period_id": cast.q2.pk, "person_id": cast.rep.pk}
            set_quota(by=cast.admin.pk, amount_minor=910_00, **asked)
        answer = Api(cast.admin).post(f"seats/{seat}/hand-over/", wish(cast, quota="territory"))
        assert answer.status_code == 201
        with acting(cast.admin):
            rows = Quota.objects.current().values_list("person__name", "amount_minor")
            assert dict(rows) == {"Rita Rep": 610_00, "Mona Manager": 300_00}

    def test_the_old_seat_ends_the_new_one_begins_and_work_passes_that_day(
        self, cast: Cast, seat: int
    ) -> None:
        api, east = Api(cast.admin), cast.territories["East 1"].pk
        answer = api.post(f"seats/{seat}/hand-over/", wish(cast, reason="moves on"))
        assert answer.status_code == 201
        made = answer.json()
        assert (made["seat"]["person_id"], made["seat"]["kind"], made["seat"]["starts_on"]) == (
            cast.manager.pk,
            "owner",
            JUNE,
        )
        work = made["work"]
        assert work == {
            "id": work["id"],
            "version": 1,
            "territory_id": east,
            "kind": "owner",
            "from_id": cast.rep.pk,
            "to_id": cast.manager.pk,
            "passes_on": JUNE,
            "state": "planned",
            "deals": 0,
            "activities": 0,
        }
        rows = api.get(f"seats/?territory={east}&on={JUNE}").json()["results"]
        assert [row["person_id"] for row in rows] == [cast.manager.pk]
        assert api.get(f"hand-overs/?person={cast.rep.pk}").json()["results"] == [work]
        assert api.get(f"hand-overs/?person={cast.peer.pk}").json()["results"] == []
        dropped = api.post(f"hand-overs/{work['id']}/drop/", {}, If_Match="1")
        assert (dropped.status_code, dropped.json()["state"]) == (200, "dropped")
        late = api.post(f"hand-overs/{work['id']}/drop/", {}, If_Match="2")
        assert (late.status_code, faults(late)) == (409, [("not_planned", "")])

    def test_today_it_passes_at_once(self, cast: Cast, seat: int) -> None:
        api = Api(cast.admin)
        work = api.post(f"seats/{seat}/hand-over/", wish(cast, starts_on=TODAY)).json()["work"]
        assert (work["state"], work["deals"], work["activities"]) == ("done", 1, 0)
        deal = api.get(f"opportunities/{cast.deals['Acorn renewal'].pk}/").json()
        assert deal["owner_id"] == cast.manager.pk

    def test_for_a_time_they_cover_and_work_may_stay(self, cast: Cast, seat: int) -> None:
        body = wish(cast, stops_on=JULY, takes_work=False)
        made = Api(cast.admin).post(f"seats/{seat}/hand-over/", body).json()
        assert (made["seat"]["kind"], made["seat"]["stops_on"], made["work"]) == ("cover", JULY, None)

    @pytest.mark.parametrize(
        ("more", "code", "at"),
        [
            ({"successor_id": 987654321}, "refused", "successor_id"),
            ({"starts_on": "2024-12-31"}, "date_range", "starts_on"),
            ({"takes_work": 1}, "flag", "takes_work"),
            ({"stops_on": JUNE}, "seat_ordered", "stops_on"),
            ({"quota": "accounts"}, "unknown_choice", "quota"),
            ({"quota": "territory", "stops_on": JULY}, "quota_stays", "quota"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, seat: int, more: dict[str, Any], code: str, at: str
    ) -> None:
        before = count(owner, "territories_seat", "planning_handover")
        answer = Api(cast.admin).post(f"seats/{seat}/hand-over/", wish(cast, **more))
        assert (answer.status_code, faults(answer)) == (422, [(code, at)])
        assert count(owner, "territories_seat", "planning_handover") == before

    def test_one_that_never_was_is_not_found(self, cast: Cast) -> None:
        api = Api(cast.admin)
        assert api.post("seats/987654321/hand-over/", wish(cast)).status_code == 404
        assert api.post("hand-overs/987654321/drop/", {}, If_Match="1").status_code == 404
        assert Api(cast.director).get("hand-overs/").status_code == 403
