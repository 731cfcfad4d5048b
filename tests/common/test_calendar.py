"""The fiscal calendar: its years, quarters and months, and what an administrator may do with them."""

from typing import Any

from django.urls import reverse

from common.models import Period
from tests.cast import Cast
from tests.closing import close_period

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
    assert reverse("period_close", args=[cast.q1.pk]) not in text  # 2025 is open
    assert reverse("period_close", args=[cast.q2.pk]) not in text  # it still runs


def test_the_next_in_order_is_offered_to_be_closed(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        year, later = Period.objects.get(code="2025"), Period.objects.get(code="2025-02")
    text = browse(cast.admin).get(URL).content.decode()
    assert reverse("period_close", args=[year.pk]) in text
    assert reverse("period_close", args=[later.pk]) not in text
    with acting(cast.admin):
        close_period(year.pk)
    assert reverse("period_close", args=[cast.q1.pk]) in browse(cast.admin).get(URL).content.decode()


def test_others_read_it_and_are_offered_nothing(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        text = browse(person).get(URL).content.decode()
        assert "2026-Q2" in text
        assert CREATE not in text
        assert reverse("period_close", args=[cast.q1.pk]) not in text
