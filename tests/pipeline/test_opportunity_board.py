"""The board: cards and totals by stage and currency, at most fifty a column, and no more queries as it grows."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pipeline.selectors import board as board_of
from tests.pipeline.test_opportunity_list import many


def columns(answer):
    return {column.stage.name: column for column in answer.context["columns"]}


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


def test_a_column_shows_fifteen_cards_and_the_way_to_the_rest(cast, browse):
    many(cast, 60)
    answer = get(browse, cast.rep)
    qualified = columns(answer)["Qualified"]
    assert (len(qualified.cards), qualified.has_more, qualified.count) == (15, True, 60)
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


def test_the_number_of_queries_does_not_grow(cast, browse):
    client = browse(cast.manager)
    counts = []
    for more in (49, 300, 0):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opportunity_board"))
        counts.append(len(queries))
        many(cast, more)
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 20


def test_an_unknown_filter_is_refused(cast, browse):
    assert get(browse, cast.rep, state="won").status_code == 400
