"""Accounts in no territory, and those that soon will be; and the panels about accounts on territory pages."""

from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import AccountTerritory
from tests.accounts.places import assign_account
from tests.cast import Cast

URL = reverse("account_gaps")


def put_into_unassigned(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assign_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Beech"].pk,
            territory_id=cast.territories["Unassigned"].pk,
            starts_on=date(2026, 5, 20),
        )


def test_accounts_in_unassigned_are_listed_with_the_next_step(cast: Cast, browse: Any, acting: Any) -> None:
    assert "Every account has a territory" in browse(cast.admin).get(URL).content.decode()
    put_into_unassigned(cast, acting)
    response = browse(cast.admin).get(URL)
    assert [row.name for row in response.context["page"].rows] == ["Beech"]
    html = response.content.decode()
    assert f"{reverse('accounts_assign')}?account={cast.accounts['Beech'].pk}&" in html.replace("&amp;", "&")
    assert "1 customer belongs to nobody. Where does it go?" in html
    assert f'name="account" value="{cast.accounts["Beech"].pk}" form="chosen"' in html
    other = browse(cast.coordinator).get(URL).content.decode()
    assert "Assign" not in other
    assert 'form="chosen"' not in other


def test_an_assignment_that_ends_with_none_to_follow_is_listed(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        for name in ("Acorn", "Cedar"):
            row = AccountTerritory.objects.current().get(account=cast.accounts[name])
            row.replaced(stops_on=date(2026, 7, 1))
        AccountTerritory.objects.create(
            account=cast.accounts["Cedar"], territory=cast.territories["East 2"], starts_on=date(2026, 7, 1)
        )
    page = browse(cast.admin).get(URL)
    assert [row.account.name for row in page.context["ending"]] == ["Acorn"]
    assert "Ending within 90 days, with nothing to follow" in page.content.decode()


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director):
        assert browse(person).get(URL).status_code == 403


def test_the_panel_counts_what_the_reader_may_see(cast: Cast, browse: Any, acting: Any) -> None:
    put_into_unassigned(cast, acting)
    panel = reverse("account_gaps_panel")
    assert "1 account is in Unassigned" in browse(cast.admin).get(panel).content.decode()
    assert "Every account has a territory." in browse(cast.rep).get(panel).content.decode()


def test_the_panel_of_a_team_counts_what_lies_below_it(cast: Cast, browse: Any) -> None:
    """Acorn and Beech lie below East Team, nothing in it."""
    team = cast.territories["East Team"].pk
    client, panel = browse(cast.admin), reverse("territory_accounts_panel", args=[team])
    answer = client.get(panel)
    assert [answer.context[name] for name in ("below", "count")] == [2, 0]
    assert f"{reverse('account_list')}?within={team}" in answer.content.decode()
    assert "None that you may see." not in answer.content.decode()


def test_the_panel_of_a_territory_counts_in_reach_only(cast: Cast, browse: Any) -> None:
    panel = reverse("territory_accounts_panel", args=[cast.territories["East 1"].pk])
    assert "Acorn" in browse(cast.rep).get(panel).content.decode()
    assert "None that you may see." in browse(cast.other_rep).get(panel).content.decode()
