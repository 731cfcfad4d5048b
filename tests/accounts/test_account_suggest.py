"""What a field that takes an account offers while one types."""

import re
from typing import Any

from django.urls import reverse

from tests.cast import Cast

URL = reverse("account_suggest")


def options(client: Any, typed: str) -> list[str]:
    text = client.get(URL, {"q": typed}).content.decode()
    return re.findall(r'data-value="\d+" data-label="([^"]+)"', text)


def test_options_obey_reach(cast: Cast, browse: Any) -> None:
    assert options(browse(cast.rep), "A") == ["Acorn"]
    assert options(browse(cast.rep), "cedar") == []
    assert options(browse(cast.admin), "e") == ["Beech", "Cedar"]


def test_an_option_carries_its_id(cast: Cast, browse: Any) -> None:
    text = browse(cast.rep).get(URL, {"q": "aco"}).content.decode()
    assert f'<li role="option" data-value="{cast.accounts["Acorn"].pk}"' in text


def test_a_name_can_not_become_markup(cast: Cast, browse: Any, acting: Any) -> None:
    from accounts import services

    with acting(cast.rep):
        services.create_account(by=cast.rep.pk, name='<b onclick="x">Bold</b>')
    text = browse(cast.rep).get(URL, {"q": "<b"}).content.decode()
    assert "<b onclick" not in text
    assert "&lt;b onclick" in text


def test_it_offers_to_add_what_is_not_there(cast: Cast, browse: Any) -> None:
    def offers(person: Any, **query: str) -> bool:
        return 'data-value="new"' in browse(person).get(URL, query).content.decode()

    assert offers(cast.rep, q=" Dogwood ", new="1")
    assert not offers(cast.rep, q="acorn", new="1")
    assert not offers(cast.rep, q="Dogwood")
    assert not offers(cast.rep, q=" ", new="1")
    assert not offers(cast.executive, q="Dogwood", new="1")
    typed = browse(cast.rep).get(URL, {"q": "<script>", "new": "1"}).content.decode()
    assert "<script>" not in typed
    assert "Create “&lt;script&gt;”" in typed


def test_nothing_typed_offers_nothing(cast: Cast, browse: Any) -> None:
    assert options(browse(cast.admin), "") == []
    assert browse(cast.admin).get(URL, {"name": "x"}).status_code == 400
