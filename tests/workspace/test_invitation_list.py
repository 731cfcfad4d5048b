"""Who has no password yet, and inviting many of them at once."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from common.errors import Conflict, Forbidden, Refused
from common.importing import Row
from territories.models import User
from territories.services import apply_import
from tests.cast import Cast
from tests.workspace.invited import link_of, newest, nina, send, typed
from workspace import services
from workspace.models import Invitation, Message

SENT = datetime(2026, 5, 20, 16, tzinfo=UTC)
URL, SEND = reverse("invitation_list"), reverse("invitation_send")


def brought_in(cast: Cast, acting: Any, *names: str) -> list[User]:
    """People whom a file brought in: they have no password and no invitation."""
    with acting(cast.admin):
        start = {"role": "rep", "starts_on": date(2026, 1, 1)}
        rows = [
            Row(
                "people.csv", number, {"email": f"{name.lower()}@example.com", "name": f"{name} New", **start}
            )
            for number, name in enumerate(names, 2)
        ]
        apply_import(by=cast.admin.pk, entity="person", rows=rows)
        return [User.objects.get(email=f"{name.lower()}@example.com") for name in names]


def text_of(client: Any) -> str:
    return " ".join(client.get(URL).content.decode().split())


def test_where_everybody_has_come_in_it_says_so(cast: Cast, browse: Any) -> None:
    assert "Everybody has come in" in text_of(browse(cast.admin))


def test_it_shows_how_far_everybody_is(cast: Cast, browse: Any, acting: Any, clock: Any) -> None:
    client = browse(cast.admin)
    brought_in(cast, acting, "Bea")
    nina(cast, acting)
    text = text_of(client)
    assert "not invited" in text
    assert "invited until May 27, 2026" in text
    assert "Rita Rep" not in text
    clock.move_to(datetime(2026, 5, 28, 9, tzinfo=UTC))
    assert "invitation ended May 27, 2026" in text_of(browse(cast.admin))


def test_who_accepted_stays_in_view_for_a_week(cast: Cast, browse: Any, acting: Any, clock: Any) -> None:
    person = nina(cast, acting)
    send(link_of(cast, acting, person), typed())
    assert "accepted May 20, 2026" in text_of(browse(cast.admin))
    clock.move_to(datetime(2026, 5, 28, 9, tzinfo=UTC))
    assert "Nina New" not in text_of(browse(cast.admin))


def test_the_link_can_be_copied_while_it_is_open(cast: Cast, browse: Any, acting: Any) -> None:
    person = nina(cast, acting)
    link = link_of(cast, acting, person)
    assert f'readonly value="http://127.0.0.1:8000{link}"' in text_of(browse(cast.admin))
    panel = browse(cast.admin).get(reverse("invitation_panel", args=[person.pk])).content.decode()
    assert link in panel
    with acting(cast.admin):
        services.revoke(by=cast.admin.pk, invitation_id=newest(cast, acting, person).pk)
    assert link not in text_of(browse(cast.admin))


def test_many_are_invited_by_one_form(cast: Cast, browse: Any, acting: Any) -> None:
    people = brought_in(cast, acting, "Bea", "Cleo", "Dan")
    answer = browse(cast.admin).post(SEND, {"user_ids": [people[0].pk, people[2].pk]}, follow=True)
    assert "2 people are invited." in answer.content.decode()
    with acting(cast.admin):
        invited = Invitation.objects.order_by("user__name").values_list("user__name", flat=True)
        assert list(invited) == ["Bea New", "Dan New"]
    with acting(people[0]):
        assert Message.objects.filter(event="invited").count() == 1


def test_nobody_chosen_and_who_has_a_password_are_refused(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert "Choose at least one person." in client.post(SEND, {}, follow=True).content.decode()
    answer = client.post(SEND, {"user_ids": [cast.rep.pk]}, follow=True)
    assert "Somebody you chose has a password meanwhile." in answer.content.decode()
    with acting(cast.admin), pytest.raises(Refused, match="who has no password yet"):
        services.invite(by=cast.admin.pk, user_ids=[cast.rep.pk])


def test_inviting_again_from_a_persons_page_replaces_the_link(cast: Cast, browse: Any, acting: Any) -> None:
    person, client = nina(cast, acting), browse(cast.admin)
    before = link_of(cast, acting, person)
    answer = client.post(reverse("invitation_panel", args=[person.pk]), {})
    assert answer["Location"] == reverse("person_detail", args=[person.pk])
    assert link_of(cast, acting, person) != before
    panel = client.get(reverse("invitation_panel", args=[person.pk])).content.decode()
    assert panel.count("Invited") == 2
    assert "The invitation was taken back, or replaced by a newer one" in panel


def test_taking_it_back_leads_to_the_persons_page_and_happens_once(
    cast: Cast, browse: Any, acting: Any
) -> None:
    person, client = nina(cast, acting), browse(cast.admin)
    row = newest(cast, acting, person)
    answer = client.post(reverse("invitation_revoke", args=[row.pk]), {})
    assert answer["Location"] == reverse("person_detail", args=[person.pk])
    assert "invitation taken back" in text_of(client)
    with acting(cast.admin), pytest.raises(Conflict, match="no longer open"):
        services.revoke(by=cast.admin.pk, invitation_id=row.pk)


def test_others_may_not(cast: Cast, browse: Any, acting: Any) -> None:
    person = nina(cast, acting)
    row = newest(cast, acting, person)
    posts = [SEND, reverse("invitation_panel", args=[person.pk]), reverse("invitation_revoke", args=[row.pk])]
    for other in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(other).get(URL).status_code == 403
        assert [browse(other).post(path, {}).status_code for path in posts] == [403, 403, 403]
        with acting(other):
            assert not Invitation.objects.exists()
            with pytest.raises(Forbidden):
                services.invite(by=other.pk, user_ids=[person.pk])


def texts_of(cast: Cast, browse: Any, person: User) -> tuple[str, str]:
    """The invitation list, and the panel on the person's page."""
    client = browse(cast.admin)
    panel = client.get(reverse("invitation_panel", args=[person.pk])).content.decode()
    return text_of(client), " ".join(panel.split())


