"""A table of leads: lines that are the same as another, or as what is here, are named; nothing of them is lost."""

import time
from typing import Any

import pytest

from accounts.models import Contact
from imports.services import undo_batch
from pipeline.models import Lead
from tests.cast import Cast
from tests.imports.tables import Tables
from tests.pipeline.leads import a_lead

HEAD = "Name | Company | E-mail | Phone | Owner | Duplicate"


@pytest.fixture
def tables(cast: Cast) -> Tables:
    return Tables(cast.admin)


def problems(batch: Any) -> list[tuple[int, str, str]]:
    return [(one["line"], one["column"], one["problem"]) for one in batch.rejects]


def test_each_duplicate_is_named_by_its_line_and_by_what_it_equals(
    cast: Cast, acting: Any, tables: Tables
) -> None:
    lead = a_lead(acting, cast.other_rep)
    with acting(cast.admin):
        Contact.objects.create(account=cast.accounts["Acorn"], name="Ann", phone="(030) 777-88")
    batch = tables.check(
        "leads", HEAD,
        "New | One | new@one.example |  | Rita Rep | ",
        "Same |  | NEW@one.example |  | Rita Rep | ",
        "Ella |  | Ella@Dogwood.example |  | Rita Rep | ",
        "Ann |  |  | 030 77788 | Rita Rep | ",
        "Bob | BEECH, Inc. | bob@b.example |  | Rita Rep | ",
    )  # fmt: skip
    assert problems(batch) == [
        (3, "E-mail", "It is the same as line 2."),
        (4, "E-mail", f"It is the same as the open lead Ella Fischer ({lead.number})."),
        (5, "Phone", "It is the same as the contact Ann, Acorn."),
        (6, "Company", "It is the same as the account Beech (A-2)."),
    ]


def test_what_is_to_be_left_out_is_and_what_is_to_be_added_too(
    cast: Cast, acting: Any, tables: Tables
) -> None:
    batch = tables.bring(
        "leads", HEAD,
        "New | One | new@one.example |  | Rita Rep | leave out",
        "Same | One | new@one.example |  | Rita Rep | leave out",
        "Other | One | other@one.example |  | Paul Peer | add",
    )  # fmt: skip
    count = batch.counts["lead"]
    assert (count["created"], count["unchanged"]) == (2, 1)
    with acting(cast.admin):
        rows = Lead.objects.order_by("id").values_list("number", "name", "owner__name", "territory__name")
        assert list(rows) == [
            ("L-00001", "New", "Rita Rep", "East 1"),
            ("L-00003", "Other", "Paul Peer", "East 2"),
        ]
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        assert not Lead.objects.exists()


@pytest.mark.slow
def test_ten_thousand_lines_of_which_nine_thousand_are_duplicates(
    cast: Cast, acting: Any, tables: Tables
) -> None:
    lines = [f"N{number} |  | n{number % 1000}@x.example |  | Rita Rep | " for number in range(10_000)]
    began = time.process_time()
    batch = tables.check("leads", HEAD, *lines)
    assert time.process_time() - began < 60
    found = problems(batch)
    assert len(found) == 9_000
    assert found[0] == (1002, "E-mail", "It is the same as line 2.")
    assert found[-1] == (10_001, "E-mail", "It is the same as line 1001.")
    left_out = [line.replace("Rita Rep | ", "Rita Rep | leave out") for line in lines]
    count = tables.bring("leads", HEAD, *left_out).counts["lead"]
    assert (count["created"], count["unchanged"]) == (1_000, 9_000)
