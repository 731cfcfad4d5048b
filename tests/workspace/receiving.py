"""A program that webhooks tell, and what tests do with webhooks."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from common.access import Reach
from common.transaction import work
from pipeline.services import edit_opportunity
from tests.cast import Cast
from workspace.models import Happening, Webhook, WebhookDelivery
from workspace.services import webhooks as services
from workspace.services.webhook_sending import send_due


class Receiver(ThreadingHTTPServer):
    """A program on this machine that takes what is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status, self.wait, self.leads_to = 200, 0.0, ""
        super().__init__(("127.0.0.1", 0), Answering)
        self.address = f"http://127.0.0.1:{self.server_port}/hook"

    @property
    def told(self) -> list[tuple[str, int | None]]:
        return [
            (one["type"], one["id"]) for _headers, body in self.got for one in json.loads(body)["happenings"]
        ]


class Answering(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        time.sleep(self.server.wait)
        self.send_response(self.server.status)
        if self.server.leads_to:
            self.send_header("Location", self.server.leads_to)
        self.end_headers()
        self.wfile.write(b"x" * 100_000)

    def log_message(self, *args: Any) -> None:
        """Nothing: the tests' output is theirs."""


ALL = list(Happening.values)


def register(acting: Any, person: Any, address: str, *happenings: str) -> tuple[Webhook, str]:
    with acting(person):
        return services.create_webhook(
            by=person.pk, name="warehouse", address=address, happenings=happenings or ALL
        )


def rename(acting: Any, cast: Cast, name: str, deal: str = "Acorn renewal") -> int:
    with acting(cast.admin):
        one = cast.deals[deal]
        one.refresh_from_db()
        edit_opportunity(by=cast.admin.pk, opportunity_id=one.pk, version=one.version, name=name)
    return int(one.pk)


def sent(until: int = 1) -> list[WebhookDelivery]:
    """What is in the log once so many deliveries are done with; changes may take a moment to be passed on."""
    for _try in range(200):
        send_due()
        with work(by=None, why="a test", reach=Reach.everything()):
            log = list(WebhookDelivery.objects.order_by("id"))
        if len([one for one in log if one.tries]) >= until:
            return log
        time.sleep(0.02)
    raise AssertionError(f"{len(log)} deliveries")


def hook_now(hook: Webhook) -> Webhook:
    with work(by=None, why="a test", reach=Reach.everything()):
        return Webhook.objects.get(pk=hook.pk)
