"""Team attainment says how often the open pipeline covers what is still missing, and leads to the deals."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.transaction import reach, work
from pipeline.models import Opportunity
from quotas.selectors.figures import Figures
from quotas.selectors.team import team_attainment
from territories.models import Seat
from territories.services import end_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell
from tests.quotas.test_team_attainment import Browse, Night, ask, give
from tests.salesops.conftest import plain

OPENED = "East,East Team,East 1,East 2"
WAYS = [{}, {"basis": "territory"}, {"is_now": True}, {"is_now": True, "basis": "territory"}]


def change(name: str, **values: Any) -> None:
    with work(by=None, why="another deal", reach=Reach.everything()):
        Opportunity.objects.filter(name=f"{name} renewal").update(**values)


def another(cast: Cast, number: str, **values: Any) -> None:
    """One more deal like Beech's."""
    with work(by=None, why="another deal", reach=Reach.everything()):
        deal = Opportunity.objects.get(pk=cast.deals["Beech renewal"].pk)
        deal.pk, deal.number = None, number
        for name, value in values.items():
            setattr(deal, name, value)
        deal.save(force_insert=True)


@pytest.fixture
def covered(cast: Cast, sell: Sell, night: Night, acting: Acting) -> None:
    """Rita: 400 of 1,000 booked and 1,800 open. Paul: 0 of 500 booked and 300 open. Oscar: 70 open and no quota."""
    give(cast, acting, cast.q2, rep=1_000_00, peer=500_00)
    sell("Acorn", 400_00, date(2026, 4, 14))
    for name, minor in (("Acorn", 1_800_00), ("Beech", 300_00), ("Cedar", 70_00)):
        change(name, amount_minor=minor)
    night()


def figures(cast: Cast, acting: Acting, who: str = "director", **more: Any) -> dict[str, Figures]:
    with acting(getattr(cast, who)):
        found = team_attainment(reach(), ask(cast, opened=OPENED, covers=True, **more))
    return {row.name: row.figures for row in found.rows} | {"": found.total}


def coverages(cast: Cast, acting: Acting, who: str = "director", **more: Any) -> dict[str, Fraction | None]:
    return {name: one.coverage for name, one in figures(cast, acting, who, **more).items()}


@pytest.mark.parametrize("more", WAYS)
def test_each_level_is_open_deals_by_what_is_missing_and_never_a_mean(
    cast: Cast, acting: Acting, covered: None, more: dict[str, Any]
) -> None:
    # 1,800 of the missing 600, 300 of 500; above them 2,100 of 1,100: the mean of 3.0 and 0.6 would say 1.8.
    team = Fraction(2_100, 1_100)
    people = {"Rita Rep": 3, "Paul Peer": Fraction(3, 5)}
    expected = {"East": team, "East Team": team, "East 1": 3, "East 2": Fraction(3, 5), **people, "": team}
    assert coverages(cast, acting, **more) == expected


def test_it_is_written_with_the_reason_where_there_is_none(
    cast: Cast, sell: Sell, night: Night, browse: Browse, covered: None
) -> None:
    sell("Beech", 500_00, date(2026, 5, 12))
    night()
    nodes = ",".join(str(cast.territories[name].pk) for name in ("Company", "East", "East Team", "West"))
    page = browse(cast.admin).get(f"{reverse('team_attainment')}?period=2026-Q2&coverage=1&open={nodes}")
    said = {
        line.row.name: f"{line.cells[-1].text} {line.cells[-1].note}".strip()
        for line in page.context["lines"]
    }
    assert (said["East 1"], said["East 2"], said["West Team"]) == ("3.0 times", "— met", "— no quota")
    # 2,170 for the 600 that are missing of 1,500.
    assert said["Company"] == "3.6 times"
    for words in ("Pipeline coverage", "3.0 times", "— met", "— no quota"):
        assert words in plain(page)


@pytest.mark.parametrize(
    ("values", "minor"),
    [
        ({"close_on": date(2026, 5, 19)}, 0),
        ({"close_on": date(2026, 5, 20)}, 1_800_00),
        ({"close_on": date(2026, 6, 30)}, 1_800_00),
        ({"close_on": date(2026, 7, 1)}, 0),
        ({"category": "omitted"}, 0),
        ({"category": "pipeline"}, 1_800_00),
        ({"currency": "EUR"}, 1_980_00),
        ({"currency": "CHF"}, 0),
        ({"amount_minor": None}, 0),
    ],
)
def test_what_counts(cast: Cast, acting: Acting, covered: None, values: dict[str, Any], minor: int) -> None:
    """From today to the end of the quarter, but for omitted deals, at the plan rate where there is one."""
    change("Acorn", **values)
    assert coverages(cast, acting)["East 1"] == Fraction(minor, 600_00)


def test_of_a_family_its_lines_alone_cover(cast: Cast, acting: Acting, covered: None) -> None:
    with work(by=None, why="lines", reach=Reach.everything()):
        deal = cast.deals["Acorn renewal"]
        deal.lines.create(product=cast.products["Licence"], quantity=3, price_minor=10_01)
        deal.lines.create(product=cast.products["Licence"], quantity=9, price_minor=10_01, is_removed=True)
    shown = figures(cast, acting, family_id=cast.families["Software"].pk)
    assert (shown["Rita Rep"].in_play, shown[""].in_play) == ({"commit": 30_03}, {"commit": 30_03})


def test_it_counts_where_its_owner_sits_or_where_its_account_is(
    cast: Cast, acting: Acting, covered: None
) -> None:
    change("Acorn", owner_id=cast.peer.pk)
    shown = coverages(cast, acting)
    # Paul has 2,100 for the 500 that he misses; nobody has anything for the 600 of Rita.
    assert shown["East 1"] == 0
    assert shown["East 2"] == shown["Paul Peer"] == Fraction(21, 5)
    assert shown["East Team"] == Fraction(21, 11)
    shown = coverages(cast, acting, basis="territory")
    assert shown["East 1"] == 3
    assert shown["East 2"] == Fraction(3, 5)
    assert shown["East Team"] == Fraction(21, 11)


