"""Classes, domains and tax numbers that a table of accounts brings, and takes back with it."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Account, Classification
from accounts.services import classify_accounts
from imports.services.undoing import NotUndone, undo_batch
from tests.cast import Cast
from tests.imports.tables import Tables

HEADER = "Number | Name | Web domain | Tax number | Segment | Tier | Business unit | Strategic | From"


def classes(number: str) -> tuple[Any, ...]:
    one = Account.objects.get(number=number)
    return one.segment, one.tier, one.business_unit, one.is_strategic, one.web_domain, one.tax_number


def held(number: str) -> list[tuple[str, date, date | None]]:
    rows = Classification.objects.current().filter(account__number=number).order_by("starts_on")
    return [(row.segment, row.starts_on, row.stops_on) for row in rows]


def classify(cast: Cast, segment: str, on: date) -> None:
    ids = [cast.accounts["Acorn"].pk]
    classify_accounts(by=cast.admin.pk, account_ids=ids, starts_on=on, segment=segment)


def test_they_come_in_and_go_again_and_what_was_before_stands(cast: Cast, acting: Any) -> None:
    tables = Tables(cast.admin)
    with acting(cast.admin):
        classify(cast, "Old", date(2026, 2, 1))
        classify(cast, "Later", date(2026, 9, 1))
    batch = tables.bring(
        "accounts",
        HEADER,
        "A-1 | Acorn | www.Acorn.example | us 1 | Enterprise | A | Cloud | yes | 2026-04-01",
        "N-1 | Nine |  |  | Enterprise |  |  | no | 2026-04-01",
        "A-2 | Beech |  |  |  |  |  |  | ",
    )
    counts = batch.counts["account"]
    assert [counts[name] for name in ("created", "changed", "unchanged")] == [1, 1, 1]
    april = date(2026, 4, 1)
    with acting(cast.admin):
        assert classes("A-1") == ("Enterprise", "A", "Cloud", True, "acorn.example", "US1")
        assert classes("N-1") == ("Enterprise", "", "", False, "", "")
        assert held("A-1") == [("Old", date(2026, 2, 1), april), ("Enterprise", april, None)]
        assert held("A-2") == []
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
    with acting(cast.admin):
        assert classes("A-1") == ("Old", "", "", False, "", "")
        assert held("A-1") == [
            ("Old", date(2026, 2, 1), date(2026, 9, 1)), ("Later", date(2026, 9, 1), None),
        ]  # fmt: skip
        assert not Account.objects.filter(number="N-1").exists()


def test_what_was_classified_anew_since_is_not_taken_back(cast: Cast, acting: Any) -> None:
    tables = Tables(cast.admin)
    batch = tables.bring("accounts", "Number | Name | Segment", "A-1 | Acorn | Enterprise")
    with acting(cast.admin):
        classify(cast, "Mid-market", date(2026, 5, 20))
    with acting(cast.admin), pytest.raises(NotUndone):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)


def test_a_word_that_is_neither_yes_nor_no_is_wrong(cast: Cast) -> None:
    batch = Tables(cast.admin).check("accounts", "Number | Name | Strategic", "A-1 | Acorn | maybe")
    assert [(one["column"], one["remedy"]) for one in batch.rejects] == [
        ("Strategic", "Write one of: yes, no.")
    ]


def test_one_class_that_was_recorded_ahead_holds_up_no_other(cast: Cast, acting: Any) -> None:
    """As after a clock that was put back. What replaces a row is known from when that one ends, each by itself."""
    acorn, beech = (cast.accounts[name] for name in ("Acorn", "Beech"))
    with acting(cast.admin):
        old = {"segment": "Old", "starts_on": date(2026, 1, 1)}
        ahead = Classification.objects.create(account=beech, **old).recorded_at + timedelta(hours=1)
        Classification.objects.create(account=acorn, **old, recorded_at=ahead)
    table = ("A-1 | Acorn | New | 2026-04-01", "A-2 | Beech | New | 2026-04-01")
    batch = Tables(cast.admin).bring("accounts", "Number | Name | Segment | From", *table)
    with acting(cast.admin):
        ended = dict(
            Classification.objects.exclude(superseded_at=None).values_list("account", "superseded_at")
        )
        new = dict(Classification.objects.filter(segment="New").values_list("account", "recorded_at"))
        assert new == ended
        assert new[beech.pk] < new[acorn.pk] == ahead
    with acting(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        assert held("A-1") == held("A-2") == [("Old", date(2026, 1, 1), None)]
