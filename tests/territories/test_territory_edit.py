"""Renaming a territory; two at once see both versions."""

from typing import Any

from django.urls import reverse

from territories.models import Territory
from tests.cast import Cast


def test_two_edits_of_one_version_show_both(cast: Cast, browse: Any, acting: Any) -> None:
    pk = cast.territories["East 1"].pk
    url = reverse("territory_edit", args=[pk])
    client = browse(cast.admin)
    assert (
        client.post(
            url, {"name": "East One", "code": "EAST-1", "kind": "territory", "version": "1"}
        ).status_code
        == 302
    )
    stale = client.post(url, {"name": "First East", "code": "EAST-1", "kind": "territory", "version": "1"})
    text = stale.content.decode()
    assert stale.status_code == 412
    assert "Ada Admin changed this" in text
    assert stale.context["conflict"].rows == [{"label": "Name", "theirs": "East One", "yours": "First East"}]
    assert 'value="First East"' in text
    assert 'name="version" value="2"' in text
    assert (
        client.post(
            url, {"name": "First East", "code": "EAST-1", "kind": "territory", "version": "2"}
        ).status_code
        == 302
    )
    with acting(cast.admin):
        assert Territory.objects.get(pk=pk).name == "First East"


def test_others_may_not(cast: Cast, browse: Any) -> None:
    url = reverse("territory_edit", args=[cast.territories["East 1"].pk])
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).get(url).status_code == 403
