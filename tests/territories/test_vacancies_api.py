"""Plans for empty seats, and seats that change, over the API."""

from typing import Any

import pytest

from territories.models import Seat
from tests.calls import Api, count, faults
from tests.cast import Cast

JUNE, JULY = "2026-06-01", "2026-07-01"


def wish(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"territory_id": cast.territories["Company"].pk, "kind": "lead", "starts_on": JUNE, **more}


class TestPlanning:
    def test_a_plan_is_made_changed_and_dropped(self, cast: Cast) -> None:
        api = Api(cast.admin)
        answer = api.post("vacancies/", wish(cast, planned_on=JULY, ramp="50 100", reason="search"))
        assert answer.status_code == 201
        made = answer.json()
        assert made == {
            "id": made["id"],
            **wish(cast),
            "planned_on": JULY,
            "ramp": "50 100",
            "reason": "search",
        }
        [gap] = api.get(f"vacancies/?on={JUNE}").json()["results"]
        assert (gap["vacancy_id"], gap["planned_on"], gap["ramp"]) == (made["id"], JULY, "50 100")
        path = f"vacancies/{made['id']}/"
        changed = api.post(f"{path}change/", {"starts_on": JUNE, "reason": "nobody yet"}).json()
        assert (changed["planned_on"], changed["ramp"], changed["id"] != made["id"]) == (None, "", True)
        late = api.post(f"{path}change/", {"starts_on": JUNE})
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        dropped = api.post(f"vacancies/{changed['id']}/drop/", {"reason": "no need"})
        assert (dropped.status_code, dropped.json()["id"]) == (200, changed["id"])
        [gap] = api.get(f"vacancies/?on={JUNE}").json()["results"]
        assert gap["vacancy_id"] is None

    @pytest.mark.parametrize(
        ("more", "code", "at"),
        [
            ({"kind": "cover"}, "unknown_choice", "kind"),
            ({"planned_on": JUNE}, "vacancy_ordered", "planned_on"),
            ({"ramp": "fast"}, "ramp", "ramp"),
            ({"territory_id": 987654321}, "refused", "territory_id"),
            ({"stops_on": JULY}, "unknown_field", "stops_on"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, cast: Cast, owner: Any, more: dict[str, Any], code: str, at: str
    ) -> None:
        answer = Api(cast.admin).post("vacancies/", wish(cast, **more))
        assert (answer.status_code, faults(answer)) == (422, [(code, at)])
        assert count(owner, "territories_vacancy") == [0]

    def test_a_seat_that_somebody_has_is_not_planned_for(self, cast: Cast) -> None:
        body = wish(cast, territory_id=cast.territories["East"].pk)
        answer = Api(cast.admin).post("vacancies/", body)
        assert (answer.status_code, faults(answer)) == (422, [("seat_taken", "starts_on")])

    @pytest.mark.parametrize("who", ["rep", "director", "executive"])
    def test_others_only_read(self, cast: Cast, who: str) -> None:
        made, api = Api(cast.admin).post("vacancies/", wish(cast)).json(), Api(getattr(cast, who))
        path = f"vacancies/{made['id']}/"
        assert api.post("vacancies/", wish(cast)).status_code == 403
        assert api.post(f"{path}change/", {"starts_on": JULY}).status_code == 403
        assert api.post(f"{path}drop/", {}).status_code == 403

    def test_one_that_never_was_is_not_found(self, cast: Cast) -> None:
        for act in ("change", "drop"):
            assert Api(cast.admin).post(f"vacancies/987654321/{act}/", {}).status_code == 404


class TestChangingSeats:
    def test_a_person_sits_elsewhere_from_a_day_on(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            seat = Seat.objects.current().get(user=cast.rep).pk
        api, company = Api(cast.admin), cast.territories["Company"].pk
        body = {"territory_id": company, "kind": "overlay", "starts_on": JUNE, "share": "50"}
        answer = api.post(f"seats/{seat}/change/", body)
        assert answer.status_code == 200
        made = answer.json()
        rest = {"ramp": "", "stops_on": None, "reason": ""}
        assert made == {"id": made["id"], "person_id": cast.rep.pk, **body, **rest}
        rows = api.get(f"seats/?person={cast.rep.pk}&on={JUNE}").json()["results"]
        assert rows == [made]
        again = api.post(f"seats/{seat}/change/", body)
        assert again.status_code == 404
        same = api.post(f"seats/{made['id']}/change/", body)
        assert (same.status_code, faults(same)) == (422, [("refused", "territory_id")])
        assert Api(cast.director).post(f"seats/{made['id']}/change/", body).status_code == 403
