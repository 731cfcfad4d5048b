"""A mail server on this machine, and what it was given."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.test import override_settings

AMOUNT = re.compile(r"\d{1,3}(?:[.,'\s\u00a0\u202f]\d{3})+|[$€£]")


class Post:
    """Keeps every mail; refuses those to `refused`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def texts(self) -> list[str]:
        bodies = [mail.get_body(("plain",)) for mail in self.mails]
        return [body.get_content().replace("\r\n", "\n") for body in bodies if body]

    def receivers(self) -> list[str]:
        return sorted(str(mail["To"]) for mail in self.mails)


@contextmanager
def listening(post: Post, port: int = 0) -> Iterator[int]:
    """The server listens on a port of this machine, which is where the product sends its mails to."""
    server = Controller(post, hostname="127.0.0.1", port=port or free_port())
    server.start()
    try:
        with sending_to(server.port):
            yield server.port
    finally:
        server.stop()


def sending_to(port: int) -> override_settings:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    return override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=5)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
