#!/usr/bin/env python
"""Django commands of this project. Those that change the schema or make people run as the database owner."""

import os
import sys

OWNER_COMMANDS = {
    "changepassword",
    "create_admin",
    "dbshell",
    "flush",
    "makemigrations",
    "migrate",
    "prepare",
    "seed_demo",
    "showmigrations",
    "sqlmigrate",
}
WORKER_COMMANDS = {"import_data", "nightly"}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    if OWNER_COMMANDS.intersection(arguments[1:2]):
        os.environ.setdefault("DATABASE_ROLE", "owner")
    if WORKER_COMMANDS.intersection(arguments[1:2]):
        os.environ.setdefault("DATABASE_ROLE", "worker")
    from django.core.management import execute_from_command_line

    execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
