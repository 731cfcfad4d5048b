"""Open work that is to pass on a day to come stands on both people's pages, and can be kept back."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from planning.models import HandOver
from tests.cast import Cast
from tests.planning.test_seat_hand_over import hand

JUNE = date(2026, 6, 1)


@pytest.fixture
def planned(cast: Cast, acting: Any) -> HandOver:
    with acting(cast.admin):
        work = hand(cast, cast.rep, cast.coordinator, JUNE).work
    assert work is not None
    return work


def test_it_stands_on_the_pages_of_both(cast: Cast, browse: Any, planned: HandOver) -> None:
    client = browse(cast.admin)
    for person, said in (
        (cast.rep, "to Cora Coordinator, on East 1"),
        (cast.coordinator, "from Rita Rep, on East 1"),
    ):
        text = client.get(reverse("hand_over_panel", args=[person.pk])).content.decode()
        assert said in text
        assert "Jun 1, 2026" in text
        assert reverse("hand_over_drop", args=[planned.pk]) in text
        page = client.get(reverse("person_detail", args=[person.pk])).content.decode()
        assert reverse("hand_over_panel", args=[person.pk]) in page
    assert client.get(reverse("hand_over_panel", args=[cast.peer.pk])).content.decode().strip() == ""
    assert client.get(reverse("hand_over_panel", args=[999_999])).status_code == 404


def test_it_is_taken_back_once(cast: Cast, browse: Any, acting: Any, planned: HandOver) -> None:
    client, url = browse(cast.admin), reverse("hand_over_drop", args=[planned.pk])
    text = client.get(url).content.decode()
    assert "Open deals and activities of Rita Rep on East 1 pass to Cora Coordinator on Jun 1, 2026." in text
    assert client.post(url, {"version": "9"}).status_code == 412
    done = client.post(url, {"version": "1"}, follow=True)
    assert "It is taken back: open work stays with who has it." in done.content.decode()
    assert client.post(url, {"version": "2"}).status_code == 409
    with acting(cast.admin):
        assert HandOver.objects.get().state == "dropped"
    assert client.get(reverse("hand_over_drop", args=[999_999])).status_code == 404
