"""Bring in a folder of files, read as a profile says: people, territories, customers, deals, orders, quotas, calls."""

from argparse import ArgumentParser
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import connection, transaction

from common.access import Reach
from common.errors import Refused
from common.transaction import work
from imports.services import Applied, Count, import_folder

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
MOST_SHOWN = 200
DRY = "Nothing was applied; this is what would be."


class Command(BaseCommand):
    """`manage.py import_data PROFILE FOLDER [--dry-run]`; ends with status 1 where rows were refused."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "profile", help="a TOML file, or the name of a profile that comes along: " + _known()
        )
        parser.add_argument("folder", type=Path, help="where the files lie")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be done, and do none of it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            applied = _run(_profile(options["profile"]), options["folder"], is_dry=options["dry_run"])
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        batch = applied.batch.pk
        if applied.is_repeat:
            self.stdout.write(f"These files were already applied as batch {batch}; nothing changed.")
            return
        done = DRY if options["dry_run"] else f"Applied as batch {batch}."
        self.stdout.write(f"{done}\n{_table(applied)}")
        for reject in applied.rejects[:MOST_SHOWN]:
            self.stderr.write(str(reject))
        if (more := len(applied.rejects) - MOST_SHOWN) > 0:
            self.stderr.write(f"... and {more} more; all of them are in the batch.")
        if applied.rejects:
            raise CommandError("Rows were refused; what was right stands. Correct them and run this again.")


def _table(applied: Applied) -> str:
    head = ["", *(column.name.replace("_", " ") for column in fields(Count))]
    rows = [[entity, *astuple(count)] for entity, count in applied.counts.items()]
    return "\n".join(f"{row[0]:<12}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in (head, *rows))


def _known() -> str:
    return ", ".join(sorted(path.stem for path in PROFILES.glob("*.toml")))


def _profile(name: str) -> str:
    """The text of a profile: a file, or one of those that come along."""
    for path in (Path(name), PROFILES / f"{name}.toml"):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise CommandError(f"There is no profile {name}. These come along: {_known()}.")


def _run(text: str, folder: Path, *, is_dry: bool) -> Applied:
    with work(by=None, why=f"import of {folder.name}"[:200], reach=Reach.everything()):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        applied = import_folder(by=None, profile_text=text, folder=folder)
        if is_dry:
            transaction.set_rollback(True)
        return applied
