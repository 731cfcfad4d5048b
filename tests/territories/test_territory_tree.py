"""The tree page: any day, everybody reads, only administrators see the acts; gaps and overlaps beside it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from territories import selectors, services
from territories.models import Seat
from tests.cast import Cast

URL = reverse("territory_tree")


def page(client: Any, **query: str) -> str:
    response = client.get(URL, query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_everybody_reads_the_tree_with_its_people(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.director, cast.coordinator, cast.executive):
        text = page(browse(person))
        assert "East Team" in text
        assert "Rita Rep" in text
        assert "since Jan 1, 2025" in text
        assert reverse("territory_create") not in text
        assert reverse("seat_create") not in text


def test_an_administrator_sees_the_acts(cast: Cast, browse: Any) -> None:
    text = page(browse(cast.admin))
    assert reverse("territory_create") in text
    assert reverse("territory_move", args=[cast.territories["East 1"].pk]) in text


def test_another_day_shows_the_seats_of_that_day(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        services.end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 21))
    client = browse(cast.peer)
    assert "Rita Rep" in page(client)
    later = page(client, on="2026-05-21")
    assert "Rita Rep" not in later
    assert "Who sells where on May 21, 2026?" in later
    assert "No tree on that day" in page(client, on="2024-12-31")


def test_a_gap_that_comes_is_named_with_its_days(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.peer, kind="owner")
        services.end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 6, 1))
        services.seat_person(
            by=cast.admin.pk,
            user_id=cast.rep.pk,
            territory_id=cast.territories["East 2"].pk,
            kind="owner",
            starts_on=date(2026, 6, 15),
        )
    text = page(browse(cast.rep))
    assert "Jun 1, 2026 to Jun 14, 2026" in text
    assert "no owner" in text
    assert "East 1 and East 2" in text
    assert "since Jun 15, 2026" in text


def test_parents_without_a_lead_are_listed(cast: Cast, browse: Any) -> None:
    assert (
        page(browse(cast.rep)).count("no lead") == 2
    )  # the root has none: once in its row, once in the list


def test_a_large_tree_opens_branch_by_branch(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    whole = client.get(URL).context
    assert (len(whole["nodes"]), whole["count"]) == (9, 9)
    for most, shown, folded in ((8, 6, 3), (6, 6, 3), (5, 4, 2), (3, 3, 1)):
        nodes = selectors.upper_levels(whole["nodes"], most)
        assert (len(nodes), sum(node.folded for node in nodes)) == (shown, folded)
    east = cast.territories["East"].pk
    branch = client.get(URL, {"below": east, "on": "2026-05-20"})
    assert [node.territory.name for node in branch.context["nodes"]] == [
        "East",
        "East Team",
        "East 1",
        "East 2",
    ]
    assert "All territories" in branch.content.decode()
    assert "No tree on that day" in page(client, below="999999")


def test_a_folded_branch_is_a_link(cast: Cast, browse: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(selectors.upper_levels, "__defaults__", (5,))
    text = page(browse(cast.rep))
    assert "The upper 4 of 9 territories." in text
    assert f"?below={cast.territories['East'].pk}" in text
    assert "1 below" in text


@pytest.mark.parametrize(
    "query", [{"on": "31.3.2026"}, {"on": "20260331"}, {"on": "2026-02-30"}, {"day": "x"}]
)
def test_what_is_not_a_day_is_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert browse(cast.rep).get(URL, query).status_code == 400


def test_nobody_reads_it_without_signing_in(cast: Cast, client: Any) -> None:
    response = client.get(URL)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/login/?next={URL}")
