"""What accounts could buy: typed or brought in, as of a day, from a source; what is missing is counted, never 0."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, Potential
from accounts.selectors.potential import Total, newest, potential_of, potential_of_accounts, potential_table
from accounts.services import create_account, import_potentials, set_potential
from common.errors import Forbidden, NotInReach, Refused
from common.importing import Outcome, Row
from common.models import Period
from imports.services.undoing import undo_batch
from tests.cast import Cast
from tests.imports.tables import Tables

TODAY = date(2026, 5, 20)


def year(code: str = "2026") -> Period:
    row: Period = Period.objects.get(code=code)
    return row


def say(
    cast: Cast, name: str, amount: int | None, as_of: date = TODAY, family: str = "Hardware", **more: Any
) -> None:
    values = {
        "by": cast.admin.pk, "account_id": cast.accounts[name].pk, "family_id": cast.families[family].pk,
        "year_id": year().pk, "amount_minor": amount, "as_of": as_of, **more,
    }  # fmt: skip
    set_potential(**values)


def test_the_figure_of_the_newest_day_counts_whenever_it_was_entered(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        say(cast, "Acorn", 500_00, date(2026, 5, 1), source="survey")
        say(cast, "Acorn", 900_00, date(2026, 1, 1))
        say(cast, "Acorn", 70_00, family="Software")
        acorn = cast.accounts["Acorn"].pk
        assert potential_of_accounts([acorn], year()) == {acorn: 570_00}
        say(cast, "Acorn", 600_00, date(2026, 5, 1))
        assert potential_of_accounts([acorn], year()) == {acorn: 670_00}
        assert potential_of_accounts([acorn], year("2027")) == {}
        this, following = potential_table(acorn, [year(), year("2027")])
        hardware = this.cells[cast.families["Hardware"].pk]
        assert [row.amount_minor for row in hardware.earlier] == [500_00, 900_00]
        assert (this.total, following.total) == (670_00, None)


def test_what_is_not_known_any_more_is_missing_and_not_zero(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        say(cast, "Acorn", 500_00, date(2026, 5, 1))
        say(cast, "Acorn", None)
        say(cast, "Beech", 0)
        acorn, beech = cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
        assert potential_of_accounts([acorn, beech], year()) == {beech: 0}
        assert potential_table(acorn, [year()])[0].total is None
        assert len(newest([acorn, beech])) == len(newest([acorn, beech], year().pk)) == 2


def test_territories_add_up_and_count_what_is_missing(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for name in ("Dogwood", "Elm"):
            create_account(by=cast.admin.pk, name=name, territory_id=cast.territories["East 1"].pk)
        say(cast, "Acorn", 500_00)
        say(cast, "Acorn", 70_00, family="Software")
        cast.accounts["Dogwood"] = Account.objects.get(name="Dogwood")
        say(cast, "Dogwood", 30_00)
        ids = [cast.territories[name].pk for name in ("East 1", "East 2", "East")]
        assert potential_of(ids, year(), TODAY) == {
            ids[0]: Total(600_00, 2, 1), ids[1]: Total(0, 0, 1),
        }  # fmt: skip
        assert potential_of(ids, year(), date(2026, 5, 19))[ids[0]] == Total(0, 0, 1)
        assert Total(1, 2, 3) + Total(10, 20, 30) == Total(11, 22, 33)
    with acting(cast.rep):
        assert set(potential_of(ids, year(), TODAY)) == {ids[0]}


def test_who_may_and_what_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        days, amounts = ({"as_of": date(2026, 5, 21)},), ({"amount": -1}, {"amount": 10**15})
        for wrong in (*days, *amounts, {"family_id": 10**9}):
            with pytest.raises(Refused):
                say(cast, "Acorn", **{"amount": 1, **wrong})
        with pytest.raises(NotInReach):
            say(cast, "Acorn", 1, year_id=cast.q1.pk)
    with acting(cast.rep):
        say(cast, "Acorn", 1, by=cast.rep.pk)
        with pytest.raises(NotInReach):
            say(cast, "Cedar", 1, by=cast.rep.pk)
    with acting(cast.director), pytest.raises(Forbidden):
        say(cast, "Acorn", 1, by=cast.director.pk)


def bring(cast: Cast, *rows: tuple[str, str, str, int, date]) -> Outcome:
    names = ("account", "family", "year", "amount", "as_of")
    lines = [Row("p.csv", n, dict(zip(names, row, strict=True))) for n, row in enumerate(rows, 2)]
    return import_potentials(by=cast.admin.pk, entity="potential", rows=lines)


def test_files_bring_them_by_account_family_and_year(cast: Cast, acting: Any) -> None:
    rows = [
        ("A-1", "HARDWARE", "2026", 500_00, TODAY),
        ("Acorn", "HARDWARE", "2026", 400_00, date(2026, 1, 1)),
        ("A-2", "Software", "2027", 7, TODAY),
    ]
    with acting(cast.admin):
        outcome = bring(
            cast, *rows,
            ("A-2", "Software", "1999", 7, TODAY), ("A-9", "Software", "2026", 7, TODAY),
            ("A-2", "Software", "2026", 7, date(2026, 5, 21)),
        )  # fmt: skip
        assert (outcome.created, outcome.changed, outcome.unchanged) == (3, 0, 0)
        assert [(one.line, one.column) for one in outcome.rejects] == [
            (6, "account"),
            (5, "year"),
            (7, "as_of"),
        ]
        acorn = cast.accounts["Acorn"].pk
        assert potential_of_accounts([acorn], year()) == {acorn: 500_00}
        again = bring(cast, *rows, ("A-1", "HARDWARE", "2026", 510_00, date(2026, 5, 19)))
        assert (again.created, again.changed, again.unchanged) == (0, 1, 3)
        assert Potential.objects.count() == 4
    with acting(cast.rep), pytest.raises(Forbidden):
        bring(cast, *rows)


def test_a_table_is_brought_in_and_taken_back(cast: Cast, acting: Any) -> None:
    tables, acorn = Tables(cast.admin), cast.accounts["Acorn"].pk
    with acting(cast.admin):
        say(cast, "Acorn", 500_00, date(2026, 5, 1))
    batch = tables.bring(
        "potentials",
        "Account | Family | Year | Potential | As of | Source",
        "Acorn | Hardware | 2026 | 1,234.50 | 2026-05-10 | survey",
        "Beech | Hardware | 2026 |  |  | ",
        "A-2 | SOFTWARE | 2026 | 10 |  | ",
    )
    counts = batch.counts["potential"]
    assert [counts[name] for name in ("created", "changed", "unchanged", "left_out")] == [1, 1, 0, 1]
    with acting(cast.admin):
        assert potential_of_accounts([acorn], year()) == {acorn: 1_234_50}
    with acting(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
    with acting(cast.admin):
        assert potential_of_accounts([acorn], year()) == {acorn: 500_00}
        assert Potential.objects.count() == 1


def test_the_panel_and_the_dialog(cast: Cast, browse: Any, acting: Any) -> None:
    client, pk = browse(cast.manager), cast.accounts["Acorn"].pk
    edit, panel = (reverse(f"account_potential_{name}", args=[pk]) for name in ("edit", "panel"))
    hardware, this = cast.families["Hardware"].pk, year().pk
    assert f'value="{hardware}" selected' in client.get(f"{edit}?family={hardware}").content.decode()
    data = {
        "family_id": hardware,
        "year_id": this,
        "amount_minor": "1,000",
        "as_of": "2026-05-20",
        "source": "survey",
    }
    assert client.post(edit, data)["Location"] == reverse("account_detail", args=[pk])
    page = client.get(panel).content.decode()
    for words in ("2026", "2027", "$1,000", "survey", "—", "Enter"):
        assert words in page
    assert client.post(edit, {**data, "as_of": "2026-05-21"}).status_code == 422
    assert "Enter" not in browse(cast.director).get(panel).content.decode()
