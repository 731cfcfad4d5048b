"""PostgreSQL and Redis for one purpose, started in order, unless DATABASE_URL or REDIS_URL name others."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from devstack import LOCAL
from devstack.postgres import Postgres
from devstack.system import Children, Lock
from devstack.valkey import Valkey

PRIVATE = "test-private-"


class Servers:
    """The embedded servers of one state folder; the caller holds the folder's lock."""

    def __init__(self, folder: Path, *, durable: bool, given: Mapping[str, str] = os.environ) -> None:
        self.children = Children(folder / "children.json")
        self.postgres = None if given.get("DATABASE_URL") else Postgres(folder / "postgres", durable=durable)
        self.valkey = None if given.get("REDIS_URL") else Valkey(folder / "valkey", durable=durable)
        self.addresses = {name: given[name] for name in ("DATABASE_URL", "REDIS_URL") if given.get(name)}

    def start(self) -> dict[str, str]:
        """Start what is not given and answer both addresses as environment variables."""
        self.children.end_leftovers()
        if self.postgres:
            self.addresses["DATABASE_URL"] = self.postgres.start()
        if self.valkey:
            self.addresses["REDIS_URL"] = self.valkey.start(self.children)
        return self.addresses

    def ended(self) -> str:
        """The name of a server that is gone though nobody asked; empty while all run."""
        for name, server in (("PostgreSQL", self.postgres), ("Redis", self.valkey)):
            if server and server.process and server.process.poll() is not None:
                return name
        return ""

    def stop(self) -> None:
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()
        self.children.forget()

    @contextlib.contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """The addresses, until the end of `with`."""
        try:
            yield self.start()
        finally:
            self.stop()


@contextlib.contextmanager
def for_tests() -> Iterator[dict[str, str]]:
    """Addresses of fast, forgetful servers; a second run at the same time gets private ones that go with it."""
    sweep()
    lock = Lock(LOCAL / "test" / "lock")
    is_private = not lock.take()
    if is_private:
        lock = Lock(Path(tempfile.mkdtemp(prefix=PRIVATE, dir=LOCAL)) / "lock")
        lock.path.parent.chmod(0o755)  # PostgreSQL's account passes through
        lock.take()
    try:
        with Servers(lock.path.parent, durable=False).running() as addresses:
            yield addresses
    finally:
        if is_private:
            remove(lock.path.parent)
        lock.drop()


def sweep() -> None:
    """Remove private folders whose run was killed."""
    LOCAL.mkdir(exist_ok=True)
    for folder in LOCAL.glob(f"{PRIVATE}*"):
        lock = Lock(folder / "lock")
        if lock.take():
            remove(folder)
            lock.drop()


def remove(folder: Path) -> None:
    Postgres(folder / "postgres", durable=False).remove()
    shutil.rmtree(folder, ignore_errors=True)
