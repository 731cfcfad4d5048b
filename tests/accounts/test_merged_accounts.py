"""An account that was merged into another one takes nothing new, whichever way it is asked for."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import resolve, reverse

from accounts.models import Account, AccountMerge
from accounts.services import (
    assign_accounts,
    classify_account,
    create_contact,
    edit_account,
    hold_account,
    set_potential,
    write_profile,
)
from accounts.services.modules import add_to_module
from common.errors import Refused
from pipeline.services import log_activity
from planning.services.merging import merge_accounts, undo_merge
from tests.accounts.places import JUNE, MAY, spans
from tests.accounts.test_importing import bring, customer
from tests.calls import Api
from tests.cast import Cast
from tests.salesops.conftest import plain

ACTS: dict[str, Callable[[Cast, Account], Any]] = {
    "assign": lambda cast, row: assign_accounts(
        by=cast.admin.pk,
        account_ids=[row.pk, cast.accounts["Cedar"].pk],
        territory_id=cast.territories["East 2"].pk,
        starts_on=MAY,
    ),
    "hold": lambda cast, row: hold_account(
        by=cast.admin.pk, account_id=row.pk, person_id=cast.rep.pk, starts_on=MAY, stops_on=JUNE
    ),
    "bundle": lambda cast, row: add_to_module(
        by=cast.admin.pk, name="North", account_ids=[row.pk], starts_on=MAY
    ),
    "classify": lambda cast, row: classify_account(
        by=cast.admin.pk, account_id=row.pk, starts_on=MAY, is_strategic=True
    ),
    "meet": lambda cast, row: create_contact(by=cast.admin.pk, account_id=row.pk, name="Ann"),
    "write": lambda cast, row: write_profile(
        by=cast.admin.pk, account_id=row.pk, topic="goals", text="Grow", as_of=MAY
    ),
    "estimate": lambda cast, row: set_potential(
        by=cast.admin.pk, account_id=row.pk, family_id=0, year_id=0, amount_minor=1, as_of=MAY
    ),
    "log": lambda cast, row: log_activity(
        by=cast.admin.pk, kind="task", subject="Call", account_id=row.pk, due_on=JUNE, done=False
    ),
    "edit": lambda cast, row: edit_account(
        by=cast.admin.pk, account_id=row.pk, version=row.version, town="Salem"
    ),
}


@pytest.fixture
def merged(cast: Cast, acting: Any) -> Account:
    with acting(cast.admin):
        ids = {"survivor_id": cast.accounts["Beech"].pk, "merged_id": cast.accounts["Acorn"].pk}
        merge_accounts(by=cast.admin.pk, reason="the same", **ids)
        row: Account = Account.objects.get(pk=cast.accounts["Acorn"].pk)
        return row


@pytest.mark.parametrize("what", ACTS)
def test_it_is_refused_by_name(cast: Cast, acting: Any, merged: Account, what: str) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused, match="Acorn was merged into another account") as refused:
            ACTS[what](cast, merged)
        assert refused.value.code == "merged"
    assert spans(cast, "Acorn") == [("East 1", date(2025, 1, 1), MAY)]
    assert spans(cast, "Cedar") == [("West 1", date(2025, 1, 1), None)]


def test_over_the_api_too(cast: Cast, merged: Account) -> None:
    api = Api(cast.admin)
    place = {"territory_id": cast.territories["West 1"].pk, "starts_on": "2026-05-20", "reason": "x"}
    answer = api.post("account-territories/", {**place, "account_ids": [merged.pk]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "merged")


def test_a_file_that_names_it_is_rejected(cast: Cast, acting: Any, merged: Account) -> None:
    with acting(cast.admin):
        outcome = bring(cast, customer("A-1", "WEST-1", JUNE), customer("N-1", "WEST-1", JUNE))
        assert (outcome.created, [one.problem for one in outcome.rejects]) == (
            1, ["The account was merged into another one."],
        )  # fmt: skip
    assert spans(cast, "Acorn") == [("East 1", date(2025, 1, 1), MAY)]


PANELS = ("opportunities", "orders", "profile", "classes", "potential")
OFFERS = (
    "_create",
    "_edit",
    "_assign",
    "_classify",
    "order_book",
    "module_add",
    "account_merge",
    "merge_undo",
)


def acts_on(client: Any, account: Account) -> set[str]:
    """The acts that an account's page and its panels offer, by the names of their addresses."""
    page = client.get(reverse("account_detail", args=[account.pk])).content.decode()
    page = page.split("<main", 1)[1].split("</main>", 1)[0]
    for panel in [*(f"account_{name}_panel" for name in PANELS), "account_merges_panel"]:
        answer = client.get(reverse(panel, args=[account.pk]))
        page += answer.content.decode() if answer.status_code == 200 else ""
    names = {resolve(path.split("?")[0]).url_name or "" for path in re.findall(r'href="(/[^"]*)"', page)}
    return {name for name in names if name.endswith(OFFERS)}


