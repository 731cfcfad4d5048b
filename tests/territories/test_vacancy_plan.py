"""The plan of a vacancy: reached from the gaps and from the territory, changed and taken back there."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from territories.models import Edge, Seat, Vacancy
from territories.services import end_seat, seat_person
from tests.cast import Cast
from tests.territories.test_vacancies import plan

URL, JUNE = reverse("vacancy_plan"), date(2026, 6, 1)


@pytest.fixture
def vacant(cast: Cast, acting: Any) -> Cast:
    """The cast, with nobody on East 1 from 1 June on."""
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=JUNE)
    return cast


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    facts = {"territory_id": cast.territories["East 1"].pk, "kind": "owner", "starts_on": "2026-06-01"}
    return {**facts, "planned_on": "2027-01-04", "ramp": "0 25 50 75 100", "reason": "new budget", **changes}


def test_a_gap_leads_to_its_plan_and_says_it_afterwards(vacant: Cast, browse: Any) -> None:
    client, east_1 = browse(vacant.admin), vacant.territories["East 1"].pk
    tree = client.get(reverse("territory_tree")).content.decode()
    link = f"{URL}?territory={east_1}&amp;kind=owner&amp;from=2026-06-01"
    assert link in tree
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert [form[name].value() for name in ("territory_id", "kind", "starts_on")] == [
        east_1,
        "owner",
        "2026-06-01",
    ]
    said = client.post(URL, typed(vacant), follow=True).content.decode()
    assert "The vacancy on East 1 is planned." in said
    assert "owner: vacant from Jun 1, 2026, planned from Jan 4, 2027, ramp 0/25/50/75/100" in said
    tree = client.get(reverse("territory_tree")).content.decode()
    assert "vacant, planned from Jan 4, 2027, ramp 0/25/50/75/100" in " ".join(tree.split())
    assert link not in tree


def test_a_seat_is_open_from_the_first_day_on_which_nobody_sits_there(
    vacant: Cast, browse: Any, acting: Any
) -> None:
    """Nobody sits on East 1 since 1 April; until July Paul does; West is led until 1 July, and by nobody then."""
    client, east_1, west = (
        browse(vacant.admin),
        *(vacant.territories[name].pk for name in ("East 1", "West")),
    )
    with acting(vacant.admin):
        Seat.objects.current().get(user=vacant.rep).replaced(stops_on=date(2026, 4, 1))
        lead = Seat.objects.current().get(territory=west)
        end_seat(by=vacant.admin.pk, seat_id=lead.pk, stops_on=date(2026, 7, 1))

    def proposed(**query: Any) -> list[Any]:
        form = client.get(URL, query).context["form"]
        return [form[name].value() for name in ("kind", "starts_on")]

    assert proposed(territory=east_1, kind="owner", **{"from": "2026-05-20"}) == ["owner", "2026-04-01"]
    assert proposed(territory=east_1) == ["owner", "2026-04-01"]
    assert proposed(territory=west) == ["lead", "2026-07-01"]
    assert proposed(territory=vacant.territories["East"].pk) == ["lead", "2026-05-21"]
    assert proposed(territory=999_999) == ["owner", "2026-05-21"]
    assert proposed() == ["owner", "2026-05-21"]
    with acting(vacant.admin):
        Edge.objects.current().get(child=east_1).replaced(starts_on=date(2026, 5, 1))
    assert proposed(territory=east_1) == ["owner", "2026-05-01"]


def test_a_plan_without_a_day_says_so(vacant: Cast, browse: Any) -> None:
    client = browse(vacant.admin)
    said = client.post(URL, typed(vacant, planned_on="", ramp=""), follow=True).content.decode()
    assert "owner: vacant from Jun 1, 2026, nobody planned yet" in said
    assert "vacant, nobody planned yet" in client.get(reverse("territory_tree")).content.decode()


def test_a_gap_says_who_covers(vacant: Cast, browse: Any, acting: Any) -> None:
    with acting(vacant.admin):
        facts = {"user_id": vacant.peer.pk, "territory_id": vacant.territories["East 1"].pk, "kind": "cover"}
        seat_person(by=vacant.admin.pk, **facts, starts_on=JUNE, stops_on=date(2026, 7, 1))
    text = browse(vacant.rep).get(reverse("territory_tree")).content.decode()
    assert "covered by Paul Peer until Jul 1, 2026" in text
    assert URL not in text


def test_seating_somebody_proposes_what_was_planned(vacant: Cast, browse: Any, acting: Any) -> None:
    client, east_1 = browse(vacant.admin), vacant.territories["East 1"].pk
    client.post(URL, typed(vacant))
    form = client.get(reverse("seat_create"), {"territory": east_1}).context["form"]
    assert [form[name].value() for name in ("kind", "starts_on", "ramp")] == [
        "owner",
        "2027-01-04",
        "0 25 50 75 100",
    ]
    lead = client.get(reverse("seat_create"), {"territory": east_1, "kind": "lead"}).context["form"]
    assert [lead[name].value() for name in ("kind", "starts_on", "ramp")] == ["lead", "2026-05-21", None]
    seat = {"user_id": vacant.peer.pk, "territory_id": east_1, "kind": "owner", "starts_on": "2026-07-01"}
    assert client.post(reverse("seat_create"), seat).status_code == 302
    with acting(vacant.admin):
        assert Vacancy.objects.current().get().stops_on == date(2026, 7, 1)


def test_a_plan_whose_day_has_passed_proposes_tomorrow(vacant: Cast, browse: Any, acting: Any) -> None:
    with acting(vacant.admin):
        Seat.objects.current().get(user=vacant.rep).replaced(stops_on=date(2026, 5, 1))
        plan(vacant, starts_on=date(2026, 5, 1), planned_on=None, ramp="")
    east_1 = vacant.territories["East 1"].pk
    form = browse(vacant.admin).get(reverse("seat_create"), {"territory": east_1}).context["form"]
    assert form["starts_on"].value() == "2026-05-21"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"planned_on": "2026-06-01"}, "planned_on"),
        ({"ramp": "100 50"}, "ramp"),
        ({"starts_on": "2026-05-21"}, "starts_on"),
        ({"kind": "overlay"}, "kind"),
        ({"territory_id": ""}, "territory_id"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    vacant: Cast, browse: Any, changes: dict[str, Any], path: str
) -> None:
    answer = browse(vacant.admin).post(URL, typed(vacant, **changes))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [path]


def test_what_the_address_may_not_say(vacant: Cast, browse: Any) -> None:
    client = browse(vacant.admin)
    for query in ({"kind": "cover"}, {"from": "1.6.2026"}, {"territory": "x"}):
        assert client.get(URL, query).status_code == 400
    assert client.get(reverse("seat_create"), {"kind": "boss"}).status_code == 400
