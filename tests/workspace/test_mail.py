"""Mails leave from rows to a real mail server: what they say, when, and that each leaves at most once."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from common.access import Reach
from common.transaction import work
from territories.models import User
from tests.cast import PEOPLE, Cast
from tests.workspace.at_once import at_once
from tests.workspace.invited import link_of, nina, opened, typed
from tests.workspace.smtp import Post, free_port, listening, sending_to
from workspace.models import Choice, Delivery, Event, Invitation, Message
from workspace.selectors.mail import unsent
from workspace.services import Told, send_due, tell, tell_each


@pytest.fixture
def post() -> Iterator[Post]:
    kept = Post()
    with listening(kept):
        yield kept


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


def give(cast: Cast, *people: Any, key: str = "1", by: Any = None, about: str = "Acorn renewal") -> None:
    """Tell people of a deal that came to them."""
    told = {"event": Event.DEAL_CAME, "key": key, "about": about, "url": "/opportunities/1/"}
    with everything():
        tell(people=[person.pk for person in people], by=by.pk if by else None, **told)


def choose(person: Any, way: Delivery, zone: str = "") -> None:
    with everything():
        Choice.objects.create(person=person, event=Event.DEAL_CAME, delivery=way)
        if zone:
            person.time_zone = zone
            person.save(update_fields=["time_zone"])


def state(owner: Any) -> list[tuple[Any, ...]]:
    columns = "mail_taken_at IS NOT NULL, mailed_at IS NOT NULL, mail_tries, mail_error"
    owner.execute(f"SELECT {columns} FROM workspace_message ORDER BY id")
    return list(owner.fetchall())


def test_a_mail_leaves_now_with_names_and_links_and_no_amounts(cast: Cast, post: Post, owner: Any) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep, by=cast.manager)
    assert send_due() == 1
    (mail,) = post.mails
    with everything():
        pk = Message.objects.get().pk
    assert mail["Subject"] == "Mona Manager gave you the deal Acorn renewal"
    assert mail["To"] == "rep@example.com"
    assert mail["Message-ID"] == f"<message-{pk}@127.0.0.1>"
    assert mail["Auto-Submitted"] == "auto-generated"
    (text,) = post.texts()
    assert text == (
        "Hello Rita Rep,\n\nMona Manager gave you the deal Acorn renewal.\nMay 20, 2026, 9:00\u202fAM UTC\n"
        f"http://127.0.0.1:8000/inbox/{pk}/\n\n--\nCast Company\n"
        "Choose what you hear by e-mail: http://127.0.0.1:8000/profile/notifications/\n\n"
    )
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert (
        f'<a href="http://127.0.0.1:8000/inbox/{pk}/">Mona Manager gave you the deal Acorn renewal.</a>'
        in html
    )
    assert send_due() == 0
    assert state(owner) == [(True, True, 1, "")]


def test_what_stays_on_the_page_or_was_turned_off_is_not_mailed(cast: Cast, post: Post, owner: Any) -> None:
    choose(cast.peer, Delivery.OFF)
    give(cast, cast.rep, cast.peer)
    assert send_due() == 0
    assert post.mails == []
    owner.execute("SELECT person_id, delivery FROM workspace_message")
    assert owner.fetchall() == [(cast.rep.pk, "page")]


def test_who_cannot_sign_in_yet_is_mailed_their_invitation_and_nothing_else(
    cast: Cast, acting: Any, post: Post
) -> None:
    """What else happened waits for them on the page."""
    person = nina(cast, acting)
    choose(person, Delivery.MAIL)
    give(cast, person, by=cast.manager)
    with everything():
        tell(event=Event.FORECAST_DUE, people=[person.pk, cast.rep.pk], key="q", about="2026-Q2")
        uninvited = User(email="ina@example.com", name="Ina Imported")
        uninvited.set_unusable_password()
        uninvited.save()
    give(cast, uninvited)
    assert send_due() == 2
    assert {str(mail["To"]): str(mail["Subject"]) for mail in post.mails} == {
        "nina@example.com": "Your invitation to Cast Company",
        "rep@example.com": "Your forecast call for 2026-Q2 is due within 24 hours",
    }
    client, form = opened(link_of(cast, acting, person))
    assert client.post(form, typed()).status_code == 302
    assert send_due() == 0
    page = client.get("/inbox/").content.decode()
    assert "Mona Manager gave you the deal Acorn renewal." in page
    assert "Your forecast call for 2026-Q2 is due within 24 hours." in page
    give(cast, person, key="2")
    assert send_due() == 1


@pytest.mark.parametrize("count", [1, 9])
def test_many_are_told_with_as_few_statements_as_one(cast: Cast, acting: Any, count: int) -> None:
    people = [getattr(cast, key) for key in PEOPLE][:count]
    with everything(), CaptureQueriesContext(connection) as statements:
        tell_each(event=Event.DEAL_CAME, news=[Told(person.pk, "1", person.name) for person in people])
    assert len(statements) == 3
    with everything():
        rows = Message.objects.values_list("person_id", "about")
        assert sorted(rows) == sorted((person.pk, person.name) for person in people)


def test_an_invitation_carries_its_link_while_it_is_open(cast: Cast, post: Post, clock: Any) -> None:
    with everything():
        User.objects.filter(pk=cast.peer.pk).update(password="!")
        ends = datetime(2026, 5, 27, 9, 0, tzinfo=UTC)
        invitation = Invitation.objects.create(user=cast.peer, nonce="n" * 20, by=cast.admin, expires_at=ends)
        tell(event=Event.INVITED, people=[cast.peer.pk], key=str(invitation.pk), by=cast.admin.pk)
    send_due()
    assert post.mails[0]["Subject"] == "Your invitation to Cast Company"
    assert "Ada Admin invites you to Cast Company. Choose your password here:" in post.texts()[0]
    assert re.search(r"^http://127\.0\.0\.1:8000/invitation/\S+/$", post.texts()[0], re.MULTILINE)
    assert "The link works once, until May 27, 2026, 9:00\u202fAM UTC." in post.texts()[0]


def test_an_invitation_that_was_taken_back_is_not_mailed(cast: Cast, post: Post) -> None:
    with everything():
        ends = datetime(2026, 5, 27, 9, 0, tzinfo=UTC)
        invitation = Invitation.objects.create(
            user=cast.peer, nonce="n" * 20, expires_at=ends, revoked_at=datetime(2026, 5, 20, tzinfo=UTC)
        )
        tell(event=Event.INVITED, people=[cast.peer.pk], key=str(invitation.pk))
    send_due()
    assert post.mails == []
    assert send_due() == 0


def test_a_digest_leaves_at_seven_where_each_person_lives(cast: Cast, post: Post, clock: Any) -> None:
    """Wednesday 09:00 UTC: in Auckland it is 21:00, in Berlin 11:00, in Los Angeles 02:00."""
    zones = {"rep": "Pacific/Auckland", "peer": "Europe/Berlin", "manager": "America/Los_Angeles"}
    for key, zone in zones.items():
        choose(getattr(cast, key), Delivery.DIGEST, zone)
    for number in ("1", "2", "3"):
        give(cast, cast.rep, cast.peer, cast.manager, key=number, about=f"Deal {number}")
    left: dict[str, Any] = {}
    for hour in range(30):
        clock.move_to(datetime(2026, 5, 20, 9, 1, tzinfo=UTC) + timedelta(hours=hour))
        before = len(post.mails)
        send_due()
        left |= {str(mail["To"]): f"{10 + hour - 1:02}" for mail in post.mails[before:]}
    assert left == {"manager@example.com": "14", "rep@example.com": "19", "peer@example.com": "29"}
    assert {str(mail["Subject"]) for mail in post.mails} == {"3 pieces of news"}
    assert all(f"The deal Deal {number} came to you." in text for text in post.texts() for number in "123")
    assert "May 20, 2026, 11:00\u202fAM CEST" in next(text for text in post.texts() if "Paul" in text)


def test_two_senders_at_once_send_every_mail_once(cast: Cast, post: Post) -> None:
    choose(cast.rep, Delivery.MAIL)
    choose(cast.peer, Delivery.DIGEST)
    for number in range(12):
        give(cast, cast.rep, cast.peer, key=str(number))
    with everything():
        Message.objects.filter(person=cast.peer).update(mail_due_at=datetime(2026, 5, 20, tzinfo=UTC))

    def send() -> int:
        try:
            return send_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        counts = [job.result() for job in [pool.submit(send), pool.submit(send)]]
    assert sum(counts) == 13
    assert post.receivers() == ["peer@example.com"] + ["rep@example.com"] * 12
    assert len({mail["Message-ID"] for mail in post.mails}) == 13


class Killer(Post):
    """Kills the sender while it takes the mail."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        self.sender.kill()  # type: ignore[attr-defined]
        self.sender.wait()  # type: ignore[attr-defined]
        return answer


