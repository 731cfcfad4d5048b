"""A new module, by administrators and directors."""

from typing import Any

from django.urls import reverse

from accounts.models import Module
from tests.accounts.bundled import lines
from tests.cast import Cast

URL = reverse("module_create")


def sent(name: str, kind: str = "", values: str = "") -> dict[str, Any]:
    return {"name": name, "note": "", **lines(kind, values)}


def test_a_director_makes_one(cast: Cast, browse: Any, acting: Any) -> None:
    response = browse(cast.director).post(URL, sent("Growth") | {"note": "grow"})
    with acting(cast.director):
        made = Module.objects.get()
    assert (made.name, made.note) == ("Growth", "grow")
    assert response["Location"] == reverse("module_detail", args=[made.pk])


def test_a_name_is_given_once(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert client.post(URL, sent("Growth")).status_code == 302
    again = client.post(URL, sent("growth"))
    assert again.status_code == 422
    assert "There is a module of that name already." in again.content.decode()


def test_conditions_are_counted_before_it_is_made(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.director)
    tried = client.post(URL, sent("Retail", "industry", "Retail") | {"try": "1"})
    assert tried.status_code == 200
    assert "2 accounts match now" in " ".join(tried.content.decode().split())
    assert client.post(URL, sent("Retail", "industry", "Retail")).status_code == 302
    with acting(cast.director):
        assert Module.objects.get().conditions == [[{"kind": "industry", "values": ["Retail"]}]]


def test_a_condition_that_lacks_something_is_told(cast: Cast, browse: Any) -> None:
    refused = browse(cast.director).post(URL, sent("Retail", "industry", ""))
    assert refused.status_code == 422
    assert "Look at the conditions" in refused.content.decode()
    assert browse(cast.director).post(URL, sent(" ")).status_code == 422


def test_an_account_out_of_reach_is_as_unknown_as_none(cast: Cast, browse: Any) -> None:
    client, said = browse(cast.director), []
    for number in ("A-3", "A-9"):
        page = client.post(URL, sent("Mine", "account", number))
        assert page.status_code == 422
        said.append(f"There is no account {number}." in page.content.decode())
    assert said == [True, True]
    assert client.post(URL, sent("Mine", "account", "A-1")).status_code == 302
