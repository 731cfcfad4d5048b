"""Naming who answers while somebody is away."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from common.errors import Forbidden, Refused, Stale
from territories.models import User
from tests.cast import Cast
from workspace import services
from workspace.models import StandIn

DAY = date(2026, 5, 20)


def name(cast: Cast, by: User, stand_in: User, **changes: Any) -> StandIn:
    days = {"starts_on": DAY, "stops_on": DAY + timedelta(days=7)}
    return services.name_stand_in(
        **{"by": by.pk, "person_id": by.pk, "stand_in_id": stand_in.pk, **days, **changes}
    )


def test_a_person_names_and_ends_their_own(cast: Cast, browse: Any) -> None:
    client, url = browse(cast.manager), reverse("stand_in_create")
    assert "Rita Rep" not in client.get(url).content.decode()
    form = {
        "stand_in_id": cast.other_manager.pk,
        "starts_on": "2026-05-21",
        "stops_on": "2026-05-28",
        "reason": "Holiday",
    }
    assert client.post(url, form).status_code == 302
    page = client.get(reverse("stand_in_list")).content.decode()
    assert "Olga Other stands in for Mona Manager from May 21, 2026." in page
    assert "May 21, 2026 until May 28, 2026" in page
    assert "Mona Manager" in browse(cast.other_manager).get(reverse("stand_in_list")).content.decode()
    again = client.post(url, form)
    assert "Somebody stands in on one of these days already." in again.content.decode()
    row = StandIn.objects.get(superseded_at=None)
    end = reverse("stand_in_end", args=[row.pk])
    assert browse(cast.rep).get(end).status_code == 404
    assert "Olga Other stands in for Mona Manager" in client.get(end).content.decode()
    assert client.post(end, {}).status_code == 302
    assert not StandIn.objects.filter(superseded_at=None).exists()


def test_an_administrator_names_one_for_somebody(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    panel = client.get(reverse("stand_in_panel", args=[cast.manager.pk])).content.decode()
    assert "Nobody stands in for them." in panel
    url = reverse("stand_in_create") + f"?person={cast.manager.pk}"
    assert "Name a stand-in for Mona Manager" in client.get(url).content.decode()
    form = {"stand_in_id": cast.other_manager.pk, "starts_on": "2026-05-20", "stops_on": "2026-05-28"}
    assert client.post(url, form)["Location"] == reverse("person_detail", args=[cast.manager.pk])
    assert "Olga Other" in client.get(reverse("stand_in_panel", args=[cast.manager.pk])).content.decode()
    assert browse(cast.peer).get(url).status_code == 404
    assert browse(cast.peer).get(reverse("stand_in_panel", args=[cast.manager.pk])).status_code == 403


def test_the_persons_page_says_for_whom_they_stand_in(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.manager):
        name(cast, cast.manager, cast.other_manager, reason="Holiday")
    panel = browse(cast.admin).get(reverse("stand_in_panel", args=[cast.other_manager.pk])).content.decode()
    assert "Nobody stands in for them." in panel
    assert "For whom they stand in" in panel
    assert "Mona Manager<small>May 20, 2026 until May 27, 2026</small><small>Holiday</small>" in panel
    assert (
        "For whom they stand in"
        not in browse(cast.admin).get(reverse("stand_in_panel", args=[cast.manager.pk])).content.decode()
    )


def test_what_is_wrong_is_said_at_its_field(cast: Cast, acting: Any) -> None:
    with acting(cast.manager):
        for changes, path in (
            ({"starts_on": DAY - timedelta(days=1)}, "starts_on"),
            ({"stand_in_id": cast.rep.pk}, "stand_in_id"),
            ({"stand_in_id": cast.manager.pk}, "stand_in_id"),
        ):
            with pytest.raises(Refused) as refusal:
                name(cast, cast.manager, cast.other_manager, **changes)
            assert refusal.value.path == path
        with pytest.raises(Refused, match=r"The end must come after the start."):
            name(cast, cast.manager, cast.other_manager, stops_on=DAY)
        with pytest.raises(Forbidden):
            name(cast, cast.manager, cast.peer, person_id=cast.rep.pk)


def test_ending_it_keeps_the_days_that_were(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.manager):
        row = name(cast, cast.manager, cast.other_manager)
    clock.move_to("2026-05-22T12:00:00Z")
    with acting(cast.rep), pytest.raises(Forbidden):
        services.end_stand_in(by=cast.rep.pk, stand_in_id=row.pk)
    with acting(cast.manager):
        services.end_stand_in(by=cast.manager.pk, stand_in_id=row.pk)
        ended = StandIn.objects.get(superseded_at=None)
        assert (ended.starts_on, ended.stops_on) == (DAY, date(2026, 5, 22))
        with pytest.raises(Stale):
            services.end_stand_in(by=cast.manager.pk, stand_in_id=row.pk)


def test_who_has_nobody_to_choose_reads_why_and_what_to_do(cast: Cast, browse: Any) -> None:
    own = browse(cast.coordinator).get(reverse("stand_in_create")).content.decode()
    assert "There is nobody to choose: nobody else holds a role of yours (coordinator)." in own
    assert "Ask an administrator to give that role to a colleague" in own
    url = reverse("stand_in_create") + f"?person={cast.coordinator.pk}"
    for_them = browse(cast.admin).get(url).content.decode()
    assert f"nobody else holds a role of {cast.coordinator.name} (coordinator)." in for_them
    assert "Give that role to a colleague for these days on their page" in for_them
    assert "nobody to choose" not in browse(cast.manager).get(reverse("stand_in_create")).content.decode()
