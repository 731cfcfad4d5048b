"""The board: cards and totals by stage and currency, at most fifty a column, and no more queries as it grows."""

import re
from html import unescape

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.selectors import board as board_of
from pipeline.services import add_participants
from tests.pipeline.test_opportunity_list import many


def columns(answer):
    return {column.stage.name: column for column in answer.context["board"].columns}


def get(browse, person, **query):
    return browse(person).get(reverse("opportunity_board"), query)


def test_totals_are_by_stage_and_currency(cast, browse):
    many(cast, 3)
    many(cast, 1, name="Euro", number="E", currency="EUR", amount_minor=12_345)
    answer = get(browse, cast.manager)
    found = columns(answer)
    assert list(found) == ["Prospecting", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]
    assert [(t.currency, t.amount_minor) for t in found["Qualified"].totals] == [
        ("USD", 300),
        ("EUR", 12_345),
    ]
    assert [(t.currency, t.amount_minor) for t in found["Negotiation"].totals] == [("USD", 20_000_003)]
    assert (found["Qualified"].count, found["Negotiation"].count, found["Proposal"].count) == (4, 2, 0)


def test_a_total_holds_only_what_its_reader_sees(cast, browse):
    negotiation = columns(get(browse, cast.rep))["Negotiation"]
    assert [(t.currency, t.amount_minor) for t in negotiation.totals] == [("USD", 10_000_001)]
    assert [card.name for card in negotiation.cards] == ["Acorn renewal"]


def test_a_column_shows_fifty_cards_and_the_way_to_the_rest(cast, browse):
    many(cast, 60)
    answer = get(browse, cast.rep)
    qualified = columns(answer)["Qualified"]
    assert (len(qualified.cards), qualified.has_more, qualified.count) == (50, True, 60)
    address = f"{reverse('opportunity_list')}?stage={cast.stages['Qualified'].pk}"
    assert address in answer.content.decode()


def test_filters_narrow_cards_and_totals(cast, browse):
    many(cast, 2)
    found = columns(get(browse, cast.rep, category="commit"))
    assert found["Qualified"].count == 0
    assert found["Negotiation"].count == 1


def test_too_many_deals_are_not_added_up(cast, browse, monkeypatch):
    monkeypatch.setattr(board_of, "MOST_SUMMED", 2)
    many(cast, 2)
    answer = get(browse, cast.rep)
    assert columns(answer)["Qualified"].count is None
    assert "Too many to add up" in answer.content.decode()


def test_every_card_can_be_moved_without_a_mouse(cast, browse):
    page = get(browse, cast.rep).content.decode()
    deal = cast.deals["Acorn renewal"]
    assert f'href="{reverse("opportunity_move", args=[deal.pk])}" data-dialog' in page
    assert f'data-version="{deal.version}"' in page


def test_a_reader_without_the_right_moves_nothing(cast, browse):
    assert 'data-dialog aria-label="Move' not in get(browse, cast.executive).content.decode()


def test_only_the_deals_that_one_may_edit_are_moved(cast, browse):
    beech, acorn = cast.deals["Beech renewal"], cast.deals["Acorn renewal"]
    with work(by=None, why="a test", reach=Reach.everything()):
        add_participants([(beech.pk, cast.rep.pk)])
    board, calendar = reverse("opportunity_board"), reverse("opportunity_calendar")
    for address in (board, f"{board}?lanes=owner", f"{calendar}?month=2026-06"):
        page = browse(cast.rep).get(address).content.decode()
        cards = {pk: page.partition(f'id="card-{pk}"')[2].partition(">")[0] for pk in (acorn.pk, beech.pk)}
        assert all(cards.values())
        assert {pk: 'draggable="true"' in card for pk, card in cards.items()} == {
            acorn.pk: True,
            beech.pk: False,
        }


def test_the_number_of_queries_does_not_grow(cast, browse):
    client = browse(cast.manager)
    counts = []
    for more in (49, 300, 0):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opportunity_board"))
        counts.append(len(queries))
        many(cast, more)
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 22


def test_an_unknown_filter_is_refused(cast, browse):
    assert get(browse, cast.rep, state="won").status_code == 400


def lanes(answer):
    return {
        lane.name: {cell.stage.name: [card.name for card in cell.cards] for cell in lane.cells if cell.cards}
        for lane in answer.context["board"].lanes
    }


def test_the_next_cards_of_a_column_follow_the_fifty_before_them(cast, browse):
    many(cast, 60)
    client = browse(cast.rep)
    column = columns(client.get(reverse("opportunity_board")))["Qualified"]
    query = {"stage": column.stage.pk, "after": column.after, "category": "pipeline"}
    rest = client.get(reverse("opportunity_cards"), query).content.decode()
    shown = {card.name for card in column.cards}
    assert rest.count('class="card"') == 10
    assert not any(f'data-title="{name}"' in rest for name in shown)
    assert "Show 50 more" not in rest
    assert client.get(reverse("opportunity_cards"), {**query, "after": "x"}).status_code == 400


def test_lanes_of_categories_hold_what_their_columns_come_to(cast, browse):
    many(cast, 3)
    many(cast, 1, name="By hand", number="H", category="best_case", category_is_manual=True, amount_minor=500)
    answer = get(browse, cast.manager, lanes="category")
    found = lanes(answer)
    assert list(found) == ["Commit", "Most Likely", "Best Case", "Pipeline", "Omitted"]
    assert found["Commit"] == {"Negotiation": ["Acorn renewal", "Beech renewal"]}
    assert found["Best Case"] == {"Qualified": ["By hand"]}
    assert len(found["Pipeline"]["Qualified"]) == 3
    board = answer.context["board"]
    for place, column in enumerate(board.columns):
        assert column.count == sum(lane.cells[place].count for lane in board.lanes)
    assert sum(total.amount_minor for lane in board.lanes for total in lane.totals) == 20_000_003 + 300 + 500


def test_all_lanes_are_folded_at_once(cast, browse):
    page = get(browse, cast.manager, lanes="category").content.decode()
    [address] = re.findall(r'href="([^"]*folded=[^"]*)"', page)
    folded = browse(cast.manager).get(unescape(f"{reverse('opportunity_board')}{address}"))
    assert "<details" in folded.content.decode()
    assert not re.search(r"<details class=\"lane\"[^>]* open", folded.content.decode())


def test_lanes_of_owners_are_those_with_deals_in_reach(cast, browse):
    assert lanes(get(browse, cast.manager, lanes="owner")) == {
        "Paul Peer": {"Negotiation": ["Beech renewal"]},
        "Rita Rep": {"Negotiation": ["Acorn renewal"]},
    }
    assert list(lanes(get(browse, cast.rep, lanes="owner"))) == ["Rita Rep"]


def test_a_cell_of_a_lane_shows_ten_and_the_way_to_the_rest(cast, browse):
    many(cast, 12)
    answer = get(browse, cast.rep, lanes="category")
    assert len(lanes(answer)["Pipeline"]["Qualified"]) == 10
    assert ">2 more</a>" in answer.content.decode()


def test_too_many_for_lanes_says_so(cast, browse, monkeypatch):
    monkeypatch.setattr(board_of, "MOST_SUMMED", 2)
    many(cast, 2)
    assert "Too many opportunities for lanes" in get(browse, cast.rep, lanes="owner").content.decode()


def test_no_more_statements_in_lanes(cast, browse):
    client, counts = browse(cast.manager), []
    for more in (10, 200):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opportunity_board"), {"lanes": "category"})
        counts.append(len(queries))
        many(cast, more)
    assert counts[0] == counts[1]
