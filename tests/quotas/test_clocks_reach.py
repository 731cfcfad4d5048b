"""By neither clock is told what lies beyond a reader's reach: two figures beside each other would tell one credit."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from common.models import Period
from common.transaction import reach
from orders.selectors.credits import CreditFilter, credit_total
from orders.selectors.known import AsOf
from quotas.selectors.measures import Measured, measured
from quotas.selectors.question import Question
from quotas.selectors.team import Team, team_attainment
from territories.services import move_territory
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_credit_list import page_of, plain
from tests.quotas.conftest import WHOLE, Sell
from tests.quotas.now import FIRST_OF_MAY, TODAY, Night, new_node, reseat
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]

BEFORE, LAST, OTHER = "2026-04-23", "2026-04-24", "2026-04-30"


@pytest.fixture
def moved(cast: Cast, sell: Sell, acting: Acting, stamps: Stamps, night: Night) -> None:
    """300.00 of 14 April and 40.00 of 24 April in East 1, which belongs to the west from 1 May on, and 190.00 of
    14 April in East 2, which stays: the manager of East Team reads the last alone.
    """
    stamps(datetime(2026, 4, 1, 12, tzinfo=UTC))
    sell("Acorn", 300_00, date(2026, 4, 14), {"rep": WHOLE})
    sell("Beech", 190_00, date(2026, 4, 14), {"peer": WHOLE})
    stamps(datetime(2026, 4, 20, 12, tzinfo=UTC))
    sell("Acorn", 40_00, date(2026, 4, 24), {"rep": WHOLE})
    stamps(datetime(2026, 4, 25, 12, tzinfo=UTC))
    with acting(cast.admin):
        node, west = cast.territories["East 1"].pk, cast.territories["West Team"].pk
        move_territory(by=cast.admin.pk, territory_id=node, parent_id=west, on=FIRST_OF_MAY)
    stamps(datetime(2026, 5, 2, 12, tzinfo=UTC))
    night()


CLOCKS: Sequence[dict[str, str]] = (
    {"valid": BEFORE},
    {"valid": LAST},
    {"known": "2026-04-24"},
    {"known": "2026-04-25"},
    {"known": "2026-05-10"},
    {"valid": OTHER, "known": "2026-05-10"},
)


def asked(cast: Cast, clocks: dict[str, str], **more: Any) -> Question:
    opened = frozenset({cast.territories["East Team"].pk})
    return Question(cast.q2, [cast.q2], TODAY, opened=opened, as_of=AsOf.of(clocks), **more)


@pytest.mark.usefixtures("moved")
class TestNothingBeyondReach:
    def measures(self, cast: Cast, acting: Acting, clocks: dict[str, str], **more: Any) -> Measured:
        with acting(cast.manager):
            return measured(reach(), asked(cast, clocks, **more), cast.territories["East Team"].pk)

    def team(self, cast: Cast, acting: Acting, clocks: dict[str, str], **more: Any) -> Team:
        with acting(cast.manager):
            return team_attainment(reach(), asked(cast, clocks, **more))

    @pytest.mark.parametrize("clocks", [{}, {"valid": OTHER}])
    def test_whole_months_are_told(self, cast: Cast, acting: Acting, clocks: dict[str, str]) -> None:
        found = self.measures(cast, acting, clocks)
        assert {row.name: row.sums.intake for row in found.rows} == {"East 2": 190_00, "": 340_00}
        assert (found.total.intake, found.customers) == (530_00, (2, 0))
        team = self.team(cast, acting, clocks)
        assert team.total.intake == 530_00
        assert [row.figures.intake for row in team.rows if row.is_moved] == [340_00]
        with acting(cast.manager):
            node = cast.territories["East Team"].pk
            chosen = CreditFilter(cast.q2, node_id=node, as_of=AsOf.of(clocks))
            total = credit_total(chosen, reach())
        assert (total.plan_minor, total.beyond_minor, total.beyond_count) == (190_00, 340_00, 2)

    @pytest.mark.parametrize("clocks", CLOCKS)
    @pytest.mark.parametrize("is_now", [False, True])
    @pytest.mark.parametrize("basis", ["seat", "territory"])
    def test_a_clock_leaves_what_the_reader_may_see(
        self, cast: Cast, acting: Acting, clocks: dict[str, str], is_now: bool, basis: str
    ) -> None:
        found = self.measures(cast, acting, clocks, is_now=is_now)
        assert {row.name: row.sums.intake for row in found.rows} == {"East 2": 190_00}
        assert (found.total.intake, found.customers) == (190_00, (1, 0))
        team = self.team(cast, acting, clocks, is_now=is_now, basis=basis)
        assert team.total.intake == 190_00
        assert not [row for row in team.rows if row.is_moved]
        with acting(cast.manager):
            node, as_of = cast.territories["East Team"].pk, AsOf.of(clocks)
            chosen = CreditFilter(cast.q2, node_id=node, basis=basis, is_now=is_now, as_of=as_of)
            total = credit_total(chosen, reach())
        assert (total.figure_minor, total.beyond_minor, total.beyond_count) == (190_00, 0, 0)

    def test_neither_is_a_week(self, cast: Cast, acting: Acting) -> None:
        days = {"starts_on": date(2026, 4, 20), "stops_on": date(2026, 4, 27)}
        week = Period(code="2026-W17", kind=Period.Kind.WEEK, **days)
        with acting(cast.manager):
            total = credit_total(CreditFilter(week, node_id=cast.territories["East Team"].pk), reach())
        assert (total.figure_minor, total.figure_count) == (0, 0)

    def test_who_reads_everything_is_told_everything(self, cast: Cast, acting: Acting) -> None:
        for clocks, minor in (({"valid": BEFORE}, 490_00), ({"known": "2026-04-24"}, 490_00)):
            with acting(cast.executive):
                found = measured(reach(), asked(cast, clocks), cast.territories["East Team"].pk)
                assert found.total.intake == minor
                assert team_attainment(reach(), asked(cast, clocks)).total.intake == minor

    def test_what_was_recorded_since_is_told_of_the_same_credits(self, cast: Cast) -> None:
        for tree in ("", "&tree=now"):
            node = cast.territories["East Team"].pk
            found = Api(cast.manager).get(
                f"attainment/changes/?period=2026-Q2&known=2026-04-24&node={node}{tree}"
            )
            assert found.status_code == 200
            assert "40.00" not in found.content.decode()

    def test_pages_files_and_the_api_say_the_same(self, cast: Cast, browse: Any) -> None:
        client, node = browse(cast.manager), cast.territories["East Team"].pk
        for clock in (f"valid={LAST}", "known=2026-04-25"):
            listed = plain(page_of(client, f"?period=2026-04&node={node}&{clock}"))
            assert "not in your reach" not in listed
            assert "Total of 1 credit $190.00" in listed
            query = f"period=2026-Q2&node={node}&{clock}"
            for url in (f"/quotas/measures/?{query}", f"/quotas/team/?period=2026-Q2&{clock}"):
                words = plain(client.get(url).content.decode())
                assert "190.00" in words
                assert not [one for one in ("530.00", "340.00", "Moved to") if one in words]
            text = client.get(f"/quotas/team/file/?period=2026-Q2&{clock}")
            said = b"".join(text.streaming_content if text.streaming else [text.content]).decode()
            assert [one in said for one in ("190.00", "340.00", "Moved to")] == [True, False, False]
            rows = Api(cast.manager).get(f"insight/measures/?{query}").json()["results"]
            assert {row["name"]: row["order_intake"] for row in rows} == {"East 2": "190.00"}


@pytest.mark.parametrize("clocks", [{"valid": "2026-05-15"}, {"known": "2026-05-15"}])
def test_of_who_came_since_is_told_by_a_clock_what_the_reader_may_see(
    cast: Cast, acting: Acting, sell: Sell, stamps: Stamps, night: Night, clocks: dict[str, str]
) -> None:
    stamps(datetime(2026, 4, 1, 12, tzinfo=UTC))
    sell("Acorn", 100_00, date(2026, 4, 14), {"rep": WHOLE})
    new_node(cast, acting, "West 2", "West Team")
    reseat(cast, acting, "rep", "West 2")
    sell("Acorn", 30_00, date(2026, 5, 12), {"rep": WHOLE})
    stamps(datetime(2026, 5, 13, 12, tzinfo=UTC))
    night()
    node = cast.territories["West Team"].pk
    for asked_by, minor in (({}, 130_00), (clocks, 30_00)):
        with acting(cast.other_manager):
            as_of, opened = AsOf.of(asked_by), frozenset({node})
            question = Question(cast.q2, [cast.q2], TODAY, opened=opened, is_now=True, as_of=as_of)
            found = measured(reach(), question, node)
            team = team_attainment(reach(), question)
            listed = [*(row.credits for row in found.rows), *(row.credits for row in team.rows)]
            behind = [one for one in listed if one]
            assert {credit_total(one, reach()).figure_minor for one in behind} <= {minor, 0}
        assert (found.total.intake, team.total.intake) == (minor, minor)
