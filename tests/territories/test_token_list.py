"""One's own keys to the API: made, shown once, taken back."""

import re
from typing import Any

from django.urls import reverse

from territories.models import ApiToken
from territories.selectors import token_for
from tests.cast import Cast

LIST, CREATE = reverse("token_list"), reverse("token_create")


def make(client: Any, **changes: str) -> Any:
    return client.post(CREATE, {"name": "report", "scopes": "read", "days": "30", **changes})


def secrets_on(client: Any) -> list[str]:
    return re.findall(r"<code>(\S+)</code>", client.get(LIST).content.decode())


def test_the_secret_is_shown_once_and_only_its_hash_is_kept(
    cast: Cast, browse: Any, acting: Any, owner: Any
) -> None:
    client = browse(cast.rep)
    assert make(client)["Location"] == LIST
    (secret,) = secrets_on(client)
    assert secrets_on(client) == []
    with acting(cast.rep):
        token = token_for(secret)
        assert token is not None
        assert (token.user, token.scopes) == (cast.rep, ["read"])
    owner.execute(
        "SELECT (SELECT string_agg(row_to_json(t)::text, '') FROM territories_apitoken t)"
        " || (SELECT string_agg(row_to_json(k)::text, '') FROM common_idempotencykey k)"
        " || (SELECT string_agg(row_to_json(s)::text, '') FROM django_session s)"
    )
    assert secret not in owner.fetchone()[0]


def test_a_double_click_makes_one(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    make(client, idempotency_key="the-same-key")
    make(client, idempotency_key="the-same-key")
    with acting(cast.rep):
        assert ApiToken.objects.count() == 1


def test_a_token_taken_back_no_longer_works(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    make(client)
    (secret,) = secrets_on(client)
    with acting(cast.rep):
        pk = ApiToken.objects.get().pk
    url = reverse("token_revoke", args=[pk])
    assert browse(cast.peer).get(url).status_code == 404
    assert browse(cast.peer).post(url, {}).status_code == 404
    assert "stops working at once" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 302
    with acting(cast.rep):
        assert token_for(secret) is None
    assert "taken back" in client.get(LIST).content.decode()


def test_others_tokens_are_not_listed(cast: Cast, browse: Any) -> None:
    make(browse(cast.rep))
    assert "No token yet" in browse(cast.admin).get(LIST).content.decode()


def test_scope_and_days_are_checked_at_their_fields(cast: Cast, browse: Any) -> None:
    response = make(browse(cast.rep), scopes="everything", days="0")
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"scopes", "days"}
