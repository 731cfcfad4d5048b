"""The page of a deal: its figures, its way, its history, and who may do what from it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pipeline.services import edit_opportunity, log_activity, move_stage
from tests.pages import parsed
from tests.pipeline.selling import put_servers
from tests.pipeline.test_move_stage import win


def get(browse, person, deal, **query):
    return browse(person).get(reverse("opportunity_detail", args=[deal.pk]), query)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("rep", 200),
        ("peer", 404),
        ("manager", 200),
        ("director", 200),
        ("other_rep", 404),
        ("other_manager", 404),
        ("other_director", 404),
        ("admin", 200),
        ("coordinator", 200),
        ("executive", 200),
    ],
)
def test_who_sees_a_deal(cast, browse, person, status):
    assert get(browse, getattr(cast, person), cast.deals["Acorn renewal"]).status_code == status


def test_a_foreign_id_answers_as_one_that_was_never_given(cast, browse):
    foreign = get(browse, cast.rep, cast.deals["Cedar renewal"])
    unknown = browse(cast.rep).get(reverse("opportunity_detail", args=[999_999]))
    assert (foreign.status_code, unknown.status_code) == (404, 404)


def test_the_figures_of_the_deal(cast, browse):
    put_servers(cast)
    page = get(browse, cast.rep, cast.deals["Acorn renewal"]).content.decode()
    for text in (
        "$100,000.01",
        "Jun 15, 2026",
        "Commit",
        "follows the stage",
        "49 days",
        "Rita Rep",
        "East 1",
    ):
        assert text in page
    assert "$100,000.00" in page
    assert "differs from the sum of the products" in page


def test_its_history_tells_who_what_and_when(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.manager):
        edit_opportunity(
            by=cast.manager.pk,
            opportunity_id=deal.pk,
            version=deal.version,
            category="best_case",
            next_step="Ask legal",
        )
    panel = browse(cast.rep).get(reverse("opportunity_moved_panel", args=[deal.pk])).content.decode()
    for text in ("Forecast category", "Commit", "Best Case", "Next step", "Ask legal", "Mona Manager", "UTC"):
        assert text in panel
    page = get(browse, cast.rep, deal).content.decode()
    assert "set by hand; the stage does not change it" in page


def test_its_activities_are_those_in_reach(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        log_activity(
            by=cast.rep.pk, kind="call", subject="Called them", opportunity_id=deal.pk, outcome="Good talk"
        )
        log_activity(
            by=cast.rep.pk,
            kind="demo",
            subject="Show it",
            opportunity_id=deal.pk,
            done=False,
            due_on=date(2026, 5, 19),
        )
    page = get(browse, cast.manager, deal).content.decode()
    assert page.index("Show it") < page.index("Called them")
    assert "Good talk" in page
    assert "due May 19, 2026" in page


@pytest.mark.parametrize(
    ("person", "offered"),
    [
        ("rep", ["edit", "move", "lose", "log", "win"]),
        ("director", ["edit", "move", "lose", "log", "win"]),
        ("coordinator", ["log", "win"]),
        ("executive", []),
    ],
)
def test_only_what_a_reader_may_do_is_offered(cast, browse, person, offered):
    deal = cast.deals["Acorn renewal"]
    page = get(browse, getattr(cast, person), deal).content.decode()
    links = {
        "edit": reverse("opportunity_edit", args=[deal.pk]),
        "move": reverse("opportunity_move", args=[deal.pk]),
        "lose": f"{reverse('opportunity_move', args=[deal.pk])}?lose=1",
        "log": f"{reverse('activity_create')}?opportunity={deal.pk}",
        "win": "Win and book",
    }
    assert [name for name, link in links.items() if link in page] == offered


@pytest.mark.parametrize(
    ("person", "offered"), [("rep", True), ("manager", True), ("coordinator", False), ("executive", False)]
)
def test_done_is_offered_to_who_may_say_so(cast, browse, acting, person, offered):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        task = log_activity(
            by=cast.rep.pk,
            kind="task",
            subject="Call back",
            opportunity_id=deal.pk,
            done=False,
            due_on=date(2026, 5, 29),
        )
    page = get(browse, getattr(cast, person), deal).content.decode()
    assert "due May 29, 2026" in page
    assert (reverse("activity_complete", args=[task.pk]) in page) is offered


def test_a_lost_deal_can_be_reopened_and_a_won_one_not(cast, browse, acting):
    lost, won = cast.deals["Acorn renewal"], cast.deals["Beech renewal"]
    with acting(cast.manager):
        move_stage(
            by=cast.manager.pk,
            opportunity_id=lost.pk,
            version=lost.version,
            stage_id=cast.stages["Lost"].pk,
            lost_reason="No budget",
        )
        win(cast.manager, won, date(2026, 4, 14))
    page = get(browse, cast.manager, lost).content.decode()
    assert "Re-open" in page
    assert "?lose=1" not in page
    assert "data-cell=" not in page
    assert "No budget" in page
    page = get(browse, cast.manager, won).content.decode()
    assert "Re-open" not in page
    assert "Win and book" not in page
    assert "closed on Apr 14, 2026" in page


def test_the_account_is_named_only_to_who_may_see_it(cast, browse, owner):
    """A rep keeps a deal whose account went to another team: its name is not theirs any more."""
    owner.execute("ALTER TABLE accounts_account DISABLE TRIGGER USER")
    owner.execute(
        "UPDATE accounts_account SET territory_id = %s WHERE id = %s",
        [cast.territories["West 1"].pk, cast.accounts["Acorn"].pk],
    )
    owner.execute("ALTER TABLE accounts_account ENABLE TRIGGER USER")
    answer = get(browse, cast.rep, cast.deals["Acorn renewal"])
    assert answer.status_code == 200
    assert answer.context["deal"].account is None


FIGURES = ["amount", "stage", "close", "category", "next_step"]


def figures(html):
    return [
        element.attributes["data-cell"]
        for element in parsed(html).walk()
        if "data-cell" in element.attributes
    ]


def test_its_figures_are_edited_where_they_stand_by_who_may(cast, browse):
    deal = cast.deals["Acorn renewal"]
    assert figures(get(browse, cast.rep, deal).content.decode()) == FIGURES
    assert figures(get(browse, cast.coordinator, deal).content.decode()) == []
    cell = reverse("opportunity_cell", args=[deal.pk, "next_step"])
    typed = {"next_step": "Call Ann", "version": deal.version, "on": "page"}
    answer = browse(cast.rep).post(cell, typed, headers={"HX-Request": "true", "HX-Target": "cell-1"})
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == (f"#deal-{deal.pk}", "outerHTML")
    assert "deal-changed" in answer["HX-Trigger"]
    html = answer.content.decode()
    assert "Call Ann" in html
    assert "65 of 100" in html
    assert figures(html) == [*FIGURES, "next_step_on"]


def test_without_a_script_a_figure_is_a_form_that_leads_back_to_the_deal(cast, browse):
    deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
    here = reverse("opportunity_detail", args=[deal.pk])
    cell = reverse("opportunity_cell", args=[deal.pk, "close"])
    assert f'href="{cell}?back={here}"' in client.get(here).content.decode()
    assert f'name="back" value="{here}"' in client.get(f"{cell}?back={here}").content.decode()


def test_the_number_of_queries_does_not_grow_with_its_history(cast, browse, acting):
    """Of the page itself and of all fragments that it loads; how many each of them asks is in tests/budgets.toml."""
    deal, client, counts = cast.deals["Acorn renewal"], browse(cast.rep), []
    address = reverse("opportunity_detail", args=[deal.pk])
    page = parsed(client.get(address).content.decode())
    loaded = [
        element for element in page.walk() if element.attributes.get("hx-trigger", "").startswith("load")
    ]
    fragments = [element.attributes["hx-get"] for element in loaded]
    for _ in range(2):
        with acting(cast.rep):
            for n in range(10):
                log_activity(
                    by=cast.rep.pk, kind="call", subject=f"Call {n}", opportunity_id=deal.pk, next_step=f"{n}"
                )
        asked = []
        for part in (address, *fragments):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(part).status_code == 200
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]
    assert len(fragments) == 6
    assert counts[0][0] == 23
    assert sum(counts[0]) <= 115


def test_an_unknown_parameter_is_refused(cast, browse):
    assert get(browse, cast.rep, cast.deals["Acorn renewal"], as_of="2026-01-01").status_code == 400
