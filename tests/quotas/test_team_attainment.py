"""The director's page: who is ahead, who is behind, each figure a link to credits that sum to it."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.models import Period, Run
from common.transaction import work
from quotas.selectors.doubled import quota_notes
from quotas.selectors.team import Question, Row, Team, rows_below, team_attainment
from quotas.services import set_quota
from territories.models import Edge, Seat
from territories.services import create_territory, end_seat, move_territory, seat_person
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.quotas.conftest import Sell

APRIL, MAY = date(2026, 4, 14), date(2026, 5, 12)
WHOLE = 100_000_000
Night = Callable[..., Run]
Browse = Callable[[Any], Browser]


def ask(cast: Cast, *, year: bool = False, opened: str | None = None, **more: Any) -> Question:
    quarters = list(Period.objects.filter(code__in=["2026-Q1", "2026-Q2"])) if year else [cast.q2]
    nodes = None if opened is None else frozenset(cast.territories[name].pk for name in opened.split(","))
    return Question(period=cast.q2, quarters=quarters, on=date(2026, 5, 20), opened=nodes, **more)


def named(team: Team) -> list[str]:
    return [row.name for row in team.rows]


def give(cast: Cast, acting: Acting, quarter: Period, **amounts: int) -> None:
    """Quotas by name: a person of the cast, or a territory with underscores."""
    with acting(cast.admin):
        for name, amount in amounts.items():
            person = getattr(cast, name, None)
            assignee: dict[str, Any] = (
                {"person_id": person.pk}
                if person
                else {"territory_id": cast.territories[name.replace("_", " ")].pk}
            )
            set_quota(by=cast.admin.pk, period_id=quarter.pk, amount_minor=amount, reason="Plan", **assignee)


@pytest.fixture
def sold(cast: Cast, sell: Sell, night: Night, acting: Acting) -> None:
    """Rita 130 % of 1,000, Paul 110 % of 500, Oscar nothing; East Team is assigned 1,800."""
    give(cast, acting, cast.q2, rep=1_000_00, peer=500_00, manager=1_800_00)
    sell("Acorn", 1_300_00, MAY)
    sell("Beech", 550_00, APRIL)
    night()


class TestFigures:
    def test_130_percent_is_shown_and_stands_above_110(self, cast: Cast, sold: None, acting: Acting) -> None:
        with acting(cast.manager):
            team = team_attainment_of(cast, opened="East Team")
        rows = [(row.name, row.figures.attainment) for row in team.rows[1:]]
        assert [name for name, _ in rows] == ["East 1", "East 2"]
        assert [float(ratio or 0) for _, ratio in rows] == [1.3, 1.1]

    def test_a_team_shows_its_assigned_and_its_rolled_up_quota(
        self, cast: Cast, sold: None, acting: Acting
    ) -> None:
        with acting(cast.manager):
            top = team_attainment_of(cast).rows[0]
        assert (top.assigned, top.rolled_up) == (1_800_00, 1_500_00)
        assert (top.figures.quota, top.figures.intake, top.figures.gap) == (1_800_00, 1_850_00, -50_00)

    def test_a_vacancy_counts_its_territorys_quota(self, cast: Cast, acting: Acting, night: Night) -> None:
        give(cast, acting, cast.q2, rep=300_00, East_2=250_00)
        with acting(cast.admin):
            seat = Seat.objects.current().get(user=cast.peer)
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 4, 1))
        night()
        with acting(cast.manager):
            team = team_attainment_of(cast)
        assert team.rows[0].rolled_up == 550_00
        vacant = next(row for row in team.rows if row.name == "East 2")
        assert vacant.is_vacant
        assert (vacant.figures.quota, vacant.figures.intake) == (250_00, 0)

    def test_pace_is_an_equal_share_per_working_day(self, cast: Cast, sold: None, acting: Acting) -> None:
        with acting(cast.manager):
            row = next(row for row in team_attainment_of(cast).rows if row.name == "East 1")
        # 35 of the quarter's 65 working days have ended before Wednesday, 20 May.
        assert row.figures.pace == pytest.approx(1.3 / (35 / 65))

    def test_the_year_so_far_is_of_sums_and_not_of_percentages(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        give(cast, acting, cast.q1, rep=100_00)
        give(cast, acting, cast.q2, rep=50_00)
        sell("Acorn", 50_00, date(2026, 2, 2))
        sell("Acorn", 100_00, MAY)
        night()
        with acting(cast.manager):
            team = team_attainment(reach_of(), ask(cast, year=True))
        assert next(row for row in team.rows if row.name == "East 1").figures.attainment == 1

    def test_nobodys_quota_is_a_dash_and_nothing_sold_is_zero(
        self, cast: Cast, night: Night, browse: Browse
    ) -> None:
        night()
        page = browse(cast.manager).get(reverse("team_attainment")).content.decode()
        row = page[page.index("East 1") :]
        cells = re.findall(r'<td class="num"[^>]*>(.*?)</td>', row, re.DOTALL)[:5]
        texts = [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]
        assert texts == ["—", "$0.00", "—", "—", "—"]
        assert re.findall(r'data-label="(.*?)"', row)[:4] == ["Quota", "Order intake", "Pace", "Gap"]

    def test_a_family_alone(self, cast: Cast, sell: Sell, night: Night, acting: Acting) -> None:
        sell("Acorn", 10_00, MAY)
        sell("Acorn", 5_00, MAY, product="Server")
        night()
        with acting(cast.executive):
            team = team_attainment(reach_of(), ask(cast, family_id=cast.families["Hardware"].pk))
        assert team.total.intake == 5_00

    def test_the_year_to_date_ends_with_the_quarter_that_has_begun(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        for code in ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"):
            give(cast, acting, Period.objects.get(code=code), rep=100_00)
        sell("Acorn", 150_00, MAY)
        night()
        client, totals = browse(cast.manager), []
        for code in ("2026-Q2", "2026-Q4"):
            page = client.get(f"{reverse('team_attainment')}?period={code}&view=year")
            total = page.context["team"].total
            totals.append((total.quota, total.intake, total.gap, total.due))
        # 35 of the quarter's 65 working days are due of its 100.00, and all of the first quarter's.
        assert totals == [(200_00, 150_00, 50_00, 153_85)] * 2
        quarter = client.get(f"{reverse('team_attainment')}?period=2026-Q4").context["team"].total
        assert (quarter.quota, quarter.intake, quarter.pace) == (100_00, 0, None)


class TestTree:
    def test_every_row_is_the_sum_of_the_rows_below_it(self, cast: Cast, sold: None, acting: Acting) -> None:
        every = ",".join(cast.territories)
        with acting(cast.admin):
            team = team_attainment(reach_of(), ask(cast, opened=every))
        for row in team.rows:
            below = [one for one in team.rows if one.path.rpartition("/")[0] == row.path]
            if below:
                assert sum(one.figures.intake for one in below) == row.figures.intake
        assert team.total.intake == 1_850_00

    def test_a_person_stands_below_their_territory(self, cast: Cast, sold: None, acting: Acting) -> None:
        with acting(cast.manager):
            team = team_attainment_of(cast, opened="East Team,East 1")
        person = next(row for row in team.rows if row.person_id == cast.rep.pk)
        assert (person.figures.intake, person.figures.quota) == (1_300_00, 1_000_00)
        assert person.path.startswith(next(row.path for row in team.rows if row.name == "East 1"))

    def test_a_territory_that_moved_counts_under_each_parent_for_its_days(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Beech", 10_00, date(2026, 5, 9))
        sell("Beech", 25_00, date(2026, 5, 10))
        move(cast, acting)
        night()
        with acting(cast.executive):
            team = team_attainment(reach_of(), ask(cast, opened=",".join(cast.territories)))
        paths = {row.path: row.figures.intake for row in team.rows if row.name == "East 2"}
        assert sorted(paths.values()) == [10_00, 25_00]
        stays = [(row.since, row.until) for row in team.rows if row.name == "East 2"]
        assert set(stays) == {(None, date(2026, 5, 10)), (date(2026, 5, 10), None)}
        totals = {row.name: row.figures.intake for row in team.rows if row.name in ("East Team", "West Team")}
        assert totals == {"East Team": 10_00, "West Team": 25_00}

    def test_what_moved_to_another_manager_keeps_the_sum_and_is_named(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        sell("Acorn", 7_00, MAY)
        sell("Beech", 10_00, date(2026, 5, 9))
        move(cast, acting)
        night()
        with acting(cast.manager):
            team = team_attainment_of(cast)
        assert [(row.name, row.figures.intake) for row in team.rows] == [
            ("East Team", 17_00),
            ("East 1", 7_00),
            ("", 10_00),
        ]
        page = browse(cast.manager).get(reverse("team_attainment")).content.decode()
        assert "Moved to another territory since" in page
        assert "East 2" not in page

    def test_what_lies_below_a_team_that_moved_is_cut_at_the_same_day(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        for day, amount in ((date(2026, 4, 9), 1_00), (date(2026, 5, 9), 10_00), (date(2026, 5, 10), 25_00)):
            sell("Acorn", amount, day, {"rep": WHOLE})
            sell("Beech", 7 * amount, day, {"peer": WHOLE})
        move(cast, acting, "East", "West")
        night()
        names = {node.pk: node.name for node in cast.territories.values()}
        with acting(cast.executive):
            team = team_attainment(reach_of(), ask(cast, opened=",".join(cast.territories)))
        found = {
            "/".join(names[int(part)] for part in row.path.split("/")): row.figures.intake
            for row in team.rows
            if row.node_id
        }
        assert found["Company/East/East Team"] == 8 * 11_00
        assert found["Company/East/East Team/East 1"] == 11_00
        assert found["Company/West/East/East Team"] == 8 * 25_00
        assert found["Company/West/East/East Team/East 2"] == 7 * 25_00
        for row in team.rows:
            below = [one for one in team.rows if one.path.rpartition("/")[0] == row.path]
            assert not below or sum(one.figures.intake for one in below) == row.figures.intake
        assert not any(row.is_moved for row in team.rows)
        client = browse(cast.executive)
        page = client.get(reverse("team_attainment"), {"open": ",".join(map(str, names))}).content.decode()
        links = re.findall(r'<a href="([^"]*credits/[^"]*)">([^<]*)</a>', page)
        assert len({address for address, _figure in links}) > 12
        for address, figure in links:
            assert f">{figure}<" in client.get(unescape(address)).content.decode(), address

    def test_a_territory_that_left_and_came_back_shows_the_credits_of_all_its_days(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        for day, amount in ((date(2026, 4, 5), 100_00), (date(2026, 5, 1), 10_00), (date(2026, 5, 15), 1_00)):
            sell("Beech", amount, day)
        move(cast, acting, on=date(2026, 4, 20))
        move(cast, acting, below="East Team", on=date(2026, 5, 10))
        night()
        with acting(cast.executive):
            team = team_attainment(reach_of(), ask(cast, opened=",".join(cast.territories)))
        rows = {row.figures.intake: query_of(row) for row in team.rows if row.name == "East 2"}
        assert set(rows) == {101_00, 10_00}
        assert "days=2026-04-01..2026-04-19,2026-05-10..2026-06-30" in rows[101_00]
        page = browse(cast.executive).get(f"{reverse('credit_list')}?{rows[101_00]}").content.decode()
        assert "Total of all 2 credits" in page
        assert ">$101.00<" in page

    def test_days_that_touch_are_one_stay(self, cast: Cast, sell: Sell, night: Night, acting: Acting) -> None:
        sell("Beech", 10_00, APRIL)
        with work(by=None, why="twice", reach=Reach.everything()):
            edge = Edge.objects.get(child=cast.territories["East 2"])
            edge.replaced(stops_on=MAY)
            Edge.objects.create(child=edge.child, parent=edge.parent, starts_on=MAY)
        night()
        with acting(cast.manager):
            team = team_attainment_of(cast)
        stays = [(row.figures.intake, row.since, row.until) for row in team.rows if row.name == "East 2"]
        assert stays == [(10_00, None, None)]

    def test_a_root_that_went_below_another_counts_once(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        give(cast, acting, cast.q2, other_director=500_00, director=700_00)
        move(cast, acting, "West", None, on=date(2026, 4, 1))
        move(cast, acting, "West", "Company", on=date(2026, 5, 4))
        sell("Cedar", 100_00, date(2026, 4, 10))
        sell("Cedar", 1_000_00, MAY)
        night()
        with acting(cast.executive):
            team = team_attainment(reach_of(), ask(cast))
            west = cast.territories["West"].pk
            below = rows_below(reach_of(), ask(cast), [west])
        assert {row.name: (row.figures.intake, row.figures.quota) for row in team.tops} == {
            "Company": (1_000_00, 1_200_00),
            "West": (100_00, None),
        }
        assert (team.total.intake, team.total.quota) == (1_100_00, 1_200_00)
        assert [row.figures.intake for row in below] == [100_00]
        client = browse(cast.executive)
        for row in team.tops:
            credits = client.get(f"{reverse('credit_list')}?{query_of(row)}").content.decode()
            assert f">${row.figures.intake // 100:,}.00<" in credits

    def test_what_a_leaver_was_asked_for_is_seen_by_their_manager_as_by_an_executive(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        give(cast, acting, cast.q2, rep=300_00, peer=250_00)
        sell("Acorn", 100_00, date(2026, 4, 10))
        with acting(cast.admin):
            seat = Seat.objects.current().get(user=cast.rep)
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 1))
        night()
        for who in (cast.manager, cast.executive):
            with acting(who):
                team = team_attainment_of(cast, opened="Company,East,East Team,East 1")
            rows = [row for row in team.rows if row.person_id == cast.rep.pk]
            assert [(row.figures.quota, row.figures.intake) for row in rows] == [(300_00, 100_00)]

    def test_helping_elsewhere_for_longer_leaves_the_quota_where_its_owner_sat(
        self, cast: Cast, night: Night, acting: Acting
    ) -> None:
        give(cast, acting, cast.q2, rep=300_00)
        with acting(cast.admin):
            west = {"territory_id": cast.territories["West"].pk, "kind": "overlay"}
            days = {"starts_on": date(2026, 4, 1), "stops_on": date(2026, 8, 1)}
            seat_person(by=cast.admin.pk, user_id=cast.rep.pk, **west, **days)
            seat = Seat.objects.current().get(user=cast.rep, kind="owner")
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 6, 29))
        night()
        with acting(cast.executive):
            team = team_attainment(reach_of(), ask(cast, opened=",".join(cast.territories)))
        quotas = {row.name: row.figures.quota for row in team.rows if row.node_id}
        assert (quotas["East 1"], quotas["East"], quotas["West"]) == (300_00, 300_00, None)
        seats = [row.figures.quota for row in team.rows if row.person_id == cast.rep.pk]
        assert sorted(seats, key=str) == [300_00, None]

    def test_a_person_who_sold_on_two_levels_is_counted_on_each(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        sell("Acorn", 10_00, MAY, {"rep": WHOLE})
        with acting(cast.admin):
            seat = Seat.objects.current().get(user=cast.rep)
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 15))
            east_team = cast.territories["East Team"].pk
            one = {"user_id": cast.rep.pk, "territory_id": east_team, "kind": "owner"}
            seat_person(by=cast.admin.pk, starts_on=date(2026, 5, 15), **one)
        sell("Acorn", 4_00, date(2026, 5, 18), {"rep": WHOLE})
        night()
        with acting(cast.executive):
            team = team_attainment(reach_of(), ask(cast, opened=",".join(cast.territories)))
        rows = [row for row in team.rows if row.person_id == cast.rep.pk]
        assert sorted(row.figures.intake for row in rows) == [4_00, 10_00]
        client = browse(cast.executive)
        for row in rows:
            credits = client.get(f"{reverse('credit_list')}?{query_of(row)}").content.decode()
            assert f">${row.figures.intake // 100}.00<" in credits
            assert "Total of 1 credit" in credits

    def test_each_reader_begins_at_what_they_lead(self, cast: Cast, sold: None, acting: Acting) -> None:
        tops = {}
        for who in ("manager", "director", "other_director", "admin", "executive"):
            with acting(getattr(cast, who)):
                tops[who] = [row.name for row in team_attainment_of(cast).tops]
        assert tops == {
            "manager": ["East Team"],
            "director": ["East"],
            "other_director": ["West"],
            "admin": ["Company"],
            "executive": ["Company"],
        }

    def test_a_path_that_no_tree_of_the_quarter_has_is_empty(
        self, cast: Cast, sold: None, acting: Acting
    ) -> None:
        with acting(cast.executive):
            path = [cast.territories["Company"].pk, cast.territories["East 1"].pk]
            assert rows_below(reach_of(), ask(cast), path) == []

    def test_another_regions_nodes_stay_closed(self, cast: Cast, sold: None, browse: Browse) -> None:
        east_1, east_team = cast.territories["East 1"].pk, cast.territories["East Team"].pk
        client = browse(cast.other_director)
        page = client.get(reverse("team_attainment"), {"open": f"{east_team},{east_1}"}).content.decode()
        assert "Rita Rep" not in page
        assert "1,300" not in page
        rows = client.get(reverse("team_attainment_rows"), {"path": str(east_team)}).content.decode()
        assert "<tr" not in rows


class TestPage:
    def test_the_page_says_as_of_when_by_which_run_and_which_tree(
        self, cast: Cast, sold: None, browse: Browse
    ) -> None:
        page = browse(cast.director).get(reverse("team_attainment")).content.decode()
        assert "As of" in page
        assert "attainment run" in page
        assert "next run" in page
        assert "As sold" in page
        assert "equal share of the quota per working day" in page

    def test_every_figure_opens_credits_that_sum_to_it(self, cast: Cast, sold: None, browse: Browse) -> None:
        client = browse(cast.director)
        every = ",".join(str(node.pk) for node in cast.territories.values())
        page = client.get(reverse("team_attainment"), {"open": every}).content.decode()
        links = re.findall(r'<a href="([^"]*credits/[^"]*)">([^<]*)</a>', page)
        assert len(links) > 4
        for address, figure in links:
            credits = client.get(unescape(address)).content.decode()
            assert f">{figure}<" in credits, address

    def test_a_node_opens_in_place(self, cast: Cast, sold: None, browse: Browse) -> None:
        path = f"{cast.territories['East'].pk}/{cast.territories['East Team'].pk}"
        page = browse(cast.director).get(reverse("team_attainment_rows"), {"path": path}).content.decode()
        assert re.findall(r'data-path="([^"]*)"', page) == [
            f"{path}/{cast.territories[name].pk}" for name in ("East 1", "East 2")
        ]

    def test_a_node_opens_and_closes_by_its_link_alone(self, cast: Cast, sold: None, browse: Browse) -> None:
        client, address = browse(cast.director), reverse("team_attainment")
        page = client.get(address, {"sort": "name"}).content.decode()
        team = cast.territories["East Team"].pk
        link = re.search(rf'href="(\?[^"]*)" data-children="[^"]*{team}" aria-expanded="false"', page)
        assert link
        opened = client.get(address + unescape(link[1])).content.decode()
        assert "East 1" in opened
        assert "East 1" not in page
        closing = re.search(rf'href="(\?[^"]*)" data-children="[^"]*{team}" aria-expanded="true"', opened)
        assert closing
        assert "East 1" not in client.get(address + unescape(closing[1])).content.decode()

    def test_quarter_view_tree_and_family_keep_what_is_chosen(
        self, cast: Cast, sold: None, browse: Browse
    ) -> None:
        query = {"view": "year", "basis": "territory", "sort": "name", "open": "none"}
        page = unescape(browse(cast.director).get(reverse("team_attainment"), query).content.decode())
        assert "Year-to-date attainment" in page
        assert "As sold, by the territories of the accounts." in page
        assert 'href="?view=year&basis=territory&sort=name&open=none&period=2026-Q1"' in page
        assert 'href="?view=year&sort=name&open=none&basis=seat"' in page
        assert '<input type="hidden" name="view" value="year"' in page

    @pytest.mark.parametrize(
        "query", ["period=2026", "view=month", "basis=x", "open=1,x", "sort=size", "nothing=1", "family=x"]
    )
    def test_a_filter_that_is_not_known_is_refused(self, cast: Cast, browse: Browse, query: str) -> None:
        assert browse(cast.director).get(f"{reverse('team_attainment')}?{query}").status_code == 400

    def test_a_rep_and_a_coordinator_are_told_that_it_is_not_their_page(
        self, cast: Cast, browse: Browse
    ) -> None:
        for person in (cast.rep, cast.coordinator):
            assert browse(person).get(reverse("team_attainment")).status_code == 403

    def more_of_pauls(self, cast: Cast, acting: Acting, start: int, stop: int) -> None:
        """New 0, New 1, … below East Team, all of them Paul's."""
        with acting(cast.admin):
            for number in range(start, stop):
                place = {"parent_id": cast.territories["East Team"].pk, "starts_on": date(2026, 4, 1)}
                called = {"name": f"New {number}", "code": f"NEW-{number}"}
                node = create_territory(by=cast.admin.pk, **called, **place)
                seat = {"territory_id": node.pk, "kind": "owner", "starts_on": date(2026, 4, 1)}
                seat_person(by=cast.admin.pk, user_id=cast.peer.pk, **seat)

    def test_queries_do_not_grow_with_rows(
        self, cast: Cast, sold: None, browse: Browse, acting: Acting, night: Night
    ) -> None:
        self.more_of_pauls(cast, acting, 0, 1)
        night()
        client = browse(cast.manager)
        client.get(reverse("team_attainment"))
        few = queries(client)
        self.more_of_pauls(cast, acting, 1, 10)
        night()
        client.get(reverse("team_attainment"))  # which reads the tree anew
        assert queries(client) == few


