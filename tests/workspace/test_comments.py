"""Comments: said beside a thing by whoever sees it, naming people who are told if they see it too."""

from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import NotInReach, Refused
from common.transaction import work
from territories.models import User
from tests.cast import Cast
from tests.salesops.conftest import plain
from workspace.models import Comment, Mention, Message
from workspace.services.comments import add_comment


@pytest.fixture
def deal(cast: Cast) -> int:
    return int(cast.deals["Acorn renewal"].pk)


def say(cast: Cast, acting: Any, deal: int, text: str, *picked: int) -> Comment:
    with acting(cast.rep):
        place = {"subject": "opportunity", "subject_id": deal}
        return add_comment(by=cast.rep.pk, text=text, people_ids=picked, **place)


def told() -> dict[str, bool]:
    """Who was named, and whether they were told."""
    with work(by=None, why="a test", reach=Reach.everything()):
        return dict(Mention.objects.values_list("person__name", "was_told"))


def news() -> list[tuple[str, str, str]]:
    with work(by=None, why="a test", reach=Reach.everything()):
        rows = Message.objects.filter(event="mentioned").order_by("person__name")
        return list(rows.values_list("person__name", "about", "url"))


def test_who_is_named_is_told_only_if_they_may_read_it(cast: Cast, acting: Any, deal: int) -> None:
    say(cast, acting, deal, "@Mona Manager, @oscar other and @Dora Director: lunch @ 12, ann@acme.com")
    assert told() == {"Mona Manager": True, "Oscar Other": False, "Dora Director": True}
    page = reverse("opportunity_detail", args=[deal])
    assert news() == [
        (name, "Acorn renewal", f"{page}#comments") for name in ("Dora Director", "Mona Manager")
    ]


def test_who_reads_it_through_a_participation_is_told(cast: Cast, acting: Any, deal: int) -> None:
    from pipeline.models import Participant

    with work(by=None, why="a test", reach=Reach.everything()):
        Participant.objects.create(opportunity_id=deal, user=cast.other_rep, reason="team")
    say(cast, acting, deal, "@Oscar Other")
    assert told() == {"Oscar Other": True}


def test_who_left_or_writes_themself_is_not_told(cast: Cast, acting: Any, deal: int) -> None:
    with work(by=None, why="a test", reach=Reach.everything()):
        User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    say(cast, acting, deal, "@Rita Rep and @Mona Manager")
    assert (told(), news()) == ({}, [])


@pytest.fixture
def namesake(cast: Cast) -> User:
    """A second Mona Manager, who sits nowhere."""
    with work(by=None, why="a test", reach=Reach.everything()):
        return User.objects.create(name="Mona Manager", email="mona@elsewhere.example")


def test_of_two_of_one_name_the_one_who_was_picked_is_meant(
    cast: Cast, acting: Any, deal: int, namesake: User
) -> None:
    with pytest.raises(Refused) as refused:
        say(cast, acting, deal, "Ask @Mona Manager.")
    assert refused.value.path == "text"
    assert str(refused.value.message).startswith("Several people are called Mona Manager. Pick one")
    say(cast, acting, deal, "Ask @Mona Manager.", cast.manager.pk, cast.other_rep.pk)
    assert [row[0] for row in news()] == ["Mona Manager"]
    say(cast, acting, deal, "Ask @mona@elsewhere.example, please")
    with work(by=None, why="a test", reach=Reach.everything()):
        assert list(Mention.objects.order_by("pk").values_list("person", "was_told")) == [
            (cast.manager.pk, True),
            (namesake.pk, False),
        ]


