"""Accounts that were marked in their list go into a realignment: an open one, or a new one."""

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from planning.models import Draft, Move
from planning.services.drafts import create_draft, drop_draft
from tests.accounts.places import today_of
from tests.cast import Cast
from tests.planning.assigning import LIST, ids
from tests.salesops.conftest import plain

URL = reverse("draft_accounts")
JUNE = date(2026, 6, 1)


def typed(cast: Cast, into: str, *names: str, **more: Any) -> dict[str, Any]:
    form = {
        "account": ids(cast, *names),
        "into_id": str(cast.territories[into].pk),
        "starts_on": "2026-06-01",
    }
    work = {"open_work": "usual", "quota": "person", "reason": "nearer"}
    return {**form, **work, **more}


def moves(acting: Any, cast: Cast) -> list[tuple[str, date, str, int, str]]:
    """Which drafts take how many accounts where."""
    with acting(cast.admin):
        rows = Move.objects.filter(is_removed=False).select_related("draft", "into").order_by("pk")
        return [
            (row.draft.name, row.draft.starts_on, str(row.into), len(row.account_ids), row.reason)
            for row in rows
        ]


@pytest.fixture
def spring(cast: Cast, acting: Any) -> Draft:
    with acting(cast.director):
        draft: Draft = create_draft(by=cast.director.pk, name="Spring", starts_on=JUNE)
        return draft


def test_the_list_offers_it_to_who_may_draft(cast: Cast, browse: Any) -> None:
    for person, is_theirs in ((cast.admin, True), (cast.director, True), (cast.manager, False)):
        assert (f'hx-post="{URL}"' in browse(person).get(LIST).content.decode()) is is_theirs


def test_into_one_that_is_open(cast: Cast, browse: Any, acting: Any, spring: Draft) -> None:
    client = browse(cast.director)
    page = client.post(URL, {"account": ids(cast, "Acorn", "Beech"), "back": LIST})
    assert "2 accounts: Acorn, Beech" in plain(page)
    assert "Spring, from Jun 1, 2026 on" in plain(page)
    own = {"draft_id": str(spring.pk), "name": "", "starts_on": ""}
    done = client.post(URL, typed(cast, "East Team", "Acorn", "Beech", **own))
    detail = reverse("draft_detail", args=[spring.pk])
    assert (done.status_code, done["Location"]) == (302, detail)
    html = client.get(detail).content.decode()
    assert "In Spring now: 2 accounts go to East Team. Nothing moves before it is published." in html
    assert "chosen-done" in html
    assert moves(acting, cast) == [("Spring", JUNE, "East Team", 2, "nearer")]
    assert today_of("Acorn")[0] == "East 1"


def test_into_a_new_one(cast: Cast, browse: Any, acting: Any) -> None:
    done = browse(cast.admin).post(URL, typed(cast, "West 1", "Acorn", name="Autumn"))
    assert done.status_code == 302
    assert moves(acting, cast) == [("Autumn", JUNE, "West 1", 1, "nearer")]


def test_only_drafts_that_the_reader_may_change_are_offered(
    cast: Cast, browse: Any, acting: Any, spring: Draft
) -> None:
    with acting(cast.admin):
        create_draft(by=cast.admin.pk, name="Autumn", starts_on=JUNE)
        gone = create_draft(by=cast.admin.pk, name="Winter", starts_on=JUNE)
        drop_draft(by=cast.admin.pk, draft_id=gone.pk, version=gone.version)

    def offered(person: Any, *names: str) -> list[str]:
        page = browse(person).post(URL, {"account": ids(cast, *names)}).content.decode()
        return re.findall(r"<option [^>]*>(\w+), from Jun 1, 2026 on<", page)

    assert offered(cast.director, "Acorn") == ["Spring"]
    assert offered(cast.other_director, "Cedar") == []
    assert offered(cast.admin, "Acorn") == ["Autumn", "Spring"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Choose a realignment, or name a new one."),
        ({"name": "New", "starts_on": ""}, "Say from which day on."),
        ({"name": "New", "starts_on": "2026-05-19"}, "A realignment begins today or later."),
        ({"name": "New", "into_id": ""}, "This field is required."),
    ],
)
def test_what_is_missing_or_wrong_is_named_and_nothing_begins(
    cast: Cast, browse: Any, acting: Any, changes: dict[str, str], words: str
) -> None:
    answer = browse(cast.director).post(URL, typed(cast, "East Team", "Acorn", **changes))
    assert answer.status_code == 422
    assert words in plain(answer)
    with acting(cast.admin):
        assert not Draft.objects.exists()


def test_what_is_out_of_reach_or_in_it_already_is_refused(
    cast: Cast, browse: Any, acting: Any, spring: Draft
) -> None:
    client, own = browse(cast.director), {"draft_id": str(spring.pk)}
    assert client.post(URL, {"account": ids(cast, "Acorn", "Cedar")}).status_code == 404
    assert client.post(URL, typed(cast, "East Team", "Cedar", **own)).status_code == 404
    assert "No account was marked." in plain(client.get(URL))
    foreign = client.post(URL, typed(cast, "West 1", "Acorn", name="Mine"))
    assert (foreign.status_code, "This can't be chosen here." in plain(foreign)) == (422, True)
    assert client.post(URL, typed(cast, "East Team", "Acorn", **own)).status_code == 302
    again = client.post(URL, typed(cast, "East 2", "Acorn", **own))
    assert again.status_code == 422
    assert "This realignment moves Acorn already: 1 account goes to East Team." in plain(again)
    assert len(moves(acting, cast)) == 1


def test_others_open_nothing(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        assert browse(person).post(URL, {"account": ids(cast, "Acorn")}).status_code == 403
