"""The territory workbench: who sells where on a day, and what is there, in figures that one can add up."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.models import Period
from common.transaction import work
from pipeline.models import Opportunity
from planning.selectors import workbench as selectors
from quotas.services import run_nightly, set_quota
from territories.models import Naming, Seat, Vacancy
from territories.services import create_territory, end_seat, move_territory, pass_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.pages import parsed
from tests.quotas.conftest import worker

URL = reverse("territory_workbench")
FOUND = reverse("territory_workbench_found")
TODAY = date(2026, 5, 20)
Enter = Callable[[Any], Client]


def table(client: Client, url: str = URL, **query: str) -> dict[str, list[str]]:
    """The rows of the page by the territory's name: its texts from the people on."""
    response = client.get(url, query)
    assert response.status_code == 200
    return {line.row.name: [cell.text for cell in line.cells] for line in response.context["lines"]}


def lines(client: Client, url: str = URL, **query: str) -> dict[str, Any]:
    return {line.row.name: line for line in client.get(url, query).context["lines"]}


def below(cast: Cast, name: str) -> str:
    return reverse("territory_workbench_rows", args=[cast.territories[name].pk])


@pytest.fixture
def _quotas(cast: Cast, acting: Acting) -> None:
    """Rita's quota of the quarter, one of West 1 for whoever comes, and one of East itself; rolled up."""
    with acting(cast.admin):
        admin, quarter = cast.admin.pk, cast.q2.pk
        set_quota(by=admin, period_id=quarter, person_id=cast.rep.pk, amount_minor=40_000_00)
        set_quota(by=admin, period_id=quarter, person_id=cast.other_rep.pk, amount_minor=30_000_00)
        set_quota(by=admin, period_id=quarter, person_id=cast.director.pk, amount_minor=45_000_00)
    with worker():
        run_nightly(as_of=date(2026, 5, 19))


# ---- figures ----


@pytest.mark.usefixtures("_quotas")
def test_an_administrator_sees_every_territory_with_what_is_there(cast: Cast, browse: Enter) -> None:
    assert table(browse(cast.admin)) == {
        "Company": ["3", "$75,000.00", "$300,000.06"],
        "East": ["2", "$45,000.00", "$200,000.03"],
        "East Team": ["2", "$40,000.00", "$200,000.03"],
        "East 1": ["1", "$40,000.00", "$100,000.01"],
        "East 2": ["1", "—", "$100,000.02"],
        "Unassigned": ["0", "—", "$0.00"],
        "West": ["1", "$30,000.00", "$100,000.03"],
        "West Team": ["1", "$30,000.00", "$100,000.03"],
        "West 1": ["1", "$30,000.00", "$100,000.03"],
    }


@pytest.mark.usefixtures("_quotas")
def test_a_manager_sees_what_they_lead_and_no_more(cast: Cast, browse: Enter) -> None:
    assert table(browse(cast.manager)) == {
        "East Team": ["2", "$40,000.00", "$200,000.03"],
        "East 1": ["1", "$40,000.00", "$100,000.01"],
        "East 2": ["1", "—", "$100,000.02"],
    }
    assert list(table(browse(cast.other_director))) == ["West", "West Team", "West 1"]
    assert table(browse(cast.executive)) == table(browse(cast.admin))


@pytest.mark.usefixtures("_quotas")
def test_the_quota_says_where_it_comes_from(cast: Cast, browse: Enter) -> None:
    rows = lines(browse(cast.admin))
    assert [rows[name].cells[1].small for name in ("Company", "East", "East Team", "East 1")] == [
        "rolled up",
        "rolled up $40,000.00",
        "rolled up",
        "",
    ]


