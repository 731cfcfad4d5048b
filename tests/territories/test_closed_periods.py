"""What a closed period published stays: nothing that decides who counts where is dated into it."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connections
from django.db.models import Q
from django.urls import reverse

from accounts.models import AccountTerritory
from common.errors import Conflict, Refused
from territories import services
from territories.models import Edge, Seat
from tests.accounts.places import assign_account
from tests.cast import Cast
from tests.closing import close_period

IN_Q1, IN_Q2 = date(2026, 1, 5), date(2026, 4, 1)


@pytest.fixture
def closed(cast: Cast, acting: Any) -> Cast:
    """The cast after the first quarter was closed."""
    with acting(cast.admin):
        close_period(cast.q1.pk)
    return cast


def move(cast: Cast, on: date) -> Any:
    east_team, west = cast.territories["East Team"].pk, cast.territories["West"].pk
    return services.move_territory(by=cast.admin.pk, territory_id=east_team, parent_id=west, on=on)


def create(cast: Cast, on: date) -> Any:
    east = cast.territories["East"].pk
    return services.create_territory(
        by=cast.admin.pk, name="East 3", code="EAST-3", parent_id=east, starts_on=on
    )


def seat(cast: Cast, on: date) -> Any:
    facts = {"user_id": cast.peer.pk, "territory_id": cast.territories["East 1"].pk, "kind": "overlay"}
    return services.seat_person(by=cast.admin.pk, **facts, starts_on=on)


def end(cast: Cast, on: date) -> Any:
    held = Seat.objects.current().get(user=cast.rep)
    return services.end_seat(by=cast.admin.pk, seat_id=held.pk, stops_on=on)


def assign(cast: Cast, on: date) -> Any:
    acorn, west_1 = cast.accounts["Acorn"].pk, cast.territories["West 1"].pk
    return assign_account(by=cast.admin.pk, account_id=acorn, territory_id=west_1, starts_on=on)


ACTS = [(move, "on"), (create, "starts_on"), (seat, "starts_on"), (end, "stops_on"), (assign, "starts_on")]


@pytest.mark.parametrize(("act", "path"), ACTS, ids=[act.__name__ for act, _ in ACTS])
def test_in_or_before_a_closed_period_it_is_refused_and_after_it_done(
    closed: Cast, acting: Any, act: Any, path: str
) -> None:
    with acting(closed.admin):
        for day in (IN_Q1, date(2025, 12, 31), date(2026, 3, 31)):
            with pytest.raises(Conflict) as refusal:
                act(closed, day)
            assert (refusal.value.code, refusal.value.path) == ("period_closed", path)
        assert str(refusal.value.message) == (
            "This would change 2026-Q1, which is closed. Choose Apr 1, 2026 or a later day."
        )
        act(closed, IN_Q2)


@pytest.mark.parametrize("act", [act for act, _ in ACTS], ids=[act.__name__ for act, _ in ACTS])
def test_in_an_open_period_the_past_can_be_put_right(cast: Cast, acting: Any, act: Any) -> None:
    on_that_day = Q(starts_on=IN_Q1) | Q(stops_on=IN_Q1)
    with acting(cast.admin):
        act(cast, IN_Q1)
        rows = [
            model.objects.current().filter(on_that_day).count() for model in (Edge, Seat, AccountTerritory)
        ]
    assert sum(rows) > 0


def test_a_seat_that_ended_in_a_closed_period_is_not_made_longer(cast: Cast, acting: Any, owner: Any) -> None:
    with acting(cast.admin):
        ended = end(cast, date(2026, 2, 10))
        close_period(cast.q1.pk)
        with pytest.raises(Conflict) as refusal:
            services.end_seat(by=cast.admin.pk, seat_id=ended.pk, stops_on=date(2026, 7, 1))
        assert refusal.value.code == "period_closed"


def test_the_page_keeps_what_was_typed_and_says_from_when_on(closed: Cast, browse: Any) -> None:
    url = reverse("territory_move", args=[closed.territories["East Team"].pk])
    typed = {"parent_id": str(closed.territories["West"].pk), "on": "2026-01-05"}
    response = browse(closed.admin).post(url, typed)
    assert response.status_code == 409
    text = response.content.decode()
    assert "This would change 2026-Q1, which is closed. Choose Apr 1, 2026 or a later day." in text
    assert 'value="2026-01-05"' in text


def test_a_move_and_the_closing_of_its_quarter_at_once_are_one_before_the_other(
    cast: Cast, acting: Any, owner: Any
) -> None:
    """The move has looked and not yet ended: the closing waits for it."""
    answers: list[str] = []
    moved, go_on = threading.Event(), threading.Event()

    def run_move() -> None:
        with acting(cast.admin):
            move(cast, IN_Q1)
            moved.set()
            go_on.wait(10)
            answers.append("moved")
        connections.close_all()

    def run_close() -> None:
        moved.wait(10)
        try:
            with acting(cast.admin):
                close_period(cast.q1.pk)
            answers.append("closed")
        except Refused as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for run in (run_move, run_close)]
    for thread in threads:
        thread.start()
    _wait_for_a_lock(owner)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert answers == ["moved", "closed"]


def _wait_for_a_lock(owner: Any) -> None:
    """Until somebody in this database waits for a row."""
    for _ in range(200):
        owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if owner.fetchone()[0]:
            return
        owner.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("nobody waited")
