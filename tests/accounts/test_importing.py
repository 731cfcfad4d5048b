"""Customers from files: profiles are brought up to date, and nobody is moved by a file that was read before."""

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountTerritory, Classification, MovedAccount
from accounts.services import apply_import
from common.importing import Outcome, Row
from territories.services import create_territory
from tests.accounts.places import assign_account
from tests.cast import Cast
from tests.closing import close_period
from tests.reading import reading
from workspace.services import add_value
from workspace.services.own import add_own_field

START, JUNE = date(2025, 1, 1), date(2026, 6, 1)


def bring(cast: Cast, *rows: dict[str, Any]) -> Outcome:
    lines = [Row("accounts.csv", number, values) for number, values in enumerate(rows, 2)]
    return apply_import(by=cast.admin.pk, entity="account", rows=lines)


def customer(number: str, territory: str, starts_on: date | None, **more: Any) -> dict[str, Any]:
    return {"number": number, "name": number, "territory": territory, "starts_on": starts_on, **more}


def places(number: str) -> list[tuple[str, date, date | None]]:
    rows = AccountTerritory.objects.current().filter(account__number=number).select_related("territory")
    return [(row.territory.name, row.starts_on, row.stops_on) for row in rows.order_by("starts_on")]


def territory_of(number: str) -> str:
    account: Account = Account.objects.select_related("territory").get(number=number)
    return account.territory.name


def test_accounts_are_put_where_the_file_says_from_its_day_on(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        outcome = bring(
            cast,
            customer("N-1", "EAST-1", START),
            customer("N-2", "WEST-1", JUNE),
            customer("N-3", "", None),
            customer("N-4", "East 2", date(2026, 5, 20)),
        )
        assert (outcome.created, outcome.rejects) == (4, [])
        assert places("N-1") == [("East 1", START, None)]
        assert [territory_of(f"N-{n}") for n in (1, 2, 3, 4)] == [
            "East 1",
            "Unassigned",
            "Unassigned",
            "East 2",
        ]
        assert MovedAccount.objects.count() == 0  # new accounts have no open work that would have to follow


def test_the_same_file_again_leaves_a_moved_account_where_it_went(cast: Cast, acting: Any) -> None:
    row = customer("A-1", "EAST-1", START)
    with acting(cast.admin):
        assign_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            territory_id=cast.territories["West 1"].pk,
            starts_on=date(2026, 5, 1),
        )
        outcome = bring(cast, {**row, "name": "Acorn"}, customer("N-1", "EAST-1", START))
        assert (outcome.created, outcome.changed, outcome.unchanged) == (1, 0, 1)
        assert (territory_of("A-1"), territory_of("N-1")) == ("West 1", "East 1")
        assert places("A-1") == [("East 1", START, date(2026, 5, 1)), ("West 1", date(2026, 5, 1), None)]


