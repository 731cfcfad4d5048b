"""Help: first steps, keys, how figures are made, whom to ask."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast

URL = reverse("help_page")


def test_it_names_the_administrators_and_the_keys(cast: Cast, browse: Any) -> None:
    page = browse(cast.rep).get(URL).content.decode()
    assert '<a href="mailto:admin@example.com">admin@example.com</a>' in page
    assert "Ada Admin" in page
    assert page.count("Go to that entry of the main navigation") == 2


def test_the_tour_waits_there_and_does_not_open_by_itself(cast: Cast, browse: Any) -> None:
    page = browse(cast.coordinator).get(URL).content.decode()
    assert 'data-opens="tour"' in page
    assert "data-tour-opens" not in page


def test_every_page_leads_there(cast: Cast, browse: Any) -> None:
    page = browse(cast.executive).get(reverse("team_attainment")).content.decode()
    assert page.count(f'href="{URL}"') == 2
