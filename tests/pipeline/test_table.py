"""The list as a table: its columns, its groups with what they come to, and its cells."""

from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity, Participant
from pipeline.selectors import opportunities as deals_of
from tests.pipeline.selling import put_servers
from tests.pipeline.test_opportunity_list import get, many


def heads(answer):
    return [column.key for column in answer.context["columns"]]


def sums(answer):
    return {group.name: (group.totals.deals, group.totals.worth_minor) for group in answer.context["groups"]}


def cell(cast, column, name="Acorn renewal"):
    return reverse("opportunity_cell", args=[cast.deals[name].pk, column])


def in_place(**more):
    return {"HX-Request": "true", "HX-Target": "cell-1", **more}


def deal(cast, acting, name="Acorn renewal"):
    with acting(cast.admin):
        return Opportunity.objects.select_related("stage").get(pk=cast.deals[name].pk)


@pytest.mark.parametrize("moment", ["x", "2026-05-20", "2026-05-20T10:00:00", "0001-01-01T00:00:00+00:00"])
def test_an_instant_that_is_none_is_refused(cast, browse, moment):
    answer = browse(cast.rep).get(reverse("opportunity_list"), {"opened_since": moment})
    assert answer.status_code == 400


def test_the_address_says_which_columns_and_in_which_order(cast, browse):
    answer = get(browse, cast.rep, columns="amount,owner,number")
    assert heads(answer) == ["name", "amount", "owner", "number"]
    page = answer.content.decode()
    assert "O-1" in page
    assert "Negotiation" not in page.split('<tbody id="deals" data-fresh>')[1].split("</tbody>")[0]


def test_the_browser_remembers_the_last_choice(cast, browse):
    client, address = browse(cast.rep), reverse("opportunity_list")
    client.get(address, {"columns": "name,territory"})
    assert heads(client.get(address)) == ["name", "territory"]
    client.cookies["columns_opportunities"] = "name,gone,owner"
    assert heads(client.get(address)) == ["name", "owner"]


@pytest.mark.parametrize("columns", ["colour", "name,owner,owner", ","])
def test_a_column_that_is_not_there_is_refused(cast, browse, columns):
    assert get(browse, cast.rep, columns=columns).status_code == 400


def test_columns_are_chosen_and_ordered_without_a_script(cast, browse):
    client, address = browse(cast.rep), reverse("opportunity_columns")
    page = client.get(
        address, {"back": "/opportunities/?q=acorn&columns=name", "columns": "name,owner,stage"}
    )
    assert [row["key"] for row in page.context["form"].rows()][:2] == ["owner", "stage"]
    order = [row["key"] for row in page.context["form"].rows()]
    sent = {"back": "/opportunities/?q=acorn&columns=name", "column": ["owner", "stage"], "order": order}
    moved = client.post(address, {**sent, "do": "up:stage"})
    assert [row["key"] for row in moved.context["form"].rows()][:2] == ["stage", "owner"]
    assert moved.context["moved"] == "stage"
    order = [row["key"] for row in moved.context["form"].rows()]
    done = client.post(address, {**sent, "order": order})
    assert done["Location"] == "/opportunities/?q=acorn&columns=name%2Cstage%2Cowner"


def test_the_list_says_what_it_comes_to_in_the_reporting_currency(cast, browse):
    many(cast, 1, name="Euro", number="E", currency="EUR", amount_minor=12_345)
    many(cast, 1, name="Yen", number="Y", currency="JPY", amount_minor=1_000)
    answer = get(browse, cast.rep)
    found = answer.context["totals"]
    # 100,000.01 and 123.45 at 1.20, which is 148.14; yen have no rate.
    assert (found.deals, found.worth_minor, found.unrated) == (3, 10_000_001 + 14_814, ["JPY"])
    assert "without JPY: no rate" in answer.content.decode()


