"""Team attainment as organised now: who sees whose figures, and opens what of them."""

from django.urls import reverse

from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell
from tests.quotas.now import (
    APRIL,
    MAY,
    WHOLE,
    Browse,
    Night,
    figures,
    intakes,
    move_account,
    new_node,
    reseat,
    team_of,
    total_of,
)
from tests.quotas.test_team_attainment import give


class TestWhoSeesWhat:
    def test_who_leads_the_person_today_sees_their_sum_and_not_the_rows_of_before(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        sell("Acorn", 100_00, APRIL)
        reseat(cast, acting, "rep", "West 2")
        sell("Acorn", 30_00, MAY, {"rep": WHOLE})
        night()
        for who in ("other_manager", "other_director"):
            team = team_of(cast, acting, who)
            (rita,) = (row for row in team.rows if row.person_id == cast.rep.pk)
            assert (rita.figures.intake, team.total.intake) == (130_00, 130_00)
            total = total_of(cast, acting, rita, who)
            assert (total.plan_minor, total.beyond_minor, total.beyond_count) == (30_00, 100_00, 1)
            assert rita.credits
            page = (
                browse(getattr(cast, who))
                .get(f"{reverse('credit_list')}?{rita.credits.query}")
                .content.decode()
            )
            assert "1 credit that belongs here today and was sold outside of your reach" in page
            assert "Total of all 2 credits" in page
            assert "by where the person of a credit sits today" in page
            assert "West 2, by seat · Rita Rep · as organised now" in page
            assert (
                page.count("your share") + page.count("the share of") + page.count("A share of an order") == 1
            )

    def test_who_led_them_before_has_them_no_more(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        new_node(cast, acting, "West 2", "West Team")
        sell("Acorn", 100_00, APRIL)
        reseat(cast, acting, "rep", "West 2")
        sell("Acorn", 30_00, MAY, {"rep": WHOLE})
        night()
        assert figures(cast, acting, "manager") == {}
        assert figures(cast, acting, "manager", is_now=False) == {"East Team": 100_00, "East 1": 100_00}
        west_2 = cast.territories["West 2"].pk
        query = {"period": "2026-Q2", "node": west_2, "person": cast.rep.pk, "tree": "now"}
        page = browse(cast.manager).get(reverse("credit_list"), query).content.decode()
        assert "Total of all 2 credits" in page
        assert "outside of your reach" not in page

    def test_who_leads_the_account_today_sees_its_sum_without_the_people_of_before(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        sell("Acorn", 100_00, APRIL)
        sell("Cedar", 40_00, APRIL)
        move_account(cast, acting, "Acorn", "West 1")
        night()
        team = team_of(cast, acting, "other_director", basis="territory")
        assert intakes(team.rows) == {
            "West": 140_00, "West Team": 140_00, "West 1": 140_00, "Oscar Other": 40_00, "": 100_00
        }  # fmt: skip
        (west_1,) = (row for row in team.rows if row.name == "West 1")
        total = total_of(cast, acting, west_1, "other_director")
        assert (total.plan_minor, total.beyond_minor, total.beyond_count) == (40_00, 100_00, 1)
        client = browse(cast.other_director)
        every = ",".join(str(node.pk) for node in cast.territories.values())
        query = {"open": every, "basis": "territory", "tree": "now"}
        page = client.get(reverse("team_attainment"), query).content.decode()
        assert "Sold elsewhere, not in your reach" in page
        assert "Rita" not in page
        assert figures(cast, acting, "director", basis="territory") == {}

    def test_a_credit_in_reach_is_a_row_though_its_order_is_not(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        sell("Cedar", 1_000_00, APRIL, {"other_rep": 60_000_000, "rep": 40_000_000})
        move_account(cast, acting, "Cedar", "East 2")
        night()
        team = team_of(cast, acting, "manager", basis="territory")
        assert intakes(team.rows) == {
            "East Team": 1_000_00,
            "East 2": 1_000_00,
            "Rita Rep": 400_00,
            "": 600_00,
        }
        (east_2,) = (row for row in team.rows if row.name == "East 2")
        total = total_of(cast, acting, east_2, "manager")
        assert (total.plan_minor, total.count, total.beyond_minor, total.beyond_count) == (
            400_00,
            1,
            600_00,
            1,
        )

    def test_a_person_whom_one_does_not_lead_is_shown_by_what_is_in_reach(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting
    ) -> None:
        """Oscar helps in East today and sits nowhere else, so that nobody there leads him."""
        give(cast, acting, cast.q2, other_rep=700_00)
        sell("Cedar", 40_00, APRIL)
        reseat(cast, acting, "other_rep", "East Team", "overlay")
        sell("Acorn", 3_00, MAY, {"other_rep": WHOLE})
        night()
        assert figures(cast, acting) == {"Company": 43_00, "East": 43_00, "East Team": 43_00}
        team = team_of(cast, acting, "manager")
        assert intakes(team.rows) == {"East Team": 43_00, "Oscar Other": 3_00, "": 40_00}
        (oscar,) = (row for row in team.rows if row.person_id == cast.other_rep.pk)
        assert oscar.figures.quota is None
        whole = [row for row in team_of(cast, acting).rows if row.person_id == cast.other_rep.pk]
        assert [(row.figures.intake, row.figures.quota) for row in whole] == [(43_00, 700_00)]
        total = total_of(cast, acting, oscar, "manager")
        assert (total.figure_minor, total.beyond_count) == (3_00, 0)

    def test_each_reader_begins_at_what_they_lead_and_others_are_refused(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        sell("Acorn", 100_00, APRIL)
        night()
        tops = {
            who: [row.name for row in team_of(cast, acting, who).tops]
            for who in ("manager", "director", "admin")
        }
        assert tops == {"manager": ["East Team"], "director": ["East"], "admin": ["Company"]}
        for who in ("rep", "coordinator"):
            answer = browse(getattr(cast, who)).get(reverse("team_attainment"), {"tree": "now"})
            assert answer.status_code == 403

    def test_another_regions_nodes_stay_closed(
        self, cast: Cast, sell: Sell, night: Night, acting: Acting, browse: Browse
    ) -> None:
        sell("Acorn", 1_300_00, APRIL)
        night()
        client, team = browse(cast.other_director), cast.territories["East Team"].pk
        query = {"open": f"{team},{cast.territories['East 1'].pk}", "tree": "now"}
        page = client.get(reverse("team_attainment"), query).content.decode()
        assert "Rita Rep" not in page
        assert "1,300" not in page
        rows = client.get(
            reverse("team_attainment_rows"), {"path": str(team), "tree": "now"}
        ).content.decode()
        assert "<tr" not in rows