def test_who_is_killed_between_taking_and_noting_sends_nothing_twice(
    cast: Cast, owner: Any, db: str, clock: Any
) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep)
    owner.execute("UPDATE workspace_message SET mail_due_at = '2020-01-01'")
    post = Killer()
    with listening(post) as port:
        post.sender = sender(db, port)  # type: ignore[attr-defined]
        assert post.sender.wait(60) == -9  # type: ignore[attr-defined]
        assert len(post.mails) == 1
        assert send_due() == 0
        assert len(post.mails) == 1
    assert state(owner) == [(True, False, 1, "")]
    owner.execute("UPDATE workspace_message SET mail_taken_at = '2026-05-20 08:50+00'")
    with everything():
        assert not unsent().exists()
    clock.move_to(datetime(2026, 5, 20, 9, 6, tzinfo=UTC))
    with everything():
        assert unsent().count() == 1


def sender(name: str, port: int) -> "subprocess.Popen[bytes]":
    """Another process that sends what is due in that database."""
    environment = {
        **os.environ,
        "DATABASE_URL": settings.DATABASE_URL.rsplit("/", 1)[0] + f"/{name}",
        "DATABASE_ROLE": "worker",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
    }
    code = "import django; django.setup(); from workspace.services import send_due; send_due()"
    environment["DJANGO_SETTINGS_MODULE"] = "salesops.settings"
    return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=settings.BASE_DIR)


