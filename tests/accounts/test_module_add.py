"""Accounts that were picked in a list go into a module."""

from typing import Any

from django.urls import reverse

from accounts.models import Module
from tests.accounts.bundled import JUNE, MAY, module, spans
from tests.cast import Cast

URL = reverse("module_add")


def picked(cast: Cast, *names: str) -> dict[str, Any]:
    return {"account": [str(cast.accounts[name].pk) for name in names]}


def test_the_list_posts_them_and_the_form_posts_them_again(cast: Cast, browse: Any, acting: Any) -> None:
    made, client = module(cast, acting), browse(cast.admin)
    first = client.post(URL, picked(cast, "Acorn", "Beech") | {"idempotency_key": "a-list-of-accounts"})
    text = first.content.decode()
    assert first.status_code == 200
    assert "2 accounts: Acorn, Beech" in " ".join(text.split())
    assert "a-list-of-accounts" not in text
    for name in ("Acorn", "Beech"):
        assert f'name="account" value="{cast.accounts[name].pk}"' in text
    sent = picked(cast, "Acorn", "Beech") | {"module_id": str(made.pk), "starts_on": "2026-06-01"}
    done = client.post(URL, sent)
    assert done["Location"] == reverse("module_detail", args=[made.pk])
    assert (
        "2 accounts are in Key accounts from Jun 1, 2026 on." in client.get(done["Location"]).content.decode()
    )
    assert [row[:3] for row in spans(acting, cast)] == [
        ("Acorn", "Key accounts", JUNE),
        ("Beech", "Key accounts", JUNE),
    ]


def test_into_a_new_one(cast: Cast, browse: Any, acting: Any) -> None:
    sent = picked(cast, "Acorn") | {"name": "Eastern", "starts_on": "2026-05-20"}
    assert browse(cast.director).post(URL, sent).status_code == 302
    assert spans(acting, cast) == [("Acorn", "Eastern", MAY, None)]


def test_it_leads_back_to_the_list_and_nowhere_else(cast: Cast, browse: Any) -> None:
    client, back = browse(cast.admin), reverse("account_list") + "?q=a"
    sent = picked(cast, "Acorn") | {"name": "Eastern", "starts_on": "2026-05-20", "back": back}
    assert (
        f'name="back" value="{back}"'
        in client.post(URL, picked(cast, "Acorn") | {"back": back}).content.decode()
    )
    assert client.post(URL, sent)["Location"] == back
    elsewhere = client.post(URL, sent | {"name": "Other", "moves": "on", "back": "//evil.example"})
    assert elsewhere["Location"].startswith("/accounts/modules/")


def test_one_of_another_module_is_named_and_moves_when_asked(cast: Cast, browse: Any, acting: Any) -> None:
    module(cast, acting, "Acorn")
    other, client = module(cast, acting, name="Growth"), browse(cast.admin)
    sent = picked(cast, "Acorn", "Beech") | {"module_id": str(other.pk), "starts_on": "2026-06-01"}
    refused = client.post(URL, sent)
    assert refused.status_code == 422
    assert "1 account is in another module then: Acorn (Key accounts)." in refused.content.decode()
    assert client.post(URL, sent | {"moves": "on"}).status_code == 302
    with acting(cast.admin):
        assert Module.objects.get(name="Growth").members.count() == 2


def test_one_account_from_its_page(cast: Cast, browse: Any) -> None:
    page = browse(cast.director).get(URL, {"account": cast.accounts["Acorn"].pk})
    assert "1 account: Acorn" in " ".join(page.content.decode().split())


def test_out_of_reach_and_nonsense_are_no_accounts(cast: Cast, browse: Any) -> None:
    client = browse(cast.director)
    assert client.post(URL, picked(cast, "Acorn", "Cedar")).status_code == 404
    assert client.post(URL, {"account": ["x"], "name": "N", "starts_on": "2026-06-01"}).status_code == 422
    assert "No account was marked." in client.get(URL).content.decode()
    assert browse(cast.rep).post(URL, picked(cast, "Acorn")).status_code == 403
