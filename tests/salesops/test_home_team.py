"""The home of who leads: the team's figures, the largest gaps, and what changed since the last visit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from common.models import Run
from pipeline.models import Opportunity
from pipeline.services import clone_opportunity, create_opportunity, merge_deals
from salesops.services import note_visit
from tests.cast import Cast
from tests.conftest import TODAY, Acting, Browser
from tests.orders.test_winning import send_back
from tests.orders.winning import asks, won
from tests.quotas.conftest import Sell
from tests.salesops.conftest import HOME, plain, step

Browse = Callable[[Any], Browser]
Night = Callable[..., Run]


@pytest.mark.usefixtures("booked")
class TestFigures:
    def test_how_the_team_stands(self, cast: Cast, browse: Browse, night: Night) -> None:
        night()
        answer = browse(cast.manager).get(HOME)
        text = plain(answer)
        assert "Will East Team make 2026-Q2, and where is it missing?" in text
        # 1,150 of 1,400; 35 of 65 working days have ended. Year: 1,650 of 2,400.
        assert "Attainment 82.1% $1,150 of $1,400" in text
        assert "Year-to-date attainment 68.8%" in text
        assert "Pace 152.6%" in text
        assert "Gap $250" in text
        assert step(answer)[1] == "/quotas/team/"

    def test_each_tile_opens_the_figure_that_it_shows(self, cast: Cast, browse: Browse, night: Night) -> None:
        night()
        client = browse(cast.manager)
        page = client.get(HOME).content.decode()
        for url, figure in (("/quotas/team/", "82.1%"), ("/quotas/team/?view=year", "68.8%")):
            assert f'<a class="figure" href="{url}">{figure}</a>' in page
            assert figure in plain(client.get(url))
        own = browse(cast.rep)
        assert '<a class="figure" href="/quotas/mine/#year">' in own.get(HOME).content.decode()
        assert 'id="year"' in own.get("/quotas/mine/").content.decode()

    def test_what_is_in_play_beside_attainment_and_where_it_is(
        self, cast: Cast, browse: Browse, night: Night, acting: Acting
    ) -> None:
        """Open: 500 in Commit and 300 in Best Case, for the 250 that are missing; 1,150 are booked."""
        with acting(cast.admin):
            for name, minor, category in (("Acorn", 500_00, "commit"), ("Beech", 300_00, "best_case")):
                deals = Opportunity.objects.filter(name=f"{name} renewal")
                deals.update(amount_minor=minor, category=category)
        night()
        client = browse(cast.manager)
        answer = client.get(HOME)
        assert "Pipeline coverage 3.2 times" in plain(answer)
        assert "Commit $500 $1,650 with what is surer, at plan rates" in plain(answer)
        assert "Best Case $300 $1,950 with what is surer, at plan rates" in plain(answer)
        urls = [answer.context["deals_url"], *(one.url for one in answer.context["in_play"])]
        found = [[deal.name for deal in client.get(url).context["page"].rows] for url in urls]
        assert found == [["Acorn renewal", "Beech renewal"], ["Acorn renewal"], ["Beech renewal"]]

    def test_the_gaps_are_those_of_the_quarter_and_open_the_table_there(
        self, cast: Cast, browse: Browse, night: Night
    ) -> None:
        night()
        client = browse(cast.manager)
        answer = client.get(HOME)
        # Paul sold more than he was asked for. Rita's first quarter is not in her gap.
        assert "East 1 Rita Rep 61.1% $350" in plain(answer)
        assert "East 2" not in plain(answer)
        [gap] = answer.context["gaps"]
        east, first = cast.territories["East Team"].pk, cast.territories["East 1"].pk
        assert gap.url == f"/quotas/team/?open={east},{first}"
        table = plain(client.get(gap.url))
        assert "Rita Rep" in table
        assert "$550.00" in table

    def test_a_director_reads_the_teams_below(self, cast: Cast, browse: Browse, night: Night) -> None:
        night()
        text = plain(browse(cast.director).get(HOME))
        assert "Will East make 2026-Q2" in text
        assert "East Team Mona Manager 82.1% $250" in text

    def test_another_region_sees_nothing_of_it(self, cast: Cast, browse: Browse, night: Night) -> None:
        night()
        text = plain(browse(cast.other_director).get(HOME))
        assert "Attainment — $0 of —" in text
        # Cedar's deal alone.
        assert "Pipeline coverage — no quota Commit $100,000" in text
        assert "No gap" in text


class TestSince:
    """The tests' database writes the real present into `recorded_at`; what was there before is dated back."""

    @pytest.fixture(autouse=True)
    def quiet(self, cast: Cast, owner: Any) -> None:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE pipeline_stagevisit SET recorded_at = '2026-05-01T12:00Z'")

    def look(self, client: Browser) -> Any:
        return client.get(HOME).context["since"]

    def test_it_counts_from_the_visit_before_on_the_first_look(
        self, cast: Cast, browse: Browse, clock: Any
    ) -> None:
        client, seen = browse(cast.director), []
        for hours in (0, 1, 6, 7, 11.5):
            clock.move_to(TODAY + timedelta(hours=hours))
            seen.append(f"{self.look(client).instant:%H:%M}")
        # Four hours away make a new visit: at 15:00, and at 20:30.
        assert seen == ["09:00", "09:00", "10:00", "10:00", "16:00"]

    def test_what_was_recorded_since_is_counted_whatever_day_it_is_dated_on(
        self, cast: Cast, browse: Browse, acting: Acting, sell: Sell
    ) -> None:
        client = browse(cast.director)
        self.look(client)
        deal = cast.deals["Acorn renewal"]
        sell("Acorn", 100_00, date(2026, 3, 3), opportunity_id=deal.pk, opportunity_version=deal.version)
        with acting(cast.peer):
            create_opportunity(
                by=cast.peer.pk,
                account_id=cast.accounts["Beech"].pk,
                name="Beech more",
                amount_minor=0,
                currency="USD",
                close_on=date(2026, 9, 1),
                stage_id=cast.stages["Qualified"].pk,
            )
        since = self.look(client)
        assert (since.credits.value, since.won.value, since.opened.value) == (1, 1, 1)
        assert "New credits 1 Opportunities won 1 Opportunities opened 1" in plain(client.get(HOME))
        opened = client.get(since.opened_url)
        assert [row.name for row in opened.context["page"].rows] == ["Beech more"]
        assert "Opened since May 20, 2026" in plain(opened)
        assert [row.name for row in client.get(since.won_url).context["page"].rows] == ["Acorn renewal"]
        other = self.look(browse(cast.other_director))
        assert (other.credits.value, other.won.value, other.opened.value) == (0, 0, 0)

    def test_what_was_recorded_before_is_not(self, cast: Cast, browse: Browse) -> None:
        """The deals of the cast were opened on 2 February and recorded on 1 May."""
        since = self.look(browse(cast.director))
        assert (since.credits.value, since.won.value, since.opened.value) == (0, 0, 0)

    def test_a_deal_that_is_won_twice_counts_once_and_one_that_was_merged_not_at_all(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        client = browse(cast.director)
        self.look(client)
        asks(cast, acting, "contract")
        deal = cast.deals["Acorn renewal"]
        with acting(cast.rep):
            copy = clone_opportunity(
                by=cast.rep.pk, opportunity_id=deal.pk, name="Acorn again", close_on=date(2026, 6, 1)
            )
        assert self.look(client).opened.value == 1
        with acting(cast.rep):
            merge_deals(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, other_id=copy.pk)
        assert self.look(client).opened.value == 0
        with acting(cast.rep):
            won(cast)
        assert self.look(client).won.value == 1
        with acting(cast.coordinator):
            send_back(cast, cast.coordinator)
        assert self.look(client).won.value == 0
        with acting(cast.rep):
            won(cast)
        assert self.look(client).won.value == 1

    def test_a_double_first_click_is_one_visit(self, cast: Cast, owner: Any) -> None:
        together = Barrier(4)

        def click(_number: int) -> datetime:
            together.wait()
            try:
                return note_visit(person_id=cast.director.pk)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as clicks:
            assert len(list(clicks.map(click, range(4)))) == 4
        owner.execute("SELECT count(*) FROM territories_visit")
        assert owner.fetchone() == (1,)


def test_a_rep_leaves_no_trace_of_their_visits(cast: Cast, browse: Browse, owner: Any) -> None:
    assert browse(cast.rep).get(HOME).status_code == 200
    owner.execute("SELECT count(*) FROM territories_visit")
    assert owner.fetchone() == (0,)
