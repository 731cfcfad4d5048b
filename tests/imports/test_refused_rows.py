"""What is wrong in files and profiles is explained, and what is right comes in beside it."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from common.errors import Forbidden
from common.models import Period
from common.transaction import work
from imports.models import Batch
from imports.services import import_folder
from orders.models import Credit
from orders.rollup import verify_ledger
from territories.models import User
from territories.selectors import reach_for
from tests.imports import company
from tests.imports.company import changed, counts, everything, write_files

REFUSALS = [
    ("people", "ann@tiny.example,", "ann,", "people.csv, row 2, mail 'ann': It is not an e-mail address."),
    ("people", "ann@tiny.example,Ann,Seller,N1", "ann@tiny.example,Ann,Clerk,N1",
     "people.csv, row 2, job 'Clerk': The word is not known here. Map it to one of: rep, manager"),
    ("people", "Cem,Seller,S1", "Cem,Seller,N1",
     "people.csv, row 4, starts_on '2025-04-01': This territory already has an owner on one of these days."),
    ("tree", "S1,South one,SOUTH", "S1,South one,SOUHT",
     "tree.csv, row 7, parent 'SOUHT': There is no such territory. Did you mean 'SOUTH'?"),
    ("tree", "ALL,Tiny,\n", "ALL,Tiny,N1\n", "It lies below itself."),
    ("accounts", "Nine,N1", "Ten,N1", "accounts.csv, row 2, parent 'Ten': There is no such account."),
    ("deals", "Bob,Offer", "Bop,Offer", "deals.csv, row 4, seller 'Bop': There is no such person. Did you mean 'Bob'?"),
    ("deals", "300,EUR", "300,CHF", "deals.csv, row 5, money 'CHF': There is no rate for it."),
    ("deals", "300,EUR", "-300,EUR", "deals.csv, row 5, value '-30000': It is below zero."),
    ("deals", "13.04.2025,-,14.05.2025", "13.04.2025,-,14.03.2025", "It closed before it was created."),
    ("orders", "R3,NA,-", "R3,NA,D3", "orders.csv, row 5, deal"),
    ("orders", "R3,NA,-", "R3,007,D1", "row 5, deal 'D1': This deal has an order already."),
    ("orders", "R2,NA,D2", "R2,009,D2", "This deal is with another account. Name the account of the deal"),
    ("orders", "Saw,1,\"0,01\"", "Saw,1,\"100.000.000.000\"", "value '10000000000000': One entry is worth less"),
    ("orders", "01.07.2025", "01.09.2025", "row 5, day '2025-09-01': A booking date lies today or earlier"),
    ("orders", "01.07.2025", "01.03.2025", "The fiscal calendar does not reach that day."),
    ("orders", "Bob,01.07.2025,EUR", "Bob,01.07.2025,CHF", "orders.csv, row 5, money 'CHF'"),
    ("orders", "Saw,1,\"0,01\"", "Saw,1,\"-0,01\"", "no minus amount"),
    ("orders", "R1,007,D1,Ann,05.05.2025,EUR,Axe", "R1,007,D1,Bob,05.05.2025,EUR,Axe",
     "The lines of one order say different things here."),
    ("orders", "EUR,Axe,4", "EUR,Hoe,4", "Another line of this order was rejected."),
    ("targets", "Bob,-,-,-,5", "Bob,-,-,-,-5", "A quota is zero or more."),
    ("calls", "Ann,30.06.2025,12", "Ann,30.06.2024,12", "No fiscal year holds this day."),
    ("calls", "12.05.2025,900", "12.05.2025,-900", "calls.csv, row 2, value '-90000': It is below zero."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "message"), REFUSALS, ids=[f"{r[0]} {r[2][:30]}" for r in REFUSALS]
)
def test_a_wrong_row_is_refused_with_what_would_be_right_and_the_rest_comes_in(
    bring, name, old, new, message
):
    out, err = bring(**changed(name, old, new))
    assert message in err
    assert "Rows were refused; what was right stands." in err
    assert sum(row[3] for row in counts(out).values()) >= 1
    with everything():
        assert Batch.objects.get().rejects
        assert verify_ledger().is_sound


def test_rows_are_applied_or_rejected_or_repeated_and_never_lost(bring):
    out, _ = bring(
        **changed(
            "people", "Cem,Seller,S1\n", "Cem,Seller,S1\ncem@tiny.example,Cem,Seller,S1\nx,Xen,Clerk,S1\n"
        )
    )
    created, was_changed, unchanged, rejected, repeated, left_out = counts(out)["person"]
    assert created + was_changed + unchanged + rejected + repeated + left_out == 6
    assert (rejected, repeated) == (1, 1)


def test_a_corrected_file_brings_in_what_was_refused(bring):
    bring(**changed("orders", "R3,NA,-,Bob", "R3,NA,-,Bop"))
    out, err = bring()
    assert err == ""
    assert counts(out)["order"] == [1, 0, 2, 0, 0, 0]


def with_profile(monkeypatch, *changes):
    """The profile of the small company with texts replaced, for `bring`."""
    text = company.PROFILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    monkeypatch.setattr(company, "PROFILE", text)


def test_a_rate_that_cannot_be_is_refused_and_one_that_stands_is_kept(bring, monkeypatch):
    with_profile(monkeypatch, ('value = "0,95"', 'value = "1.000.000"'))
    out, err = bring()
    assert "the profile, row 2, value '1000000.0': A rate is greater than zero, with at most 6 digits" in err
    with_profile(monkeypatch, ('value = "1.000.000"', 'value = "0,95"'), ('value = "0,9"', 'value = "0,91"'))
    out, err = bring()
    assert "the profile, row 1, value '0.91': There is another rate from that day." in err
    assert counts(out)["rate"] == [1, 0, 0, 1, 0, 0]


def test_a_profile_that_cannot_be_used_stops_the_import(bring, monkeypatch):
    with_profile(monkeypatch, ("multiply = 1000", 'multiply = "1000"'))
    _, err = bring()
    assert err == "table 11 (quota, targets.csv), amount, multiply: write a whole number without quotes."
    with everything():
        assert not User.objects.exists()


def test_a_file_that_is_too_large_is_named(bring, monkeypatch):
    monkeypatch.setattr("imports.services.files.MOST_BYTES", 200)
    _, err = bring()
    assert "is larger than 500 MB. Split it." in err


BOOKS = [
    ("orders", "Bob,01.07.2025,EUR,Saw,1,\"0,01\"", "Bob,01.07.2025,EUR,Saw,1,\"0,02\"",
     "It is booked with other facts. Correct the order."),
    ("calls", "12.05.2025,900", "12.05.2025,901", "This call is kept with another amount."),
    ("accounts", "7,Seven,Nine,N1", "7,Seven,Nine,S1", "The account is in another territory on that day."),
    ("tree", "N2,North two,NORTH", "N2,North two,SOUTH", "It lies elsewhere in the tree on that day."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "message"), BOOKS, ids=[row[0] for row in BOOKS])
def test_what_is_part_of_the_books_is_not_overwritten(bring, name, old, new, message):
    bring()
    _, err = bring(**changed(name, old, new))
    assert message in err
    with everything():
        assert Credit.objects.count() == 4


def test_a_file_that_cannot_be_read_stops_the_import(bring):
    _, err = bring(**changed("orders", '"2.000,50"', '"2.000,50'))
    assert "orders.csv: Line 4: a quote is not where it belongs; one is missing here." in err
    with everything():
        assert not User.objects.exists()


def test_a_missing_file_or_profile_is_named(empty, tmp_path):
    profile, folder = write_files(tmp_path)
    (folder / "calls.csv").unlink()
    with pytest.raises(CommandError, match=r"has no calls\.csv"):
        call_command("import_data", str(profile), str(folder), skip_checks=True)
    with pytest.raises(
        CommandError, match=r"no profile tinny\. These come along: adventureworks-targets, maven-crm"
    ):
        call_command("import_data", "tinny", str(folder), skip_checks=True)


def test_a_profile_never_reads_past_its_folder(empty, tmp_path):
    profile, folder = write_files(tmp_path)
    profile.write_text(profile.read_text().replace('"calls.csv"', '"../tiny.toml"'))
    with pytest.raises(CommandError, match="outside the folder"):
        call_command("import_data", str(profile), str(folder), skip_checks=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('reporting_currency = "EUR"', 'reporting_currency = "USD"', "This installation reports in EUR"),
        ("fiscal_start_month = 4", "fiscal_start_month = 1", "Fiscal years here start in month 4"),
    ],
)
def test_a_profile_of_another_company_is_refused(bring, tmp_path, old, new, message):
    bring()
    profile, folder = write_files(tmp_path)
    profile.write_text(profile.read_text().replace(old, new))
    with pytest.raises(CommandError, match=message):
        call_command("import_data", str(profile), str(folder), skip_checks=True)


def test_an_order_in_a_closed_period_is_refused(bring):
    bring(**changed("orders", "R3,NA,-", "R4,NA,-"))
    with everything():
        Period.objects.filter(code="2025-Q2").update(is_closed=True)
    _, err = bring()
    assert "orders.csv, row 5, day '2025-07-01': That day lies in a closed period." in err
    assert "That quarter is closed." in err


def test_only_administrators_bring_in_files(bring, tmp_path):
    bring()
    with everything():
        boss = User.objects.get(name="Doa")
        theirs = reach_for(boss, date(2025, 8, 1))
    with work(by=boss.pk, why="a test", reach=theirs), pytest.raises(Forbidden):
        import_folder(by=boss.pk, profile_text="", folder=tmp_path)
