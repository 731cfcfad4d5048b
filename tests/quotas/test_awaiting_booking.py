"""Team attainment shows what awaits its booking in a column of its own: beside order intake, never in it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from forecasts.selectors import behind
from orders.models import OrderRequest
from orders.services import LineInput, ShareInput
from pipeline.models import Opportunity
from quotas.selectors.team import Question, team_attainment
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book_by_split import split
from tests.orders.winning import asks, sign, won
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)


@pytest.fixture
def waiting(cast: Cast, acting: Acting) -> None:
    asks(cast, acting, "contract")
    with acting(cast.rep):
        won(cast)
    with acting(cast.peer):
        won(cast, "Beech renewal", by=cast.peer, booked_on=date(2026, 4, 2))


def figures(cast: Cast, mine: Reach, **more: Any) -> dict[str, int | None]:
    opened = frozenset(cast.territories[name].pk for name in ("East", "East Team", "East 1"))
    question = Question(period=cast.q2, quarters=[cast.q2], on=TODAY, opened=opened, **more)
    found = team_attainment(mine, question)
    return {row.name: row.figures.awaiting for row in found.rows} | {"": found.total.awaiting}


@pytest.mark.parametrize(
    "more", [{}, {"basis": "territory"}, {"is_now": True}, {"is_now": True, "basis": "territory"}]
)
def test_every_node_and_person_shows_what_waits_below(
    cast: Cast, acting: Acting, waiting: None, more: dict[str, Any]
) -> None:
    with acting(cast.director) as context:
        shown = figures(cast, context.reach, **more)
    assert shown == {
        "East": 2_000_00,
        "East Team": 2_000_00,
        "East 1": 1_000_00,
        "Rita Rep": 1_000_00,
        "East 2": 1_000_00,
        "": 2_000_00,
    }


def test_it_is_no_order_intake_no_pipeline_and_of_its_family_and_quarter(
    cast: Cast, acting: Acting, waiting: None
) -> None:
    with acting(cast.director) as context:
        question = Question(period=cast.q2, quarters=[cast.q2], on=TODAY)
        assert team_attainment(context.reach, question).total.intake == 0
        assert sum(behind(context.reach, cast.q2, TODAY).by_category.values()) == 0
        assert figures(cast, context.reach, family_id=cast.families["Software"].pk)[""] == 2_000_00
        assert figures(cast, context.reach, family_id=cast.families["Hardware"].pk)[""] is None
        first = Question(period=cast.q1, quarters=[cast.q1], on=TODAY)
        assert team_attainment(context.reach, first).total.awaiting is None


def test_booked_it_waits_no_more(cast: Cast, acting: Acting, waiting: None) -> None:
    sign(cast)
    with acting(cast.coordinator):
        won(cast, by=cast.coordinator)
    with acting(cast.director) as context:
        assert figures(cast, context.reach)["Rita Rep"] is None
        assert figures(cast, context.reach)[""] == 1_000_00


def test_nobody_sees_what_waits_out_of_their_reach(cast: Cast, acting: Acting, waiting: None) -> None:
    with acting(cast.other_director) as context:
        question = Question(period=cast.q2, quarters=[cast.q2], on=TODAY)
        assert team_attainment(context.reach, question).total.awaiting is None


def test_the_column_is_there_while_something_waits_or_may(cast: Cast, acting: Acting, browse: Any) -> None:
    client, address = browse(cast.director), "/quotas/team/?period=2026-Q2"
    assert "sort=-awaiting" not in client.get(address).content.decode()
    asks(cast, acting, "contract")
    page = client.get(address).content.decode()
    assert "Awaiting booking" in page
    with acting(cast.rep):
        won(cast)
    asks(cast, acting, "nothing")
    page = client.get(address).content.decode()
    assert "Awaiting booking" in page
    assert "$1,000.00" in page


def test_a_team_that_moved_shows_what_waits_where_it_was_then(
    cast: Cast, acting: Acting, waiting: None
) -> None:
    """As sold by the tree of the booking date, as organised now by today's."""
    from territories.models import Edge

    with work(by=None, why="a move", reach=Reach.everything()):
        edge = Edge.objects.current().get(child=cast.territories["East 1"])
        ended = edge.replaced(stops_on=date(2026, 5, 15))
        west = edge.changed(parent_id=cast.territories["West Team"].pk, starts_on=date(2026, 5, 15))
        west.recorded_at = ended.recorded_at
        west.save(force_insert=True)
    with acting(cast.admin) as context:
        question = Question(period=cast.q2, quarters=[cast.q2], on=TODAY)
        named = {name: cast.territories[name].pk for name in ("Company", "East", "West")}
        opened = frozenset(named.values())
        then = team_attainment(context.reach, Question(**{**vars(question), "opened": opened}))
        now = team_attainment(context.reach, Question(**{**vars(question), "opened": opened, "is_now": True}))
    assert {row.name: row.figures.awaiting for row in then.rows if row.name in ("East", "West")} == {
        "East": 2_000_00,
        "West": None,
    }
    assert {row.name: row.figures.awaiting for row in now.rows if row.name in ("East", "West")} == {
        "East": 1_000_00,
        "West": 1_000_00,
    }


