"""The fiscal calendar: years from the organisation's start month, periods closed once they ended."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common import services
from common.errors import Conflict, Forbidden, Refused, Stale
from common.models import Organisation, Period
from tests.cast import Cast

URL, CREATE = reverse("calendar"), reverse("year_create")


def test_the_years_with_their_quarters_and_months(cast: Cast, browse: Any) -> None:
    text = browse(cast.admin).get(URL).content.decode()
    assert "2026-Q2" in text
    assert "running" in text
    assert "2027-Q4" in text
    assert "Apr 1, 2026 – Jun 30, 2026" in text


def test_an_administrator_is_offered_the_acts(cast: Cast, browse: Any) -> None:
    text = browse(cast.admin).get(URL).content.decode()
    assert CREATE in text
    assert reverse("period_close", args=[cast.q1.pk]) in text
    assert reverse("period_close", args=[cast.q2.pk]) not in text  # it still runs


def the_year_after_the_last(cast: Cast, acting: Any) -> int:
    with acting(cast.admin):
        last = Period.objects.filter(kind="year").order_by("-starts_on").first()
        assert last is not None
        return int(last.stops_on.year)


def test_the_next_year_is_proposed_and_added_whole(cast: Cast, browse: Any, acting: Any) -> None:
    year = the_year_after_the_last(cast, acting)
    client = browse(cast.admin)
    assert client.get(CREATE).context["form"]["year"].value() == year
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


def close(client: Any, period: Period, version: int = 1) -> Any:
    return client.post(reverse("period_close", args=[period.pk]), {"version": str(version)})


def test_closing_a_quarter_closes_its_months(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert close(client, cast.q1).status_code == 302
    with acting(cast.admin):
        closed = Period.objects.filter(is_closed=True).order_by("code").values_list("code", flat=True)
        assert list(closed) == ["2026-01", "2026-02", "2026-03", "2026-Q1"]
    assert close(client, cast.q1).status_code == 412


def test_a_period_that_still_runs_stays_open(cast: Cast, browse: Any, acting: Any) -> None:
    response = close(browse(cast.admin), cast.q2)
    assert response.status_code == 409
    assert "2026-Q2 runs until Jun 30, 2026." in response.content.decode()
    with acting(cast.admin):
        assert not Period.objects.filter(is_closed=True).exists()


def test_without_the_version_seen_nothing_is_closed(cast: Cast, browse: Any) -> None:
    url = reverse("period_close", args=[cast.q1.pk])
    client = browse(cast.admin)
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"version": "one"}).status_code == 422
    assert client.post(url, {"version": "9"}).status_code == 412
    assert "the periods inside it close with it" in client.get(url).content.decode()
    assert client.get(reverse("period_close", args=[999_999])).status_code == 404


def test_only_administrators_keep_the_calendar(cast: Cast, browse: Any, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        text = client.get(URL).content.decode()
        assert "2026-Q2" in text
        assert CREATE not in text
        assert reverse("period_close", args=[cast.q1.pk]) not in text
        assert client.get(CREATE).status_code == 403
        assert close(client, cast.q1).status_code == 403
        with acting(person):
            with pytest.raises(Forbidden):
                services.create_year(by=person.pk, year=2040)
            with pytest.raises(Forbidden):
                services.close_period(by=person.pk, period_id=cast.q1.pk, version=1)


def test_the_services_say_what_is_wrong(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Conflict):
            services.close_period(by=cast.admin.pk, period_id=cast.q2.pk, version=1)
        with pytest.raises(Stale):
            services.close_period(by=cast.admin.pk, period_id=cast.q1.pk, version=7)