def test_a_refused_mail_is_tried_five_times_with_growing_pauses(
    cast: Cast, post: Post, owner: Any, clock: Any, browse: Any
) -> None:
    choose(cast.rep, Delivery.MAIL)
    choose(cast.peer, Delivery.MAIL)
    give(cast, cast.rep, cast.peer)
    post.refused = {"rep@example.com"}
    at, tries = datetime(2026, 5, 20, 9, 0, tzinfo=UTC), []
    owner.execute("UPDATE workspace_message SET mail_due_at = %s", [at])
    for minute in range(200):
        clock.move_to(at + timedelta(minutes=minute), tick=False)
        if send_due():
            tries.append(minute)
    assert tries == [0, 1, 6, 36, 156]
    assert post.receivers() == ["peer@example.com"]
    assert state(owner) == [(True, False, 5, "550 no such user"), (True, True, 1, "")]
    page = browse(cast.admin).get("/inbox/mail/").content.decode()
    assert "rep@example.com" in page
    assert "given up" in page
    assert "550 no such user" in page
    assert "There are mails that did not leave." in browse(cast.admin).get("/inbox/").content.decode()
    assert browse(cast.rep).get("/inbox/mail/").status_code == 403


def test_what_was_refused_leaves_once_the_server_takes_it(
    cast: Cast, post: Post, clock: Any, owner: Any
) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep)
    post.refused = {"rep@example.com"}
    send_due()
    post.refused = set()
    clock.move_to(datetime(2026, 5, 20, 9, 2, tzinfo=UTC))
    assert send_due() == 1
    assert state(owner) == [(True, True, 2, "")]


def test_a_server_that_is_down_takes_nothing_until_it_is_up(cast: Cast, owner: Any, clock: Any) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep)
    port, post = free_port(), Post()
    with sending_to(port):
        assert send_due() == 0
    assert state(owner) == [(False, False, 0, "")]
    clock.move_to(datetime(2026, 5, 21, 9, 0, tzinfo=UTC))
    with everything():
        assert unsent().count() == 1
    with listening(post, port):
        assert send_due() == 1
    assert post.receivers() == ["rep@example.com"]


def given_up(cast: Cast, post: Post, owner: Any, clock: Any) -> int:
    """The id of a mail to Rita that the mail server refused until it was given up."""
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep, by=cast.manager)
    post.refused = {"rep@example.com"}
    at = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
    for minute in (1, 3, 9, 41, 170):
        clock.move_to(at + timedelta(minutes=minute))
        assert send_due() == 1
    assert state(owner) == [(True, False, 5, "550 no such user")]
    with everything():
        return int(Message.objects.get().pk)


def again(pk: int) -> str:
    return f"/inbox/mail/{pk}/again/"


def test_a_mail_that_was_given_up_is_sent_again_by_an_administrator(
    cast: Cast, post: Post, owner: Any, clock: Any, browse: Any
) -> None:
    pk, client = given_up(cast, post, owner, clock), browse(cast.admin)
    assert f'action="{again(pk)}"' in client.get("/inbox/mail/").content.decode()
    for person in (cast.rep, cast.manager, cast.executive):
        assert browse(person).post(again(pk), {}).status_code == 403
    post.refused = set()
    page = client.post(again(pk), {}, follow=True).content.decode()
    assert "The mail to rep@example.com is sent again." in page
    assert "Every mail left" in page
    assert send_due() == 1
    assert post.receivers() == ["rep@example.com"]
    assert post.mails[0]["Subject"] == "Mona Manager gave you the deal Acorn renewal"
    assert state(owner) == [(True, True, 1, "")]
    late = client.post(again(pk), {})
    assert late.status_code == 409
    assert "This mail was not given up, or is sent again already." in late.content.decode()
    assert client.post(again(999_999), {}).status_code == 404
    assert client.get(again(pk)).status_code == 405


