"""Make the first administrator, or a new one where the last one is lost."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email

from common.access import Reach
from common.errors import Refused
from common.transaction import work
from territories.services import create_admin

REMEDY = "\nLost their password? `manage.py changepassword` with their address gives them a new one."


class Command(BaseCommand):
    """`manage.py create_admin --email ada@example.com --name "Ada Brown"`: asks for the password twice.

    Where the input is no terminal the password is its first line.
    """

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="the address with which they sign in")
        parser.add_argument("--name", required=True, help="first and last name")
        parser.add_argument("--time-zone", default="UTC", help="such as Europe/Berlin (UTC)")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_email(options["email"])
        password = _password()
        person = {name: options[name] for name in ("email", "name", "time_zone")}
        try:
            with work(by=None, why="manage.py create_admin", reach=Reach.everything()):
                made = create_admin(**person, password=password)
        except Refused as refused:
            remedy = REMEDY if refused.code == "has_admin" else ""
            raise CommandError(f"{refused.message}{remedy}") from refused
        self.stdout.write(f"{made.name} is administrator and signs in as {made.email}.")


def _check_email(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError as error:
        raise CommandError(f"{text} is not an e-mail address. Write it as ada@example.com.") from error


def _password() -> str:
    """Typed twice at a terminal, else the first line of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if password != getpass("Password, again: "):
        raise CommandError("The two passwords differ. Nothing was made; start again.")
    return password
