"""`manage.py create_admin`: the first administrator from a shell, and a new one where the last one is lost."""

import io
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from common.access import Reach
from common.transaction import work
from territories.models import RoleGrant, User
from tests.workspace.test_setup_link import PASSWORD, grants


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


class Terminal(io.StringIO):
    """A person at the keyboard."""

    def isatty(self) -> bool:
        return True


def create(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, **options: str) -> str:
    """What the command prints, with the password as its input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    out = io.StringIO()
    person = {"email": "ada@example.com", "name": "Ada Brown", **options}
    call_command("create_admin", **person, stdout=out, skip_checks=True)
    return out.getvalue()


def test_it_makes_the_first_administrator(empty_as_owner: str, monkeypatch: Any) -> None:
    assert create(monkeypatch) == "Ada Brown is administrator and signs in as ada@example.com.\n"
    assert grants() == [("ada@example.com", "admin")]
    with everything():
        assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "short"}, "too short"),
        ({"password": ""}, "too short"),
        ({"email": "ada"}, "ada is not an e-mail address"),
        ({"time_zone": "Europe/Atlantis"}, "no time zone"),
    ],
)
def test_what_is_wrong_is_refused(
    empty_as_owner: str, monkeypatch: Any, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        create(monkeypatch, **changes)
    assert grants() == []


@pytest.mark.parametrize(("again", "is_made"), [(PASSWORD, True), ("another one", False)])
def test_at_a_terminal_the_password_is_asked_twice(
    empty_as_owner: str, monkeypatch: Any, again: str, is_made: bool
) -> None:
    answers = iter([PASSWORD, again])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("workspace.management.commands.create_admin.getpass", lambda _asks: next(answers))
    options = {"email": "ada@example.com", "name": "Ada Brown", "stdout": io.StringIO(), "skip_checks": True}
    if is_made:
        call_command("create_admin", **options)
    else:
        with pytest.raises(CommandError, match="The two passwords differ"):
            call_command("create_admin", **options)
    assert len(grants()) == is_made


def test_where_somebody_is_administrator_it_names_them(empty_as_owner: str, monkeypatch: Any) -> None:
    create(monkeypatch)
    with pytest.raises(CommandError) as refused:
        create(monkeypatch, email="eve@example.com", name="Eve Green")
    assert str(refused.value) == (
        "Ada Brown (ada@example.com) is administrator here, and adds others under People.\n"
        "Lost their password? `manage.py changepassword` with their address gives them a new one."
    )
    assert grants() == [("ada@example.com", "admin")]


def test_the_last_one_who_left_is_brought_back(empty_as_owner: str, monkeypatch: Any) -> None:
    create(monkeypatch)
    with everything():
        User.objects.update(is_active=False)
    create(monkeypatch, name="Somebody Else", password="seven blue bottles")
    with everything():
        ada = User.objects.get()
    assert (ada.name, ada.is_active) == ("Ada Brown", True)
    assert ada.check_password("seven blue bottles")
    assert grants() == [("ada@example.com", "admin")]


def test_somebody_new_follows_an_administrator_whose_role_ended(
    empty_as_owner: str, monkeypatch: Any
) -> None:
    create(monkeypatch)
    with everything():
        grant = RoleGrant.objects.get()
        grant.supersede()
    create(monkeypatch, email="eve@example.com", name="Eve Green")
    assert sorted(grants()) == [("ada@example.com", "admin"), ("eve@example.com", "admin")]
