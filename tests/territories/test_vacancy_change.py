"""A planned vacancy is planned otherwise, or taken back."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from territories.models import Seat, Vacancy
from territories.services import end_seat
from tests.cast import Cast
from tests.territories.test_vacancies import plan

JUNE = date(2026, 6, 1)


@pytest.fixture
def planned(cast: Cast, acting: Any) -> Vacancy:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=JUNE)
        return plan(cast)


def test_the_form_holds_what_is_planned(cast: Cast, browse: Any, planned: Vacancy) -> None:
    form = browse(cast.admin).get(reverse("vacancy_change", args=[planned.pk])).context["form"]
    assert [form[name].value() for name in ("starts_on", "planned_on", "ramp", "reason")] == [
        "2026-06-01",
        "2027-01-04",
        "0 25 50 75 100",
        "new budget",
    ]


def test_it_is_planned_otherwise(cast: Cast, browse: Any, acting: Any, planned: Vacancy) -> None:
    client, url = browse(cast.admin), reverse("vacancy_change", args=[planned.pk])
    typed = {"starts_on": "2026-07-01", "planned_on": "", "ramp": "", "reason": ""}
    text = client.post(url, typed, follow=True).content.decode()
    assert "owner: vacant from Jul 1, 2026, nobody planned yet" in text
    assert client.post(url, typed).status_code == 412
    with acting(cast.admin):
        assert Vacancy.objects.current().get().starts_on == date(2026, 7, 1)
    early = client.post(
        reverse("vacancy_change", args=[_standing(cast, acting)]), {**typed, "starts_on": "2026-05-21"}
    )
    assert list(early.context["form"].errors) == ["starts_on"]


def _standing(cast: Cast, acting: Any) -> int:
    with acting(cast.admin):
        return int(Vacancy.objects.current().get().pk)


def test_it_is_taken_back(cast: Cast, browse: Any, acting: Any, planned: Vacancy) -> None:
    client, url = browse(cast.admin), reverse("vacancy_drop", args=[planned.pk])
    assert "owner of East 1, open from Jun 1, 2026" in client.get(url).content.decode()
    text = client.post(url, {"reason": "no budget"}, follow=True).content.decode()
    assert "The plan is taken back." in text
    assert client.post(url, {"reason": ""}).status_code == 412
    with acting(cast.admin):
        assert not Vacancy.objects.current().exists()
    assert client.get(reverse("vacancy_drop", args=[999_999])).status_code == 404


def test_others_may_not(cast: Cast, browse: Any, planned: Vacancy) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        for name in ("vacancy_change", "vacancy_drop"):
            assert browse(person).post(reverse(name, args=[planned.pk]), {}).status_code == 403
