"""Somebody who is invited, and the way in that they are given."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from territories.models import User
from tests.cast import Cast
from workspace.models import Invitation
from workspace.selectors.invitations import invitation_link
from workspace.services import add_person

PASSWORD = "three words apart"


def nina(cast: Cast, acting: Any) -> User:
    """Nina, added by the administrator just now and not signed in yet."""
    with acting(cast.admin):
        style = {"locale": "en-US", "time_zone": "UTC"}
        start = {"role": "rep", "starts_on": date(2026, 5, 20)}
        return add_person(by=cast.admin.pk, name="Nina New", email="nina@example.com", **start, **style)


def newest(cast: Cast, acting: Any, person: User) -> Invitation:
    """The latest invitation of a person."""
    with acting(cast.admin):
        invitation: Invitation = Invitation.objects.filter(user=person).select_related("user", "by")[0]
        return invitation


def link_of(cast: Cast, acting: Any, person: User) -> str:
    """The path of the latest link of a person."""
    return urlsplit(invitation_link(newest(cast, acting, person))).path


def typed(password: str = PASSWORD, again: str | None = None) -> dict[str, str]:
    return {"password": password, "again": password if again is None else again}


def opened(link: str, client: Client | None = None) -> tuple[Client, str]:
    """A browser that opened a link, and the address of the form that it came to."""
    client = client or Client()
    return client, str(client.get(link)["Location"])


def send(link: str, data: dict[str, str]) -> Any:
    """Open a link and send its form."""
    client, form = opened(link)
    return client.post(form, data)