class TestWhoOwnsSeveral:
    """A quota is its person's: it stands whole in one of their territories, and all of them say so."""

    @pytest.fixture
    def _doubled(self, cast: Cast, sold: None, acting: Acting, night: Night) -> None:
        """Rita owns East 1 and East 2, which is Paul's no more; he helps in East 1."""
        with acting(cast.admin):
            seat = Seat.objects.current().get(user=cast.peer)
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=APRIL)
            place = {"territory_id": cast.territories["East 2"].pk, "starts_on": APRIL}
            seat_person(by=cast.admin.pk, user_id=cast.rep.pk, kind="owner", **place)
        night()

    @pytest.mark.usefixtures("_doubled")
    def test_each_of_the_rows_tells(self, cast: Cast, browse: Browse) -> None:
        page = browse(cast.director).get(
            reverse("team_attainment"), {"period": "2026-Q2", "basis": "territory", "open": opened(cast)}
        )
        told = {row.name: (row.figures.quota, list(row.notes)) for row in page.context["team"].rows}
        assert told["East 1"] == (
            1_000_00,
            ["quota of Rita Rep, who also owns East 2 (from Apr 14, 2026 on)"],
        )
        # Paul's quota stays where he sat last.
        assert told["East 2"] == (
            500_00,
            ["the quota of Rita Rep, who is here from Apr 14, 2026 on, counts in East 1"],
        )
        assert told["East Team"] == (1_800_00, [])
        text = unescape(page.content.decode())
        assert "who owns several territories has all of it in one of them, as their rows say" in text

    @pytest.mark.usefixtures("_doubled")
    def test_before_and_without_a_quota_nothing_is_told(self, cast: Cast, browse: Browse) -> None:
        client, url = browse(cast.director), reverse("team_attainment")
        for query in ({"period": "2026-Q1"}, {"period": "2026-Q2", "family": cast.families["Hardware"].pk}):
            page = client.get(url, {**query, "open": opened(cast)})
            assert not any(row.notes for row in page.context["team"].rows)
            assert "is not cut up" not in page.content.decode()

    def test_nobody_is_told_of_whose_quota_one_does_not_read(self, cast: Cast, acting: Acting) -> None:
        """Oscar of West 1 also had East 2 until March; his quota of 2025 is told to no manager of East's."""
        with work(by=None, why="two regions", reach=Reach.everything()):
            for seat in Seat.objects.current().filter(user__in=[cast.peer, cast.other_rep]):
                seat.supersede()
            for name, last in (("West 1", None), ("East 2", date(2026, 3, 1))):
                days = {"starts_on": date(2025, 1, 1), "stops_on": last, "share": 5_000}
                node = cast.territories[name]
                Seat.objects.create(user=cast.other_rep, territory=node, kind="owner", **days)
            q4 = Period.objects.get(code="2025-Q4")
        with acting(cast.admin):
            set_quota(
                by=cast.admin.pk,
                period_id=q4.pk,
                person_id=cast.other_rep.pk,
                amount_minor=777_77,
                reason="r",
            )
        shared = cast.territories["East 2"].pk
        told = {}
        for person in (cast.manager, cast.admin):
            with acting(person):
                told[person.pk] = quota_notes(q4, [shared]).get(shared, [])
        assert told[cast.manager.pk] == []
        assert "Oscar" in told[cast.admin.pk][0]

    def test_who_leads_and_sells_is_told_of_too(
        self, cast: Cast, sold: None, acting: Acting, browse: Browse, night: Night
    ) -> None:
        with acting(cast.admin):
            place = {"territory_id": cast.territories["East 2"].pk, "starts_on": date(2026, 7, 1)}
            seat = Seat.objects.current().get(user=cast.peer)
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 7, 1))
            seat_person(by=cast.admin.pk, user_id=cast.manager.pk, kind="owner", **place)
            q3 = Period.objects.get(code="2026-Q3")
            set_quota(by=cast.admin.pk, period_id=q3.pk, person_id=cast.manager.pk, amount_minor=900_00)
        night()
        rows = (
            browse(cast.director)
            .get(reverse("team_attainment"), {"period": "2026-Q3", "open": opened(cast)})
            .context["team"]
            .rows
        )
        assert {row.name: list(row.notes) for row in rows if row.notes} == {
            "East Team": ["the quota of Mona Manager counts in East 2"],
            "East 2": ["quota of Mona Manager, who also sits on East Team"],
        }


def opened(cast: Cast) -> str:
    return ",".join(str(cast.territories[name].pk) for name in ("East", "East Team"))


def queries(client: Browser) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("team_attainment"))
    return len(found)


def move(
    cast: Cast,
    acting: Acting,
    what: str = "East 2",
    below: str | None = "West Team",
    on: date = date(2026, 5, 10),
) -> None:
    with acting(cast.admin):
        parent = cast.territories[below].pk if below else None
        move_territory(by=cast.admin.pk, territory_id=cast.territories[what].pk, parent_id=parent, on=on)


def query_of(row: Row) -> str:
    assert row.credits
    return row.credits.query


def reach_of() -> Any:
    from common.transaction import reach

    return reach()


def team_attainment_of(cast: Cast, opened: str | None = None) -> Team:
    return team_attainment(reach_of(), ask(cast, opened=opened))
