"""Databases without the cast: migrated and with their roles, for what brings a company of its own."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from tests import databases
from tests.databases import Database, administer

ALIASES = ("default", "aside")


@contextmanager
def database(template: str) -> Iterator[str]:
    """A copy of that database, which is gone afterwards."""
    name = f"spm_prepared_{uuid.uuid4().hex[:12]}"
    administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield name
    finally:
        administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def connected(name: str, *, as_owner: bool = False) -> Iterator[None]:
    """The product's connections to that database, as the bound role of the web or as the schema's owner."""
    kept = {alias: dict(connections.settings[alias]) for alias in ALIASES}
    connections.close_all()
    for alias in ALIASES:
        options = kept[alias]["OPTIONS"]
        unbound = {**options, "options": re.sub(r"-c role=\w+ ", "", options["options"])}
        connections.settings[alias].update(NAME=name, OPTIONS=unbound if as_owner else options)
    try:
        yield
    finally:
        connections.close_all()
        for alias in ALIASES:
            connections.settings[alias].update(kept[alias])


@pytest.fixture(scope="session")
def prepared() -> str:
    """The name of a prepared database without a company; others are made of it."""
    return databases.prepared()


@pytest.fixture(scope="session")
def own_prepared(prepared: str, django_db_blocker: Any) -> Iterator[Database]:
    own = Database(prepared)
    yield own
    with django_db_blocker.unblock():
        own.drop()


@pytest.fixture
def empty(own_prepared: Database, django_db_blocker: Any) -> Iterator[str]:
    """An installation without a company, as the web sees it; what the test wrote is put back."""
    name = own_prepared.take()
    with django_db_blocker.unblock():
        with connected(name):
            yield name
        own_prepared.give_back()


@pytest.fixture
def empty_as_owner(prepared: str, django_db_blocker: Any) -> Iterator[str]:
    """This test's own installation without a company, as the schema's owner sees it."""
    with database(prepared) as name, connected(name, as_owner=True), django_db_blocker.unblock():
        yield name


@pytest.fixture
def empty_worker(empty: str) -> Any:
    """`empty_worker(act)`: run the act on this test's installation as the schema's owner, as jobs may."""

    def run(act: Any) -> Any:
        with connected(empty, as_owner=True):
            return act()

    return run