@pytest.mark.usefixtures("_quotas")
def test_the_quota_of_who_owns_two_says_where_it_counts(cast: Cast, browse: Enter, acting: Acting) -> None:
    """Rita owns East 1 and East 3, which has a quota of its own: hers stands whole in East 1."""
    with acting(cast.admin):
        place = {"parent_id": cast.territories["East Team"].pk, "starts_on": date(2026, 4, 1)}
        east_3 = create_territory(by=cast.admin.pk, name="East 3", code="EAST-3", **place)
        seat = {"territory_id": east_3.pk, "kind": "owner", "starts_on": date(2026, 4, 1)}
        seat_person(by=cast.admin.pk, user_id=cast.rep.pk, **seat)
        quota = {"period_id": cast.q2.pk, "amount_minor": 1_000_00}
        set_quota(by=cast.admin.pk, territory_id=east_3.pk, **quota)
        # Paul owns two as well, but nothing is asked of him; who covers or helps elsewhere sells where they sit.
        cover = {"kind": "cover", "starts_on": TODAY, "stops_on": date(2026, 8, 1)}
        seat_person(
            by=cast.admin.pk, user_id=cast.rep.pk, territory_id=cast.territories["West 1"].pk, **cover
        )
    with worker():
        run_nightly(as_of=date(2026, 5, 19))
    client = browse(cast.admin)
    rows = lines(client)
    told = {
        name: (line.cells[1].text, *line.cells[1].notes) for name, line in rows.items() if line.cells[1].notes
    }
    assert told == {
        "East 1": ("$40,000.00", "quota of Rita Rep, who also owns East 3"),
        "East 3": ("$1,000.00", "the quota of Rita Rep counts in East 1"),
    }
    hint = "A person's quota belongs to the person and is not cut up"
    assert hint in client.get(URL).content.decode()
    assert hint not in client.get(URL, {"q": "West"}).content.decode()
    panel = client.get(reverse("territory_figures_panel", args=[east_3.pk])).content.decode()
    assert "the quota of Rita Rep counts in East 1" in panel


@pytest.mark.usefixtures("_quotas")
def test_a_second_seat_that_begins_in_the_quarter_is_told_with_its_day(
    cast: Cast, browse: Enter, acting: Acting
) -> None:
    """From 1 June on Rita owns East 2 as well, which Paul left; until the roll-up has run the notes say so."""
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.peer)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 5, 1))
        place = {"territory_id": cast.territories["East 2"].pk, "starts_on": date(2026, 6, 1)}
        seat_person(by=cast.admin.pk, user_id=cast.rep.pk, kind="owner", **place)
    client = browse(cast.admin)

    def notes() -> dict[str, list[str]]:
        rows = lines(client)
        return {name: list(rows[name].cells[1].notes) for name in ("East 1", "East 2")}

    before = notes()
    assert {some[-1] for some in before.values()} == {"counts from the next roll-up"}
    with worker():
        run_nightly(as_of=date(2026, 5, 19))
    assert notes() == {
        "East 1": ["quota of Rita Rep, who also owns East 2 (from Jun 1, 2026 on)"],
        "East 2": ["the quota of Rita Rep, who is here from Jun 1, 2026 on, counts in East 1"],
    }
    assert before == {name: [*some, "counts from the next roll-up"] for name, some in notes().items()}


@pytest.mark.usefixtures("_quotas")
def test_a_quota_of_a_seat_that_changes_hands_says_whose_it_is(
    cast: Cast, browse: Enter, acting: Acting
) -> None:
    """Paul of East 2 takes East 1 over from Rita on 1 June: by the quarter's end both their quotas count there."""
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.peer.pk, amount_minor=20_000_00)
        seat = Seat.objects.current().get(user=cast.rep)
        pass_seat(by=cast.admin.pk, seat_id=seat.pk, user_id=cast.peer.pk, starts_on=date(2026, 6, 1))
    with worker():
        run_nightly(as_of=date(2026, 5, 19))
    rows = lines(browse(cast.admin))
    east_1, east_2 = rows["East 1"].cells[1], rows["East 2"].cells[1]
    assert (east_1.text, east_1.notes) == (
        "$60,000.00",
        [
            (
                "counts at the end of the quarter: $40,000.00 of Rita Rep, there until Jun 1, 2026; "
                "$20,000.00 of Paul Peer, there from Jun 1, 2026 on"
            ),
            "that of Paul Peer is for East 2 too",
        ],
    )
    assert (east_2.text, east_2.notes) == (
        "—",
        ["the quota of Paul Peer counts in East 1, where they are from Jun 1, 2026 on"],
    )


