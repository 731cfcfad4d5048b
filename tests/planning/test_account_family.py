"""A corporate family: what lies above and below, alone and with all below it, as far as the reader sees the rows."""

from datetime import UTC, date, datetime
from typing import Any

from django.urls import reverse

from accounts.models import Account
from accounts.selectors.family import above, below
from accounts.services import create_account
from common.transaction import reach
from pipeline.models import Opportunity
from planning.selectors import family as selectors
from planning.selectors.family import family, family_below
from planning.services.merging import merge_accounts
from tests.cast import Cast
from tests.planning.test_account_merge import book_order


def hang(cast: Cast, **parents: str) -> None:
    for name, parent in parents.items():
        Account.objects.filter(name=name).update(parent=Account.objects.get(name=parent))


def rows(found: Any) -> list[tuple[str, int, int, int, int | None, int | None]]:
    return [
        (one.account.name, one.level, one.all.accounts, one.all.pipeline, one.own.intake, one.all.intake)
        for one in found.members
    ]


def make_family(cast: Cast, acting: Any) -> None:
    """Cedar above Acorn above Beech and Dogwood; each of the cast with an order of 500.00, and a euro deal of Beech."""
    people = {"Acorn": cast.rep, "Beech": cast.peer, "Cedar": cast.other_rep}
    for name, person in people.items():
        with acting(person):
            book_order(cast, person, name, date(2026, 2, 3))
    with acting(cast.rep):
        book_order(cast, cast.rep, "Acorn", date(2025, 12, 30))
    with acting(cast.admin):
        create_account(by=cast.admin.pk, name="Dogwood", territory_id=cast.territories["East 1"].pk)
        hang(cast, Acorn="Cedar", Beech="Acorn", Dogwood="Acorn")
        Opportunity.objects.filter(name="Beech renewal").update(currency="EUR", amount_minor=100_01)


def test_own_and_with_all_below(cast: Cast, acting: Any) -> None:
    make_family(cast, acting)
    with acting(cast.admin):
        acorn, beech, cedar = 100_000_01, 110_01, 100_000_03  # 100.01 EUR at 1.10 is 110.011
        assert rows(family(reach(), cast.accounts["Acorn"])) == [
            ("Cedar", 0, 4, acorn + beech + cedar, 500_00, 1_500_00),
            ("Acorn", 1, 3, acorn + beech, 500_00, 1_000_00),
            ("Beech", 2, 1, beech, 500_00, 500_00),
            ("Dogwood", 2, 1, 0, 0, 0),
        ]


def test_what_a_reader_does_not_see_is_in_no_figure(cast: Cast, acting: Any) -> None:
    make_family(cast, acting)
    with acting(cast.rep):
        assert rows(family(reach(), cast.accounts["Acorn"])) == [
            ("Acorn", 0, 2, 100_000_01, 500_00, 500_00), ("Dogwood", 1, 1, 0, 0, 0),
        ]  # fmt: skip
        assert above(cast.accounts["Acorn"].pk) == []
    with acting(cast.coordinator):
        assert {row[5] for row in rows(family(reach(), cast.accounts["Acorn"]))} == {None}


def test_without_a_fiscal_year_there_is_no_order_intake(cast: Cast, acting: Any, clock: Any) -> None:
    make_family(cast, acting)
    clock.move_to(datetime(2040, 1, 2, tzinfo=UTC))
    with acting(cast.admin):
        found = family(reach(), cast.accounts["Acorn"])
        assert (found.year, found.members[0].all.intake) == (None, None)


def test_what_stands_open_is_shown_with_what_is_below(cast: Cast, acting: Any) -> None:
    make_family(cast, acting)
    with acting(cast.admin):
        cedar, acorn = cast.accounts["Cedar"], cast.accounts["Acorn"]
        assert [row[0] for row in rows(family(reach(), cedar))] == ["Cedar", "Acorn"]
        assert [row[0] for row in rows(family(reach(), cedar, [acorn.pk, 10**9]))] == [
            "Cedar", "Acorn", "Beech", "Dogwood",
        ]  # fmt: skip
        path = f"{cedar.pk}/{acorn.pk}"
        members = family_below(reach(), acorn, path).members
        assert [one.path for one in members] == [f"{path}/{one.account.pk}" for one in members]
        assert [one.account.name for one in members] == ["Beech", "Dogwood"]


def test_of_many_the_first_are_shown_and_the_others_counted(
    cast: Cast, acting: Any, monkeypatch: Any
) -> None:
    make_family(cast, acting)
    monkeypatch.setattr(selectors, "MOST_SHOWN", 1)
    with acting(cast.admin):
        members = family(reach(), cast.accounts["Acorn"]).members
        assert [(one.account.name, one.more) for one in members] == [("Cedar", 0), ("Acorn", 1), ("Beech", 0)]
        assert members[1].all.accounts == 3


def test_one_that_was_merged_is_in_no_family(cast: Cast, acting: Any) -> None:
    make_family(cast, acting)
    with acting(cast.admin):
        ids = {"survivor_id": cast.accounts["Acorn"].pk, "merged_id": cast.accounts["Beech"].pk}
        merge_accounts(by=cast.admin.pk, reason="the same", **ids)
        assert [row[0] for row in rows(family(reach(), cast.accounts["Acorn"]))] == [
            "Cedar",
            "Acorn",
            "Dogwood",
        ]


def test_a_circle_ends(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        hang(cast, Acorn="Beech", Beech="Acorn")
        pk, other = cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
        assert below(pk) == {pk: None, other: pk}
        assert above(pk) == [other]
        assert [row[:3] for row in rows(family(reach(), cast.accounts["Acorn"]))] == [
            ("Beech", 0, 2), ("Acorn", 1, 1),
        ]  # fmt: skip


def test_the_page_and_its_rows(cast: Cast, acting: Any, browse: Any) -> None:
    make_family(cast, acting)
    client, pk = browse(cast.manager), cast.accounts["Acorn"].pk
    url = reverse("account_family", args=[pk])
    page = client.get(url).content.decode()
    for words in ("Acorn", "Beech", "Dogwood", "Order intake 2026", "$100,110", "$100,000 here"):
        assert words in page
    assert "Cedar" not in page
    assert client.get(f"{url}?open={pk}").status_code == 200
    assert client.get(f"{url}?open=x").status_code == 400
    below_it = reverse("account_family_rows", args=[pk])
    answer = client.get(f"{below_it}?path=7/{pk}").content.decode()
    assert f'data-path="7/{pk}/{cast.accounts["Beech"].pk}"' in answer
    for path in ("x", f"7/{pk + 1}", "1/" * 80 + str(pk)):
        assert client.get(f"{below_it}?path={path}").status_code == 400
    detail = client.get(reverse("account_detail", args=[pk])).content.decode()
    assert url in detail
