"""Each page's CPU of application and database per request, through the real web server."""

import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

from benchmarks import cpu

REQUESTS = 100
WARM_UP = 10


@dataclass(frozen=True)
class Figure:
    """One page or job: CPU milliseconds of application and database for one request or run, and wall time."""

    name: str
    app_ms: float
    database_ms: float
    wall_ms: float

    @property
    def cpu_ms(self) -> float:
        return self.app_ms + self.database_ms


def mean(one: Figure, other: Figure) -> Figure:
    """The same thing measured twice, before and after the rest: a busy machine is not always as busy."""
    pairs = ((one.app_ms, other.app_ms), (one.database_ms, other.database_ms), (one.wall_ms, other.wall_ms))
    return Figure(one.name, *(sum(pair) / 2 for pair in pairs))


class Site:
    """A signed-in browser without pictures."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=120) as response:
            return str(response.read().decode())

    def post(self, path: str, data: dict[str, str]) -> str:
        token = next((cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken"), "")
        body = {"csrfmiddlewaretoken": token, "idempotency_key": uuid.uuid4().hex, **data}
        request = Request(self.address + path, urlencode(body).encode(), {"Referer": self.address})
        try:
            with self.opener.open(request, timeout=120) as response:
                return str(response.geturl())
        except HTTPError as error:
            found = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", error.read().decode()))
            raise RuntimeError(f"{path}: {error.code}: {found[:600]}") from error

    def call(self, path: str, token: str, body: dict[str, Any]) -> Any:
        """A JSON post with a token; what came back."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        headers["Content-Type"] = "application/json"
        request = Request(self.address + path, json.dumps(body).encode(), headers)
        try:
            with urlopen(request, timeout=120) as response:
                return json.loads(response.read())
        except HTTPError as error:
            raise RuntimeError(f"{path}: {error.code}: {error.read().decode()[:600]}") from error

    def sign_in(self, email: str, password: str) -> None:
        self.get("/sign-in/login/")
        self.post("/sign-in/login/", {"login": email, "password": password})


@contextmanager
def server(port: int, environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """One web worker with one thread, so that its CPU and its backend's belong to the page that is asked for."""
    command = [sys.executable, "-m", "gunicorn", "benchmarks.wsgi", "-b", f"127.0.0.1:{port}", "-w", "1"]
    process = subprocess.Popen([*command, "--log-level", "warning", "--timeout", "180"], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield address, cpu.children(process.pid)[0]
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            Site(address).get("/health/floor/")
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not answer")


def measure(name: str, site: Site, path: str, worker: int, cursor: Any, requests: int = REQUESTS) -> Figure:
    """The mean cost of one request after a warm-up."""
    return measure_calls(name, lambda: site.get(path), worker, cursor, requests)


def measure_calls(name: str, call: Any, worker: int, cursor: Any, calls: int) -> Figure:
    """The mean cost of one call after a warm-up."""
    for _ in range(min(WARM_UP, calls)):
        call()
    backends = cpu.backends(cursor)
    app, database, wall = cpu.of_process(worker), cpu.of_all(backends), time.perf_counter()
    for _ in range(calls):
        call()
    share = 1000 / calls
    return Figure(
        name,
        (cpu.of_process(worker) - app) * share,
        (cpu.of_all(backends) - database) * share,
        (time.perf_counter() - wall) * share,
    )
