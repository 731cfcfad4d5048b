"""Requests to addresses that people typed: never into our own network, never on to another address, never for long."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import Refused

SECONDS_A_STEP, SECONDS_AT_ALL = 5, 15
MOST_READ = 4096
MOST_PORT = 65535
PORTS = {"https": 443, "http": 80}
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 addresses that a gateway reaches for IPv6
GIVEN_OUT = ipaddress.ip_network("2000::/3")  # the only IPv6 addresses that are on the internet
NOT_ROUTED = ipaddress.ip_network("3fff::/20")  # of these the ones for examples in texts
CLOUDS_OWN = ipaddress.ip_address("168.63.129.16")  # answers machines of a cloud with what is theirs alone


@dataclass(frozen=True)
class Answer:
    """What came back: a status, or why there is none; and how long it took."""

    status: int | None
    error: str
    duration_ms: int

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Unreachable(Exception):
    """Nothing was sent: the address leads nowhere, or into our own network."""


def checked_address(text: str) -> str:
    """An address that may be sent to, as far as its text tells. Raises Refused with what would be right."""
    is_inside, text = settings.WEBHOOKS_INSIDE, text.strip()
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _wrong(_("This is no address. Write one such as https://example.com/hook.")) from None
    if parts.scheme != "https" and not (is_inside and parts.scheme == "http"):
        raise _wrong(_("Write an address that begins with https://."))
    is_plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    if not (parts.hostname and 0 < port <= MOST_PORT and is_plain):
        raise _wrong(_("This is no address. Write one such as https://example.com/hook."))
    if parts.username is not None or parts.fragment:
        raise _wrong(_("Leave out user names, passwords and what follows a #."))
    try:
        refused = not is_inside and not is_outside(parts.hostname)
    except ValueError:  # a name: where it leads is looked up whenever something is sent
        refused = not is_inside and (parts.hostname == "localhost" or parts.hostname.endswith(".localhost"))
    if refused:
        raise _wrong(_("This address lies in a private network. Write one that the internet reaches."))
    return text


def _wrong(message: str) -> Refused:
    return Refused(message, path="address", code="address")


def is_outside(text: str) -> bool:
    """Whether an IP address is one of the internet. Example: 10.0.0.1 → no. Raises ValueError for what is none."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in TRANSLATED:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return is_outside(str(inner))
        if address not in GIVEN_OUT or address in NOT_ROUTED:
            return False
    return address.is_global and not address.is_multicast and address != CLOUDS_OWN


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send JSON to an address that was checked; what it answers, of which no more than 4 KB is read."""
    began = time.monotonic()
    try:
        status, error = _post(url, body, headers), ""
    except (Unreachable, OSError, http.client.HTTPException, UnicodeError) as problem:
        status, error = None, _said(problem)
    return Answer(status, error, round((time.monotonic() - began) * 1000))


def _said(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return _("It did not answer in time.")
    return (str(problem) or type(problem).__name__)[:200]


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    with closing(_connection(parts)) as connection:
        connection.connect()
        # Who answers one byte at a time keeps no step waiting: the whole of it has an end too.
        ending = threading.Timer(SECONDS_AT_ALL, _cut, [connection.sock])
        ending.start()
        try:
            connection.request("POST", target, body, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            response.read(MOST_READ)
            return response.status
        finally:
            ending.cancel()


def _cut(sock: socket.socket) -> None:
    """Ends what still waits for an answer; nothing, where it was closed by now."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """A connection to the very IP address that was looked at, so that a name can't lead elsewhere in between."""
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    address = _looked_up(host, port)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, port, timeout=SECONDS_A_STEP, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS_A_STEP)
    connection._create_connection = (  # type: ignore[attr-defined]  # the one place where it is chosen
        lambda _name, timeout, source: socket.create_connection((address, port), timeout, source)
    )
    return connection


def _looked_up(host: str, port: int) -> str:
    """The first IP address of a name, all of which lie outside. Raises Unreachable."""
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        found = []
    if not found:
        raise Unreachable(_("There is no host %(name)s.") % {"name": host})
    if not settings.WEBHOOKS_INSIDE and not all(map(is_outside, found)):
        raise Unreachable(_("%(name)s leads into a private network; nothing was sent.") % {"name": host})
    return found[0]
