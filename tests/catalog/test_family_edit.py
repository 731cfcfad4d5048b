"""Renaming a product family."""

from typing import Any

from django.urls import reverse

from catalog.models import Family
from tests.cast import Cast


def test_a_family_is_renamed_once_per_version(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    url = reverse("family_edit", args=[cast.families["Hardware"].pk])
    data = {"name": "Machines", "code": "HARDWARE", "version": "1"}
    assert client.post(url, data).status_code == 302
    assert client.post(url, {**data, "name": "Iron"}).status_code == 412
    with acting(cast.rep):
        assert set(Family.objects.values_list("name", flat=True)) == {"Machines", "Software"}


def test_only_administrators_rename_a_family(cast: Cast, browse: Any) -> None:
    url = reverse("family_edit", args=[cast.families["Hardware"].pk])
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(url).status_code == client.post(url, {}).status_code == 403


def test_what_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("family_edit", args=[999_999])).status_code == 404
