"""Changing people at an account."""

from typing import Any

from django.urls import reverse

from accounts.models import Contact
from tests.accounts.test_contact_create import add
from tests.cast import Cast


def test_a_changed_contact_stands_on_the_account(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    add(client, cast)
    with acting(cast.rep):
        url = reverse("contact_edit", args=[Contact.objects.get().pk])
    assert "Carla" in client.get(url).content.decode()
    data = {"name": "Carla Cole", "email": "cole@acorn.example", "phone": "+1 555 0101", "version": "1"}
    text = client.get(client.post(url, data)["Location"]).content.decode()
    assert "Carla Cole" in text
    assert "mailto:cole@acorn.example" in text
    assert "+1 555 0101" in text


def test_a_stale_edit_shows_both_versions(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    add(client, cast)
    with acting(cast.rep):
        url = reverse("contact_edit", args=[Contact.objects.get().pk])
    data = {"name": "Carla", "email": "carla@acorn.example", "version": "1"}
    assert client.post(url, {**data, "title": "Buyer"}).status_code == 302
    stale = client.post(url, {**data, "title": "Chief buyer"})
    assert stale.status_code == 412
    assert stale.context["conflict"].rows == [
        {"label": "Job title", "theirs": "Buyer", "yours": "Chief buyer"}
    ]


def test_out_of_reach_is_not_found_and_only_readers_are_refused(cast: Cast, browse: Any, acting: Any) -> None:
    add(browse(cast.rep), cast)
    with acting(cast.rep):
        url = reverse("contact_edit", args=[Contact.objects.get().pk])
    assert browse(cast.other_rep).get(url).status_code == 404
    assert browse(cast.director).get(url).status_code == 403
