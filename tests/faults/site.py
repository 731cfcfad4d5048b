"""The product's web server on a test's own servers, and who calls it: a browser's session, a program's token."""

import http.client
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from common.selectors import today
from common.transaction import work
from devstack.system import free_port
from tests.calls import ROOT, token_of
from tests.cast import Cast
from tests.faults.servers import PATIENCE, Machine, until

PASSWORD = "correct horse battery"


@dataclass
class Answer:
    """What came back; status 0 where the line was cut before that."""

    status: int
    headers: dict[str, str]
    body: str
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """gunicorn as docker-compose.yml starts it: two processes of four threads."""

    slowest = 0.0

    def __init__(self, machine: Machine) -> None:
        self.port = free_port()
        self.program = machine.web(self.port)
        with machine.looked_into():
            cast = Cast.load()
            client = Client()
            client.force_login(cast.rep, backend="allauth.account.auth_backends.AuthenticationBackend")
            self.cookie = f"sessionid={client.cookies['sessionid'].value}"
            self.bearer = f"Bearer {token_of(cast.rep, 'read', 'write')[1]}"
            with work(by=None, why="a look"):
                self.day = today().isoformat()
        self.account, self.product = cast.accounts["Acorn"].pk, cast.products["Licence"].pk
        until(lambda: self.call("GET", "/health/live/").status == 200)

    def call(self, method: str, path: str, body: str = "", patience: float = 90, **headers: str) -> Answer:
        """One request on a line of its own; headers are written `Content_Type="…"`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        begun, line = time.monotonic(), http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            line.request(method, path, body or None, named)
            answer = line.getresponse()
            text = answer.read().decode()
            return Answer(answer.status, dict(answer.getheaders()), text, time.monotonic() - begun)
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, {}, str(error), time.monotonic() - begun)
        finally:
            line.close()

    def page(self, path: str = "/") -> Answer:
        """A page as Rita reads it in her browser."""
        return self.call("GET", path, Cookie=self.cookie)

    def signs_in(self) -> Answer:
        """Paul types his address and his password."""
        form = self.call("GET", "/sign-in/login/")
        token = form.headers["Set-Cookie"].split("csrftoken=")[1].split(";")[0]
        typed = {"login": "peer@example.com", "password": PASSWORD, "csrfmiddlewaretoken": token}
        kind = "application/x-www-form-urlencoded"
        return self.call(
            "POST", "/sign-in/login/", urlencode(typed), Content_Type=kind, Cookie=f"csrftoken={token}"
        )

    def book(self, cents: int, key: str = "") -> Answer:
        """A program books an order of that amount, as Rita."""
        wish = {
            "account_id": self.account,
            "booked_on": self.day,
            "currency": "USD",
            "motion": "expansion",
            "purchase_order": key[:40],
            "lines": [
                {"product_id": self.product, "quantity": 1, "amount": f"{cents // 100}.{cents % 100:02}"}
            ],
        }
        return self.call(
            "POST",
            f"{ROOT}orders/",
            json.dumps(wish),
            Content_Type="application/json",
            Authorization=self.bearer,
            Idempotency_Key=key or uuid.uuid4().hex,
        )

    def books(self, cents: int, key: str, seen: Callable[[Answer], None] = lambda _answer: None) -> Answer:
        """As a program does it that reads the documentation: the same key again until it is answered."""

        def tried() -> Answer | None:
            answer = self.book(cents, key)
            seen(answer)
            return answer if answer.status == 201 else None

        found: Answer = until(tried, 5 * PATIENCE, every=0.1)
        return found
