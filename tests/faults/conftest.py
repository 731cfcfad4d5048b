"""A small company on servers of its own, made once and copied as files for each module of tests."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from devstack import CannotStart
from devstack.postgres import NAME
from tests.databases import connect
from tests.faults.servers import Machine, PrivatePostgres, folder
from tests.quotas.test_nightly import CREDITS, MANY

COUNT = 4_000
"""Credits, so that a roll-up takes long enough to be killed in the middle."""
ROLES = "CREATE ROLE salesops_web NOLOGIN NOBYPASSRLS; CREATE ROLE salesops_worker NOLOGIN NOBYPASSRLS"
PLACES = """
SELECT (SELECT id FROM catalog_family WHERE code = 'HARDWARE'),
       (SELECT id FROM territories_user WHERE email = 'rep@example.com'),
       (SELECT id FROM territories_territory WHERE name = 'East 1')
"""
SHAPE = """
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')),
       (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal), (SELECT count(*) FROM pg_policy),
       (SELECT count(*) FROM territories_user), (SELECT count(*) FROM common_period)
"""


@pytest.fixture(scope="session")
def company(template: str) -> Iterator[Path]:
    """A folder with a stopped cluster that holds the cast and some thousand credits."""
    with folder() as base:
        cluster = PrivatePostgres(base / "postgres", durable=False)
        try:
            cluster.start()
            fill(cluster, template)
        except CannotStart as error:
            pytest.skip(f"no PostgreSQL to start for these tests alone: {error}")
        finally:
            cluster.stop()
        yield cluster.data


def fill(cluster: PrivatePostgres, template: str) -> None:
    copy_of(template, cluster)
    family, person, seat = cluster.rows(PLACES)[0]
    event = cluster.rows(MANY, {"count": COUNT})[0][0]
    places = {"event": event, "count": COUNT, "family": family, "person": person, "seat": seat}
    cluster.rows(CREDITS, places)
    cluster.rows("VACUUM ANALYZE")


def copy_of(name: str, cluster: PrivatePostgres) -> None:
    """Bring the database of that name from the other tests' server, which may be of another version."""
    cluster.rows(ROLES)
    address = settings.DATABASE_URL.rsplit("/", 1)[0] + f"/{name}"
    given = [cluster.bin / "pg_dump", "--no-owner", "--exclude-schema=kept", f"--dbname={address}"]
    said = subprocess.run(given, capture_output=True, check=True).stdout
    into = [cluster.bin / "psql", "--quiet", f"--host={cluster.socket_folder}", f"--username={NAME}", NAME]
    done = subprocess.run(into, input=said, capture_output=True, check=True)
    with contextlib.closing(connect(name)) as other, other.cursor() as cursor:
        cursor.execute(SHAPE)
        assert cursor.fetchall() == cluster.rows(SHAPE), done.stderr.decode()[-2000:]


@pytest.fixture(scope="module")
def machine(company: Path, django_db_blocker: Any) -> Iterator[Machine]:
    """Servers for this module's tests alone, with the company in them."""
    with folder() as base:
        made = Machine(base)
        subprocess.run(["cp", "--archive", company, made.postgres.data], check=True)
        try:
            made.start()
            with django_db_blocker.unblock():
                yield made
        except CannotStart as error:
            pytest.skip(f"no server to start for these tests alone: {error}")
        finally:
            made.stop()
