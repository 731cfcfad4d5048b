"""What somebody opened last: newest first, each once, twenty at most, and nothing that they no longer may see."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from salesops.services import note_opened
from tests.cast import Cast
from tests.conftest import Browser
from workspace.models import Recent

Browse = Callable[[Any], Browser]


def opened(client: Browser) -> list[str]:
    return [one.name for one in client.get(reverse("search")).context["recent"]]


def look(client: Browser, *pages: tuple[str, int]) -> None:
    for name, pk in pages:
        client.get(reverse(name, args=[pk]))


def test_what_was_opened_is_there_once_newest_first(cast: Cast, browse: Browse) -> None:
    client, deal, acorn = browse(cast.rep), cast.deals["Acorn renewal"].pk, cast.accounts["Acorn"].pk
    look(client, ("opportunity_detail", deal), ("account_detail", acorn))
    look(client, ("territory_detail", cast.territories["East 1"].pk), ("opportunity_detail", deal))
    assert opened(client) == ["Acorn renewal", "East 1", "Acorn"]
    assert opened(browse(cast.peer)) == []


def test_only_a_page_that_was_shown_counts(cast: Cast, browse: Browse) -> None:
    client, cedar = browse(cast.rep), cast.accounts["Cedar"].pk
    look(client, ("account_detail", cedar))
    client.head(reverse("account_detail", args=[cast.accounts["Acorn"].pk]))
    client.get(reverse("account_detail", args=[cast.accounts["Acorn"].pk]), headers={"HX-Request": "true"})
    client.get(reverse("account_list"))
    assert opened(client) == []


def test_what_is_no_longer_in_reach_is_not_named(cast: Cast, browse: Browse, owner: Any) -> None:
    client, acorn = browse(cast.rep), cast.accounts["Acorn"]
    look(client, ("account_detail", acorn.pk))
    assert opened(client) == ["Acorn"]
    west = cast.territories["West 1"].pk
    owner.execute("SET app.by = ''")
    owner.execute("ALTER TABLE accounts_account DISABLE TRIGGER USER")
    owner.execute("UPDATE accounts_account SET territory_id = %s WHERE id = %s", [west, acorn.pk])
    assert opened(client) == []
    assert "Acorn" not in client.get(reverse("search")).content.decode()


def test_twenty_at_most_and_never_a_name(cast: Cast, browse: Browse, owner: Any) -> None:
    for number in range(25):
        note_opened(person_id=cast.rep.pk, item=f"account:{number}")
    owner.execute("SELECT items FROM workspace_recent WHERE person_id = %s", [cast.rep.pk])
    assert owner.fetchone()[0] == [f"account:{number}" for number in range(24, 4, -1)]
    assert {field.name for field in Recent._meta.fields} == {"person", "items", "opened_at"}


def test_after_ninety_days_it_is_forgotten(cast: Cast, browse: Browse, clock: Any) -> None:
    look(browse(cast.rep), ("account_detail", cast.accounts["Acorn"].pk))
    clock.shift(timedelta(days=89))
    assert opened(browse(cast.rep)) == ["Acorn"]
    clock.shift(timedelta(days=2))
    assert opened(browse(cast.rep)) == []


@pytest.mark.parametrize("header", [{}, {"HX-Request": "true"}])
def test_the_search_shows_it_before_anything_is_typed(cast: Cast, browse: Browse, header: Any) -> None:
    client, acorn = browse(cast.rep), reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    client.get(acorn)
    page = client.get(reverse("search"), headers=header).content.decode()
    assert "Opened last" in page
    assert f'href="{acorn}"' in page
    here = client.get(
        reverse("search"), headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{acorn}"}
    )
    assert acorn not in here.content.decode()
