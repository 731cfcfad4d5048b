"""Two administrators change who sits on a territory at the same time: the second one waits, and is told."""

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection

from common.errors import Refused
from territories import services
from territories.models import Seat, Territory
from tests.cast import Cast
from tests.workspace.at_once import at_once

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def waits() -> None:
    """Until another one waits for what this transaction holds."""
    for _turn in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
            )
            if cursor.fetchone():
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def handed(cast: Cast, seat: Seat) -> None:
    services.pass_seat(by=cast.admin.pk, seat_id=seat.pk, user_id=cast.coordinator.pk, starts_on=JUNE)


def handed_on_its_first_day(cast: Cast, seat: Seat) -> None:
    facts = {"user_id": cast.coordinator.pk, "starts_on": seat.starts_on}
    services.pass_seat(by=cast.admin.pk, seat_id=seat.pk, **facts)


def changed(cast: Cast, seat: Seat) -> None:
    facts = {"territory_id": seat.territory_id, "kind": "overlay", "starts_on": JUNE}
    services.change_seat(by=cast.admin.pk, seat_id=seat.pk, **facts)


def gone(cast: Cast, seat: Seat) -> None:
    facts = {"user_id": seat.user_id, "version": cast.rep.version, "why": "left"}
    seats = services.deactivate(by=cast.admin.pk, **facts)
    services.succeed(by=cast.admin.pk, seats=seats, user_id=cast.coordinator.pk, reason="left")


@pytest.mark.parametrize("act", [handed, handed_on_its_first_day, changed, gone])
def test_who_seats_somebody_meanwhile_is_refused(
    cast: Cast, acting: Any, act: Callable[[Cast, Seat], None]
) -> None:
    """One holds the territory, the other one begins to pass its seat on, then the first one seats somebody there."""
    place, held = cast.territories["East 1"].pk, threading.Event()
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")

    def first() -> str:
        facts = {"user_id": cast.peer.pk, "territory_id": place, "kind": "owner", "starts_on": JULY}
        with acting(cast.admin):
            Territory.objects.select_for_update(no_key=True).get(pk=place)
            held.set()
            waits()
            with pytest.raises(Refused) as refusal:
                services.seat_person(by=cast.admin.pk, **facts)
        return str(refusal.value.code)

    def second() -> str:
        held.wait(10)
        with acting(cast.admin):
            act(cast, seat)
        return "done"

    assert at_once(first, second) == ["seat_one_owner", "done"]
