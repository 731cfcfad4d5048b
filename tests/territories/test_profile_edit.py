"""One's own settings."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast

URL = reverse("profile_edit")


def test_figures_follow_the_new_locale(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    data = {"name": "Rita Rep", "locale": "de-DE", "time_zone": "Europe/Berlin", "version": "1"}
    assert client.post(URL, data).status_code == 302
    assert "01.01.2025" in client.get(reverse("territory_tree")).content.decode()


def test_a_stale_edit_shows_both_versions(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    data = {"name": "Rita R.", "locale": "en-US", "time_zone": "UTC", "version": "1"}
    client.post(URL, data)
    stale = client.post(URL, {**data, "name": "Rita"})
    assert stale.status_code == 412
    assert stale.context["conflict"].rows == [{"label": "Name", "theirs": "Rita R.", "yours": "Rita"}]


def test_an_unknown_zone_is_refused(cast: Cast, browse: Any) -> None:
    data = {"name": "Rita", "locale": "en-US", "time_zone": "Moon/Base", "version": "1"}
    response = browse(cast.rep).post(URL, data)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["time_zone"]


def test_everybody_has_one(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive, cast.admin):
        assert person.email in browse(person).get(URL).content.decode()
