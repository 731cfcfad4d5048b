"""The databases of the benchmarks: made once, and again when the code would make others."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import pages
from devstack import ROOT

MADE_BY = ("*/migrations/*.py", "salesops/access.toml", "salesops/demo/**/*.py")
"""What says what is in them: a schema of yesterday refuses even to sign in."""

Environment = dict[str, str]


def environment_of(name: str) -> Environment:
    """The environment of the processes that use that database."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    return {**os.environ, "DATABASE_URL": f"{server}/{name}", "SALESOPS_ENV": "test"}


def made(
    name: str,
    make: Callable[[Environment], None],
    *,
    by: Sequence[str] = (),
    fresh: bool = False,
    template: str = "template1",
) -> Environment:
    """The environment of that database, which `make` fills where none is there as it would be made now.

    `by`: the files that say what is in it, beside those of the product.
    """
    digest = _digest(by)
    with pages.cursor(environment_of("postgres")["DATABASE_URL"]) as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        )
        if not fresh and cursor.fetchone() == (digest,):
            return environment_of(name)
        for old in (name, f"{name}_begun"):
            cursor.execute(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}_begun TEMPLATE {template}")
        make(environment_of(f"{name}_begun"))
        cursor.execute(f"COMMENT ON DATABASE {name}_begun IS %s", [digest])
        cursor.execute(f"ALTER DATABASE {name}_begun RENAME TO {name}")
    return environment_of(name)


def _digest(files: Sequence[str]) -> str:
    product = sorted({path for pattern in MADE_BY for path in ROOT.glob(pattern)})
    paths = [*product, *map(Path, files)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
