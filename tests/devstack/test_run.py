"""./run on a checkout of its own: a page, one launcher at a time, nothing left behind by a kill, a clean end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack import ROOT
from devstack.postgres import Postgres
from devstack.system import free_port

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "tests", "benchmarks")
MARK = "STARTED_FOR_CHECKOUT"
PROGRAM = "import sys; from devstack.demo import run; sys.exit(run(sys.argv[1:]))"


class Launcher:
    """One `./run --empty` in a copy of the checkout that borrows the environment."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.output = checkout / "output.txt"
        variables = {name: value for name, value in os.environ.items() if not self.is_ours(name)}
        variables |= {MARK: str(checkout), "SPT_NOENV": "1"}  # a process that renames itself keeps its mark
        command = [sys.executable, "-c", PROGRAM, "--empty", "--port", str(free_port())]
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                command, cwd=checkout, env=variables, stdout=file, stderr=subprocess.STDOUT
            )

    @staticmethod
    def is_ours(name: str) -> bool:
        return name in {"DATABASE_URL", "REDIS_URL", "SALESOPS_ENV", "DATABASE_ROLE"} or name.startswith(
            "COV_"
        )

    def address(self) -> str:
        until = time.monotonic() + 600  # every migration, on a machine that does other things too
        while "Ready: " not in self.printed() and time.monotonic() < until:
            assert self.process.poll() is None, self.printed()
            time.sleep(0.1)
        found = re.search(r"Ready: (\S+)", self.printed())
        assert found, self.printed()
        return found[1]

    def printed(self) -> str:
        return self.output.read_text()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    (folder / ".local").mkdir()
    (folder / ".local" / "venv").symlink_to(sys.prefix)
    yield folder
    for process in processes_of(folder):
        os.kill(process, signal.SIGKILL)
    database(folder).remove()


def processes_of(checkout: Path) -> list[int]:
    """What runs for that checkout: it inherited the mark, or it is the database on the checkout's data."""
    mark, data = f"{MARK}={checkout}".encode(), str(database(checkout).data).encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes() or data in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def database(checkout: Path) -> Postgres:
    return Postgres(checkout / ".local" / "demo" / "postgres", durable=True)


def soon(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + 15
    while not is_so() and time.monotonic() < until:
        time.sleep(0.1)
    return is_so()


def page(address: str) -> str:
    with urllib.request.urlopen(f"{address}/sign-in/login/", timeout=30) as answer:
        assert answer.status == 200
        text: str = answer.read().decode()
        return text


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for leftovers in /proc")
def test_the_life_of_a_launcher(checkout):
    first = Launcher(checkout)
    assert "<form" in page(first.address())
    link = re.search(r"\n\s+(\S+)/setup/first/\S{43}/\n", first.printed())
    assert link
    assert link[1] == first.address()
    environment = checkout / ".local" / "demo" / "environment"
    assert environment.stat().st_mode & 0o077 == 0

    assert soon(lambda: len(processes_of(checkout)) >= 8)
    second = Launcher(checkout)
    assert second.process.wait(timeout=30) == 1
    assert second.printed().startswith(f"Already running: pid {first.process.pid}")

    assert first.end(signal.SIGKILL) != 0
    assert soon(lambda: processes_of(checkout) == [])

    third = Launcher(checkout)
    assert "<form" in page(third.address())
    assert third.end(signal.SIGINT) == 0
    assert processes_of(checkout) == []
    assert not environment.exists()
