"""One account: profile, people, family, territory by date with why, and its history."""

from datetime import date
from typing import Any

from django.urls import reverse

from accounts import services
from tests.accounts.places import assign_account
from tests.cast import Cast


def url(cast: Cast, name: str) -> str:
    return reverse("account_detail", args=[cast.accounts[name].pk])


def test_a_foreign_account_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get(url(cast, "Cedar")).status_code == 404
    assert browse(cast.rep).get(reverse("account_detail", args=[999_999])).status_code == 404
    assert browse(cast.rep).get(url(cast, "Acorn")).status_code == 200


def test_the_territory_by_date_says_why_and_who(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        assign_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            territory_id=cast.territories["East 2"].pk,
            starts_on=date(2026, 6, 1),
            reason="nearer to Paul",
        )
    text = browse(cast.rep).get(url(cast, "Acorn")).content.decode()
    assert "nearer to Paul" in text
    assert "Jun 1, 2026" in text
    assert "to come" in text
    assert "Ada Admin" in text


def test_every_change_has_who_and_when(cast: Cast, browse: Any, acting: Any) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.rep):
        services.edit_account(
            by=cast.rep.pk, account_id=acorn.pk, version=1, town="Boston", annual_revenue_minor=123_400
        )
    text = browse(cast.manager).get(url(cast, "Acorn")).content.decode()
    assert "Town: <del>—</del> → <ins>Boston</ins>" in text
    assert "Annual revenue: <del>—</del> → <ins>$1,234.00</ins>" in text
    assert "Rita Rep · " in text


def test_family_out_of_reach_stays_hidden(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        for child in ("Acorn", "Beech"):
            services.edit_account(
                by=cast.admin.pk,
                account_id=cast.accounts[child].pk,
                version=1,
                parent_id=cast.accounts["Cedar"].pk,
            )
    assert "Cedar" not in browse(cast.rep).get(url(cast, "Acorn")).content.decode()
    text = browse(cast.admin).get(url(cast, "Cedar")).content.decode()
    assert "Acorn" in text
    assert "Beech" in text


def test_acts_are_offered_to_those_who_may(cast: Cast, browse: Any) -> None:
    edit = reverse("account_edit", args=[cast.accounts["Acorn"].pk])
    assign = f"{reverse('accounts_assign')}?account={cast.accounts['Acorn'].pk}&"
    offered = {}
    for person in (cast.rep, cast.director, cast.coordinator, cast.admin):
        text = browse(person).get(url(cast, "Acorn")).content.decode()
        offered[person.name] = (edit in text, assign in text.replace("&amp;", "&"))
    assert offered == {
        "Rita Rep": (True, False),
        "Dora Director": (False, True),
        "Cora Coordinator": (True, False),
        "Ada Admin": (True, True),
    }
