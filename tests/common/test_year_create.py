"""A new fiscal year: whole, from the organisation's start month, beside the years that there are."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common import services
from common.errors import Forbidden, Refused
from common.models import Organisation, Period
from tests.cast import Cast

CREATE = reverse("year_create")


def the_year_after_the_last(cast: Cast, acting: Any) -> int:
    with acting(cast.admin):
        last = Period.objects.filter(kind="year").order_by("-starts_on").first()
        assert last is not None
        return int(last.stops_on.year)


def test_the_next_year_is_proposed_and_added_whole(cast: Cast, browse: Any, acting: Any) -> None:
    year = the_year_after_the_last(cast, acting)
    client = browse(cast.admin)
    assert client.get(CREATE).context["form"]["year"].value() == str(year)
    assert client.post(CREATE, {"year": str(year)}).status_code == 302
    with acting(cast.admin):
        whole = Period.objects.get(code=str(year))
        assert (whole.starts_on, whole.stops_on) == (date(year, 1, 1), date(year + 1, 1, 1))
        assert [part.code for part in whole.parts.all()] == [f"{year}-Q{n}" for n in (1, 2, 3, 4)]
        months = Period.objects.get(code=f"{year}-Q1").parts.all()
        assert [month.code for month in months] == [f"{year}-01", f"{year}-02", f"{year}-03"]


def test_a_year_that_overlaps_is_explained(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(CREATE, {"year": "2026"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"year": ["The fiscal year 2026 already covers these days."]}


def test_a_year_that_starts_in_april_takes_the_next_calendar_years_spring(cast: Cast, acting: Any) -> None:
    year = the_year_after_the_last(cast, acting)
    with acting(cast.admin):
        Organisation.objects.update(fiscal_start_month=4)
        services.create_year(by=cast.admin.pk, year=year)
        last = Period.objects.get(code=f"{year}-Q4")
        assert (last.starts_on, last.last_day) == (date(year + 1, 1, 1), date(year + 1, 3, 31))
        with pytest.raises(Refused):
            services.create_year(by=cast.admin.pk, year=year - 1)


def test_a_year_may_be_named_after_its_end(cast: Cast, browse: Any, acting: Any) -> None:
    year = the_year_after_the_last(cast, acting)
    with acting(cast.admin):
        Organisation.objects.update(fiscal_start_month=4, fiscal_label="end")
    answer = browse(cast.admin).get(CREATE)
    assert "The year in which it ends." in answer.content.decode()
    with acting(cast.admin):
        whole = services.create_year(by=cast.admin.pk, year=year + 1)
        assert (whole.code, whole.starts_on) == (str(year + 1), date(year, 4, 1))
        first = Period.objects.get(code=f"{year + 1}-Q1")
        assert (first.starts_on, first.last_day) == (date(year, 4, 1), date(year, 6, 30))


def test_only_administrators_add_a_year(cast: Cast, browse: Any, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(CREATE).status_code == client.post(CREATE, {"year": "2040"}).status_code == 403
        with acting(person), pytest.raises(Forbidden):
            services.create_year(by=person.pk, year=2040)


def test_a_year_of_weeks_follows_one_of_months_and_old_years_keep_their_table(
    cast: Cast, browse: Any, acting: Any
) -> None:
    year = the_year_after_the_last(cast, acting)  # 2036
    with acting(cast.admin):
        before = list(Period.objects.order_by("pk").values_list())
        company = Organisation.objects.get()
        services.edit_organisation(
            by=cast.admin.pk,
            version=company.version,
            calendar="4-5-4",
            year_ends="nearest",
            year_end_weekday=5,
        )
    client = browse(cast.admin)
    preview = client.get(reverse("year_preview"), {"year": str(year)}).content.decode()
    assert "2036 would be" in preview
    assert "Jan 1, 2036 – Jan 3, 2037" in preview
    assert "53 weeks" in preview
    assert client.post(CREATE, {"year": str(year)}).status_code == 302
    with acting(cast.admin):
        assert list(Period.objects.exclude(code__startswith="2036").order_by("pk").values_list()) == before
        whole = Period.objects.get(code="2036")
        assert (whole.calendar, whole.starts_on, whole.last_day) == (
            "4-5-4 nearest 5",
            date(2036, 1, 1),
            date(2037, 1, 3),
        )
        months = Period.objects.filter(kind="month", parent__parent=whole)
        assert [month.code for month in months][:2] == ["2036-M01", "2036-M02"]
        assert [month.parts.count() for month in months] == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5]
        weeks = list(Period.objects.filter(kind="week"))
        assert (len(weeks), weeks[0].code, weeks[-1].code) == (53, "2036-W01", "2036-W53")
        # The year before ended on Monday 31 December 2035: the first week is as short as it takes.
        assert (weeks[0].starts_on, weeks[0].last_day) == (date(2036, 1, 1), date(2036, 1, 5))
        company = Organisation.objects.get()
        services.edit_organisation(by=cast.admin.pk, version=company.version, calendar="months")
        after = services.create_year(by=cast.admin.pk, year=2037)
        first = Period.objects.get(code="2037-01")
        assert (after.calendar, first.starts_on, first.last_day) == (
            "months",
            date(2037, 1, 4),
            date(2037, 1, 31),
        )


def test_a_preview_shows_settings_that_are_not_saved(cast: Cast, browse: Any, acting: Any) -> None:
    typed = {"calendar": "4-4-5", "year_ends": "last", "year_end_weekday": "4"}
    text = browse(cast.admin).get(reverse("year_preview"), typed).content.decode()
    assert "2036-Q1" in text
    assert "52 weeks" in text or "53 weeks" in text
    with acting(cast.admin):
        assert Organisation.objects.get().calendar == "months"
    assert browse(cast.admin).get(reverse("year_preview"), {"calendar": "6-6-1"}).content == b""