@pytest.mark.usefixtures("_quotas")
def test_every_figure_opens_the_rows_that_make_it(cast: Cast, browse: Enter) -> None:
    for person in (cast.admin, cast.director):
        client = browse(person)
        for line in lines(client).values():
            accounts, quota, pipeline = line.cells
            if accounts.url:
                assert len(client.get(accounts.url).context["page"].rows) == int(accounts.text)
            if quota.url:
                team = client.get(quota.url).context["lines"]
                assert (line.row.name, quota.text) in [(one.row.name, one.cells[0].text) for one in team]
            if pipeline.url:
                deals = client.get(pipeline.url).context["page"].rows
                assert sum(deal.amount_minor for deal in deals) == line.row.pipeline_below


def test_what_lies_in_a_territory_itself_is_told_apart(cast: Cast, browse: Enter) -> None:
    with work(by=None, why="an account of the team", reach=Reach.everything()):
        cast.accounts["Beech"].__class__.objects.filter(name="Beech").update(
            territory=cast.territories["East Team"]
        )
        Opportunity.objects.filter(name="Beech renewal").update(territory=cast.territories["East Team"])
    client = browse(cast.admin)
    accounts, _quota, pipeline = lines(client)["East Team"].cells
    assert (accounts.text, accounts.small) == ("2", "1 here")
    assert (pipeline.text, pipeline.small) == ("$200,000.03", "$100,000.02 here")
    assert [row.name for row in client.get(accounts.small_url).context["page"].rows] == ["Beech"]
    assert [row.name for row in client.get(pipeline.small_url).context["page"].rows] == ["Beech renewal"]
    assert "1 here" in client.get(URL).content.decode()


def test_pipeline_is_converted_deal_by_deal_and_leaves_out_what_it_cannot(cast: Cast, browse: Enter) -> None:
    with work(by=None, why="other currencies", reach=Reach.everything()):
        Opportunity.objects.filter(name="Acorn renewal").update(currency="EUR", amount_minor=5)
        Opportunity.objects.filter(name="Beech renewal").update(amount_minor=None)
        Opportunity.objects.filter(name="Cedar renewal").update(currency="GBP")
    rows = table(browse(cast.admin))
    assert [rows[name][2] for name in ("East 1", "East 2", "West", "Company")] == [
        "$0.06",  # 5 × 1.10 = 5.5, a half away from zero
        "$0.00",
        "$0.00",
        "$0.06",
    ]


# ---- days ----


def _move(cast: Cast, acting: Acting, on: date) -> None:
    with acting(cast.admin):
        team, west = cast.territories["East Team"].pk, cast.territories["West"].pk
        move_territory(by=cast.admin.pk, territory_id=team, parent_id=west, on=on)


def test_a_past_and_a_future_day_show_the_tree_of_that_day(cast: Cast, browse: Enter, acting: Acting) -> None:
    _move(cast, acting, date(2026, 6, 1))
    client = browse(cast.admin)
    counts = {
        day: [table(client, on=day)[name][0] for name in ("East", "West", "Company")]
        for day in ("2026-05-19", "2026-05-20", "2026-06-01")
    }
    assert counts == {
        "2026-05-19": ["2", "1", "3"],
        "2026-05-20": ["2", "1", "3"],
        "2026-06-01": ["0", "3", "3"],
    }
    west = lines(client, on="2026-06-01")["West"].cells
    assert [row.name for row in client.get(west[0].url).context["page"].rows] == ["Acorn", "Beech", "Cedar"]
    assert [cell.text for cell in west] == ["3", "—", "—"]
    assert "Open pipeline is known for today only." in client.get(URL, {"on": "2026-06-01"}).content.decode()


def test_accounts_count_where_they_were(cast: Cast, browse: Enter, acting: Acting) -> None:
    from tests.accounts.places import assign_account

    with acting(cast.admin):
        assign_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            territory_id=cast.territories["West 1"].pk,
            starts_on=date(2026, 5, 20),
            reason="Moved house",
        )
    client = browse(cast.admin)
    assert [table(client)[name][0] for name in ("East 1", "West 1")] == ["0", "2"]
    assert [table(client, on="2026-05-19")[name][0] for name in ("East 1", "West 1")] == ["1", "1"]
    there = lines(client, on="2026-05-19")["East 1"].cells[0].url
    assert [row.name for row in client.get(there).context["page"].rows] == ["Acorn"]
    assert "As they lay on May 19, 2026." in client.get(there).content.decode()
    # What a manager may not read any more counts in no figure of theirs, on no day.
    assert table(browse(cast.manager), on="2026-05-19")["East 1"][0] == "0"