def test_a_longer_name_is_not_a_shorter_one(cast: Cast, acting: Any, deal: int) -> None:
    with work(by=None, why="a test", reach=Reach.everything()):
        User.objects.create(name="Mona Managerial", email="mm@example.com")
    say(cast, acting, deal, "@Mona Managerial (@Mona Managers too)")
    assert told() == {"Mona Managerial": False}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \n ", "required"),
        ("x" * 2001, "too_long"),
        ("a\u202eb", "bad_character"),
        ("nul\0", "bad_character"),
        ("@Mona Manager " * 21, "too_many_named"),
    ],
)
def test_what_is_no_comment_is_refused(cast: Cast, acting: Any, deal: int, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        say(cast, acting, deal, text)
    assert (refused.value.code, refused.value.path) == (code, "text")


def test_only_who_sees_a_thing_speaks_beside_it(cast: Cast, acting: Any, deal: int) -> None:
    for person, subject, pk in (
        (cast.other_rep, "opportunity", deal),
        (cast.rep, "person", 1),
        (cast.rep, "order", 999_999),
        (cast.rep, "realignment", 1),
    ):
        with acting(person), pytest.raises(NotInReach):
            add_comment(by=person.pk, subject=subject, subject_id=pk, text="Hello")


def test_the_panel_takes_a_comment_in_place_and_says_who_was_not_told(
    cast: Cast, browse: Any, deal: int
) -> None:
    client, url = browse(cast.rep), reverse("comment_create", args=["opportunity", deal])
    headers = {"HX-Request": "true", "HX-Target": "comments"}
    empty = client.post(url, {"text": ""}, headers=headers)
    assert (empty.status_code, "This field is required." in plain(empty)) == (422, True)
    words = "<b>First</b>\n@Oscar Other, second"
    answer = client.post(url, {"text": words}, headers=headers)
    page = answer.content.decode()
    assert "&lt;b&gt;First&lt;/b&gt;<br><strong>@Oscar Other</strong>, second" in page
    assert (
        "Oscar Other can&#x27;t see this" in answer["HX-Trigger"]
        or "Oscar Other can't" in answer["HX-Trigger"]
    )
    assert "Oscar Other could not see this and was not told" in plain(answer)
    others = plain(browse(cast.executive).get(reverse("beside_panel", args=["opportunity", deal])))
    assert "First @Oscar Other , second Rita Rep · May 20, 2026" in others.replace("<b>", "").replace(
        "</b>", ""
    )
    assert browse(cast.other_rep).post(url, {"text": "Hello"}).status_code == 404


def test_without_a_script_the_form_is_a_page(cast: Cast, browse: Any, deal: int) -> None:
    client, url = browse(cast.rep), reverse("comment_create", args=["opportunity", deal])
    assert "Comment on Acorn renewal" in plain(client.get(url))
    answer = client.post(url, {"text": "@Oscar Other", "people_ids": [str(cast.other_rep.pk)]})
    assert answer["Location"] == reverse("opportunity_detail", args=[deal]) + "#comments"
    assert "Oscar Other can't see this and was not told." in plain(client.get(answer["Location"]))
    assert client.post(url, {"text": "Hello", "people_ids": ["x"]}).status_code == 422


def test_a_call_and_a_realignment_have_comments_too(cast: Cast, acting: Any, browse: Any) -> None:
    from forecasts.services import submit

    with acting(cast.rep):
        call = submit(by=cast.rep.pk, period_id=cast.q2.pk, amount_minor=100)
        add_comment(by=cast.rep.pk, subject="submission", subject_id=call.pk, text="@Mona Manager, too high?")
    assert news() == [("Mona Manager", "2026-Q2", f"/forecasts/calls/{call.pk}/#comments")]
    page = browse(cast.manager).get(reverse("submission_detail", args=[call.pk]))
    assert "Call of Rita Rep for 2026-Q2" in plain(page)
    assert reverse("beside_panel", args=["submission", call.pk]) in page.content.decode()
    panel = plain(browse(cast.manager).get(reverse("beside_panel", args=["submission", call.pk])))
    assert "@Mona Manager , too high?" in panel
    assert "Documents" not in panel
    assert (
        browse(cast.coordinator).get(reverse("beside_panel", args=["submission", call.pk])).status_code == 404
    )


def test_the_panel_shows_the_last_comments_and_the_others_when_asked(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    with acting(cast.rep):
        about = {"subject": "opportunity", "subject_id": deal, "by_id": cast.rep.pk}
        Comment.objects.bulk_create(Comment(text=f"Word {n:03}", **about) for n in range(1, 53))
    client, url = browse(cast.rep), reverse("beside_panel", args=["opportunity", deal])
    first, whole = plain(client.get(url)), plain(client.get(url, {"all": "1"}))
    assert ("Word 002" in first, "Word 003" in first, "Word 052" in first) == (False, True, True)
    assert "Show earlier comments" in first
    assert ("Word 001" in whole, "Show earlier comments" in whole) == (True, False)
