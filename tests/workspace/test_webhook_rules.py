"""When a failed delivery is tried again, and what of a change is told."""

import pytest

from workspace.rules import happenings_of, webhook_wait


@pytest.mark.parametrize(
    ("change", "happened"),
    [
        (("opportunity", "changed", "won"), ("opportunity.changed", "opportunity.won")),
        (("opportunity", "changed", ""), ("opportunity.changed",)),
        (("lead", "made", "open"), ("lead.created", "lead.open")),
        (("order", "made", "booked"), ("order.created", "order.booked")),
    ],
)
def test_what_happened_to_a_row(change: tuple[str, str, str], happened: tuple[str, ...]) -> None:
    assert happenings_of(*change) == happened


def test_how_long_a_failed_delivery_waits() -> None:
    waits = [webhook_wait(tries) for tries in range(1, 7)]
    assert [wait and wait.total_seconds() / 60 for wait in waits] == [1, 5, 30, 120, 720, None]
