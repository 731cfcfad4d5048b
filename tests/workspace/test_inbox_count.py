"""The count in the header is what waits in the inbox: for every role, for who stands in, and for who does for whom."""

import re
from datetime import date
from typing import Any

import pytest

from common.access import Reach, Role
from common.transaction import work
from territories.models import RoleGrant, User
from tests.cast import PEOPLE, Cast
from tests.workspace.asking import ask, stand_in_for_the_manager

KINDS: dict[str, Any] = {f"of_{role}": {"role": role} for role in Role.values}
KINDS |= {"favour": {}, "own_word": {"is_delegable": False, "is_acceptance": True}}


@pytest.fixture
def asker(cast: Cast, settings: Any, acting: Any) -> User:
    """Asks every role for something, and everybody by name for something and for their own word."""
    settings.APPROVALS = KINDS
    with work(by=None, why="an asker", reach=Reach.everything()):
        person = User.objects.create(email="asker@example.com", name="Abe Asker")
        RoleGrant.objects.create(user=person, role="admin", starts_on=date(2026, 1, 1))
    with acting(person):
        for role in Role.values:
            ask(by=person.pk, kind=f"of_{role}", key="1", about=role)
        for key in PEOPLE:
            approver = getattr(cast, key).pk
            for kind in ("favour", "own_word"):
                ask(by=person.pk, kind=kind, key=key, about=key, approver_id=approver)
    return person


def counted(client: Any) -> tuple[int, int]:
    """What the header counts, and what stands in the inbox to be answered."""
    page = client.get("/inbox/").content.decode()
    found = re.search(r'aria-label="Inbox(?:: (\d+))?"', page)
    assert found
    return int(found[1] or 0), page.count('name="chosen"')


@pytest.mark.parametrize("key", PEOPLE)
def test_every_role_reads_the_same_in_the_header_and_in_the_inbox(
    cast: Cast, asker: User, browse: Any, key: str
) -> None:
    assert counted(browse(getattr(cast, key))) == (3, 3)


def test_who_asked_has_nothing_to_answer(cast: Cast, asker: User, browse: Any) -> None:
    assert counted(browse(asker)) == (0, 0)


def test_a_stand_in_also_reads_what_waits_for_the_absent(
    cast: Cast, asker: User, browse: Any, acting: Any, clock: Any
) -> None:
    stand_in_for_the_manager(cast, acting, date(2026, 5, 21))
    assert counted(browse(cast.other_manager)) == (4, 4)
    assert counted(browse(cast.manager)) == (3, 3)
    clock.move_to("2026-05-21T12:00:00Z")
    assert counted(browse(cast.other_manager)) == (3, 3)


def test_an_answered_one_counts_for_nobody_any_more(
    cast: Cast, asker: User, browse: Any, acting: Any
) -> None:
    client = browse(cast.director)
    page = client.get("/inbox/").content.decode()
    chosen = re.findall(r'name="chosen" value="([\d:]+)"', page)
    client.post("/approvals/answer/", {"is_granted": "grant", "chosen": chosen[:1]})
    assert counted(client) == (2, 2)
    assert counted(browse(cast.other_director)) == (2, 2)
