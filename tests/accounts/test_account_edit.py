"""Changing an account's profile; two at once see both versions."""

from typing import Any

from django.urls import reverse

from accounts import services
from accounts.models import Account
from tests.cast import Cast


def url(cast: Cast, name: str = "Acorn") -> str:
    return reverse("account_edit", args=[cast.accounts[name].pk])


def typed(**changes: str) -> dict[str, str]:
    return {
        "name": "Acorn",
        "number": "A-1",
        "industry": "Retail",
        "country": "US",
        "version": "1",
        **changes,
    }


def test_a_stale_edit_shows_both_versions_and_can_be_sent_again(cast: Cast, browse: Any, acting: Any) -> None:
    browse(cast.manager).post(url(cast), typed(town="Boston"))
    client = browse(cast.rep)
    stale = client.post(url(cast), typed(town="Salem", employees="12"))
    assert stale.status_code == 412
    assert stale.context["conflict"].by == "Mona Manager"
    assert stale.context["conflict"].rows == [
        {"label": "Employees", "theirs": "", "yours": "12"},
        {"label": "Town", "theirs": "Boston", "yours": "Salem"},
    ]
    again = client.post(url(cast), typed(town="Salem", employees="12", version="2"))
    assert again.status_code == 302
    with acting(cast.rep):
        account = Account.objects.get(name="Acorn")
        assert (account.town, account.employees, account.version) == ("Salem", 12, 3)


def test_a_parent_out_of_reach_is_kept(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        services.edit_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            version=1,
            parent_id=cast.accounts["Cedar"].pk,
        )
    assert browse(cast.rep).post(url(cast), typed(town="Boston", version="2")).status_code == 302
    with acting(cast.admin):
        assert Account.objects.get(name="Acorn").parent == cast.accounts["Cedar"]


def test_without_a_script_the_typed_name_wins_over_the_old_parent(
    cast: Cast, browse: Any, acting: Any
) -> None:
    acorn, beech = cast.accounts["Acorn"], cast.accounts["Beech"]
    client = browse(cast.admin)
    client.post(url(cast), typed(parent_name="Beech"))
    client.post(url(cast), typed(parent_id=str(beech.pk), parent_name="Cedar", version="2"))
    with acting(cast.admin):
        assert Account.objects.get(pk=acorn.pk).parent == cast.accounts["Cedar"]


def test_a_foreign_account_is_not_found_and_a_seen_one_may_be_closed(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).post(url(cast, "Cedar"), typed()).status_code == 404
    assert browse(cast.director).get(url(cast)).status_code == 403
    assert browse(cast.executive).post(url(cast), typed()).status_code == 403


def test_without_its_version_nothing_is_saved(cast: Cast, browse: Any) -> None:
    data = {key: value for key, value in typed(town="Boston").items() if key != "version"}
    assert browse(cast.rep).post(url(cast), data).status_code == 422
