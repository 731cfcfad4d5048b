"""Accounts that were picked on a module's page leave it."""

from typing import Any

from django.urls import reverse

from tests.accounts.bundled import JUNE, MAY, module, spans
from tests.cast import Cast


def test_picked_then_out(cast: Cast, browse: Any, acting: Any) -> None:
    made, client = module(cast, acting, "Acorn", "Beech"), browse(cast.admin)
    url = reverse("module_take_out", args=[made.pk])
    sent = {"account": [str(cast.accounts["Acorn"].pk)]}
    assert "1 account: Acorn" in " ".join(client.post(url, sent).content.decode().split())
    done = client.post(url, sent | {"starts_on": "2026-06-01", "reason": "lost"})
    assert done.status_code == 302
    assert "1 account leaves Key accounts on Jun 1, 2026." in client.get(done["Location"]).content.decode()
    assert spans(acting, cast) == [("Acorn", "Key accounts", MAY, JUNE), ("Beech", "Key accounts", MAY, None)]


def test_one_that_is_not_in_it_is_named(cast: Cast, browse: Any, acting: Any) -> None:
    made = module(cast, acting, "Acorn")
    url, client = reverse("module_take_out", args=[made.pk]), browse(cast.admin)
    sent = {"account": [str(cast.accounts["Cedar"].pk)], "starts_on": "2026-06-01"}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "Not in Key accounts on that day or later: Cedar." in refused.content.decode()
    assert "No account was marked." in client.get(url).content.decode()
