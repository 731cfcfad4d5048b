"""Seats over the API: who sits where on a day, seating and ending, and the seats that nobody has."""

from datetime import date
from typing import Any

import pytest

from territories.models import Seat
from territories.services import plan_vacancy
from tests.calls import Api, count, faults, message
from tests.cast import Cast

JUNE = "2026-06-01"


def seat_of(cast: Cast, who: str, acting: Any) -> int:
    with acting(cast.admin):
        return int(Seat.objects.current().get(user=getattr(cast, who)).pk)


def wish(cast: Cast, **more: Any) -> dict[str, Any]:
    """Paul helps on West 1 from June on."""
    ids = {"person_id": cast.peer.pk, "territory_id": cast.territories["West 1"].pk}
    return {**ids, "kind": "overlay", "starts_on": JUNE, **more}


class TestReading:
    def test_a_seat_is_shown_whole(self, cast: Cast, acting: Any) -> None:
        answer = Api(cast.rep).get(f"seats/?person={cast.rep.pk}")
        assert answer.json() == {
            "results": [
                {
                    "id": seat_of(cast, "rep", acting),
                    "person_id": cast.rep.pk,
                    "territory_id": cast.territories["East 1"].pk,
                    "kind": "owner",
                    "share": "100",
                    "ramp": "",
                    "starts_on": "2025-01-01",
                    "stops_on": None,
                    "reason": "",
                }
            ],
            "after": None,
        }

    def test_seats_of_a_day_a_territory_a_person(self, cast: Cast) -> None:
        api, node = Api(cast.rep), cast.territories["East 1"].pk
        assert len(api.get("seats/").json()["results"]) == 7
        assert api.get("seats/?on=2024-12-31").json()["results"] == []
        rows = api.get(f"seats/?territory={node}").json()["results"]
        assert [row["person_id"] for row in rows] == [cast.rep.pk]
        assert api.get(f"seats/?territory={node}&person={cast.peer.pk}").json()["results"] == []

    @pytest.mark.parametrize("query", ["territory=East", "person=-1", "on=1", "kind=owner"])
    def test_a_filter_that_is_none_is_refused(self, cast: Cast, query: str) -> None:
        assert Api(cast.rep).get(f"seats/?{query}").status_code == 400


class TestSeating:
    def test_a_person_is_seated_with_share_and_ramp(self, cast: Cast) -> None:
        body = wish(cast, share="40.5", ramp="0 50 100", stops_on="2026-09-01", reason="helps out")
        answer = Api(cast.admin).post("seats/", body)
        assert answer.status_code == 201
        made = answer.json()
        assert made == {"id": made["id"], **body}
        rows = Api(cast.rep).get(f"seats/?person={cast.peer.pk}&on={JUNE}").json()["results"]
        assert made in rows

    def test_a_second_owner_is_refused_and_the_first_named(self, cast: Cast, owner: Any) -> None:
        before = count(owner, "territories_seat")
        answer = Api(cast.admin).post("seats/", wish(cast, kind="owner"))
        assert (answer.status_code, faults(answer)) == (422, [("seat_one_owner", "starts_on")])
        assert "Oscar Other" in message(answer)
        assert count(owner, "territories_seat") == before

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("person_id", 987654321, "refused"),
            ("territory_id", 987654321, "refused"),
            ("kind", "guest", "unknown_choice"),
            ("share", 40, "share_format"),
            ("share", "0", "seat_share"),
            ("ramp", "fast", "ramp"),
            ("stops_on", JUNE, "seat_ordered"),
            ("user_id", 4, "unknown_field"),
        ],
    )
    def test_what_does_not_fit_is_named(self, cast: Cast, field: str, value: Any, code: str) -> None:
        answer = Api(cast.admin).post("seats/", wish(cast, **{field: value}))
        assert (answer.status_code, faults(answer)) == (422, [(code, field)])

    @pytest.mark.parametrize("who", ["rep", "director", "other_director"])
    def test_others_only_read(self, cast: Cast, acting: Any, who: str) -> None:
        api = Api(getattr(cast, who))
        end = f"seats/{seat_of(cast, 'other_rep', acting)}/end/"
        assert api.post("seats/", wish(cast)).status_code == 403
        assert api.post(end, {"stops_on": JUNE}).status_code == 403


class TestEnding:
    def test_a_seat_ends_and_is_ended_once(self, cast: Cast, acting: Any) -> None:
        api, seat = Api(cast.admin), seat_of(cast, "other_rep", acting)
        answer = api.post(f"seats/{seat}/end/", {"stops_on": JUNE, "reason": "leaves"})
        assert answer.status_code == 200
        ended = answer.json()["seat"]
        assert (ended["stops_on"], ended["reason"], ended["starts_on"]) == (JUNE, "leaves", "2025-01-01")
        again = api.post(f"seats/{seat}/end/", {"stops_on": JUNE})
        assert (again.status_code, faults(again)) == (412, [("stale", "")])

    def test_one_that_has_not_begun_is_taken_back(self, cast: Cast) -> None:
        api = Api(cast.admin)
        seat = api.post("seats/", wish(cast)).json()["id"]
        assert api.post(f"seats/{seat}/end/", {"stops_on": JUNE}).json() == {"seat": None}

    def test_one_that_never_was_is_not_found(self, cast: Cast) -> None:
        assert Api(cast.admin).post("seats/987654321/end/", {"stops_on": JUNE}).status_code == 404


class TestVacancies:
    def test_a_seat_that_nobody_has_tells_who_covers_and_who_is_to_come(
        self, cast: Cast, acting: Any
    ) -> None:
        api = Api(cast.admin)
        # Nobody leads the company: the only seat that is vacant from the start.
        company = cast.territories["Company"].pk
        empty: dict[str, Any] = {"covered_by": [], "vacancy_id": None, "planned_on": None, "ramp": ""}
        assert Api(cast.rep).get("vacancies/").json()["results"] == [
            {"territory_id": company, "kind": "lead", **empty}
        ]
        api.post(f"seats/{seat_of(cast, 'other_rep', acting)}/end/", {"stops_on": JUNE})
        api.post("seats/", wish(cast, kind="cover", stops_on="2026-07-01"))
        rows = api.get(f"vacancies/?on={JUNE}").json()["results"]
        west = cast.territories["West 1"].pk
        assert rows[1] == {**empty, "territory_id": west, "kind": "owner", "covered_by": [cast.peer.pk]}

    def test_a_plan_is_named(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            days = {"starts_on": date(2026, 5, 20), "planned_on": date(2026, 8, 1)}
            company = cast.territories["Company"].pk
            plan = plan_vacancy(by=cast.admin.pk, territory_id=company, kind="lead", ramp="50 100", **days)
        [row] = Api(cast.rep).get("vacancies/").json()["results"]
        found = (row["vacancy_id"], row["planned_on"], row["ramp"])
        assert found == (plan.pk, "2026-08-01", "50 100")
