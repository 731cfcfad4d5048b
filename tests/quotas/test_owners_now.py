"""By territory owner as organised now: what belongs in a territory today counts for who owns it today."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from common.transaction import reach
from orders.selectors.credits import NOBODY, CreditFilter, credit_total
from orders.selectors.known import AsOf, known_at
from quotas.selectors.question import Question
from quotas.selectors.team import Team, team_attainment
from territories.models import Seat
from territories.services import end_seat
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell
from tests.quotas.now import TODAY, Browse, move_account
from tests.quotas.test_crediting import handed_over, rule, sold
from tests.quotas.test_team_attainment import give
from tests.salesops.conftest import plain
from tests.stamps import Stamps, stamps

__all__ = ["sold", "stamps"]

OPEN = ("Company", "East", "East Team", "East 1", "East 2", "West", "West Team", "West 1")


def table_of(cast: Cast, acting: Acting, who: str = "executive", **asked: Any) -> Team:
    nodes = frozenset(cast.territories[name].pk for name in OPEN)
    kind = {"basis": "territory", "is_by_owner": True, "is_now": True, "opened": nodes, "sort": "name"}
    with acting(getattr(cast, who)):
        return team_attainment(reach(), Question(cast.q2, [cast.q2], TODAY, **{**kind, **asked}))


def figures(team: Team) -> list[tuple[str, int]]:
    return [(row.name, row.figures.intake) for row in team.rows if row.figures.intake]


def total_of(cast: Cast, acting: Acting, credits: CreditFilter | None, who: str = "executive") -> Any:
    assert credits
    with acting(getattr(cast, who)):
        return credit_total(credits, reach())


@pytest.mark.usefixtures("sold")
class TestOwnersOfToday:
    def test_all_of_a_territory_counts_for_who_owns_it_today(self, cast: Cast, acting: Acting) -> None:
        """The example of the page of words: 300.00, 200.00 and 500.00 were Ann's, nobody's and Bo's."""
        rule(cast, acting)
        above = [("Company", 1000_00), ("East", 1000_00), ("East Team", 1000_00), ("East 1", 1000_00)]
        assert figures(table_of(cast, acting)) == [*above, ("Paul Peer", 1000_00)]
        sold = figures(table_of(cast, acting, is_now=False))
        assert sold == [*above, ("Paul Peer", 500_00), ("Rita Rep", 300_00), ("Nobody owned it", 200_00)]

    def test_an_account_that_moved_takes_its_orders_to_todays_owner(
        self, cast: Cast, acting: Acting, night: Any
    ) -> None:
        rule(cast, acting)
        move_account(cast, acting, "Acorn", "West 1")
        night()
        team = table_of(cast, acting)
        assert figures(team) == [
            ("Company", 1000_00),
            ("West", 1000_00),
            ("West Team", 1000_00),
            ("West 1", 1000_00),
            ("Oscar Other", 1000_00),
        ]
        assert team.total.intake == 1000_00
        assert ("East", 1000_00) in figures(table_of(cast, acting, is_now=False))

    def test_what_nobody_owns_today_stands_in_a_row_of_its_own(self, cast: Cast, acting: Acting) -> None:
        rule(cast, acting)
        with acting(cast.admin):
            place = cast.territories["East 1"]
            seat = Seat.objects.current().get(user=cast.peer, territory=place)
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 15), reason="gives it up")
        team = table_of(cast, acting)
        assert figures(team)[-2:] == [("East 1", 1000_00), ("Nobody owns it", 1000_00)]
        [row] = [row for row in team.rows if row.name == "Nobody owns it"]
        assert row.credits
        assert row.credits.owner_id == NOBODY
        assert total_of(cast, acting, row.credits).figure_minor == 1000_00

    @pytest.mark.parametrize("who", ["executive", "director", "manager"])
    def test_rows_add_up_and_the_credits_behind_each_come_to_it(
        self, cast: Cast, acting: Acting, who: str
    ) -> None:
        rule(cast, acting)
        team = table_of(cast, acting, who)
        for row in team.rows:
            assert total_of(cast, acting, row.credits, who).figure_minor == row.figures.intake
            level, below = row.level + 1, [one for one in team.rows if one.path.startswith(f"{row.path}/")]
            if below:
                direct = [one.figures.intake for one in below if one.level == level]
                assert sum(direct) == row.figures.intake

    def test_a_lead_is_told_all_that_came_to_their_owner_and_none_of_its_rows(
        self, cast: Cast, acting: Acting, night: Any
    ) -> None:
        rule(cast, acting)
        move_account(cast, acting, "Acorn", "West 1")
        night()
        team = table_of(cast, acting, "other_manager")
        [row] = [row for row in team.rows if row.person_id == cast.other_rep.pk]
        assert row.figures.intake == 1000_00
        total = total_of(cast, acting, row.credits, "other_manager")
        assert (total.plan_minor, total.beyond_minor) == (0, 1000_00)
        assert total_of(cast, acting, row.credits, "other_rep").figure_minor == 0
        assert total_of(cast, acting, row.credits, "manager").beyond_minor == 0

    def test_by_seat_it_still_says_who_sold(self, cast: Cast, acting: Acting) -> None:
        rule(cast, acting)
        found = dict(figures(table_of(cast, acting, basis="seat", is_by_owner=False)))
        # Rita sits nowhere today: what she sold stays on East 1, where she sat, or where it was stamped.
        assert (found["Rita Rep"], found["Paul Peer"], found["Company"]) == (450_00, 550_00, 1000_00)

    def test_a_quota_stays_with_its_person(self, cast: Cast, acting: Acting, night: Any) -> None:
        rule(cast, acting)
        give(cast, acting, cast.q2, peer=2000_00)
        night()
        theirs = [row for row in table_of(cast, acting).rows if row.person_id == cast.peer.pk]
        assert [row.figures.quota for row in theirs if row.figures.quota] == [2000_00]

    def test_the_page_the_file_and_the_api_name_the_rule(
        self, cast: Cast, acting: Acting, browse: Browse
    ) -> None:
        address = f"{reverse('team_attainment')}?period=2026-Q2&tree=now"
        assert "this view shows who sold" not in plain(browse(cast.manager).get(address))
        rule(cast, acting)
        words = plain(browse(cast.manager).get(address))
        assert "Credited by territory owner" in words
        assert "by where the accounts are today and who owns these territories today" in words
        assert "this view shows who sold" in plain(browse(cast.manager).get(f"{address}&basis=seat"))
        file = browse(cast.manager).get(f"{reverse('team_attainment_csv')}?period=2026-Q2&tree=now")
        assert "by territory owner" in file.content.decode()
        node = cast.territories["East 1"].pk
        asked = f"attainment/changes/?period=2026-Q2&known=2026-04-30&node={node}&tree=now"
        assert Api(cast.manager).get(asked).json()["crediting_rule"] == "by_territory_owner"

    def test_the_list_says_whose_it_is_now(self, cast: Cast, acting: Acting, browse: Browse) -> None:
        rule(cast, acting)
        node = cast.territories["East 1"].pk
        asked = f"period=2026-Q2&owner={cast.peer.pk}&node={node}&basis=territory&alone=1&tree=now"
        words = plain(browse(cast.manager).get(f"{reverse('credit_list')}?{asked}"))
        assert "what belongs in the territories that are theirs today, whoever sold it" in words
        assert "$1,000.00" in words


def test_what_was_known_then_counts_for_todays_owners(
    cast: Cast, acting: Acting, sell: Sell, night: Any, stamps: Stamps
) -> None:
    sell("Acorn", 300_00, date(2026, 4, 10))
    stamps(datetime(2026, 4, 25, 9, tzinfo=UTC))
    sell("Acorn", 200_00, date(2026, 4, 20))
    handed_over(cast, acting)
    stamps(datetime(2026, 5, 10, 9, tzinfo=UTC))
    night()
    rule(cast, acting)
    with acting(cast.admin):
        then = AsOf(known=known_at(datetime(2026, 4, 30, 12, tzinfo=UTC)))
    assert figures(table_of(cast, acting, as_of=then))[-2:] == [("East 1", 300_00), ("Paul Peer", 300_00)]
    assert figures(table_of(cast, acting))[-2:] == [("East 1", 500_00), ("Paul Peer", 500_00)]
