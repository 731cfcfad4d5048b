"""./run: servers, `manage.py prepare`, then web, worker and beat until a signal or an end."""

import argparse
import contextlib
import os
import secrets
import shlex
import shutil
import signal
import time
from collections.abc import Iterator
from types import FrameType
from urllib.parse import quote

from devstack import LOCAL, CannotStart
from devstack.environment import PYTHON
from devstack.postgres import Postgres
from devstack.processes import Processes, beat, wait_for_page, web, worker
from devstack.servers import Servers
from devstack.system import Lock, free_port

STATE = LOCAL / "demo"
SECRET = LOCAL / "secret_key"
PORTS_TRIED = 50
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Ctrl-C or a request to end: not an error."""


def run(arguments: list[str]) -> int:
    options = parse(arguments)
    lock = Lock(STATE / "lock")
    if not lock.take():
        print(f"Already running: {lock.noted() or 'it is just starting'}.")
        return 1
    for number in SIGNALS:
        signal.signal(number, interrupt)
    lock.note(f"pid {os.getpid()}")
    try:
        if options.fresh:
            forget_everything()
        serve(options, lock)
    except Interrupted:
        print("Stopped; ./run starts again with the same data.", flush=True)
    finally:
        lock.drop()
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Starts the product on this machine.")
    parser.add_argument("--fresh", action="store_true", help="forget all data of earlier starts first")
    parser.add_argument("--empty", action="store_true", help="start without the demo company")
    parser.add_argument("--port", type=int, default=8000, help="the first port to try (8000)")
    return parser.parse_args(arguments)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """The first signal stops everything in order; further ones change nothing."""
    ignore_signals()
    raise Interrupted


def ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def forget_everything() -> None:
    if os.environ.get("DATABASE_URL"):
        raise CannotStart(
            "--fresh forgets only data made by ./run; the database of DATABASE_URL is yours to empty."
        )
    Postgres(STATE / "postgres", durable=True).remove()
    for name in ("postgres", "valkey", "mail"):
        shutil.rmtree(STATE / name, ignore_errors=True)
    for schedule in STATE.glob("beat-schedule*"):
        schedule.unlink()


def serve(options: argparse.Namespace, lock: Lock) -> None:
    port = choose_port(options.port)
    url = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as at_the_end:
        servers = Servers(STATE, durable=True)
        at_the_end.callback(servers.stop)
        environment = environment_for(servers.start(), url)
        at_the_end.enter_context(shared(environment))
        processes = Processes(environment, servers.children)
        at_the_end.callback(processes.stop)
        at_the_end.callback(ignore_signals)
        print("Preparing the database ...", flush=True)
        printed = processes.finish(
            [str(PYTHON), "manage.py", "prepare", *(["--empty"] if options.empty else [])]
        )
        processes.start("web", web(f"127.0.0.1:{port}"))
        processes.start("worker", worker())
        processes.start("beat", beat(STATE / "beat-schedule"))
        wait_for_page(f"{url}/", processes)
        lock.note(f"pid {os.getpid()}, {url}")
        print(f"\n{printed.strip()}\n\nReady: {url}  (Ctrl-C stops it)\n".lstrip("\n"), flush=True)
        watch(processes, servers)


def choose_port(first: int) -> int:
    if not 0 < first < 65536:
        raise CannotStart("--port: expected a number from 1 to 65535.")
    port = free_port(first, tries=min(PORTS_TRIED, 65536 - first))
    if not port:
        raise CannotStart(f"No free port from {first} on: choose another with --port.")
    if port != first:
        print(f"Port {first} is in use; taking {port}.", flush=True)
    return port


def environment_for(addresses: dict[str, str], url: str) -> dict[str, str]:
    """What the settings read. What the reader has set stays, but for the role, which each process chooses."""
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
    own = {"SECRET_KEY": secret_key(), "SITE_URL": url, "EMAIL_URL": f"file://{quote(str(STATE / 'mail'))}"}
    return {"SALESOPS_ENV": "development", "WEBHOOKS_INSIDE": "1", **own, **given, **addresses}


def secret_key() -> str:
    """Made once, so that a second start keeps people logged in."""
    if not SECRET.exists():
        SECRET.touch(mode=0o600)
        SECRET.write_text(secrets.token_urlsafe(64), encoding="utf-8")
    return SECRET.read_text(encoding="utf-8")


@contextlib.contextmanager
def shared(environment: dict[str, str]) -> Iterator[None]:
    """While it runs, .local/demo/environment lets `manage.py` commands reach the same servers."""
    path = STATE / "environment"
    names = ("SALESOPS_ENV", "SECRET_KEY", "SITE_URL", "EMAIL_URL", "DATABASE_URL", "REDIS_URL")
    lines = [f"export {name}={shlex.quote(environment[name])}\n" for name in names]
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(lines), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def watch(processes: Processes, servers: Servers) -> None:
    """Until a signal comes. Raises CannotStart when any process ends: half a product helps nobody."""
    while True:
        gone = processes.ended() or servers.ended()
        if gone:
            raise CannotStart(
                f"{gone} ended unexpectedly; stopping the rest. ./run starts again with the same data."
            )
        time.sleep(0.25)
