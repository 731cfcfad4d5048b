"""Editing a deal in the browser: both versions of a stale form, the reader's own style, who may."""

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.urls import reverse

from pipeline.models import Opportunity
from pipeline.services import move_stage
from tests.pipeline.selling import put_servers
from tests.pipeline.test_opportunity_list import write_german


def address(deal):
    return reverse("opportunity_edit", args=[deal.pk])


def typed(deal, **changes):
    values = {
        "name": deal.name,
        "amount_minor": "100,000.01",
        "currency": deal.currency,
        "close_on": "2026-06-15",
        "category": "",
        "owner_id": deal.owner_id,
        "motion": "new",
        "next_step": "",
        "next_step_on": "",
        "channel": "direct",
        "version": deal.version,
    }
    return {**values, **changes}


def saved(cast, acting, deal):
    with acting(cast.admin):
        return Opportunity.objects.get(pk=deal.pk)


def test_what_is_typed_is_saved(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    answer = browse(cast.rep).post(
        address(deal),
        typed(deal, name="Bigger", amount_minor="250,000", next_step="Call", next_step_on="5/29/26"),
    )
    assert answer["Location"] == reverse("opportunity_detail", args=[deal.pk])
    row = saved(cast, acting, deal)
    assert (row.name, row.amount_minor, row.next_step, row.next_step_on.isoformat()) == (
        "Bigger",
        25_000_000,
        "Call",
        "2026-05-29",
    )


def test_an_amount_that_products_make_is_not_typed_over(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    put_servers(cast)
    client = browse(cast.rep)
    page = client.get(address(deal)).content.decode()
    assert "Its products make the amount." in page
    assert reverse("opportunity_lines", args=[deal.pk]) in page
    assert re.search(r'<input[^>]*name="amount_minor"[^>]*readonly', page)
    refused = client.post(address(deal), typed(deal, name="Bigger", amount_minor="250,000"))
    assert refused.status_code == 422
    assert "250,000" in refused.content.decode()
    assert "Its products make the amount, $100,000.00: change them to change it." in refused.content.decode()
    client.post(address(deal), typed(deal, name="Bigger"))
    row = saved(cast, acting, deal)
    assert (row.name, row.amount_minor) == ("Bigger", 10_000_001)


def test_the_form_holds_the_deal_in_the_readers_own_style(cast, browse, owner):
    deal = cast.deals["Acorn renewal"]
    write_german(owner, cast.rep)
    page = browse(cast.rep).get(address(deal)).content.decode()
    assert 'value="100.000,01"' in page
    assert 'value="2026-06-15"' in page
    assert "Follow the stage (Commit)" in page


def test_an_edit_that_waited_for_another_shows_what_that_one_saved(cast, browse, owner, acting):
    """Both read the deal before either wrote: the second waits for the first, and then compares with it."""
    deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
    owner.execute("BEGIN")
    for name, value in (("context_id", str(uuid.uuid4())), ("context_metadata", '{"by": null, "why": "x"}')):
        owner.execute("SELECT set_config(%s, %s, true)", [f"pghistory.{name}", value])
    owner.execute("UPDATE pipeline_opportunity SET name = 'Theirs', version = 2 WHERE id = %s", [deal.pk])
    with ThreadPoolExecutor(1) as threads:
        post = threads.submit(in_a_thread, lambda: client.post(address(deal), typed(deal, name="Mine")))
        while not post.done() and not is_waited_for(owner):
            time.sleep(0.02)
        owner.execute("COMMIT")
        answer = post.result()
    assert answer.status_code == 412
    assert [(row["theirs"], row["yours"]) for row in answer.context["conflict"].rows] == [("Theirs", "Mine")]
    assert answer.context["form"]["version"].value() == "2"


def in_a_thread(act):
    try:
        return act()
    finally:
        connections.close_all()


def is_waited_for(owner):
    owner.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    )
    return owner.fetchone()[0]


def test_a_stale_form_shows_both_versions_and_can_be_saved_again(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    browse(cast.manager).post(address(deal), typed(deal, name="Theirs", amount_minor="90,000"))
    client = browse(cast.rep)
    answer = client.post(address(deal), typed(deal, name="Mine"))
    page = answer.content.decode()
    assert answer.status_code == 412
    rows = {row["label"]: (row["theirs"], row["yours"]) for row in answer.context["conflict"].rows}
    assert rows == {"Name": ("Theirs", "Mine"), "Amount": ("90,000.00", "100,000.01")}
    assert "Mona Manager changed this at" in page
    assert 'name="version" value="2"' in page
    assert saved(cast, acting, deal).name == "Theirs"
    client.post(address(deal), typed(deal, name="Mine", version=2))
    assert saved(cast, acting, deal).name == "Mine"


def test_a_stale_form_lists_no_field_that_nobody_touched(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    stage = next(one for one in cast.stages.values() if one.category == "best_case")
    with acting(cast.manager):
        move_stage(by=cast.manager.pk, opportunity_id=deal.pk, stage_id=stage.pk, version=deal.version)
    answer = browse(cast.rep).post(address(deal), typed(deal, name="Mine", amount_minor="100000.01"))
    assert answer.status_code == 412
    assert [row["label"] for row in answer.context["conflict"].rows] == ["Name"]


def test_a_double_click_saves_once(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    client, form = browse(cast.rep), typed(deal, name="Once", idempotency_key="click-and-click")
    assert [client.post(address(deal), form).status_code for _ in range(2)] == [302, 302]
    assert saved(cast, acting, deal).version == deal.version + 1


def test_a_category_by_hand_is_kept_and_given_back(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    client = browse(cast.rep)
    client.post(address(deal), typed(deal, category="best_case"))
    assert (saved(cast, acting, deal).category, saved(cast, acting, deal).category_is_manual) == (
        "best_case",
        True,
    )
    assert '<option value="best_case" selected>' in client.get(address(deal)).content.decode()
    client.post(address(deal), typed(deal, version=2))
    assert (saved(cast, acting, deal).category, saved(cast, acting, deal).category_is_manual) == (
        "commit",
        False,
    )


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("rep", 200),
        ("manager", 200),
        ("director", 200),
        ("admin", 200),
        ("coordinator", 403),
        ("executive", 403),
        ("peer", 404),
        ("other_director", 404),
    ],
)
def test_who_may_edit(cast, browse, person, status):
    deal = cast.deals["Acorn renewal"]
    assert browse(getattr(cast, person)).get(address(deal)).status_code == status


def test_a_rep_is_offered_only_themselves_as_owner(cast, browse):
    deal = cast.deals["Acorn renewal"]
    page = browse(cast.rep).get(address(deal)).content.decode()
    assert "Rita Rep" in page
    assert "Paul Peer" not in page
    assert browse(cast.rep).post(address(deal), typed(deal, owner_id=cast.peer.pk)).status_code == 422


@pytest.mark.parametrize(
    "broken", [{"version": ""}, {"currency": "XXX"}, {"category": "closed"}, {"name": "x" * 161}]
)
def test_broken_values_are_refused(cast, browse, acting, broken):
    deal = cast.deals["Acorn renewal"]
    assert browse(cast.rep).post(address(deal), typed(deal, **broken)).status_code == 422
    assert saved(cast, acting, deal).version == deal.version


def test_an_imported_deal_without_amount_can_be_edited(cast, browse, acting, owner):
    deal = cast.deals["Acorn renewal"]
    owner.execute("ALTER TABLE pipeline_opportunity DISABLE TRIGGER USER")
    owner.execute("UPDATE pipeline_opportunity SET amount_minor = NULL WHERE id = %s", [deal.pk])
    owner.execute("ALTER TABLE pipeline_opportunity ENABLE TRIGGER USER")
    client = browse(cast.rep)
    assert client.post(address(deal), typed(deal, amount_minor="", name="No amount yet")).status_code == 302
    assert saved(cast, acting, deal).amount_minor is None
    assert "—" in client.get(reverse("opportunity_detail", args=[deal.pk])).content.decode()
