"""One module on a day: what is in it, where that is, and what became of it."""

from datetime import date
from typing import Any

from django.urls import reverse

from tests.accounts.bundled import JUNE, module
from tests.cast import Cast


def test_members_and_their_territories_on_a_day(cast: Cast, browse: Any, acting: Any) -> None:
    made = module(cast, acting, "Acorn", "Cedar", on=JUNE)
    url = reverse("module_detail", args=[made.pk])
    client = browse(cast.admin)
    assert client.get(url).context["bundle"].count == 0
    page = client.get(url, {"on": "2026-06-01"})
    assert [(row.account.name, place.name) for row, place in page.context["members"]] == [
        ("Acorn", "East 1"),
        ("Cedar", "West 1"),
    ]
    assert "2 accounts came in, from Jun 1, 2026 on: named" in page.content.decode()
    assert "Which accounts move as one on Jun 1, 2026, and where are they then?" in page.content.decode()


def test_one_sees_what_may_be_read_and_acts_that_are_theirs(cast: Cast, browse: Any, acting: Any) -> None:
    made = module(cast, acting, "Acorn", "Cedar", on=date(2026, 5, 1))
    url = reverse("module_detail", args=[made.pk])
    rep, director, admin = (browse(who).get(url) for who in (cast.rep, cast.director, cast.admin))
    assert [row.account.name for row, _place in rep.context["members"]] == ["Acorn"]
    assert "Cedar" not in rep.content.decode()
    acts = ("module_edit", "module_retire", "module_take_out")
    shown = [[reverse(act, args=[made.pk]) in page.content.decode() for act in acts] for page in (rep, admin)]
    assert shown == [[False, False, False], [True, True, True]]
    boxes = [page.content.decode().count('name="account"') for page in (rep, director, admin)]
    assert boxes == [0, 1, 2]


def test_there_is_no_such_module(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("module_detail", args=[1])).status_code == 404
