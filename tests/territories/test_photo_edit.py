"""One's own photo: chosen, shown to colleagues, taken back."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from territories.models import Photo
from tests.cast import Cast

URL, PROFILE = reverse("photo_edit"), reverse("profile_edit")


def a_photo(colour: str = "red", size: tuple[int, int] = (640, 480)) -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return SimpleUploadedFile("me.png", file.getvalue())


def test_colleagues_see_it(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).post(URL, {"photo": a_photo()}).status_code == 302
    shown = reverse("person_photo", args=[cast.rep.pk])
    for person in (cast.rep, cast.other_rep, cast.coordinator):
        answer = browse(person).get(shown)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["Cache-Control"] == "private, max-age=86400"
        assert Image.open(io.BytesIO(answer.content)).size == (256, 256)
    for page in (reverse("person_list"), reverse("person_detail", args=[cast.rep.pk])):
        assert f'src="{shown}?at=' in browse(cast.admin).get(page).content.decode()


def test_strangers_do_not(cast: Cast, browse: Any) -> None:
    browse(cast.rep).post(URL, {"photo": a_photo()})
    assert Client().get(reverse("person_photo", args=[cast.rep.pk])).status_code == 302


def test_a_browser_that_has_it_is_told_so(cast: Cast, browse: Any) -> None:
    client, shown = browse(cast.rep), reverse("person_photo", args=[cast.rep.pk])
    client.post(URL, {"photo": a_photo()})
    first = client.get(shown)
    again = client.get(shown, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", first["Cache-Control"])
    client.post(URL, {"photo": a_photo("blue")})
    assert client.get(shown, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_without_one_there_are_initials(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    assert client.get(reverse("person_photo", args=[cast.rep.pk])).status_code == 404
    assert '<span class="avatar" aria-hidden="true">RR</span>' in client.get(PROFILE).content.decode()


def test_taken_back_nothing_of_it_is_kept(cast: Cast, browse: Any, acting: Any) -> None:
    client, shown = browse(cast.rep), reverse("person_photo", args=[cast.rep.pk])
    client.post(URL, {"photo": a_photo()})
    assert client.post(reverse("photo_remove")).status_code == 302
    assert client.get(shown).status_code == 404
    assert shown not in client.get(PROFILE).content.decode()
    with acting(cast.rep):
        assert bytes(Photo.objects.get(user=cast.rep).jpeg) == b""


def test_a_file_that_is_no_picture_keeps_the_photo(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    client.post(URL, {"photo": a_photo()})
    answer = client.post(URL, {"photo": SimpleUploadedFile("me.png", b"<svg/>")})
    assert answer.status_code == 422
    words = "This file is no JPEG, PNG or WebP picture. Choose a photo of that kind."
    assert answer.context["form"].errors == {"photo": [words]}
    assert client.get(reverse("person_photo", args=[cast.rep.pk])).status_code == 200


def test_a_file_that_is_too_large_is_refused(cast: Cast, browse: Any) -> None:
    file = SimpleUploadedFile("me.png", b"x" * 5_000_001)
    answer = browse(cast.rep).post(URL, {"photo": file})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "photo": ["This picture is larger than 5 MB. Choose a smaller one."]
    }


def test_no_file_is_asked_for(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).post(URL, {}).status_code == 422
