"""A database for every test as the template holds it, and the cast that the tests play with.

Every test runs as the bound role of the web, on real transactions. `owner` is a plain connection as the owner of the
schema, for looking behind the curtain.
"""

import gc
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client

from common.access import Reach
from common.policies import POLICIES
from common.transaction import Context, work
from territories.models import RoleGrant, User
from territories.selectors import trees
from tests import databases
from tests.cast import Cast, make_cast

# The tests book on days of their own; those of the limit set it.
POLICIES["backdate_days"] = replace(POLICIES["backdate_days"], default=730)

TODAY = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def template(django_db_blocker: Any) -> str:
    """A migrated database with its bound roles and the cast in it; the first who needs it makes it."""
    prepared = databases.prepared()

    def make(name: str) -> None:
        databases.administer(f"CREATE DATABASE {name} TEMPLATE {prepared}")
        databases.use(name)
        with django_db_blocker.unblock(), time_machine.travel(TODAY):
            make_cast()
            connections.close_all()
        databases.keep(name)

    return databases.template("cast", make, "tests/cast.py")


@pytest.fixture(scope="session")
def own_database(template: str, django_db_blocker: Any) -> Iterator[databases.Database]:
    own = databases.Database(template)
    yield own
    with django_db_blocker.unblock():
        own.drop()


@pytest.fixture
def db(own_database: databases.Database, django_db_blocker: Any) -> Iterator[str]:
    """A database that holds what the template holds, whatever the tests before did to it."""
    with django_db_blocker.unblock():
        trees.kept.clear()  # or how many statements a page makes would hang on the tests before
        yield own_database.take()
        own_database.give_back()


@pytest.fixture
def owner(db: str) -> Iterator[Any]:
    """A cursor as the schema's owner, past all policies, in autocommit."""
    connection = databases.connect(db)
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


@pytest.fixture
def clock() -> Iterator[Any]:
    """The product's clock, standing at the cast's day; `clock.move_to(...)` moves it."""
    with time_machine.travel(TODAY) as coordinates:
        yield coordinates


@pytest.fixture
def cast(db: str, clock: Any) -> Cast:
    """The people, territories, accounts and deals of the tests, on the cast's day."""
    return Cast.load()


@pytest.fixture
def ben(cast: Cast) -> User:
    """A second administrator."""
    with work(by=None, why="a second administrator", reach=Reach.everything()):
        person = User.objects.create(email="ben@example.com", name="Ben Boss")
        RoleGrant.objects.create(user=person, role="admin", starts_on=date(2026, 1, 1))
    return person


Acting = Callable[..., AbstractContextManager[Context]]


@pytest.fixture
def acting(cast: Cast) -> Acting:
    """`with acting(cast.rep):` a transaction of that person, with their reach."""
    from common.selectors import today
    from territories.selectors import reach_for

    def enter(person: Any, why: str = "a test") -> AbstractContextManager[Context]:
        with work(by=None, why="reach"):
            mine = reach_for(person, today())
        return work(by=person.pk, why=why, reach=mine)

    return enter


class Browser(Client):
    """Django's test client, which gives every form an idempotency key of its own."""

    def post(self, path: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        if isinstance(data, dict) and kwargs.get("content_type") is None:
            data = {"idempotency_key": uuid.uuid4().hex, **data}
        elif "headers" not in kwargs:
            kwargs["headers"] = {"Idempotency-Key": uuid.uuid4().hex}
        return super().post(path, data, *args, **kwargs)


@pytest.fixture
def browse(cast: Cast) -> Callable[[Any], Browser]:
    """`browse(cast.rep)`: a signed-in client of that person."""

    def enter(person: Any) -> Browser:
        client = Browser()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return enter
