"""One territory: its seats, places and what was recorded, with who, when and why."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from territories import services
from territories.models import Seat
from tests.cast import Cast

JUNE = date(2026, 6, 1)


def page(client: Any, cast: Cast, name: str = "East 1") -> str:
    response = client.get(reverse("territory_detail", args=[cast.territories[name].pk]))
    assert response.status_code == 200
    return str(response.content.decode())


def test_it_says_who_sits_there_and_where_it_lies(cast: Cast, browse: Any) -> None:
    text = page(browse(cast.rep), cast)
    assert "Rita Rep" in text
    assert "East Team" in text
    assert "Jan 1, 2025" in text
    assert reverse("seat_create") not in text


def test_an_ended_seat_is_recorded_with_who_when_and_why(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        services.end_seat(
            by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 6, 1), reason="goes to the West"
        )
    text = page(browse(cast.director), cast)
    assert "Rita Rep sits as owner until Jun 1, 2026: goes to the West" in text
    assert "Ada Admin · " in text
    assert "Rita Rep sits as owner, from Jan 1, 2025 on" in text  # what was known before stays on record


def test_what_was_taken_back_is_marked_with_who_when_and_why(cast: Cast, browse: Any) -> None:
    west, admin = cast.territories["West"].pk, browse(cast.admin)
    seat = {"user_id": str(cast.peer.pk), "territory_id": str(west), "kind": "owner"}
    admin.post(reverse("seat_create"), {**seat, "starts_on": "2026-06-01", "reason": "opens the West"})
    planned = admin.get(reverse("territory_detail", args=[west])).context["seats"][0]
    ending = {"stops_on": "2026-06-01", "reason": "stays in the East"}
    assert admin.post(reverse("seat_end", args=[planned.pk]), ending).status_code == 302
    text = page(browse(cast.director), cast, "West")
    assert "<del>Paul Peer sits as owner, from Jun 1, 2026 on: opens the West</del>" in text
    assert re.search("Withdrawn by Ada Admin · [^<]+ UTC: stays in the East<", text)


def lines(client: Any, cast: Cast, name: str) -> list[str]:
    """The sentences of its history, newest first, each with who withdrew it."""
    answer = client.get(reverse("territory_detail", args=[cast.territories[name].pk]))
    return [change.text or f"{change.field}: {change.after}" for change in answer.context["history"]]


def test_its_history_reads_as_sentences(cast: Cast, browse: Any, acting: Any, clock: Any) -> None:
    by, pk = cast.admin.pk, cast.territories["East 1"].pk
    acts: list[tuple[Any, dict[str, Any]]] = [
        (
            services.move_territory,
            {"parent_id": cast.territories["West"].pk, "on": JUNE, "reason": "new region"},
        ),
        (
            services.rename_territory,
            {"name": "West 2", "starts_on": date(2026, 7, 1), "reason": "its new name"},
        ),
        (services.vacate, {"on": date(2026, 8, 1), "reason": "too small"}),
        (services.end_place, {"on": date(2026, 8, 1), "reason": "too small"}),
        (services.move_territory, {"parent_id": cast.territories["East"].pk, "on": date(2026, 9, 1)}),
    ]
    for minute, (act, given) in enumerate(acts, 1):
        clock.move_to(datetime(2026, 5, 20, 10, minute, tzinfo=UTC))
        with acting(cast.admin):
            act(by=by, territory_id=pk, **given)
    assert lines(browse(cast.rep), cast, "East 1") == [
        "Back in the tree from Sep 1, 2026 on: below East",
        "Retired on Aug 1, 2026: too small",
        "Rita Rep sits as owner until Aug 1, 2026: too small",
        "Renamed West 2 from Jul 1, 2026 on (was East 1): its new name",
        "Moved from Jun 1, 2026 on: below West (was below East Team): new region",
        "Rita Rep sits as owner, from Jan 1, 2025 on",
        "In the tree from Jan 1, 2025 on: below East Team",
        "Created",
    ]


def test_a_move_that_was_planned_and_dropped_says_by_whom(cast: Cast, browse: Any, acting: Any) -> None:
    pk, by = cast.territories["East 1"].pk, cast.admin.pk
    for parent, on in (("West", date(2026, 7, 1)), ("East", JUNE), ("West Team", JUNE)):
        with acting(cast.admin):
            parent_id = cast.territories[parent].pk
            services.move_territory(by=by, territory_id=pk, parent_id=parent_id, on=on)
    text = page(browse(cast.director), cast)
    assert "<del>Moved from Jul 1, 2026 on: below West (was below East Team)</del>" in text
    assert "<del>Moved from Jun 1, 2026 on: below East (was below East Team)</del>" in text
    assert "Moved from Jun 1, 2026 on: below West Team (was below East Team)" in text
    assert re.search("Withdrawn by Ada Admin · [^<]+ UTC", text)


def test_a_seat_that_changed_otherwise_says_so(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        seat.replaced(share=50_000_000, recorded_by_id=cast.admin.pk)
    assert "The seat of Rita Rep as owner changed, from Jan 1, 2025 on" in page(browse(cast.rep), cast)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Gone", "Retired since May 1, 2026"),
        ("Coming", "from Jul 1, 2026 on"),
        ("Never", "it was never in the tree"),
    ],
)
def test_it_says_how_it_stands(cast: Cast, browse: Any, acting: Any, name: str, said: str) -> None:
    start = {"Gone": date(2026, 1, 1)}.get(name, date(2026, 7, 1))
    with acting(cast.admin):
        place = {"parent_id": cast.territories["East"].pk, "starts_on": start}
        node = services.create_territory(by=cast.admin.pk, name=name, code=name, **place)
        cast.territories[name] = node
        if name != "Coming":
            day = date(2026, 5, 1) if name == "Gone" else start
            services.end_place(by=cast.admin.pk, territory_id=node.pk, on=day)
    text = page(browse(cast.admin), cast, name)
    assert said in text
    assert ("Take back" in text) == (name == "Gone")
    assert reverse("territory_retire", args=[node.pk]) not in text
    assert reverse("territory_retire", args=[cast.territories["East 1"].pk]) in page(browse(cast.admin), cast)


def test_it_says_until_when_it_is_in_the_tree(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        place = {"parent_id": cast.territories["East"].pk, "starts_on": date(2026, 1, 1)}
        cast.territories["New"] = services.create_territory(by=cast.admin.pk, name="New", code="NEW", **place)
        services.end_place(by=cast.admin.pk, territory_id=cast.territories["New"].pk, on=JUNE)
    assert "until Jun 1, 2026" in page(browse(cast.rep), cast, "New")


def test_a_rename_is_in_its_history(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        pk = cast.territories["East 1"].pk
        services.edit_territory(by=cast.admin.pk, territory_id=pk, version=1, name="East One")
    text = page(browse(cast.rep), cast)
    assert "<del>East 1</del> → <ins>East One</ins>" in text


def test_an_administrator_can_end_the_seat_from_here(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
    assert reverse("seat_end", args=[seat.pk]) in page(browse(cast.admin), cast)


def test_a_territory_that_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get(reverse("territory_detail", args=[999_999])).status_code == 404