def test_what_was_merged_into_another_account_counts_on_no_day(cast: Cast, browse: Enter) -> None:
    with work(by=None, why="a duplicate", reach=Reach.everything()):
        acorn, beech = cast.accounts["Acorn"], cast.accounts["Beech"]
        type(beech).objects.filter(pk=beech.pk).update(merged_into=acorn)
    for person in (cast.admin, cast.director):
        for day in ("2026-05-19", "2026-05-20"):
            line = lines(browse(person), on=day)["East"]
            assert line.cells[0].text == "1"
            found = browse(person).get(line.cells[0].url).context["page"].rows
            assert [row.name for row in found] == ["Acorn"]


def test_names_are_those_of_the_day(cast: Cast, browse: Enter) -> None:
    east = cast.territories["East"]
    with work(by=None, why="a name", reach=Reach.everything()):
        Naming.objects.create(
            territory=east, name="Sunrise", starts_on=date(2025, 1, 1), stops_on=date(2026, 1, 1)
        )
        Naming.objects.create(territory=east, name="East", starts_on=date(2026, 1, 1))
    client = browse(cast.admin)
    assert "Sunrise" in table(client, on="2025-12-31")
    assert "Sunrise" not in table(client)
    found = client.get(FOUND, {"q": "sunr"})
    assert [line.row.name for line in found.context["lines"]] == ["East"]
    assert "formerly Sunrise" in found.content.decode()
    assert list(table(client, FOUND, q="sunr", on="2025-12-31")) == ["Sunrise"]


def test_before_the_first_day_there_is_no_tree(cast: Cast, browse: Enter) -> None:
    assert "No tree on that day" in browse(cast.admin).get(URL, {"on": "2024-12-31"}).content.decode()
    assert [cell.text for cell in lines(browse(cast.admin), on="2036-01-01")["East"].cells] == ["2", "—", "—"]


def test_who_leads_nothing_is_told_so(cast: Cast, browse: Enter, acting: Acting) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.manager)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=TODAY)
    client = browse(cast.manager)
    assert "You lead no territory today" in client.get(URL).content.decode()
    assert "You lead no territory today" in client.get(URL, {"q": "East"}).content.decode()


# ---- people ----


def test_people_vacancies_and_covers(cast: Cast, browse: Enter, acting: Acting) -> None:
    team = cast.territories["East Team"]
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.peer)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=TODAY)
        seat_person(
            by=cast.admin.pk,
            user_id=cast.rep.pk,
            territory_id=cast.territories["East 2"].pk,
            kind="cover",
            starts_on=TODAY,
            stops_on=date(2026, 7, 1),
        )
        Vacancy.objects.create(
            territory=cast.territories["East 2"], kind="owner", starts_on=TODAY, stops_on=date(2026, 6, 15)
        )
    rows = lines(browse(cast.director))
    assert [(one.name, one.kind) for one in rows["East Team"].row.holders] == [("Mona Manager", "lead")]
    east_2 = rows["East 2"].row
    assert [(one.name, one.kind, one.stops_on) for one in east_2.holders] == [
        ("Rita Rep", "cover", date(2026, 7, 1))
    ]
    assert (east_2.is_vacant, east_2.planned_on) == (True, date(2026, 6, 15))
    assert (rows["East 1"].row.is_vacant, rows["East 1"].row.planned_on) == (False, None)
    text = browse(cast.director).get(URL).content.decode()
    assert "no owner" in text
    assert "planned from Jun 15, 2026" in text
    assert "temporary cover" in text
    assert list(lines(browse(cast.admin), vacant="1")) == ["Company", "East 2"]
    assert team.name not in lines(browse(cast.admin), vacant="1")


