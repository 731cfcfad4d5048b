"""Installations without a company, and a program that webhooks tell."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.prepared import empty, empty_as_owner, own_prepared, prepared
from tests.workspace.receiving import Receiver

__all__ = ["empty", "empty_as_owner", "own_prepared", "prepared"]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_INSIDE = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
