"""Another manager from today on: reach, the next roll-up and the team page are right, and what was sold stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.urls import reverse

from common.models import Run
from territories.models import Seat
from territories.selectors import reach_for, tree_on
from territories.services import end_seat, move_territory, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell, everything, night, node_intake, refresh, sell  # noqa: F401  fixtures

YESTERDAY, TODAY, TOMORROW = date(2026, 5, 19), date(2026, 5, 20), date(2026, 5, 21)


def test_the_next_run_knows_the_new_manager(
    cast: Cast,
    acting: Acting,
    browse: Any,
    clock: Any,
    sell: Sell,  # noqa: F811
    night: Callable[..., Run],  # noqa: F811
    refresh: Callable[[], Run | None],  # noqa: F811
) -> None:
    sell("Acorn", 100_00, date(2026, 5, 12), {"rep": 100_000_000})
    sell("Acorn", 30_00, date(2026, 5, 13), {"manager": 100_000_000})
    night()
    team, west = cast.territories["East Team"].pk, cast.territories["West"].pk
    with acting(cast.admin):
        old = Seat.objects.current().get(user=cast.manager)
        end_seat(by=cast.admin.pk, seat_id=old.pk, stops_on=TODAY, reason="another team")
        lead = {"user_id": cast.other_manager.pk, "territory_id": team, "kind": "lead"}
        seat_person(by=cast.admin.pk, **lead, starts_on=TODAY)
        move_territory(by=cast.admin.pk, territory_id=team, parent_id=west, on=TODAY)
    with everything():
        reps, places = (
            {cast.rep.pk, cast.peer.pk},
            {cast.territories[name].pk for name in ("East 1", "East 2")},
        )
        for person, day, leads in (
            (cast.manager, YESTERDAY, True),
            (cast.manager, TODAY, False),
            (cast.other_manager, YESTERDAY, False),
            (cast.other_manager, TODAY, True),
            (cast.director, TODAY, False),
            (cast.other_director, TODAY, True),
        ):
            mine = reach_for(person, day)
            assert (reps <= mine.people, places <= mine.territories) == (leads, leads)
        (node,) = [node for node in tree_on(TODAY) if node.territory.pk == team]
        assert [seat.user for seat in node.seats] == [cast.other_manager]
    assert refresh() is not None
    sell("Acorn", 7_00, TODAY, {"rep": 100_000_000})
    refresh()
    clock.move_to(datetime(2026, 5, 21, 16, tzinfo=UTC))
    night(as_of=TODAY)
    with everything():
        found = {
            name: node_intake(cast.territories[name].pk, cast.q2)
            for name in ("East", "East Team", "West", "Company")
        }
    assert found == {"East": 130_00, "East Team": 137_00, "West": 7_00, "Company": 137_00}
    url = reverse("team_attainment")
    assert "East Team" in browse(cast.other_manager).get(url).content.decode()
    assert "East Team" not in browse(cast.manager).get(url).content.decode()