def test_one_that_is_refused_again_is_tried_as_often_as_before(
    cast: Cast, post: Post, owner: Any, clock: Any, browse: Any
) -> None:
    pk, client = given_up(cast, post, owner, clock), browse(cast.admin)
    client.post(again(pk), {})
    assert send_due() == 1
    assert state(owner) == [(False, False, 1, "550 no such user")]
    page = client.get("/inbox/mail/").content.decode()
    assert "waits" in page
    assert again(pk) not in page


def test_of_two_who_send_it_again_at_once_one_does(
    cast: Cast, post: Post, owner: Any, clock: Any, browse: Any
) -> None:
    pk = given_up(cast, post, owner, clock)
    clients = [browse(cast.admin), browse(cast.admin)]
    answers = at_once(*(partial(client.post, again(pk), {}) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [302, 409]


def test_to_somebody_who_left_nothing_is_sent_again(
    cast: Cast, post: Post, owner: Any, clock: Any, browse: Any
) -> None:
    pk, client = given_up(cast, post, owner, clock), browse(cast.admin)
    with everything():
        User.objects.filter(pk=cast.rep.pk).update(is_active=False)
    assert again(pk) not in client.get("/inbox/mail/").content.decode()
    answer = client.post(again(pk), {})
    assert answer.status_code == 409
    assert "Rita Rep has left." in answer.content.decode()


class Hanging(Post):
    """Breaks off before it says whether it took the mail."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await super().handle_DATA(server, session, envelope)
        server.transport.abort()
        return "250 OK"


def test_a_connection_that_breaks_leaves_the_mail_taken(cast: Cast, owner: Any) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep)
    post = Hanging()
    with listening(post):
        send_due()
        assert send_due() == 0
    assert len(post.mails) == 1
    assert state(owner) == [(True, False, 1, "")]


class Brief(Post):
    """Takes one mail a connection and hangs up without a word."""

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if getattr(session, "was_used", False):
            server.transport.abort()
        session.was_used = True
        envelope.mail_from = address
        return "250 OK"


def test_a_server_that_hangs_up_after_a_mail_gets_the_next_one_too(cast: Cast, owner: Any) -> None:
    for person in (cast.rep, cast.peer):
        choose(person, Delivery.MAIL)
    give(cast, cast.rep, cast.peer)
    post = Brief()
    with listening(post):
        assert send_due() == 2
    assert len(post.mails) == 2
    assert state(owner) == [(True, True, 1, ""), (True, True, 1, "")]


def test_a_mail_that_cannot_be_written_is_noted_and_tried_again(
    cast: Cast, post: Post, owner: Any, settings: Any
) -> None:
    """A line break in the sender's address, which no mail can carry."""
    choose(cast.rep, Delivery.MAIL)
    choose(cast.peer, Delivery.MAIL)
    give(cast, cast.rep, cast.peer)
    settings.DEFAULT_FROM_EMAIL = "no-reply@example.com\nBcc: thief@example.com"
    assert send_due() == 2
    assert post.mails == []
    broken = "ValueError: Invalid address; only no-reply@example.com"
    for is_taken, is_mailed, tries, error in state(owner):
        assert (is_taken, is_mailed, tries) == (False, False, 1)
        assert error.startswith(broken)


class Deaf(Post):
    """Takes no mail from this sender."""

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        return "451 greylisted, come back later"


def test_what_the_server_says_of_the_sender_is_kept(cast: Cast, owner: Any) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep)
    with listening(Deaf()):
        assert send_due() == 1
    assert state(owner) == [(False, False, 1, "451 greylisted, come back later")]


def test_a_mail_is_in_the_language_of_the_product_where_the_readers_is_not_spoken(
    cast: Cast, post: Post
) -> None:
    choose(cast.rep, Delivery.MAIL)
    with everything():
        User.objects.filter(pk=cast.rep.pk).update(locale="ja-JP")
    give(cast, cast.rep)
    send_due()
    (text,) = post.texts()
    assert text.startswith("Hello Rita Rep,\n\nThe deal Acorn renewal came to you.\n2026/05/20, 9:00 UTC\n")


def test_who_left_meanwhile_gets_no_mail(cast: Cast, post: Post, owner: Any) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep)
    owner.execute("ALTER TABLE territories_user DISABLE TRIGGER USER")
    owner.execute("UPDATE territories_user SET is_active = false WHERE id = %s", [cast.rep.pk])
    owner.execute("ALTER TABLE territories_user ENABLE TRIGGER USER")
    assert send_due() == 0
    assert post.mails == []


def test_a_name_with_a_line_break_stays_in_the_subject(cast: Cast, post: Post) -> None:
    choose(cast.rep, Delivery.MAIL)
    give(cast, cast.rep, about="Acorn\r\nBcc: thief@example.com")
    send_due()
    assert post.mails[0]["Bcc"] is None
    assert post.mails[0]["Subject"] == "The deal Acorn Bcc: thief@example.com came to you"