def test_totals_of_several_pages_are_those_of_all_deals(cast, browse):
    many(cast, 60)
    many(cast, 3, currency="EUR", amount_minor=1)
    answer = get(browse, cast.rep)
    # Three cents in euros are rounded each for itself: 1.2 cents are 1.
    assert answer.context["totals"].worth_minor == 10_000_001 + sum(n * 100 for n in range(60)) + 3
    assert answer.context["count"].value == 64


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("stage", ["Qualified", "Negotiation"]),
        ("owner", ["Paul Peer", "Rita Rep"]),
        ("category", ["Commit", "Pipeline"]),
        ("month", ["June 2026", "July 2026"]),
        ("account", ["Acorn", "Beech"]),
        ("territory", ["East 1", "East 2"]),
    ],
)
def test_groups_come_to_what_the_list_comes_to(cast, browse, by, names):
    many(cast, 2, close_on=date(2026, 7, 1))
    many(cast, 1, number="E", currency="EUR", amount_minor=5, close_on=date(2026, 7, 1))
    answer = get(browse, cast.manager, group=by)
    assert list(sums(answer)) == names
    totals = answer.context["totals"]
    assert totals.worth_minor == sum(worth for _deals, worth in sums(answer).values()) == 20_000_003 + 100 + 6
    assert sum(len(group.rows) for group in answer.context["groups"]) == totals.deals == 5
    for group in answer.context["groups"]:
        alone = browse(cast.manager).get(group.url)
        assert alone.context["count"].value == group.totals.deals, group.name
        assert alone.context["totals"].worth_minor == group.totals.worth_minor


def test_where_they_are_many_a_group_shows_its_rows_when_it_is_opened(cast, browse):
    many(cast, 201)
    client = browse(cast.rep)
    answer = client.get(reverse("opportunity_list"), {"group": "stage", "sort": "name"})
    group = next(one for one in answer.context["groups"] if one.name == "Qualified")
    assert (group.rows, group.is_open, group.totals.deals) == ([], False, 201)
    rows = client.get(group.rows_url).content.decode()
    assert rows.count('data-level="1"') == 51
    assert "151 more, in a list of their own" in rows
    assert rows.index("Deal 000") < rows.index("Deal 049")
    opened = client.get(reverse("opportunity_list"), {"group": "stage", "open": group.key})
    assert {one.name: len(one.rows) for one in opened.context["groups"]} == {
        "Qualified": 50,
        "Negotiation": 0,
    }


def test_too_many_are_not_grouped(cast, browse, monkeypatch):
    monkeypatch.setattr(deals_of, "MOST_SORTED", 2)
    many(cast, 2)
    assert (
        "Filter them first"
        in browse(cast.rep).get("/opportunities/?group=stage", follow=True).content.decode()
    )


def test_groups_ask_no_more_as_they_grow(cast, browse):
    client, counts = browse(cast.manager), []
    for more in (10, 400):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opportunity_list"), {"group": "owner"})
        counts.append(len(queries))
        many(cast, more)
    assert counts[0] >= counts[1]


@pytest.mark.parametrize(
    ("column", "field", "typed", "shown"),
    [
        ("amount", "amount_minor", "1,234.50", "$1,234.50"),
        ("amount", "amount_minor", "15k", "$15,000.00"),
        ("close", "close_on", "2026-07-01", "Jul 1, 2026"),
        ("category", "category", "omitted", "Omitted"),
        ("next_step", "next_step", "Meet purchasing", "Meet purchasing"),
        ("next_step_on", "next_step_on", "2026-06-01", "Jun 1, 2026"),
    ],
)
def test_a_cell_saves_and_answers_with_its_row(cast, browse, acting, column, field, typed, shown):
    name = "Deal 000"
    many(cast, 1)
    with acting(cast.rep):
        pk = Opportunity.objects.get(name=name).pk
    client, address = browse(cast.rep), reverse("opportunity_cell", args=[pk, column])
    form = client.get(address, headers=in_place()).content.decode()
    assert f'name="{field}"' in form
    assert "<html" not in form
    sent = {field: typed, "version": 1, "columns": f"name,{column}"}
    answer = client.post(address, sent, headers=in_place())
    assert (answer.status_code, answer["HX-Retarget"]) == (200, f"#deal-{pk}")
    row = answer.content.decode()
    assert shown in row
    assert row.count("<td") == 1
    with acting(cast.admin):
        assert Opportunity.objects.get(pk=pk).version == 2


def test_a_stage_is_moved_as_on_the_board(cast, browse, acting):
    client = browse(cast.rep)
    sent = {"stage": cast.stages["Proposal"].pk, "version": 1}
    assert "Proposal" in client.post(cell(cast, "stage"), sent, headers=in_place()).content.decode()
    assert deal(cast, acting).category == "best_case"