# ---- searching ----


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "east"}, ["East", "East 1", "East 2", "East Team"]),
        ({"q": "WEST-1"}, ["West 1"]),
        ({"q": "rita"}, ["East 1"]),
        ({"q": "team"}, ["East Team", "West Team"]),
        ({"empty": "1"}, []),
        ({"kind": "territory", "q": "west t"}, ["West Team"]),
        ({"kind": "region"}, []),
        ({"q": "nothing like it"}, []),
        ({"vacant": "1"}, ["Company"]),
    ],
)
def test_a_search_finds_by_name_code_and_person(
    cast: Cast, browse: Enter, query: dict[str, str], expected: list[str]
) -> None:
    assert list(table(browse(cast.admin), FOUND, **query)) == expected
    assert list(table(browse(cast.admin), URL, **query)) == expected


def test_a_search_keeps_to_what_one_leads(cast: Cast, browse: Enter) -> None:
    assert list(table(browse(cast.other_manager), FOUND, q="e")) == ["West 1", "West Team"]


def test_what_is_found_shows_where_it_lies_and_leads_there(cast: Cast, browse: Enter) -> None:
    client = browse(cast.admin)
    response = client.get(FOUND, {"q": "East 1"})
    [line] = response.context["lines"]
    assert line.row.above == ["Company", "East", "East Team"]
    path = [cast.territories[name].pk for name in ("Company", "East", "East Team", "East 1")]
    assert line.tree == f"?open={','.join(map(str, path))}#t{path[-1]}"
    assert response["HX-Replace-Url"] == f"{URL}?q=East+1"
    assert client.get(FOUND)["HX-Replace-Url"] == URL
    # Opened there, the page shows the way down.
    assert "East 1" in table(client, URL + line.tree.partition("#")[0])


def test_territories_without_accounts_are_found(cast: Cast, browse: Enter, acting: Acting) -> None:
    with acting(cast.admin):
        create_territory(
            by=cast.admin.pk,
            name="East 3",
            code="EAST-3",
            parent_id=cast.territories["East Team"].pk,
            starts_on=TODAY,
        )
    assert list(table(browse(cast.admin), empty="1")) == ["East 3"]


