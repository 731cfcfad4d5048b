"""An account that was merged into another one takes nothing new, whichever way it is asked for."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import Account
from accounts.services import assign_accounts, classify_account, edit_account, hold_account
from accounts.services.modules import add_to_module
from common.errors import Refused
from planning.services.merging import merge_accounts
from tests.accounts.places import JUNE, MAY, spans
from tests.accounts.test_importing import bring, customer
from tests.calls import Api
from tests.cast import Cast

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