def test_winning_and_losing_open_their_dialogs(cast, browse, acting):
    client = browse(cast.rep)
    won = client.post(cell(cast, "stage"), {"stage": cast.stages["Won"].pk, "version": 1}, headers=in_place())
    assert (won.status_code, won["HX-Retarget"]) == (200, "#dialog-body")
    assert reverse("order_book") in won.content.decode()
    came = in_place(**{"HX-Current-URL": "http://testserver/opportunities/?q=acorn"})
    lost = client.post(cell(cast, "stage"), {"stage": cast.stages["Lost"].pk, "version": 1}, headers=came)
    assert lost["HX-Retarget"] == "#dialog-body"
    page = unescape(lost.content.decode())
    assert f"stage={cast.stages['Lost'].pk}&next=%2Fopportunities%2F%3Fq%3Dacorn" in page
    assert deal(cast, acting).state == "open"


def test_a_refusal_stands_beside_the_cell_with_what_was_typed(cast, browse, acting):
    sent = {"close_on": "30 February", "version": 1}
    answer = browse(cast.rep).post(cell(cast, "close"), sent, headers=in_place())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "30 February" in page
    assert "field-errors" in page
    assert deal(cast, acting).close_on == date(2026, 6, 15)


def test_who_was_slower_is_told_by_whom_and_may_save_again(cast, browse, acting):
    browse(cast.manager).post(cell(cast, "next_step"), {"next_step": "Call Ann", "version": 1})
    client = browse(cast.rep)
    answer = client.post(cell(cast, "next_step"), {"next_step": "Visit", "version": 1}, headers=in_place())
    page = answer.content.decode()
    assert answer.status_code == 412
    assert "Mona Manager changed this at" in page
    assert "It is Call Ann now." in page
    assert 'value="Visit"' in page
    assert 'name="version" value="2"' in page
    again = client.post(cell(cast, "next_step"), {"next_step": "Visit", "version": 2}, headers=in_place())
    assert again.status_code == 200
    assert deal(cast, acting).next_step == "Visit"


def test_an_amount_that_products_make_leads_to_them(cast, browse, acting):
    put_servers(cast)
    client = browse(cast.rep)
    page = client.get(cell(cast, "amount"), headers=in_place()).content.decode()
    assert "Its products make the amount." in page
    assert reverse("opportunity_lines", args=[cast.deals["Acorn renewal"].pk]) in page
    client.post(cell(cast, "amount"), {"amount_minor": "5", "version": 1}, headers=in_place())
    assert deal(cast, acting).amount_minor == 10_000_001


def test_without_a_script_a_cell_is_a_form_that_leads_back(cast, browse, acting):
    client = browse(cast.rep)
    page = client.get(cell(cast, "next_step")).content.decode()
    assert "<html" in page
    done = client.post(
        cell(cast, "next_step"), {"next_step": "Call", "version": 1, "back": "/opportunities/?q=a"}
    )
    assert done["Location"] == "/opportunities/?q=a"
    assert deal(cast, acting).next_step == "Call"


@pytest.mark.parametrize(
    ("person", "status"), [("peer", 404), ("other_director", 404), ("executive", 403), ("manager", 200)]
)
def test_who_edits_a_cell(cast, browse, person, status):
    assert browse(getattr(cast, person)).get(cell(cast, "close")).status_code == status


def test_only_who_may_edit_finds_cells_to_edit(cast, browse):
    assert "data-cell=" in get(browse, cast.rep).content.decode()
    assert "data-cell=" not in get(browse, cast.executive).content.decode()
    assert browse(cast.rep).get(cell(cast, "owner")).status_code == 404


def test_what_somebody_only_reads_beside_their_own_is_not_edited_here(cast, browse):
    with work(by=None, why="a team", reach=Reach.everything()):
        Participant.objects.create(opportunity=cast.deals["Beech renewal"], user=cast.rep, reason="team")
    answer = get(browse, cast.rep)
    editable = {row.name: row.may_edit for row in answer.context["page"].rows}
    assert editable == {"Acorn renewal": True, "Beech renewal": False}