def test_a_long_search_is_cut(cast: Cast, browse: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_FOUND", 3)
    response = browse(cast.admin).get(FOUND, {"q": "e"})
    assert len(response.context["lines"]) == 3
    assert "5 more. Type more of the name to see them." in response.content.decode()


# ---- opening ----


def test_rows_open_one_below_the_other(cast: Cast, browse: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browse(cast.admin)
    company, east = cast.territories["Company"].pk, cast.territories["East"].pk
    assert list(table(client, open="none")) == ["Company"]
    assert list(table(client, open=f"{company}")) == ["Company", "East", "Unassigned", "West"]
    assert list(table(client, open=f"{company},{east}")) == [
        "Company",
        "East",
        "East Team",
        "Unassigned",
        "West",
    ]
    rows = lines(client, open=f"{company},{east}")
    assert rows["Company"].toggle == "?open=none"
    assert rows["East"].toggle == f"?open={company}"
    assert rows["West"].toggle == f"?open={company},{cast.territories['West'].pk}"
    assert rows["West"].children == below(cast, "West")
    assert list(lines(client, below(cast, "East Team"))) == ["East 1", "East 2"]
    assert lines(client, below(cast, "East Team"))["East 1"].path == "/".join(
        str(cast.territories[name].pk) for name in ("Company", "East", "East Team", "East 1")
    )
    monkeypatch.setattr(selectors, "MOST_ROWS", 4)
    assert list(table(client)) == ["Company", "East", "Unassigned", "West"]


def test_more_rows_than_a_page_holds_are_counted(
    cast: Cast, browse: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "MOST_BELOW", 2)
    client, company = browse(cast.admin), cast.territories["Company"].pk
    answer = client.get(URL, {"open": f"{company}"})
    assert [line.row.name for line in answer.context["lines"]] == ["Company", "East", "Unassigned"]
    assert "1 more lies below it." in answer.content.decode()
    answer = client.get(below(cast, "Company"))
    assert "1 more lies below it." in answer.content.decode()
    assert f'data-path="{company}/more"' in answer.content.decode()


def test_what_is_not_in_the_tree_of_the_day_has_no_rows(cast: Cast, browse: Enter) -> None:
    assert browse(cast.admin).get(below(cast, "East"), {"on": "2024-12-31"}).status_code == 404
    assert browse(cast.other_director).get(below(cast, "East")).status_code == 404


@pytest.mark.parametrize(
    "query", [{"on": "20.5.2026"}, {"open": "a"}, {"open": "4,,5"}, {"kind": "team"}, {"vacant": "yes"}]
)
def test_what_is_no_filter_is_refused(cast: Cast, browse: Enter, query: dict[str, str]) -> None:
    assert browse(cast.admin).get(URL, query).status_code == 400


# ---- acts ----


def test_only_an_administrator_moves(cast: Cast, browse: Enter) -> None:
    text = browse(cast.admin).get(URL).content.decode()
    assert reverse("territory_move", args=[cast.territories["East 1"].pk]) in text
    assert reverse("territory_create") in text
    for person in (cast.director, cast.executive):
        text = browse(person).get(URL).content.decode()
        assert "draggable" not in text
        assert "/move/" not in text
        assert reverse("territory_create") not in text


def links(text: str) -> set[str]:
    return {link.attributes["href"] for link in parsed(text).walk() if link.tag == "a"}


def acts_on(node: int, seat: int, back: str, on: str) -> set[str]:
    """The addresses of the acts on a territory and its seat; with `on` for another day than today."""
    after, alone = f"&{on}" if on else "", f"?{on}" if on else ""
    return {
        reverse("territory_detail", args=[node]),
        *(
            f"{reverse(f'territory_{name}', args=[node])}?{back}"
            for name in ("move", "rename", "split", "merge", "retire")
        ),
        f"{reverse('seat_create')}?territory={node}{after}",
        f"{reverse('seat_hand_over', args=[seat])}{alone}",
        f"{reverse('territory_create')}?parent={node}{after}",
    }


def test_the_menu_of_a_row(cast: Cast, browse: Enter, acting: Acting) -> None:
    east_1 = cast.territories["East 1"].pk
    client, address = browse(cast.admin), reverse("territory_workbench_acts", args=[east_1])
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep).pk
    text = client.get(address, {"on": "2026-06-01"}).content.decode()
    assert "Hand over the seat of Rita Rep" in text
    assert "Each begins on Jun 1, 2026, the day that is shown, unless another one is typed." in text
    back = "back=%2Fterritories%2Fworkbench%2F%3Fon%3D2026-06-01&on=2026-06-01"
    assert f"{URL}?on=2026-06-01" in links(text)
    assert acts_on(east_1, seat, back, "on=2026-06-01") <= links(text)
    text = client.get(address).content.decode()
    assert acts_on(east_1, seat, "back=%2Fterritories%2Fworkbench%2F", "") <= links(text)
    assert "Each begins on" not in text
    unassigned = reverse("territory_workbench_acts", args=[cast.territories["Unassigned"].pk])
    assert "/move/" not in client.get(unassigned).content.decode()
    behind = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{URL}?open=1,2"}
    text = client.get(address, headers=behind).content.decode()
    assert "back=%2Fterritories%2Fworkbench%2F%3Fopen%3D1%2C2" in text
    assert client.get(reverse("territory_workbench_acts", args=[999_999])).status_code == 404


def begins(client: Client, url: str) -> date:
    """The day that the form at an address proposes."""
    fields = client.get(url).context["form"].initial
    day: date = fields.get("on") or fields["starts_on"]
    return day


@pytest.mark.parametrize("day", [date(2026, 5, 4), date(2026, 6, 8)])
def test_an_act_begins_on_the_day_that_is_shown(cast: Cast, browse: Enter, acting: Acting, day: date) -> None:
    """Also on one in the past, as far as the periods are open: never silently on another one."""
    client, east_1 = browse(cast.admin), cast.territories["East 1"].pk
    page = client.get(URL, {"on": day.isoformat()})
    address = reverse("territory_workbench_acts", args=[east_1])
    menu = client.get(address, {"on": day.isoformat()}).context["acts"]
    assert [begins(client, act.url) for act in menu] == [day] * 8
    heads = {f"{reverse(name)}?on={day.isoformat()}" for name in ("territory_create", "seat_create")}
    assert heads <= links(page.content.decode())
    assert begins(client, lines(client, on=day.isoformat())["East 1"].move) == day


def test_on_a_day_before_what_is_closed_no_act_is_offered(cast: Cast, browse: Enter) -> None:
    with work(by=None, why="close the books", reach=Reach.everything()):
        Period.objects.filter(code="2026-Q1").update(is_closed=True)
    client, east_1 = browse(cast.admin), cast.territories["East 1"].pk
    said = (
        "Nothing can begin on the day that is shown: it would change 2026-Q1, which is closed. "
        "From Apr 1, 2026 on it can."
    )
    page = client.get(URL, {"on": "2026-03-31"})
    text = page.content.decode()
    assert said in text
    assert f"{URL}?on=2026-04-01" in links(text)
    assert "draggable" not in text
    assert reverse("territory_create") not in text
    address = reverse("territory_workbench_acts", args=[east_1])
    menu = client.get(address, {"on": "2026-03-31"})
    assert menu.context["acts"] == []
    assert said in menu.content.decode()
    assert client.get(address, {"on": "2026-04-01"}).context["acts"]
    assert said not in client.get(URL, {"on": "2026-04-01"}).content.decode()
    assert said not in browse(cast.director).get(URL, {"on": "2026-03-31"}).content.decode()


# ---- marks ----


def test_levels_above_say_how_many_are_vacant_below(cast: Cast, browse: Enter, acting: Acting) -> None:
    with acting(cast.admin):
        for person in (cast.peer, cast.manager):
            seat = Seat.objects.current().get(user=person)
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=TODAY)
    client = browse(cast.admin)
    rows = lines(client)
    assert {name: line.vacant for name, line in rows.items() if line.vacant} == {
        "Company": "2 vacant below",
        "East": "2 vacant below",
        "East Team": "1 vacant below",
    }
    found = client.get(rows["East"].vacant_url)
    assert [line.row.name for line in found.context["lines"]] == ["East 2", "East Team"]
    assert "Only what lies below East." in found.content.decode()
    assert list(lines(client, rows["East Team"].vacant_url)) == ["East 2"]
    day_before = lines(client, on="2026-05-19")
    assert not any(line.vacant for line in day_before.values())
    assert {name: line.vacant for name, line in lines(client, below(cast, "Company")).items()} == {
        "East": "2 vacant below",
        "Unassigned": "",
        "West": "",
    }
    assert list(lines(browse(cast.other_director), below=str(cast.territories["East"].pk))) == []


