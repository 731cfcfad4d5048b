"""How far promised days hold: milestones by person, and what was to close in a quarter."""

from datetime import date
from fractions import Fraction
from typing import Any

from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.rules.plans import Promise, Reliability, reliability
from pipeline.selectors.dates import keepers, milestones_behind, reliability_of_all, slip_deals, slips
from pipeline.selectors.insight import Asked, come_to
from tests.cast import Cast
from tests.pipeline.insight import deal
from tests.pipeline.standings import at, edit, move
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)
MAY = Asked(date(2026, 5, 1), date(2026, 5, 31), {})
PROMISED = [(1, 1), (5, 7), (10, None), (30, None)]
"""The days of May for which milestones were first planned, and on which they were met."""


def promised(cast: Cast) -> None:
    """Those of the page's example on the rep's deal, and one of the peer's that was kept."""
    with work(by=None, why="what was promised", reach=Reach.everything()):
        for planned, met in PROMISED:
            _milestone(cast.deals["Acorn renewal"], cast.rep, planned, met)
        _milestone(cast.deals["Acorn renewal"], cast.peer, 4, 4)
        _milestone(cast.deals["Acorn renewal"], cast.rep, 3, None)
        cast.deals["Acorn renewal"].milestones.filter(first_planned_on=date(2026, 5, 3)).update(
            is_removed=True
        )


def _milestone(of: Any, owner: Any, planned: int, met: int | None) -> Any:
    day = date(2026, 5, planned)
    met_on = date(2026, 5, met) if met else None
    return of.milestones.create(
        name=f"Step of day {planned}", owner=owner, first_planned_on=day, planned_on=day, met_on=met_on
    )


def test_by_person_as_the_rule_counts(cast: Cast, acting: Any) -> None:
    promised(cast)
    with acting(cast.manager) as context:
        lines = keepers(context.reach, MAY, TODAY)
    found = {line.label: line.reliability for line in lines}
    assert found == {"Rita Rep": Reliability(1, 3), "Paul Peer": Reliability(1, 1)}
    assert [line.label for line in lines] == ["Rita Rep", "Paul Peer"]
    assert reliability_of_all(lines).ratio == Fraction(1, 2)
    promises = [
        Promise(date(2026, 5, planned), date(2026, 5, met) if met else None) for planned, met in PROMISED
    ]
    assert found["Rita Rep"] == reliability(promises, MAY.first, date(2026, 5, 19))


def test_what_a_closed_deal_left_over_is_no_promise(cast: Cast, acting: Any, clock: Any) -> None:
    promised(cast)
    at(clock, "2026-05-05")
    move(cast, acting, cast.rep, cast.deals["Acorn renewal"], "Lost", "No budget")
    at(clock, "2026-05-20")
    with acting(cast.manager) as context:
        found = {line.label: line.reliability for line in keepers(context.reach, MAY, TODAY)}
    assert found["Rita Rep"] == Reliability(1, 2)


def test_an_owner_that_is_asked_for_is_the_milestones(cast: Cast, acting: Any) -> None:
    promised(cast)
    with acting(cast.manager) as context:
        [line] = keepers(context.reach, Asked(MAY.first, MAY.last, {"owner_id": cast.peer.pk}), TODAY)
        page = milestones_behind(context.reach, MAY, TODAY, cast.rep.pk, None)
    assert (line.label, line.reliability.due) == ("Paul Peer", 1)
    assert [row.first_planned_on.day for row in page.rows] == [10, 5, 1]


def test_slip_rate_of_a_quarter(cast: Cast, acting: Any, clock: Any) -> None:
    """At the start 100, 60 and 40; at the end won, lost and open still, whatever its close date became meanwhile.

    One of unknown worth slipped as well.
    """
    at(clock, "2025-12-01")
    open_at = {"Prospecting": "2025-12-01"}
    made = [
        deal(cast, name, "2025-12-01", open_at, amount_minor=minor, close_on=date(2026, 2, 1))
        for name, minor in (("Was won", 100), ("Was lost", 60), ("Slipped", 40))
    ]
    deal(cast, "Unknown", "2025-12-01", open_at, amount_minor=None, close_on=date(2026, 2, 1))
    deal(cast, "Was overdue", "2025-12-01", open_at, close_on=date(2025, 12, 20))
    at(clock, "2026-02-10")
    with work(by=None, why="booked", reach=Reach.everything()):
        type(made[0]).objects.filter(pk=made[0].pk).update(
            state="won", stage=cast.stages["Won"], closed_on=date(2026, 2, 10)
        )
    move(cast, acting, cast.rep, made[1], "Lost", "No budget")
    edit(acting, cast.rep, made[2], close_on=date(2026, 8, 1))
    at(clock, "2026-05-20")
    with acting(cast.rep) as context:
        first, second = slips(context.reach, Asked(date(2026, 1, 1), TODAY, {}), TODAY)
    assert (first.due, first.due_minor, first.slipped, first.slipped_minor) == (4, 200, 2, 40)
    assert (first.by_count, first.by_value, first.unvalued) == (Fraction(1, 2), Fraction(1, 5), 1)
    assert (second.period.code, second.slipped, second.by_value) == ("2026-Q2", None, None)

    with acting(cast.rep) as context:
        asked = Asked(date(2026, 1, 1), TODAY, {})
        due, slipped = (
            slip_deals(context.reach, asked, first.period, TODAY, is_slipped=late) for late in (False, True)
        )
        assert come_to(due) == (4, 200)
        assert sorted((row.name, row.minor) for row in slipped) == [("Slipped", 40), ("Unknown", None)]


def test_the_page(cast: Cast, browse: Any) -> None:
    promised(cast)
    client = browse(cast.manager)
    page = plain(client.get(reverse("date_reliability"), {"from": "2026-05-01"}))
    assert "Rita Rep 33% 1 3" in page
    assert "Total 50% 2 4" in page
    assert "2026-Q2 has not ended" in page
    opened = plain(client.get(reverse("date_reliability"), {"show": "due", "key": cast.rep.pk}))
    assert "Due: Rita Rep" in opened
    assert "Step of day 10" in opened
    assert "Step of day 4" not in opened
    kept = client.get(reverse("date_reliability"), {"show": "kept", "from": "2026-05-01"})
    assert "All that were kept" in plain(kept)
    assert [row.first_planned_on.day for row in kept.context["page"].rows] == [4, 1]


def test_a_broken_address_is_refused(cast: Cast, browse: Any) -> None:
    for query in ({"show": "luck"}, {"key": "x"}, {"show": "kept", "key": "x"}):
        assert browse(cast.rep).get(reverse("date_reliability"), query).status_code == 400
