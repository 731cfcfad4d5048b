"""A module is filled by its conditions: seen before, and done as it was seen."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, AccountTerritory, Module
from accounts.selectors.modules import filling
from accounts.services import modules as services
from common.errors import Conflict, Forbidden, Refused
from common.transaction import reach
from tests.accounts.bundled import JUNE, MAY, module, spans
from tests.cast import Cast

RETAIL = [[{"kind": "industry", "values": ["Retail"]}]]


def ruled(cast: Cast, acting: Any, conditions: Any = RETAIL) -> Module:
    with acting(cast.admin):
        made: Module = services.create_module(by=cast.admin.pk, name="Retail", conditions=conditions)
    return made


def fill(cast: Cast, person: Any, made: Module, **more: Any) -> int:
    shown = filling(reach(), made, JUNE).digest
    facts = {"module_id": made.pk, "starts_on": JUNE, "shown": shown, **more}
    return services.fill_module(by=person.pk, **facts).came


def test_the_preview_says_who_comes_who_stays_and_who_is_elsewhere(cast: Cast, acting: Any) -> None:
    made = ruled(cast, acting)
    module(cast, acting, "Beech", name="Growth")
    acorn, beech, cedar = (cast.accounts[name].pk for name in ("Acorn", "Beech", "Cedar"))
    with acting(cast.admin):
        ids: dict[str, Any] = {"account_ids": [cedar], "starts_on": MAY}
        services.add_to_module(by=cast.admin.pk, module_id=made.pk, **ids)
        found = filling(reach(), made, JUNE)
        assert (found.new, found.elsewhere, found.staying) == ([acorn], {beech: "Growth"}, 1)
        assert fill(cast, cast.admin, made, reason="all shops") == 1
    assert spans(acting, cast) == [
        ("Acorn", "Retail", JUNE, None),
        ("Beech", "Growth", MAY, None),
        ("Cedar", "Retail", MAY, None),
    ]


def test_those_of_other_modules_move_when_asked(cast: Cast, acting: Any) -> None:
    made = ruled(cast, acting)
    module(cast, acting, "Acorn", "Beech", "Cedar", name="Growth")
    with acting(cast.admin):
        with pytest.raises(Refused, match="No account comes in"):
            fill(cast, cast.admin, made)
        assert fill(cast, cast.admin, made, moves=True) == 3


def test_what_is_not_as_it_was_shown_is_not_done(cast: Cast, acting: Any) -> None:
    made = ruled(cast, acting)
    with acting(cast.admin):
        shown = filling(reach(), made, JUNE).digest
        place = cast.territories["East 1"]
        new = Account.objects.create(name="Dogwood", number="A-4", territory=place, industry="retail")
        with pytest.raises(Conflict, match="Something changed since you looked"):
            fill(cast, cast.admin, made, shown=shown)
        assert fill(cast, cast.admin, made) == 4
        assert filling(reach(), made, JUNE).staying == 4
        assert new.memberships.count() == 1


def test_a_director_fills_it_with_what_lies_below(cast: Cast, acting: Any) -> None:
    made = ruled(cast, acting)
    with acting(cast.director):
        assert fill(cast, cast.director, made) == 2
    with acting(cast.manager), pytest.raises(Forbidden):
        fill(cast, cast.manager, made)


def test_without_limit_and_by_a_few_statements(cast: Cast, acting: Any) -> None:
    made = ruled(cast, acting)
    with acting(cast.admin):
        place = cast.territories["East 1"]
        facts: dict[str, Any] = {"territory": place, "industry": "Retail"}
        rows = (Account(name=f"Fir {n}", number=f"F-{n}", **facts) for n in range(1_200))
        made_rows = Account.objects.bulk_create(rows)
        new = {"territory": place, "starts_on": MAY}
        AccountTerritory.objects.bulk_create(AccountTerritory(account=row, **new) for row in made_rows)
        assert fill(cast, cast.admin, made) == 1_203


def test_the_page_shows_then_does(cast: Cast, browse: Any, acting: Any) -> None:
    made, client = ruled(cast, acting), browse(cast.admin)
    module(cast, acting, "Beech", name="Growth")
    url = reverse("module_fill", args=[made.pk])
    page = client.get(url, {"on": "2026-06-01"})
    text = " ".join(page.content.decode().split())
    assert "Which accounts come in from Jun 1, 2026 on?" in text
    assert [account.name for account in page.context["new"]] == ["Acorn", "Cedar"]
    assert [(account.name, name) for account, name in page.context["elsewhere"]] == [("Beech", "Growth")]
    sent = {"starts_on": "2026-06-01", "shown": page.context["coming"].digest}
    done = client.post(url, sent)
    assert done["Location"] == reverse("module_detail", args=[made.pk])
    assert "2 accounts are in Retail from Jun 1, 2026 on." in client.get(done["Location"]).content.decode()
    again = client.post(url, sent)
    assert again["Location"] == f"{url}?on=2026-06-01"
    assert "Something changed since you looked." in client.get(again["Location"]).content.decode()
    shown = client.get(again["Location"]).context["coming"].digest
    assert client.post(url, sent | {"shown": shown}).status_code == 422


def test_a_module_without_conditions_says_what_to_do(cast: Cast, browse: Any, acting: Any) -> None:
    made = module(cast, acting)
    page = browse(cast.admin).get(reverse("module_fill", args=[made.pk]))
    assert "It has no conditions." in page.content.decode()
    assert browse(cast.rep).get(reverse("module_fill", args=[made.pk])).status_code == 403
    detail = browse(cast.admin).get(reverse("module_detail", args=[ruled(cast, acting).pk]))
    assert "Industry is Retail" in " ".join(detail.content.decode().split())


def test_conditions_that_cannot_be_meant_are_refused(cast: Cast, acting: Any) -> None:
    with pytest.raises(Refused):
        ruled(cast, acting, [[{"kind": "colour", "values": ["red"]}]])