@pytest.fixture
def in_euro(cast: Cast) -> None:
    """Acorn's deal is in euro, whose plan rate is 1.10."""
    with work(by=None, why="another currency", reach=Reach.everything()):
        Opportunity.objects.filter(pk=cast.deals["Acorn renewal"].pk).update(currency="EUR")


@pytest.mark.parametrize("basis", ["seat", "territory"])
@pytest.mark.parametrize("how", ["typed", "split"])
def test_booking_moves_exactly_what_awaited_it_into_order_intake(
    cast: Cast, acting: Acting, night: Any, in_euro: None, basis: str, how: str
) -> None:
    """Cents that do not divide, three lines of which one is 0, two people on other seats, as typed or as split."""
    shares = {cast.rep.pk: 66_666_667, cast.other_rep.pk: 33_333_333}
    asks(cast, acting, "contract")
    if how == "split":
        with acting(cast.admin):
            split(cast.admin, cast.deals["Acorn renewal"].pk, date(2026, 5, 12), shares)
    licence = cast.products["Licence"].pk
    typed = [ShareInput(*share) for share in shares.items()] if how == "typed" else []
    terms = {"lines": [LineInput(licence, 1, minor) for minor in (100_01, 0, 33_33)], "shares": typed}
    with acting(cast.rep):
        won(cast, **terms)
    before = columns(cast, acting, basis)
    assert before["awaiting"][""] == 146_67
    assert not before["intake"][""]
    sign(cast)
    with acting(cast.coordinator):
        won(cast, by=cast.coordinator, **terms)
    night()
    after = columns(cast, acting, basis)
    assert {name: minor for name, minor in after["intake"].items() if minor} == {
        name: minor for name, minor in before["awaiting"].items() if minor
    }
    assert not any(after["awaiting"].values())


def columns(cast: Cast, acting: Acting, basis: str) -> dict[str, dict[str, int | None]]:
    with acting(cast.admin) as context:
        opened = frozenset(node.pk for node in cast.territories.values())
        question = Question(period=cast.q2, quarters=[cast.q2], on=TODAY, opened=opened, basis=basis)
        found = team_attainment(context.reach, question)
    return {
        column: {row.name: getattr(row.figures, column) for row in found.rows}
        | {"": getattr(found.total, column)}
        for column in ("awaiting", "intake")
    }