def test_without_a_mail_server_nothing_is_said_to_be_sent(
    cast: Cast, browse: Any, acting: Any, settings: Any
) -> None:
    settings.MAIL_KIND = "console"
    person = nina(cast, acting)
    services.send_due()
    for text in texts_of(cast, browse, person):
        assert "No mail server is set: copy the link and give it to them." in text
        shown = text.partition("<main")[2].partition("</main>")[0] or text  # the panel is no whole page
        assert "sent" not in shown.replace("Send a new link", "")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mailed_at": None}, "The mail waits to be sent."),
        ({"mailed_at": SENT, "mail_taken_at": SENT}, "The mail was sent May 20, 2026"),
        ({"mail_error": "550 no such user", "mail_taken_at": SENT}, "refused the mail: 550 no such user."),
        ({"mail_taken_at": SENT}, "The mail is being sent, or was broken off"),
        ({"mail_due_at": None}, "No mail goes to them: copy the link"),
    ],
)
def test_it_says_what_became_of_the_mail(
    cast: Cast, browse: Any, acting: Any, settings: Any, changes: dict[str, Any], said: str
) -> None:
    settings.MAIL_KIND = "smtp"
    person = nina(cast, acting)
    with acting(person):
        assert Message.objects.filter(event="invited").update(**changes) == 1
    for text in texts_of(cast, browse, person):
        assert said in text


def test_a_used_link_says_nothing_of_its_mail(cast: Cast, browse: Any, acting: Any) -> None:
    person = nina(cast, acting)
    send(link_of(cast, acting, person), typed())
    for text in texts_of(cast, browse, person):
        assert "mail server" not in text