def test_nobody_reads_of_what_is_out_of_their_reach(cast: Cast, acting: Acting, covered: None) -> None:
    assert figures(cast, acting, "other_director")[""].in_play == {"commit": 70_00}
    assert figures(cast, acting, "manager")[""].in_play == {"commit": 2_100_00}
    assert figures(cast, acting, "executive")[""].in_play == {"commit": 2_170_00}


@pytest.mark.parametrize("basis", ["seat", "territory"])
@pytest.mark.parametrize("who", ["director", "admin"])
def test_every_coverage_opens_the_deals_that_make_it(
    cast: Cast, browse: Browse, covered: None, basis: str, who: str
) -> None:
    change("Acorn", owner_id=cast.peer.pk)
    another(cast, "O-8", category="omitted")
    another(cast, "O-9", close_on=date(2026, 5, 1))
    client, nodes = browse(getattr(cast, who)), ",".join(str(row.pk) for row in cast.territories.values())
    page = client.get(f"{reverse('team_attainment')}?period=2026-Q2&coverage=1&basis={basis}&open={nodes}")
    shown = [(line.row.name, line.row.figures.in_play, line.cells[-1]) for line in page.context["lines"]]
    linked = 0
    for name, in_play, cell in shown:
        if cell.url:
            linked += 1
            deals = client.get(cell.url).context["page"].rows
            assert sum(deal.amount_minor for deal in deals) == sum(in_play.values()), name
    assert linked >= 4
    total = page.context["total"][-1]
    assert len(client.get(total.url).context["page"].rows) == (2 if who == "director" else 3)


def test_of_who_sits_nowhere_it_counts_where_the_account_is(
    cast: Cast, acting: Acting, browse: Browse, covered: None
) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 1))
    assert figures(cast, acting)["East 1"].in_play == {"commit": 1_800_00}
    address = f"{reverse('opportunity_list')}?team={cast.territories['East 1'].pk}"
    deals = browse(cast.director).get(address).context["page"].rows
    assert [deal.name for deal in deals] == ["Acorn renewal"]


def test_of_whose_seat_above_a_leaf_ended_it_opens_what_hangs_on_that_node_itself(
    cast: Cast, acting: Acting, browse: Browse, covered: None
) -> None:
    """Rita sat at East Team until May: 50 of an account there count there, the 1,800 of Acorn below at East 1."""
    east, team, first = (cast.territories[name].pk for name in ("East", "East Team", "East 1"))
    another(cast, "O-9", owner_id=cast.rep.pk, territory_id=team, amount_minor=50_00)
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 4, 1))
        days = {"starts_on": date(2026, 4, 1), "stops_on": date(2026, 5, 1)}
        seat_person(by=cast.admin.pk, user_id=cast.rep.pk, territory_id=team, kind="overlay", **days)
    client = browse(cast.director)
    page = client.get(f"{reverse('team_attainment')}?period=2026-Q2&open={east},{team},{first}")
    lines = [line for line in page.context["lines"] if line.row.person_id == cast.rep.pk]
    shown = {line.row.path.split("/")[-2]: line for line in lines}
    in_play = {node: line.row.figures.in_play for node, line in shown.items()}
    assert in_play == {f"{team}": {"commit": 50_00}, f"{first}": {"commit": 1_800_00}}
    deals = client.get(shown[f"{team}"].cells[-1].url).context["page"].rows
    assert [deal.number for deal in deals] == ["O-9"]


def test_the_list_of_a_past_day_knows_what_counted_and_not_who_sat_where(cast: Cast, browse: Browse) -> None:
    client, address = browse(cast.rep), f"{reverse('opportunity_list')}?on=2026-05-19"
    assert "Acorn renewal" in plain(client.get(f"{address}&category=counted"))
    assert client.get(f"{address}&team={cast.territories['East 1'].pk}").status_code == 400


def test_a_quarter_that_ended_has_no_coverage(cast: Cast, browse: Browse, covered: None) -> None:
    client, address = browse(cast.director), reverse("team_attainment")
    assert "sort=coverage" in client.get(f"{address}?period=2026-Q2").content.decode()
    assert "sort=coverage" not in client.get(f"{address}?period=2026-Q1").content.decode()


def test_rows_are_sorted_by_it_and_what_has_none_comes_last(
    cast: Cast, browse: Browse, covered: None
) -> None:
    page = browse(cast.manager).get(f"{reverse('team_attainment')}?period=2026-Q2&sort=coverage")
    assert [line.row.name for line in page.context["lines"]] == ["East Team", "East 2", "East 1"]


def test_it_costs_a_fixed_number_of_statements(cast: Cast, acting: Acting, covered: None) -> None:
    def statements() -> int:
        with acting(cast.director), CaptureQueriesContext(connection) as found:
            team_attainment(reach(), ask(cast, opened=OPENED, covers=True))
        return len(found)

    statements()  # the tree is read once by a process
    few = statements()
    for number in range(5):
        another(cast, f"O-8{number}", owner_id=cast.rep.pk)
    assert statements() == few


def test_of_a_whole_company_it_is_summed_when_asked_for(cast: Cast, browse: Browse, covered: None) -> None:
    client, address = browse(cast.admin), f"{reverse('team_attainment')}?period=2026-Q2"
    page = client.get(address).content.decode()
    assert "sort=coverage" not in page
    assert "With coverage" in page
    assert "sort=coverage" in client.get(f"{address}&coverage=1").content.decode()
