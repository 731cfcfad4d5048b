"""The product's own processes: started with prefixed output, watched together, ended together."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from devstack import ROOT, CannotStart
from devstack.environment import PYTHON
from devstack.system import Children, spawn

PATIENCE = 10
FIRST_PAGE = 90


def web(address: str) -> list[str]:
    """gunicorn: two processes of four threads; docker-compose.yml starts the same."""
    return [
        *("gunicorn", "salesops.wsgi:application", "--bind", address),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"),
        *("--log-level", "warning"),
    ]


def worker() -> list[str]:
    pool = ["--pool", "threads"] if sys.platform == "darwin" else []  # forks are fragile there
    return [
        *("celery", "--quiet", "--app", "salesops.celery:app", "worker", "--loglevel", "warning"),
        *("--concurrency", "2", "--without-gossip", "--without-mingle", *pool),
    ]


def beat(schedule: Path) -> list[str]:
    return [
        *("celery", "--quiet", "--app", "salesops.celery:app", "beat", "--loglevel", "warning"),
        *("--pidfile=", "--schedule", str(schedule)),
    ]


class Processes:
    """Named children of one launcher."""

    def __init__(self, environment: Mapping[str, str], children: Children) -> None:
        # Celery prints a page of warnings when root starts it, as in a container.
        quiet = {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:::celery.platforms"}
        self.environment = {**environment, **quiet}
        self.children = children
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.readers: list[threading.Thread] = []

    def start(self, name: str, module: list[str]) -> None:
        """Start `python -m …`; its lines appear on the terminal after its name."""
        self.running[name] = self.spawn([str(PYTHON), "-m", *module])
        reader = threading.Thread(target=show, args=(name, self.running[name]), daemon=True)
        reader.start()
        self.readers.append(reader)

    def finish(self, command: list[str]) -> str:
        """Run one command to its end and answer what it printed. Raises CannotStart when it fails."""
        process = self.spawn(command)
        self.running["prepare"] = process
        printed, _ = process.communicate()
        del self.running["prepare"]
        if process.returncode:
            raise CannotStart(f"{printed}`{' '.join(command[1:])}` failed; the lines above say why.")
        return printed

    def spawn(self, command: list[str]) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True, "errors": "replace"}
        process = spawn(command, signal.SIGTERM, cwd=ROOT, env=self.environment, **pipes)
        self.children.add(process.pid, command)
        return process

    def ended(self) -> str:
        """The name of a process that is gone though nobody asked; empty while all run."""
        return next((name for name, process in self.running.items() if process.poll() is not None), "")

    def stop(self) -> None:
        """Ask all at once, wait for each, then end whole groups."""
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + PATIENCE
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(until - time.monotonic(), 0.1))
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for reader in self.readers:
            reader.join(timeout=2)
        self.running = {}


def show(name: str, process: subprocess.Popen[str]) -> None:
    if process.stdout:
        for line in process.stdout:
            with contextlib.suppress(OSError):
                print(f"{name:<7}| {line}", end="", flush=True)


def wait_for_page(url: str, processes: Processes) -> None:
    """Poll until the page answers. Raises CannotStart when a process ends first or it takes too long."""
    until = time.monotonic() + FIRST_PAGE
    last = "no answer"
    while time.monotonic() < until:
        if gone := processes.ended():
            raise CannotStart(f"{gone} ended before the first page; its lines above say why.")
        last = page_status(url)
        if last == "ready":
            return
        time.sleep(0.1)
    raise CannotStart(f"{url} did not answer within {FIRST_PAGE} seconds: {last}.")


def page_status(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=30):
            return "ready"
    except urllib.error.HTTPError as error:
        return "ready" if error.code < 500 else f"status {error.code}"
    except OSError as error:
        return str(error)
