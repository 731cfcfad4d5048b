"""Accounts that were picked in a list are classified together."""

from typing import Any

from django.urls import reverse

from accounts.models import Account
from tests.cast import Cast
from workspace.services import add_value

URL = reverse("accounts_classify")
FORM = {"starts_on": "2026-05-20"}


def picked(cast: Cast, *names: str) -> dict[str, Any]:
    return {"account": [str(cast.accounts[name].pk) for name in names]}


def classes(cast: Cast, acting: Any) -> dict[str, tuple[str, str, bool]]:
    with acting(cast.admin):
        return {row.name: (row.segment, row.tier, row.is_strategic) for row in Account.objects.order_by("pk")}


def test_what_is_left_empty_stays_as_each_of_them_has_it(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="segment", value="Enterprise")
    client, both = browse(cast.admin), picked(cast, "Acorn", "Beech")
    back = reverse("account_list") + "?q=a"
    text = client.post(URL, both | {"back": back, "idempotency_key": "a-list-of-accounts"}).content.decode()
    assert "2 accounts: Acorn, Beech" in " ".join(text.split())
    assert "a-list-of-accounts" not in text
    assert '<option value="Enterprise">' in text
    assert client.post(URL, picked(cast, "Acorn") | FORM | {"tier": "A"}).status_code == 302
    sent = both | FORM | {"segment": "Enterprise", "is_strategic": "yes", "back": back}
    assert client.post(URL, sent)["Location"] == back
    assert "2 accounts are classified." in client.get(back).content.decode()
    assert classes(cast, acting) == {
        "Acorn": ("Enterprise", "A", True), "Beech": ("Enterprise", "", True), "Cedar": ("", "", False),
    }  # fmt: skip
    elsewhere = client.post(URL, both | FORM | {"is_strategic": "no", "back": "//evil.example"})
    assert elsewhere["Location"] == reverse("account_list")
    assert {row[2] for row in classes(cast, acting).values()} == {False}


def test_nothing_and_what_is_so_already_is_said(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert "No account was marked." in client.get(URL).content.decode()
    nothing = client.post(URL, picked(cast, "Acorn") | FORM)
    assert (nothing.status_code, "Say what is to change." in nothing.content.decode()) == (422, True)
    same = client.post(URL, picked(cast, "Acorn") | FORM | {"is_strategic": "no"})
    assert (same.status_code, "already" in same.content.decode()) == (422, True)
    assert client.post(URL, {"account": ["x"], **FORM, "tier": "A"}).status_code == 422


def test_managers_classify_what_they_lead(cast: Cast, browse: Any, acting: Any) -> None:
    manager = browse(cast.manager)
    page = manager.get(reverse("account_list")).content.decode()
    assert URL in page
    assert "Assign…" not in page
    assert manager.post(URL, picked(cast, "Acorn", "Beech") | FORM | {"tier": "A"}).status_code == 302
    assert manager.post(URL, picked(cast, "Acorn", "Cedar") | FORM | {"tier": "B"}).status_code == 404
    assert classes(cast, acting)["Acorn"][1] == "A"
    assert browse(cast.rep).post(URL, picked(cast, "Acorn")).status_code == 403