@pytest.mark.usefixtures("_quotas")
def test_a_quota_that_is_not_what_lies_below_says_by_how_much(
    cast: Cast, browse: Enter, acting: Acting
) -> None:
    """Dora has 45,000 assigned over 40,000; Mona 32,000 over 40,000 then: below Dora the 32,000 count."""
    rows = lines(browse(cast.admin))
    told = rows["East"].cells[1]
    assert (told.text, told.small, told.mark) == (
        "$45,000.00",
        "rolled up $40,000.00",
        "11.1% under-assigned",
    )
    assert [rows[name].cells[1].mark for name in ("Company", "East Team", "East 1", "West")] == [""] * 4
    with acting(cast.admin):
        quota = {"period_id": cast.q2.pk, "amount_minor": 32_000_00}
        set_quota(by=cast.admin.pk, person_id=cast.manager.pk, **quota)
    with worker():
        run_nightly(as_of=date(2026, 5, 19))
    rows = lines(browse(cast.admin))
    told = rows["East Team"].cells[1]
    assert (told.text, told.small, told.mark) == ("$32,000.00", "rolled up $40,000.00", "25.0% over-assigned")
    assert rows["East"].cells[1].small == "rolled up $32,000.00"
    assert "25.0% over-assigned" in browse(cast.manager).get(URL).content.decode()


# ---- cost ----


def test_queries_do_not_grow_with_the_rows(cast: Cast, browse: Enter, acting: Acting) -> None:
    client = browse(cast.admin)

    def statements(**query: str) -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(URL, query)
        return len(found)

    def add(*numbers: int) -> None:
        with acting(cast.admin):
            for number in numbers:
                create_territory(
                    by=cast.admin.pk,
                    name=f"East 1{number}",
                    code=f"E1{number}",
                    parent_id=cast.territories["East Team"].pk,
                    starts_on=TODAY,
                )

    add(1)
    statements()
    before, searched = statements(), statements(q="e")
    add(*range(2, 12))
    statements()  # another tree
    assert (statements(), statements(q="e")) == (before, searched)
