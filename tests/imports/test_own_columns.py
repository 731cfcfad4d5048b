"""Files with columns of a company's own fields: by their label, or by `own:` and their key."""

from typing import Any

import pytest

from accounts.models import Account
from imports.services import undo_batch
from pipeline.models import Lead, Opportunity
from tests.cast import Cast
from tests.imports.tables import Tables, as_admin
from workspace.services import add_value, merge_value
from workspace.services.own import add_own_field


@pytest.fixture
def tables(cast: Cast) -> Tables:
    with as_admin(cast.admin):
        for subject in ("account", "lead", "opportunity"):
            for label, kind in (("Seats", "number"), ("Renewal", "day"), ("Reference", "flag")):
                add_own_field(by=cast.admin.pk, subject=subject, label=label, kind=kind)
            add_own_field(
                by=cast.admin.pk, subject=subject, label="Risk", kind="list", choices=["Low", "High"]
            )
            add_own_field(by=cast.admin.pk, subject=subject, label="Budget", kind="amount")
    return Tables(cast.admin)


def problems(batch: Any) -> list[tuple[int, str, str]]:
    return [(one["line"], one["column"], one["problem"]) for one in batch.rejects]


def test_an_account_brings_them_by_label_and_by_key(cast: Cast, acting: Any, tables: Tables) -> None:
    batch = tables.bring(
        "accounts",
        "Number | Name | Seats | own:renewal | Reference | Risk | Budget",
        "A-1 | Acorn | 1,250.5 | 2026-09-30 | yes | high | 1,200",
    )
    with acting(cast.admin):
        acorn = Account.objects.get(pk=cast.accounts["Acorn"].pk)
        assert acorn.own == {
            "seats": "1250.5", "renewal": "2026-09-30", "reference": True, "risk": 2,
            "budget": {"amount": "1200.00", "currency": "USD"},
        }  # fmt: skip
        assert acorn.version == 2
    again = tables.check("accounts", "Number | Name | Seats", "A-1 | Acorn | 1250.5")
    assert again.counts["account"] == {**again.counts["account"], "changed": 0, "unchanged": 1}
    with as_admin(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        assert Account.objects.get(pk=acorn.pk).own == {}


def test_what_the_file_lacks_stays_and_an_empty_cell_clears(cast: Cast, acting: Any, tables: Tables) -> None:
    head, facts = (
        "Number | Name | Account | Owner | Stage | Close date",
        "Fir | A-1 | Rita Rep | Proposal | 2026-09-01",
    )
    tables.bring("opportunities", f"{head} | Seats | Risk", f"D-7 | {facts} | 5 | low")
    tables.bring("opportunities", f"{head} | Seats", f"D-7 | {facts} | ")
    with acting(cast.admin):
        assert Opportunity.objects.get(number="D-7").own == {"risk": 1}
    tables.bring("opportunities", head, f"D-7 | {facts.replace('09-01', '10-01')}")
    with acting(cast.admin):
        deal = Opportunity.objects.get(number="D-7")
        assert (deal.own, str(deal.close_on)) == ({"risk": 1}, "2026-10-01")


def test_a_lead_brings_them_and_a_wrong_cell_is_named(cast: Cast, acting: Any, tables: Tables) -> None:
    head = "Name | E-mail | Owner | Seats | Risk | Reference"
    batch = tables.check(
        "leads", head,
        "Ann | ann@a.example | Rita Rep | many | low | yes",
        "Bob | bob@b.example | Rita Rep | 2 | middling | yes",
        "Cleo | cleo@c.example | Rita Rep | 2 | low | perhaps",
    )  # fmt: skip
    assert [(line, column) for line, column, _problem in problems(batch)] == [(2, "Seats"), (4, "Reference")]
    batch = tables.check("leads", head, "Bob | bob@b.example | Rita Rep | 2 | middling | yes")
    assert problems(batch) == [(2, "Risk", "One of: Low, High.")]
    tables.bring("leads", head, "Ann | ann@a.example | Rita Rep | 2 | low | no")
    with acting(cast.admin):
        assert Lead.objects.get(name="Ann").own == {"seats": "2", "risk": 1, "reference": False}


def test_a_file_that_says_a_merged_value_means_the_other(cast: Cast, acting: Any, tables: Tables) -> None:
    with as_admin(cast.admin):
        old, new = (
            add_value(by=cast.admin.pk, name="industry", value=value) for value in ("Banks", "Finance")
        )
        merge_value(by=cast.admin.pk, value_id=old.pk, version=old.version, into_id=new.pk)
    tables.bring("accounts", "Number | Name | Industry", "A-1 | Acorn | banks")
    with acting(cast.admin):
        assert Account.objects.get(pk=cast.accounts["Acorn"].pk).industry == "Finance"
