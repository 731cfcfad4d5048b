"""The inbox: news in sentences, what is new, and the count in the header of every page."""

import re
import time
from datetime import UTC, datetime
from typing import Any

from common.access import Reach
from common.transaction import work
from tests.cast import Cast
from tests.workspace.at_once import at_once
from workspace.models import Event, Message
from workspace.services import tell


def say(person: Any, event: Event = Event.DEAL_CAME, **more: Any) -> None:
    told = {"event": event, "key": "1", "about": "Acorn renewal", "url": "/accounts/", **more}
    with work(by=None, why="a test", reach=Reach.everything()):
        tell(people=[person.pk], **told)


def count(client: Any, path: str = "/accounts/") -> str:
    found = re.search(r'aria-label="Inbox(?:: (\S+))?"', client.get(path).content.decode())
    assert found
    return found[1] or ""


def sentences(client: Any) -> list[str]:
    return re.findall(r'<a href="/inbox/\d+/">(.*?)</a>', client.get("/inbox/").content.decode())


def test_an_empty_inbox_says_what_will_stand_there(cast: Cast, browse: Any) -> None:
    page = browse(cast.rep).get("/inbox/").content.decode()
    assert "No news" in page
    assert "Mark all as read" not in page
    assert count(browse(cast.rep)) == ""


def test_every_event_has_its_sentence(cast: Cast, browse: Any) -> None:
    ada = cast.admin.pk
    say(cast.rep, Event.ACCOUNT_CAME, key="a", by=ada, about="Acorn")
    say(cast.rep, Event.ACCOUNT_CAME, key="b", about="Acorn")
    say(cast.rep, Event.ACCOUNT_CAME, key="c", count=1037)
    say(cast.rep, Event.ACCOUNT_CAME, key="d", count=2, by=ada)
    say(cast.rep, Event.DEAL_CAME, key="a", by=ada)
    say(cast.rep, Event.DEAL_CAME, key="b")
    say(cast.rep, Event.DEAL_CAME, key="c", count=3, by=ada)
    say(cast.rep, Event.DEAL_CAME, key="d", count=3)
    say(cast.rep, Event.DEAL_CHANGED, key="a", by=ada)
    for key, more in (("a", {"by": ada}), ("b", {}), ("c", {"count": 3, "by": ada}), ("d", {"count": 3})):
        say(cast.rep, Event.LEAD_CAME, key=key, about="Ella", **more)
        say(cast.rep, Event.LEAD_UNTOUCHED, key=key, about="Ella", **more)
    for event in (Event.SEAT_CAME, Event.SEAT_WENT):
        say(cast.rep, event, key="a", by=ada, about="East 1")
        say(cast.rep, event, key="b", about="East 1")
    say(cast.rep, Event.REALIGNED, key="a", by=ada, about="Spring")
    say(cast.rep, Event.REALIGNED, key="b", about="Spring")
    say(cast.rep, Event.UNPUBLISHED, about="Spring")
    say(cast.rep, Event.FORECAST_DUE, about="2026-Q2")
    say(cast.rep, Event.FORECAST_LATE, about="2026-Q2")
    say(cast.rep, Event.FORECAST_LATE, key="b", about="2026-Q2", by=cast.peer.pk)
    say(cast.rep, Event.FORECAST_LATE, key="c", about="2026-Q2", count=4)
    say(cast.rep, Event.APPROVAL_ANSWERED, about="Reopen 2026-Q1", by=ada)
    say(cast.rep, Event.APPROVAL_ANSWERED, key="b", about="Accept quotas", by=ada, count=2)
    say(cast.rep, Event.CREDIT_CHANGED, key="a", by=ada, about="SO-1")
    say(cast.rep, Event.CREDIT_CHANGED, key="b", about="SO-1")
    say(cast.rep, Event.DISPUTE_RAISED, key="a", by=ada, about="SO-1")
    say(cast.rep, Event.DISPUTE_RAISED, key="b", about="SO-1")
    say(cast.rep, Event.DISPUTE_ANSWERED, key="a:granted", by=ada, about="SO-1")
    say(cast.rep, Event.DISPUTE_ANSWERED, key="a:refused", by=ada, about="SO-1")
    say(cast.rep, Event.DISPUTE_ANSWERED, key="b", about="SO-1")
    say(cast.rep, Event.MENTIONED, key="a", by=ada)
    say(cast.rep, Event.MENTIONED, key="b")
    say(cast.rep, Event.RUN_FAILED, about="attainment 2026-05-19")
    say(cast.rep, Event.WEBHOOK_PAUSED, about="warehouse")
    assert sentences(browse(cast.rep))[::-1] == [
        "Ada Admin gave you the account Acorn.",
        "The account Acorn came to you.",
        "1,037 accounts came to you.",
        "Ada Admin gave you 2 accounts.",
        "Ada Admin gave you the deal Acorn renewal.",
        "The deal Acorn renewal came to you.",
        "Ada Admin gave you 3 deals.",
        "3 deals came to you.",
        "Ada Admin changed your deal Acorn renewal.",
        "Ada Admin gave you the lead Ella.",
        "Ada Admin has not touched the lead Ella.",
        "The lead Ella came to you.",
        "Your lead Ella is untouched.",
        "Ada Admin gave you 3 leads.",
        "Ada Admin has not touched 3 leads.",
        "3 leads came to you.",
        "3 leads of yours are untouched.",
        "Ada Admin gave you a seat on East 1.",
        "A seat on East 1 came to you.",
        "Ada Admin handed a seat over: East 1.",
        "A seat is handed over: East 1.",
        "Ada Admin published a realignment that touches you: Spring.",
        "A realignment that touches you is published: Spring.",
        "The realignment Spring was not published; its page says why.",
        "Your forecast call for 2026-Q2 is due within 24 hours.",
        "Your forecast call for 2026-Q2 is late.",
        "Paul Peer has not made the forecast call for 2026-Q2.",
        "4 of your people have not made the forecast call for 2026-Q2.",
        "Ada Admin answered: Reopen 2026-Q1.",
        "Ada Admin answered: Accept quotas. (2)",
        "Ada Admin changed your credit of SO-1.",
        "Your credit of SO-1 was changed.",
        "Ada Admin disputes credit of SO-1.",
        "Credit of SO-1 is disputed.",
        "Ada Admin granted your dispute of SO-1.",
        "Ada Admin refused your dispute of SO-1.",
        "Your dispute of SO-1 was answered.",
        "Ada Admin mentioned you in a comment on Acorn renewal.",
        "You are mentioned in a comment on Acorn renewal.",
        "A run failed: attainment, May 19, 2026.",
        "Your webhook warehouse did not answer and is paused.",
    ]


