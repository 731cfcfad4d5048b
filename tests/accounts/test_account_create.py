"""Adding an account."""

import re
from typing import Any

from django.urls import reverse

from accounts.models import Account
from tests.cast import Cast

URL = reverse("account_create")


def test_a_rep_needs_a_name_only(cast: Cast, browse: Any, acting: Any) -> None:
    response = browse(cast.rep).post(URL, {"name": "Dogwood"})
    with acting(cast.rep):
        account = Account.objects.get(name="Dogwood")
        assert account.territory == cast.territories["East 1"]
    assert response["Location"] == reverse("account_detail", args=[account.pk])


def test_each_is_offered_the_territories_where_they_may(cast: Cast, browse: Any) -> None:
    def offered(person: Any) -> list[str]:
        text = browse(person).get(URL).content.decode()
        return [label.strip() for label in re.findall(r'<option value="\d+">([^<]+)</option>', text)]

    assert offered(cast.rep) == ["East 1"]
    assert offered(cast.manager) == ["East Team", "East 1", "East 2"]
    assert len(offered(cast.admin)) == 9


def test_anothers_territory_is_refused(cast: Cast, browse: Any) -> None:
    data = {"name": "Dogwood", "territory_id": str(cast.territories["West 1"].pk)}
    response = browse(cast.rep).post(URL, data)
    assert response.status_code == 422
    assert "territory_id" in response.context["form"].errors


def test_amounts_are_read_in_the_readers_style_only(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    assert client.post(URL, {"name": "D", "annual_revenue_minor": "1.234,50"}).status_code == 422
    assert client.post(URL, {"name": "D", "annual_revenue_minor": "1,234.50"}).status_code == 302
    with acting(cast.rep):
        assert Account.objects.get(name="D").annual_revenue_minor == 123_450


def test_a_parent_is_found_by_its_full_name_and_only_in_reach(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    refused = client.post(URL, {"name": "D", "parent_name": "Cedar"})
    assert refused.context["form"].errors == {"parent_id": ["You see no account of that name."]}
    assert client.post(URL, {"name": "D", "parent_name": "acorn"}).status_code == 302
    with acting(cast.rep):
        assert Account.objects.get(name="D").parent == cast.accounts["Acorn"]


def test_a_double_click_adds_one(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    for _ in range(2):
        client.post(URL, {"name": "Dogwood", "idempotency_key": "the-same-key"})
    with acting(cast.rep):
        assert Account.objects.filter(name="Dogwood").count() == 1


def test_who_may_not_is_told(cast: Cast, browse: Any) -> None:
    for person in (cast.director, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, {"name": "D"}).status_code == 403
