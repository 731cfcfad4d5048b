"""Installations without a company, files for them, and the real files that lie beside the project."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.imports.company import write_files
from tests.prepared import connected, database, empty, empty_worker, own_prepared, prepared

__all__ = ["empty", "empty_worker", "own_prepared", "prepared"]


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of real inputs: `../shared/data`, seen from the project. Skips the test where it is not there."""
    folder = settings.BASE_DIR.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there are no real files in {folder}")
    return folder


@pytest.fixture(scope="session")
def maven_brought_in(prepared: str, real_files: Path, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """A database with the company of the Maven files, for others to be made of, and what was printed; made once."""
    printed = StringIO()
    with database(prepared) as name, django_db_blocker.unblock():
        with connected(name):
            folder = str(real_files / "maven-crm")
            call_command("import_data", "maven-crm", folder, stdout=printed, skip_checks=True)
        yield name, printed.getvalue()


@pytest.fixture
def bring(empty: str, tmp_path: Path) -> Iterator[Callable[..., tuple[str, str]]]:
    """`bring(orders="...")`: the small company's files with changes, imported on 1 August 2025.

    Returns what was printed, and what was refused.
    """

    def run(*, dry_run: bool = False, **changes: str) -> tuple[str, str]:
        profile, folder = write_files(tmp_path, **changes)
        out, err = StringIO(), StringIO()
        options = {"dry_run": dry_run, "stdout": out, "stderr": err, "skip_checks": True}
        try:
            call_command("import_data", str(profile), str(folder), **options)
        except CommandError as error:
            err.write(str(error))
        return out.getvalue(), err.getvalue()

    with time_machine.travel("2025-08-01T09:00:00Z", tick=False):
        yield run