def test_an_account_in_another_territory_is_rejected(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        outcome = bring(cast, customer("A-1", "WEST-1", date(2026, 5, 1), town="Boston"))
        assert [reject.problem for reject in outcome.rejects] == [
            "The account is in another territory on that day."
        ]
        assert Account.objects.get(number="A-1").town == ""


def test_a_place_before_its_territory_is_rejected(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        east = cast.territories["East"].pk
        create_territory(by=cast.admin.pk, name="East 3", code="EAST-3", parent_id=east, starts_on=JUNE)
        outcome = bring(cast, customer("N-1", "EAST-3", date(2026, 5, 1)), customer("N-2", "EAST-3", JUNE))
        assert outcome.created == 1
        (reject,) = outcome.rejects
        assert (reject.line, reject.column) == (2, "territory")
        assert reject.problem == "East 3 is not part of the tree on May 1, 2026."


def test_a_place_in_a_closed_quarter_is_rejected_and_one_that_stands_is_unchanged(
    cast: Cast, acting: Any
) -> None:
    with acting(cast.admin):
        close_period(cast.q1.pk)
        outcome = bring(
            cast,
            customer("A-1", "EAST-1", START, name="Acorn"),
            customer("N-1", "EAST-1", date(2026, 3, 31)),
            customer("N-2", "EAST-1", date(2026, 4, 1)),
        )
        assert (outcome.created, outcome.unchanged) == (1, 1)
        (reject,) = outcome.rejects
        assert (reject.line, reject.column, reject.value) == (3, "starts_on", "2026-03-31")
        assert reject.problem.startswith("This would change 2026-Q1, which is closed.")
        assert not Account.objects.filter(number="N-1").exists()
        assert territory_of("N-2") == "East 1"


def test_an_industry_is_in_the_list_or_what_the_account_had(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="industry", value="Energy")
        outcome = bring(
            cast,
            customer("N-1", "EAST-1", START, industry="Mining"),
            customer("N-2", "EAST-1", START, industry="Energy"),
            customer("A-1", "EAST-1", START, industry="Retail"),
        )
        assert (outcome.created, outcome.changed, len(outcome.rejects)) == (1, 1, 1)
        assert str(outcome.rejects[0]) == (
            "accounts.csv, row 2, industry 'Mining': 'Mining' is not in the list. "
            "Write one of: Energy. An administrator may add it under Settings."
        )
        assert not Account.objects.filter(number="N-1").exists()


def classes(number: str) -> tuple[str, str, str, bool]:
    account: Account = Account.objects.get(number=number)
    return account.segment, account.tier, account.business_unit, account.is_strategic


def test_classes_hold_from_the_rows_day_on_as_the_lists_write_them(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="segment", value="Enterprise")
        outcome = bring(
            cast,
            customer("N-1", "EAST-1", START, segment="enterprise", tier="A", strategic=True),
            customer("N-2", "EAST-1", JUNE, segment="Enterprise"),
            customer("N-3", "EAST-1", None, segment="Giant"),
            customer("A-1", "EAST-1", START, name="Acorn", tier="B"),
            customer("A-2", "EAST-2", START, name="Beech", tier="", strategic=None),
        )
        assert (outcome.created, outcome.changed, outcome.unchanged) == (2, 1, 1)
        assert [(reject.line, reject.column) for reject in outcome.rejects] == [(4, "segment")]
        assert classes("N-1") == ("Enterprise", "A", "", True)
        assert classes("N-2") == ("", "", "", False)
        assert [classes(number)[1] for number in ("A-1", "A-2")] == ["B", ""]
        again = bring(cast, customer("A-1", "EAST-1", START, name="Acorn", tier="B"))
        assert (again.changed, again.unchanged) == (0, 1)


def test_classes_of_a_closed_quarter_are_rejected_unless_they_stand(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        bring(cast, customer("A-1", "EAST-1", START, name="Acorn", tier="B"))
        close_period(cast.q1.pk)
        outcome = bring(
            cast,
            customer("A-1", "EAST-1", START, name="Acorn", tier="B"),
            customer("A-2", "EAST-2", START, name="Beech", tier="B"),
        )
        assert (outcome.unchanged, len(outcome.rejects)) == (1, 1)
        assert (outcome.rejects[0].line, outcome.rejects[0].column) == (3, "starts_on")


def test_domains_and_tax_numbers_are_kept_in_one_spelling(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        bring(cast, customer("N-1", "", None, web_domain="http://www.Nine.Example/de", tax_number="de 12.3"))
        account = Account.objects.get(number="N-1")
        assert (account.web_domain, account.tax_number) == ("nine.example", "DE123")


def test_a_short_file_reads_no_more_of_many_accounts_than_of_few(cast: Cast, acting: Any) -> None:
    rows = [
        customer("N-1", "EAST-1", START, segment="Large", parent=None),
        customer("N-2", "", None, parent="N-1", segment=""),
        customer("A-1", "EAST-1", START, parent="Beech", segment=""),
    ]

    def read() -> tuple[int, int]:
        """Statements and rows of a file that changes nothing."""
        with acting(cast.admin), reading() as seen:
            outcome = bring(cast, *rows)
        assert (outcome.unchanged, outcome.rejects) == (3, [])
        return len(seen), sum(found for _sql, found in seen)

    with acting(cast.admin):
        assert bring(cast, *rows).rejects == []
    few = read()
    with acting(cast.admin):
        east, stays = cast.territories["East 1"], cast.accounts["Beech"]
        made = Account.objects.bulk_create(
            Account(name=f"Tree {n}", number=f"T-{n}", territory=east, merged_into=stays if n % 2 else None)
            for n in range(200)
        )
        AccountTerritory.objects.bulk_create(
            AccountTerritory(account=one, starts_on=START, territory=east) for one in made
        )
        Classification.objects.bulk_create(
            Classification(account=one, starts_on=START, segment="Small") for one in made
        )
    assert read() == few


def test_own_fields_are_read_under_a_lock_where_the_file_has_them(cast: Cast, acting: Any) -> None:
    """They are written whole: what somebody else writes meanwhile has to wait, or it would be lost."""
    with acting(cast.admin):
        add_own_field(by=cast.admin.pk, subject="account", label="Motto", kind="text")
        for row, locks in (({"own:motto": "Onwards"}, 1), ({"town": "Boston"}, 0)):
            with CaptureQueriesContext(connection) as asked:
                assert bring(cast, {"number": "A-1", "name": "Acorn", **row}).changed == 1
            held = [one["sql"] for one in asked if '"accounts_account"."own"' in one["sql"]]
            taken = [
                sql for sql in held if sql.endswith('ORDER BY "accounts_account"."id" ASC FOR NO KEY UPDATE')
            ]
            assert len(taken) == locks
        assert Account.objects.get(number="A-1").own == {"motto": "Onwards"}
