"""What is typed into a field that finds its choices, and is no text, is refused and never repeated."""

from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.territories.many import add_many

NO_TEXTS = ("\0", "a\0b", "x" * 201, "x" * 1_000_000)
SAID = "At most 200 characters of text can be read here."


@pytest.mark.parametrize("text", NO_TEXTS, ids=("nul", "nul within", "long", "very long"))
@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("account_list", "territory"),
        ("opportunity_list", "owner"),
        ("held_report", "person"),
        ("held_report", "territory"),
    ],
)
def test_in_an_address(cast: Cast, browse: Any, page: str, field: str, text: str) -> None:
    answer = browse(cast.director).get(reverse(page), {f"{field}_text": text})
    assert answer.status_code == 400
    assert SAID in answer.content.decode()
    assert len(answer.content) < 100_000
    assert text not in answer.content.decode()


@pytest.mark.parametrize("text", NO_TEXTS, ids=("nul", "nul within", "long", "very long"))
def test_in_a_form(cast: Cast, browse: Any, text: str) -> None:
    add_many(cast)
    client, acorn = browse(cast.director), str(cast.accounts["Acorn"].pk)
    day = {"account": [acorn], "starts_on": "6/1/2026", "reason": "x"}
    forms = [
        (reverse("accounts_assign"), "territory_id", {**day, "coverage": "field"}),
        (reverse("draft_accounts"), "into_id", {**day, "name": "D", "open_work": "usual", "quota": "person"}),
        (reverse("module_add"), "module_id", day),
        (reverse("hold_create", args=[acorn]), "person_id", {**day, "stops_on": "7/1/2026"}),
    ]
    for url, field, sent in forms:
        for key in ("", text):
            answer = client.post(url, {**sent, field: key, f"{field}_text": text})
            assert answer.status_code == 422, url
            assert SAID in answer.content.decode(), url
            assert text not in answer.content.decode(), url
            assert len(answer.content) < 100_000, url
