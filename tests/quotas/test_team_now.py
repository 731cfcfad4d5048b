"""Team attainment as organised now: the same credits under today's tree, by exact figures."""

import re
from collections import Counter
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.transaction import reach
from quotas.selectors.team import rows_below, team_attainment
from territories.models import Seat
from territories.services import end_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.quotas.conftest import Sell
from tests.quotas.now import (
    APRIL,
    FIRST_OF_MAY,
    HALF,
    MAY,
    WHOLE,
    Browse,
    Night,
    ask,
    figures,
    intakes,
    move_account,
    new_node,
    opening,
    reseat,
    retire,
    team_of,
    total_of,
)
from tests.quotas.test_team_attainment import give, move


class TestWhereCreditsHang:
    def test_a_rep_who_changed_team_in_may_takes_april_along(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        sell("Acorn", 100_00, APRIL)
        sell("Cedar", 40_00, APRIL)
        reseat(cast, acting, "rep", "West 2")
        sell("Acorn", 30_00, MAY, {"rep": WHOLE})
        night()
        sold = figures(cast, acting, is_now=False)
        assert (sold["East Team"], sold["West Team"], sold["Company"]) == (100_00, 70_00, 170_00)
        now = figures(cast, acting)
        assert now == {
            "Company": 170_00,
            "West": 170_00,
            "West Team": 170_00,
            "West 1": 40_00,
            "West 2": 130_00,
        }

    def test_april_of_that_rep_counts_for_the_new_team_and_as_sold_for_the_old_one(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        sell("Acorn", 100_00, APRIL)
        sell("Cedar", 40_00, APRIL)
        reseat(cast, acting, "rep", "West 2")
        night()
        client, nodes = browse(cast.executive), cast.territories
        for tree, east, west in (("sold", "100.00", "40.00"), ("now", "0.00", "140.00")):
            for name, figure in (("East Team", east), ("West Team", west), ("Company", "140.00")):
                query = {"period": "2026-04", "node": nodes[name].pk, "tree": tree}
                page = client.get(reverse("credit_list"), query).content.decode()
                assert f"${figure}<" in page or (figure == "0.00" and "No credit here" in page), (tree, name)

    def test_a_node_that_moved_brings_all_its_days_along(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Beech", 10_00, date(2026, 5, 9))
        sell("Beech", 25_00, date(2026, 5, 10))
        sell("Acorn", 7_00, APRIL)
        move(cast, acting)
        night()
        team = team_of(cast, acting)
        assert intakes(row for row in team.rows if row.node_id) == {
            "Company": 42_00,
            "East": 7_00,
            "East Team": 7_00,
            "East 1": 7_00,
            "West": 35_00,
            "West Team": 35_00,
            "East 2": 35_00,
        }
        assert [(row.since, row.until) for row in team.rows if row.name == "East 2"] == [(None, None)]
        assert team.total.intake == 42_00

    def test_an_account_that_moved_takes_its_orders_along_by_territory_alone(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Acorn", 100_00, APRIL)
        sell("Beech", 50_00, APRIL, {"rep": HALF, "other_rep": HALF})
        move_account(cast, acting, "Acorn", "West 1")
        night()
        by_territory = figures(cast, acting, basis="territory")
        assert (by_territory["East 2"], by_territory["East"], by_territory["West 1"]) == (
            50_00,
            50_00,
            100_00,
        )
        assert figures(cast, acting, basis="territory", is_now=False)["East"] == 150_00
        by_seat = figures(cast, acting)
        assert (by_seat["East 1"], by_seat["West 1"], by_seat["Company"]) == (125_00, 25_00, 150_00)

    def test_what_was_sold_by_somebody_who_sits_nowhere_stays_where_it_was_sold(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Acorn", 100_00, APRIL)
        reseat(cast, acting, "rep", None)
        night()
        assert figures(cast, acting)["East 1"] == 100_00

    @pytest.mark.parametrize("basis", ["seat", "territory"])
    @pytest.mark.parametrize("gone", ["East 1", "East Team"])
    def test_what_hung_on_a_node_that_is_gone_is_in_unassigned(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, basis: str, gone: str
    ) -> None:
        """Also where its people still sit there, and where a node above it is gone."""
        sell("Acorn", 100_00, APRIL)
        sell("Cedar", 40_00, APRIL)
        retire(cast, gone)
        night()
        team = team_of(cast, acting, basis=basis)
        found = intakes(row for row in team.rows if row.node_id)
        assert found == {
            "Company": 140_00,
            "Unassigned": 100_00,
            "West": 40_00,
            "West Team": 40_00,
            "West 1": 40_00,
        }
        (person,) = (row for row in team.rows if row.person_id == cast.rep.pk)
        assert total_of(cast, acting, person).figure_minor == person.figures.intake == 100_00

    def test_an_opening_entry_follows_its_person_or_stays_on_its_territory(
        self, cast: Cast, night: Night, acting: Acting
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        opening(cast, acting, 250_00)
        reseat(cast, acting, "rep", "West 2")
        night()
        assert figures(cast, acting)["West 2"] == 250_00
        assert figures(cast, acting, basis="territory")["East 1"] == 250_00
        retire(cast, "East 1")
        found = team_of(cast, acting, basis="territory")
        assert intakes(row for row in found.rows if row.node_id) == {"Company": 250_00, "Unassigned": 250_00}
        (nobody,) = (row for row in found.rows if row.name == "Unassigned")
        assert total_of(cast, acting, nobody).figure_minor == 250_00

    def test_of_several_seats_the_owners_counts_then_the_leads_and_a_cover_never(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        sell("Acorn", 100_00, APRIL)
        sell("Cedar", 40_00, APRIL)
        with acting(cast.admin):
            more = [
                ("rep", "West 2", "cover"),
                ("rep", "West", "overlay"),
                ("other_rep", "East Team", "overlay"),
            ]
            for who, where, kind in more:
                place = {"territory_id": cast.territories[where].pk, "kind": kind}
                days = {"starts_on": FIRST_OF_MAY, "stops_on": date(2026, 8, 1)}
                seat_person(by=cast.admin.pk, user_id=getattr(cast, who).pk, **place, **days)
        night()
        found = figures(cast, acting)
        assert (found["East 1"], found["West 1"]) == (100_00, 40_00)
        people = Counter(row.person_id for row in team_of(cast, acting).rows if row.person_id)
        assert people == {cast.rep.pk: 1, cast.peer.pk: 1, cast.other_rep.pk: 1}
        for kind, then, on in (("owner", "West", FIRST_OF_MAY), ("overlay", "East 1", MAY)):
            with acting(cast.admin):
                seat = Seat.objects.current().get(user=cast.rep, kind=kind)
                end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=on)
            found = figures(cast, acting)
            whole = 140_00 if then == "West" else 100_00
            assert (found[then], found["West 1"], found["Company"]) == (whole, 40_00, 140_00)

    def test_the_year_so_far_and_a_family_alone(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        sell("Acorn", 50_00, date(2026, 2, 2))
        sell("Acorn", 100_00, APRIL)
        sell("Acorn", 5_00, APRIL, product="Server")
        reseat(cast, acting, "rep", "West 2")
        night()
        quarters = [cast.q1, cast.q2]
        for basis, name in (("seat", "West 2"), ("territory", "East 1")):
            team = team_of(cast, acting, quarters=quarters, basis=basis)
            (row,) = (row for row in team.rows if row.name == name)
            assert row.figures.intakes == team.total.intakes == (50_00, 105_00)
            assert total_of(cast, acting, row).figure_minor == 155_00
            hardware = cast.families["Hardware"].pk
            team = team_of(cast, acting, quarters=quarters, basis=basis, family_id=hardware)
            (row,) = (row for row in team.rows if row.name == name)
            assert row.figures.intakes == team.total.intakes == (0, 5_00)
            assert total_of(cast, acting, row).figure_minor == 5_00

    def test_several_roots(self, cast: Cast, sell: Sell, night: Night, acting: Acting) -> None:
        sell("Acorn", 100_00, APRIL)
        sell("Cedar", 40_00, APRIL)
        move(cast, acting, "West", None, on=date(2026, 5, 4))
        night()
        team = team_of(cast, acting)
        assert {row.name: row.figures.intake for row in team.tops} == {"Company": 100_00, "West": 40_00}
        assert team.total.intake == 140_00
        assert team.credits
        assert "tree=now" in team.credits.query

    def test_an_installation_without_a_tree_shows_nothing(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.executive):
            team = team_attainment(reach(), ask(cast, on=date(2024, 1, 1)))
        assert (team.rows, team.total.intake) == ([], 0)


class TestQuotas:
    def test_a_persons_quota_is_with_them_and_a_nodes_with_the_node(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        give(cast, acting, cast.q1, rep=1_000_00, East_1=900_00)
        reseat(cast, acting, "rep", "West 2")
        night()
        team = team_of(cast, acting, period=cast.q1, quarters=[cast.q1])
        quotas = {row.name: row.figures.quota for row in team.rows}
        assert (quotas["Rita Rep"], quotas["West 2"], quotas["East 1"]) == (1_000_00, None, 1_000_00)
        assert quotas["Company"] == team.total.quota == 1_000_00
        (rita,) = (row for row in team.rows if row.person_id == cast.rep.pk)
        (west_2,) = (row for row in team.rows if row.name == "West 2")
        assert rita.path == f"{west_2.path}/p{cast.rep.pk}"

    def test_where_they_sold_and_sat_then_they_have_no_quota_today(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        give(cast, acting, cast.q1, rep=1_000_00)
        sell("Acorn", 100_00, date(2026, 2, 2))
        reseat(cast, acting, "rep", "West 2")
        night()
        team = team_of(cast, acting, period=cast.q1, quarters=[cast.q1], basis="territory")
        rows = [row.figures for row in team.rows if row.person_id == cast.rep.pk]
        assert sorted((row.intake, row.quota) for row in rows) == [(0, 1_000_00), (100_00, None)]

    def test_of_who_sits_nowhere_the_quota_is_where_they_sat(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        give(cast, acting, cast.q2, rep=1_000_00)
        sell("Acorn", 100_00, APRIL)
        reseat(cast, acting, "rep", None)
        night()
        for who in ("executive", "manager"):
            rows = team_of(cast, acting, who).rows
            assert [row.figures.quota for row in rows if row.person_id == cast.rep.pk] == [1_000_00]

    def test_where_somebody_sold_and_does_not_sit_today_they_have_no_quota(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        give(cast, acting, cast.q2, rep=1_000_00)
        sell("Cedar", 100_00, APRIL, {"rep": WHOLE})
        night()
        team = team_of(cast, acting, basis="territory")
        quotas = [
            (row.figures.intake, row.figures.quota) for row in team.rows if row.person_id == cast.rep.pk
        ]
        assert sorted(quotas) == [(0, 1_000_00), (100_00, None)]

    def test_a_past_quarter_names_who_sits_there_today(
        self, cast: Cast, night: Night, acting: Acting
    ) -> None:
        reseat(cast, acting, "rep", None)
        night()
        past = {"period": cast.q1, "quarters": [cast.q1]}
        for is_now, who, is_vacant in ((True, "", True), (False, "Rita Rep", False)):
            rows = team_of(cast, acting, is_now=is_now, **past).rows
            assert [(row.who, row.is_vacant) for row in rows if row.name == "East 1"] == [(who, is_vacant)]


class TestPage:
    def test_the_view_is_chosen_kept_and_named(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        sell("Acorn", 100_00, APRIL)
        night()
        client = browse(cast.director)
        sold = unescape(client.get(reverse("team_attainment"), {"sort": "name"}).content.decode())
        assert '<a href="?sort=name&tree=now">As organised now</a>' in sold
        assert "As sold, by the seats of those who sold." in sold
        now = unescape(client.get(reverse("team_attainment"), {"tree": "now"}).content.decode())
        assert '<a href="?tree=now" aria-current="true">As organised now</a>' in now
        assert "As organised now, by where those who sold sit today." in now
        assert '<div class="note">as organised now</div>' in now
        assert '<div class="note">as sold</div>' in sold
        assert "Quotas stand where they were set" in now
        assert '<input type="hidden" name="tree" value="now"' in now
        query = {"tree": "now", "basis": "territory"}
        by_territory = unescape(client.get(reverse("team_attainment"), query).content.decode())
        assert "As organised now, by where the accounts are today." in by_territory

    def test_a_node_opens_in_place_under_todays_tree(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        sell("Beech", 10_00, APRIL)
        move(cast, acting)
        night()
        west, team = cast.territories["West"].pk, cast.territories["West Team"].pk
        path = f"{west}/{team}"
        client = browse(cast.other_director)
        page = client.get(reverse("team_attainment_rows"), {"path": path, "tree": "now"}).content.decode()
        names = ("East 2", "West 1")
        assert re.findall(r'data-path="([^"]*)"', page) == [
            f"{path}/{cast.territories[name].pk}" for name in names
        ]
        assert f"path={path}/{cast.territories['East 2'].pk}" in page
        assert "tree=now" in page
        with acting(cast.executive):
            elsewhere = [cast.territories["East"].pk, team]
            assert rows_below(reach(), ask(cast), elsewhere) == []

    def test_a_view_that_is_not_known_is_refused(self, cast: Cast, browse: Browse) -> None:
        for name in ("team_attainment", "credit_list"):
            assert browse(cast.director).get(reverse(name), {"tree": "then"}).status_code == 400

    def test_every_figure_opens_credits_that_sum_to_it(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        sell("Acorn", 100_00, APRIL)
        sell("Beech", 20_00, APRIL)
        sell("Cedar", 3_00, APRIL)
        opening(cast, acting, 9_00)
        reseat(cast, acting, "rep", "West 2")
        move_account(cast, acting, "Cedar", "East 2")
        night()
        every = ",".join(str(node.pk) for node in cast.territories.values())
        for who, basis in (("director", "seat"), ("other_director", "seat"), ("director", "territory")):
            client = browse(getattr(cast, who))
            query = {"open": every, "tree": "now", "basis": basis}
            page = client.get(reverse("team_attainment"), query).content.decode()
            links = re.findall(r'<a href="([^"]*credits/[^"]*)">([^<]*)</a>', page)
            assert len({figure for _address, figure in links}) > 1
            for address, figure in links:
                credits = client.get(unescape(address)).content.decode()
                assert f">{figure}<" in credits or (figure == "$0.00" and "No credit here" in credits), (
                    address
                )
                assert "as organised now" in credits

    def test_queries_are_as_many_whatever_the_rows(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        client = browse(cast.manager)
        few = {basis: queries(client, basis) for basis in ("seat", "territory")}
        for number in range(6):
            new_node(cast, acting, f"New {number}", "East Team")
            sell("Acorn", 10_00 + number, APRIL, {["rep", "peer", "other_rep"][number % 3]: WHOLE})
        night()
        assert {basis: queries(client, basis) for basis in few} == few


def queries(client: Browser, basis: str) -> int:
    address = reverse("team_attainment")
    client.get(address, {"tree": "now", "basis": basis})
    with CaptureQueriesContext(connection) as found:
        client.get(address, {"tree": "now", "basis": basis})
    return len(found)