def test_own_and_team_pages_show_it_beside_what_is_closed(cast: Cast, browse: Any, waiting: None) -> None:
    def shown(person: Any, name: str) -> str:
        return plain(browse(person).get(reverse(name)))

    assert "Awaiting booking $1,000 won, and no order intake yet" in shown(cast.rep, "my_attainment")
    assert "Awaiting booking $1,000.00 — " in shown(cast.rep, "submission_list")
    assert "Awaiting booking $2,000 won, and no order intake yet" in shown(cast.director, "home")
    assert "Awaiting booking $2,000.00 — " in shown(cast.director, "submission_list")
    assert "Awaiting booking $" not in shown(cast.other_director, "home")
    assert "Awaiting booking $" not in shown(cast.other_director, "submission_list")


def test_who_leads_a_colleague_sees_their_share_of_a_deal_out_of_reach(
    cast: Cast, acting: Acting, waiting: None
) -> None:
    with acting(cast.manager) as context:
        assert figures(cast, context.reach)[""] == 2_000_00
    with work(by=None, why="shares", reach=Reach.everything()):
        halves = [{"person_id": pk, "weight": 50_000_000} for pk in (cast.rep.pk, cast.other_rep.pk)]
        OrderRequest.objects.filter(opportunity=cast.deals["Acorn renewal"]).update(shares=halves)
    with acting(cast.other_director) as context:
        for is_now in (False, True):
            question = Question(period=cast.q2, quarters=[cast.q2], on=TODAY, is_now=is_now)
            assert team_attainment(context.reach, question).total.awaiting == 500_00
    with acting(cast.manager) as context:
        assert figures(cast, context.reach)[""] == 1_500_00


def waits_of(client: Any, cells: Any, name: str = "") -> str:
    """The words of the page that a row's figure of what awaits its booking opens, or that of the total."""
    lines = {line.row.name: line.cells for line in cells["lines"]} | {"": cells["total"]}
    (url,) = (cell.url for cell in lines[name] if str(cell.label) == "Awaiting booking")
    answer = client.get(url)
    assert answer.status_code == 200
    return plain(answer)


@pytest.mark.parametrize("more", ["", "&basis=territory", "&tree=now", "&tree=now&basis=territory"])
def test_each_figure_opens_the_deals_that_sum_to_it(
    cast: Cast, waiting: None, browse: Any, more: str
) -> None:
    client = browse(cast.director)
    opened = ",".join(str(cast.territories[name].pk) for name in ("East", "East Team", "East 1"))
    cells = client.get(f"/quotas/team/?period=2026-Q2&open={opened}{more}").context
    both = waits_of(client, cells)
    assert "Beech renewal Apr 2, 2026 Paul Peer $1,000.00 Acorn renewal" in both
    assert "Total $2,000.00" in both
    assert "Total $2,000.00" in waits_of(client, cells, "East Team")
    for name in ("East 1", "Rita Rep"):
        one = waits_of(client, cells, name)
        assert "Acorn renewal" in one
        assert "Beech" not in one
        assert "Total $1,000.00" in one


def test_what_waits_is_shown_of_their_own_team_and_quarter_alone(
    cast: Cast, waiting: None, browse: Any
) -> None:
    east, address = cast.territories["East"].pk, "/quotas/team/awaiting/"
    assert browse(cast.other_director).get(address, {"node": east}).status_code == 404
    assert "Nothing awaits" in plain(browse(cast.other_director).get(address, {"period": "2026-Q2"}))
    assert "Nothing awaits" in plain(browse(cast.director).get(address, {"period": "2026-Q1"}))
    assert browse(cast.rep).get(address).status_code == 403


@pytest.mark.parametrize("clock", ["valid=2026-05-19", "known=2026-05-19"])
def test_an_earlier_day_says_why_it_shows_none(cast: Cast, waiting: None, browse: Any, clock: str) -> None:
    words = "are known of today alone, so they are not beside figures of an earlier day"
    client, address = browse(cast.director), "/quotas/team/?period=2026-Q2"
    assert words in plain(client.get(f"{address}&{clock}"))
    assert words not in plain(client.get(address))
    own = plain(browse(cast.rep).get(f"/quotas/mine/?period=2026-Q2&{clock}"))
    assert "What awaits its booking is known of today alone" in own
