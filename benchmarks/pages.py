"""Each page's CPU of application and database per request, through the real web server."""

import json
import re
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import psycopg2

from benchmarks import cpu
from devstack.processes import Processes, wait_for_page
from devstack.system import Children, free_port

WARM_UP = 10


@dataclass(frozen=True)
class Figure:
    """One page or act: the mean milliseconds of one request, of CPU in application and database, and on the clock;
    and its CPU in both that 95 of 100 requests stayed within.
    """

    name: str
    app_ms: float
    database_ms: float
    wall_ms: float
    p95_ms: float

    @property
    def cpu_ms(self) -> float:
        return self.app_ms + self.database_ms


def mean(one: Figure, other: Figure) -> Figure:
    """The same thing measured twice, before and after the rest: a busy machine is not always as busy."""
    pairs = zip(astuple(one)[1:], astuple(other)[1:], strict=True)
    return Figure(one.name, *(sum(pair) / 2 for pair in pairs))


class Site:
    """A signed-in browser without pictures, and a program with a token."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        return self._answer(path)

    def call(self, path: str, token: str, body: dict[str, Any], method: str = "POST") -> Any:
        """JSON sent with a token; what came back."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        headers["Content-Type"] = "application/json"
        return json.loads(self._answer(path, json.dumps(body), headers, method))

    def sign_in(self, email: str, password: str) -> None:
        self.get("/sign-in/login/")
        token = next(cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken")
        body = {"csrfmiddlewaretoken": token, "idempotency_key": uuid.uuid4().hex}
        form = urlencode({**body, "login": email, "password": password})
        page = self._answer("/sign-in/login/", form, {"Referer": self.address})
        if 'name="password"' in page:
            raise RuntimeError(f"{email} could not sign in: their pages would be that of the log-in")

    def _answer(
        self,
        path: str,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        method: str | None = None,
    ) -> str:
        request = Request(self.address + path, body.encode() if body else None, headers or {}, method=method)
        try:
            with self.opener.open(request, timeout=120) as response:
                return str(response.read().decode())
        except HTTPError as error:
            found = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", error.read().decode()))
            raise RuntimeError(f"{path}: {error.code}: {found[:600]}") from error


@contextmanager
def cursor(address: str) -> Iterator[Any]:
    """A database cursor in autocommit."""
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        yield cursor


@contextmanager
def processes(environment: dict[str, str], role: str) -> Iterator[Processes]:
    """A launcher of the product's processes, bound to a role, that ends what it started."""
    with tempfile.TemporaryDirectory() as folder:
        children = Children(Path(folder) / "children.json")
        started = Processes({**environment, "DATABASE_ROLE": role}, children)
        try:
            yield started
        finally:
            started.stop()


@contextmanager
def server(environment: dict[str, str], *options: str) -> Iterator[tuple[str, int]]:
    """One web worker with one thread, so that its CPU and its backend's belong to the page that is asked for."""
    place = f"127.0.0.1:{free_port()}"
    command = [
        "gunicorn",
        "benchmarks.wsgi",
        "-b",
        place,
        "-w",
        "1",
        "--log-level",
        "warning",
        "--timeout",
        "180",
        *options,
    ]
    with processes(environment, "web") as started:
        started.start("web", command)
        wait_for_page(f"http://{place}/health/floor/", started)
        yield f"http://{place}", cpu.children(started.running["web"].pid)[0]


def measure(worker: int, cursor: Any, name: str, call: Callable[[], Any], calls: int = 100) -> Figure:
    """The cost of one call after a warm-up."""
    for _ in range(WARM_UP):
        call()
    backends = cpu.backends(cursor)
    costs = [_cost(worker, backends, call) for _ in range(calls)]
    app, database, wall = (1000 * fmean(parts) for parts in zip(*costs, strict=True))
    p95 = 1000 * quantiles([app + database for app, database, _wall in costs], n=20, method="inclusive")[-1]
    print(
        f"  {name}: {app + database:.1f} ms of CPU", file=sys.stderr, flush=True
    )  # a large company takes its time
    return Figure(name, app, database, wall, p95)


def _cost(worker: int, backends: list[int], call: Callable[[], Any]) -> tuple[float, float, float]:
    """Seconds of CPU in the worker and its backends, and on the clock."""
    app, database, wall = cpu.of_process(worker), cpu.of_all(backends), time.perf_counter()
    call()
    return cpu.of_process(worker) - app, cpu.of_all(backends) - database, time.perf_counter() - wall
