"""When a digest leaves and how long a refused mail waits."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workspace.rules import next_digest, wait_after

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("told", "zone", "leaves"),
    [
        ("2026-05-20 04:59", BERLIN, "2026-05-20 05:00"),
        ("2026-05-20 05:00", BERLIN, "2026-05-21 05:00"),
        ("2026-05-20 12:00", BERLIN, "2026-05-21 05:00"),
        ("2026-03-28 05:59", BERLIN, "2026-03-28 06:00"),  # the last day of winter time
        ("2026-03-28 12:00", BERLIN, "2026-03-29 05:00"),  # the night in which an hour is missing
        ("2026-03-29 00:30", BERLIN, "2026-03-29 05:00"),
        ("2026-10-24 12:00", BERLIN, "2026-10-25 06:00"),  # the night with an hour twice
        ("2026-10-25 00:30", BERLIN, "2026-10-25 06:00"),
        ("2026-03-07 20:00", NEW_YORK, "2026-03-08 11:00"),
        ("2026-10-31 20:00", NEW_YORK, "2026-11-01 12:00"),
        ("2026-05-20 18:59", ZoneInfo("Pacific/Auckland"), "2026-05-20 19:00"),
    ],
)
def test_a_digest_leaves_at_the_next_seven_o_clock(told: str, zone: ZoneInfo, leaves: str) -> None:
    due = next_digest(datetime.fromisoformat(told).replace(tzinfo=UTC), zone, 7)
    assert due.astimezone(UTC) == datetime.fromisoformat(leaves).replace(tzinfo=UTC)
    assert due.hour == 7


@pytest.mark.parametrize(
    ("hour", "leaves"), [(0, "2026-05-20 22:00"), (13, "2026-05-21 11:00"), (14, "2026-05-20 12:00")]
)
def test_or_at_the_hour_that_is_set(hour: int, leaves: str) -> None:
    due = next_digest(datetime(2026, 5, 20, 11, 59, tzinfo=UTC), BERLIN, hour)
    assert due.astimezone(UTC) == datetime.fromisoformat(leaves).replace(tzinfo=UTC)


def test_the_pauses_grow_and_the_fifth_refusal_is_the_last() -> None:
    waits = [wait_after(tries) for tries in (1, 2, 3, 4, 5, 6)]
    assert waits == [*(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120)), None, None]
