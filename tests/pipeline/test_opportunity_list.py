"""The list: what each person finds in it, filters, sorting, pages, and that it asks no more as it grows."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from pipeline.selectors import opportunities as deals_of
from pipeline.views import table
from territories.models import Seat, User


def many(cast, count, **changes):
    """More deals of the rep with Acorn."""
    values = {
        "account": cast.accounts["Acorn"],
        "owner": cast.rep,
        "territory": cast.territories["East 1"],
        "stage": cast.stages["Qualified"],
        "category": "pipeline",
        "currency": "USD",
        "close_on": date(2026, 6, 1),
        "created_on": date(2026, 5, 1),
        "stage_since_on": date(2026, 5, 1),
    }
    with work(by=None, why="more deals", reach=Reach.everything()):
        Opportunity.objects.bulk_create(
            Opportunity(
                **{
                    **values,
                    "name": f"Deal {n:03}",
                    "number": uuid4().hex,
                    "amount_minor": n * 100,
                    **changes,
                }
            )
            for n in range(count)
        )


def write_german(owner, person):
    """Let a person write figures and days as in Germany."""
    owner.execute("ALTER TABLE territories_user DISABLE TRIGGER USER")
    owner.execute("UPDATE territories_user SET locale = 'de-DE' WHERE id = %s", [person.pk])
    owner.execute("ALTER TABLE territories_user ENABLE TRIGGER USER")


def names(answer):
    return [deal.name for deal in answer.context["page"].rows]


def get(browse, person, **query):
    return browse(person).get(reverse("opportunity_list"), query)


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("rep", ["Acorn renewal"]),
        ("peer", ["Beech renewal"]),
        ("manager", ["Acorn renewal", "Beech renewal"]),
        ("director", ["Acorn renewal", "Beech renewal"]),
        ("other_director", ["Cedar renewal"]),
        ("admin", ["Acorn renewal", "Beech renewal", "Cedar renewal"]),
        ("coordinator", ["Acorn renewal", "Beech renewal", "Cedar renewal"]),
        ("executive", ["Acorn renewal", "Beech renewal", "Cedar renewal"]),
    ],
)
def test_each_finds_the_deals_in_their_reach(cast, browse, person, seen):
    answer = get(browse, getattr(cast, person))
    assert sorted(names(answer)) == seen
    assert answer.context["count"].value == len(seen)


def test_a_row_shows_account_amount_stage_and_owner(cast, browse):
    page = get(browse, cast.rep).content.decode()
    for text in ("Acorn renewal", "$100,000.01", "Negotiation", "Jun 15, 2026", "Commit", "Rita Rep"):
        assert text in page


def test_amounts_are_written_in_the_readers_own_way(cast, browse, owner):
    write_german(owner, cast.rep)
    assert "100.000,01\xa0$" in get(browse, cast.rep).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"stage": "Proposal"}, ["B"]),
        ({"category": "commit"}, ["Acorn renewal"]),
        ({"period": "2026-Q3"}, ["C"]),
        ({"from": "2026-06-02", "to": "2026-06-15"}, ["Acorn renewal"]),
        ({"to": "2026-06-14"}, ["D"]),
        ({"attention": "overdue"}, ["D"]),
        ({"attention": "no_next_step"}, ["D", "Acorn renewal", "C"]),
        ({"attention": "stalled"}, ["Acorn renewal"]),
        ({"q": "ENEW"}, ["Acorn renewal"]),
        ({"q": "acor"}, ["D", "Acorn renewal", "B", "C"]),
        ({"q": "nothing"}, []),
        ({"state": "lost"}, ["E"]),
        ({"state": "all"}, ["D", "E", "Acorn renewal", "B", "C"]),
        ({"owner": "rep"}, ["D", "Acorn renewal", "B", "C"]),
        ({"owner": "peer"}, []),
    ],
)
def test_filters(cast, browse, query, found):
    many(
        cast,
        1,
        name="B",
        number="B",
        stage=cast.stages["Proposal"],
        close_on=date(2026, 6, 20),
        next_step="Call",
    )
    many(cast, 1, name="C", number="C", close_on=date(2026, 7, 1))
    many(cast, 1, name="D", number="D", close_on=date(2026, 5, 19))
    lost = {
        "state": "lost",
        "stage": cast.stages["Lost"],
        "category": "omitted",
        "closed_on": date(2026, 5, 1),
    }
    many(cast, 1, name="E", number="E", **lost)
    query = dict(query)
    if "stage" in query:
        query["stage"] = cast.stages[query["stage"]].pk
    if "owner" in query:
        query["owner"] = getattr(cast, query["owner"]).pk
    assert names(get(browse, cast.rep, **query)) == found


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("close", "Early", "Late"),
        ("-close", "Late", "Early"),
        ("name", "Acorn renewal", "None"),
        ("-name", "None", "Acorn renewal"),
        ("amount", "None", "Acorn renewal"),
        ("-amount", "Acorn renewal", "None"),
    ],
)
def test_sorting(cast, browse, sort, first, last):
    many(cast, 1, name="Early", number="E", close_on=date(2026, 1, 1))
    many(cast, 1, name="Late", number="L", close_on=date(2027, 1, 1))
    many(cast, 1, name="None", number="N", amount_minor=None, close_on=date(2026, 6, 3))
    found = names(get(browse, cast.rep, sort=sort))
    assert (found[0], found[-1]) == (first, last)


def test_amounts_of_several_currencies_are_sorted_by_what_they_are_worth(cast, browse):
    many(cast, 1, name="Euro", number="E", currency="EUR", amount_minor=9_000_000)
    many(cast, 1, name="Dollar", number="D", amount_minor=10_500_000)
    assert names(get(browse, cast.rep, sort="-amount")) == ["Euro", "Dollar", "Acorn renewal"]


def test_too_many_are_not_sorted_by_amount(cast, browse, monkeypatch):
    monkeypatch.setattr(deals_of, "MOST_SORTED", 2)
    many(cast, 2)
    client, address = browse(cast.rep), reverse("opportunity_list")
    answer = client.get(address, {"owner": cast.rep.pk, "sort": "-amount"}, follow=True)
    assert answer.redirect_chain == [(f"{address}?owner={cast.rep.pk}", 302)]
    assert "Filter them first." in answer.content.decode()
    assert names(answer) == ["Deal 000", "Deal 001", "Acorn renewal"]
    assert client.get(address, {"sort": "amount", "category": "commit"}).status_code == 200
    assert client.get(address, {"sort": "name"}).status_code == 200


@pytest.mark.parametrize("sort", ["close", "-close", "amount", "-amount", "name", "-name"])
def test_pages_show_every_deal_once(cast, browse, sort):
    many(cast, 120)
    client, query, found, pages = browse(cast.rep), {"sort": sort}, [], 0
    while True:
        answer = client.get(reverse("opportunity_list"), query)
        found += names(answer)
        pages += 1
        assert answer.context["count"].value == (121 if pages < 3 else answer.context["count"].value)
        if not answer.context["page"].after:
            break
        query["after"] = answer.context["page"].after
    assert (pages, len(found), len(set(found))) == (3, 121, 121)


def test_a_long_list_of_owners_becomes_a_field_that_finds_them(cast, browse, acting):
    label = "Paul Peer"
    assert f"{label}</option>" in get(browse, cast.admin).content.decode()
    with acting(cast.admin):
        for number in range(51):
            person = User.objects.create(email=f"p{number}@example.com", name=f"Person {number}")
            node = cast.territories["East Team"]
            Seat.objects.create(user=person, territory=node, kind="overlay", starts_on=date(2026, 1, 1))
    page = get(browse, cast.admin).content.decode()
    assert f"{label}</option>" not in page
    assert f'data-suggest="{reverse("owner_suggest")}"' in page
    chosen = get(browse, cast.admin, owner=cast.peer.pk)
    assert names(chosen) == ["Beech renewal"]
    assert f'value="{label}"' in chosen.content.decode()
    typed = get(browse, cast.admin, owner_text=" paul peer ", state="all")
    assert typed["Location"] == f"{reverse('opportunity_list')}?state=all&owner={cast.peer.pk}"
    assert get(browse, cast.admin, owner_text="Nobody").status_code == 400
    cleared = get(browse, cast.admin, owner=cast.peer.pk, owner_text="")
    assert cleared["Location"] == reverse("opportunity_list")


def test_a_search_is_not_counted_to_its_end(cast, browse):
    many(cast, 60)
    assert "More than 50 opportunities" in get(browse, cast.rep, q="Deal").content.decode()


def test_too_many_are_neither_counted_nor_added_up(cast, browse, monkeypatch):
    monkeypatch.setattr(table, "MOST_SUMMED", 60)
    many(cast, 60)
    page = get(browse, cast.rep).content.decode()
    assert "More than 60 opportunities" in page
    assert "Too many to add up" in page


def test_the_number_of_queries_does_not_grow(cast, browse):
    client = browse(cast.manager)
    counts = []
    for more in (48, 300):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opportunity_list"))
        counts.append(len(queries))
        many(cast, more)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("opportunity_list"))
    # Two more: a second page is announced, so what stands on it is added up as well, at the rates of the day.
    assert counts[0] == counts[1] == len(queries) - 2
    assert len(queries) <= 20


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"stage": "first"},
        {"stage": "9" * 30},
        {"category": "Commit"},
        {"state": "open'"},
        {"period": "2026-Q9"},
        {"from": "2026-02-31"},
        {"from": "6/2/2026"},
        {"from": "1899-12-31"},
        {"to": "9999-12-31"},
        {"sort": "id"},
        {"after": "x"},
        {"after": "WyJnYXJiYWdlIiwgIngiXQ"},
        {"attention": "please"},
        {"q": "x" * 201},
        {"q": "a\x00b"},
    ],
)
def test_what_is_unknown_is_refused(cast, browse, query):
    assert get(browse, cast.rep, **query).status_code == 400


def test_a_key_is_taken_only_where_it_was_made(cast, browse):
    many(cast, 60)
    key = get(browse, cast.rep, sort="name").context["page"].after
    assert get(browse, cast.rep, sort="name", after=key).status_code == 200
    for strange in (key[:-1] + "x", "WyIxZTk5OTk5OSIsIDFd"):
        assert get(browse, cast.rep, sort="amount", after=strange).status_code == 400
    answer = get(browse, cast.rep, sort="amount", after=key)
    assert answer.status_code == 400
    assert "Start again from the first page." in answer.content.decode()


@pytest.mark.parametrize(
    ("person", "offers"), [("rep", True), ("admin", True), ("coordinator", False), ("executive", False)]
)
def test_only_who_opens_deals_is_offered_to(cast, browse, owner, person, offers):
    create = f'href="{reverse("opportunity_create")}"'
    client = browse(getattr(cast, person))
    for name in ("opportunity_list", "opportunity_board"):
        assert (f"{create} data-dialog" in client.get(reverse(name)).content.decode()) is offers
    owner.execute("ALTER TABLE pipeline_opportunity DISABLE TRIGGER USER")
    owner.execute("UPDATE pipeline_opportunity SET state = 'lost', closed_on = '2026-05-01'")
    empty = client.get(reverse("opportunity_list")).content.decode()
    assert "No open opportunity yet" in empty
    assert (f"{create} data-dialog>New opportunity</a>" in empty) is offers


def test_nothing_yet_and_nothing_found_say_what_to_do(cast, browse):
    assert "Nothing matches" in get(browse, cast.rep, q="zzz").content.decode()
    many(cast, 0)
    empty = get(browse, cast.admin, owner=cast.manager.pk, state="won").content.decode()
    assert "Clear the filters" in empty
