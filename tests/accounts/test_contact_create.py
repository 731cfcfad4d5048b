"""Adding people at an account."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast


def add(client: Any, cast: Cast, account: str = "Acorn", **changes: str) -> Any:
    url = reverse("contact_create", args=[cast.accounts[account].pk])
    return client.post(url, {"name": "Carla", "email": "carla@acorn.example", **changes})


def test_a_contact_stands_on_the_account(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    response = add(client, cast, title="Buyer", phone="+1 555 0100")
    text = client.get(response["Location"]).content.decode()
    assert "Carla" in text
    assert "mailto:carla@acorn.example" in text
    assert "Buyer" in text


def test_an_address_that_is_none_is_refused(cast: Cast, browse: Any) -> None:
    response = add(browse(cast.rep), cast, email="carla")
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["email"]


def test_out_of_reach_is_not_found_and_only_readers_are_refused(cast: Cast, browse: Any) -> None:
    assert add(browse(cast.other_rep), cast).status_code == 404
    assert add(browse(cast.director), cast).status_code == 403


def test_how_senior_somebody_is_stands_beside_the_title(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    response = add(client, cast, title="Buyer", seniority="vice")
    assert "Buyer · vice president" in client.get(response["Location"]).content.decode()
    assert add(client, cast, seniority="boss").status_code == 422