def test_its_page_offers_the_way_to_the_other_one_alone(cast: Cast, browse: Any, merged: Account) -> None:
    admin, coordinator, beech = browse(cast.admin), browse(cast.coordinator), cast.accounts["Beech"]
    assert {"order_book", "contact_create"} <= acts_on(coordinator, beech)
    assert {"opportunity_create", "contact_create"} <= acts_on(browse(cast.peer), beech)
    assert {"account_edit", "accounts_assign", "account_merge"} <= acts_on(admin, beech)
    assert acts_on(admin, merged) == {"account_merge_undo"}
    assert acts_on(coordinator, merged) == set()
    for client in (admin, coordinator):
        said = plain(client.get(reverse("account_detail", args=[merged.pk])))
        assert "Merged into Beech" in said
        assert "Nobody known there yet." not in said


def test_who_was_merged_on_is_taken_apart_from_the_last_one_first(
    cast: Cast, browse: Any, acting: Any, merged: Account
) -> None:
    with acting(cast.admin):
        ids = {"survivor_id": cast.accounts["Cedar"].pk, "merged_id": cast.accounts["Beech"].pk}
        merge_accounts(by=cast.admin.pk, reason="one firm", **ids)
    admin = browse(cast.admin)
    assert acts_on(admin, merged) == set()
    assert acts_on(admin, cast.accounts["Beech"]) == {"account_merge_undo"}
    assert "Merged into Cedar" in plain(admin.get(reverse("account_detail", args=[merged.pk])))


def test_the_history_of_who_stayed_tells_of_the_merge(
    cast: Cast, browse: Any, acting: Any, merged: Account
) -> None:
    detail = reverse("account_detail", args=[cast.accounts["Beech"].pk])
    for person in (cast.admin, cast.peer):  # Paul never saw Acorn
        (entry,) = [one for one in browse(person).get(detail).context["history"] if "merged" in one.text]
        assert (entry.text, entry.by, entry.reason) == ("Acorn was merged into it", "Ada Admin", "the same")
    with acting(cast.admin):
        undo_merge(by=cast.admin.pk, merge_id=merged.mergers.get().pk, version=1)
    page = browse(cast.manager).get(detail)
    told = {one.text for one in page.context["history"] if "Acorn" in one.text}
    assert told == {"Acorn was taken apart from it again", "Acorn was merged into it"}
    assert "Acorn was taken apart from it again Ada Admin" in plain(page)


def test_one_that_was_taken_apart_is_named_to_those_who_see_it(cast: Cast, acting: Any, browse: Any) -> None:
    url = reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    ids = {"survivor_id": cast.accounts["Acorn"].pk, "merged_id": cast.accounts["Cedar"].pk}
    with acting(cast.admin):
        merge_accounts(by=cast.admin.pk, reason="the same tax number", **ids)
        merge_id = AccountMerge.objects.get(merged_id=ids["merged_id"]).pk
    assert "Cedar was merged into it" in plain(browse(cast.rep).get(url))
    with acting(cast.admin):
        undo_merge(by=cast.admin.pk, merge_id=merge_id, version=AccountMerge.objects.get(pk=merge_id).version)
    text = plain(browse(cast.rep).get(url))
    assert "Another account was merged into it" in text
    assert "Another account was taken apart from it again" in text
    assert "Cedar" not in text
    assert "the same tax number" not in text
    text = plain(browse(cast.admin).get(url))
    assert "Cedar was merged into it" in text
    assert "the same tax number" in text