def test_opening_a_message_marks_it_read_and_leads_to_what_it_is_about(cast: Cast, browse: Any) -> None:
    say(cast.rep)
    client, pk = browse(cast.rep), _newest()
    assert count(client) == "1"
    assert client.head(f"/inbox/{pk}/").status_code == 302
    assert count(client) == "1"
    assert client.get(f"/inbox/{pk}/")["Location"] == "/accounts/"
    assert count(client) == ""
    assert ">new</span>" not in client.get("/inbox/").content.decode()
    assert client.get(f"/inbox/{pk}/")["Location"] == "/accounts/"


def test_two_tabs_that_open_it_at_once_both_arrive(cast: Cast, browse: Any) -> None:
    """One of them marks it as read while the other one has begun."""
    say(cast.rep)
    client, pk = browse(cast.rep), _newest()
    client.get("/inbox/")

    def read() -> None:
        with work(by=None, why="another tab", reach=Reach.everything()):
            Message.objects.filter(pk=pk).update(read_at=datetime(2026, 5, 20, 9, tzinfo=UTC))
            time.sleep(0.8)

    def open_it() -> Any:
        time.sleep(0.3)
        return client.get(f"/inbox/{pk}/")

    _nothing, answer = at_once(read, open_it)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/")


def test_older_news_can_be_marked_as_read_from_the_first_page(cast: Cast, browse: Any) -> None:
    for key in range(51):
        say(cast.rep, key=f"{key}")
    with work(by=None, why="a test", reach=Reach.everything()):
        Message.objects.exclude(key="0").update(read_at=datetime(2026, 5, 20, 9, tzinfo=UTC))
    client = browse(cast.rep)
    assert count(client) == "1"
    page = client.get("/inbox/").content.decode()
    assert ">new</span>" not in page
    assert "Mark all as read" in page


def test_a_message_is_its_reader_s_alone(cast: Cast, browse: Any) -> None:
    say(cast.rep)
    pk = _newest()
    assert [
        browse(who).get(f"/inbox/{pk}/").status_code for who in (cast.peer, cast.manager, cast.admin)
    ] == 3 * [404]
    assert sentences(browse(cast.admin)) == []
    assert count(browse(cast.rep)) == "1"


def test_all_is_marked_as_read_at_once(cast: Cast, browse: Any) -> None:
    for key in "abc":
        say(cast.rep, key=key)
    say(cast.peer)
    client = browse(cast.rep)
    assert count(client) == "3"
    page = client.post("/inbox/read/", {}, follow=True).content.decode()
    assert "Everything is marked as read." in page
    assert ">new</span>" not in page
    assert count(client) == ""
    assert count(browse(cast.peer)) == "1"
    assert client.get("/inbox/read/").status_code == 405


def test_the_count_stops_at_99_and_the_news_go_on_on_the_next_page(cast: Cast, browse: Any) -> None:
    for key in range(101):
        say(cast.rep, key=f"{key}", about=f"Deal {key}")
    client = browse(cast.rep)
    assert count(client) == "99+"
    first = sentences(client)
    assert (len(first), first[0]) == (50, "The deal Deal 100 came to you.")
    after = re.search(r'rel="next" href="([^"]+)"', client.get("/inbox/").content.decode())
    assert after
    assert (
        "The deal Deal 50 came to you."
        in client.get("/inbox/" + after[1].replace("&amp;", "&")).content.decode()
    )


def test_nobody_is_told_twice_nor_of_what_they_did_themselves(cast: Cast, browse: Any) -> None:
    say(cast.rep)
    say(cast.rep)
    say(cast.rep, key="2", by=cast.rep.pk)
    assert len(sentences(browse(cast.rep))) == 1


def test_what_is_asked_of_me_stands_where_it_waits_and_not_in_the_news(cast: Cast, browse: Any) -> None:
    say(cast.rep, Event.APPROVAL_ASKED)
    say(cast.rep, Event.INVITED)
    assert "No news" in browse(cast.rep).get("/inbox/").content.decode()
    assert count(browse(cast.rep)) == ""


def test_a_long_name_is_cut(cast: Cast, browse: Any) -> None:
    say(cast.rep, about="x" * 300)
    assert sentences(browse(cast.rep)) == [f"The deal {'x' * 200} came to you."]


def _newest() -> int:
    with work(by=None, why="a test", reach=Reach.everything()):
        return int(Message.objects.latest("id").pk)
