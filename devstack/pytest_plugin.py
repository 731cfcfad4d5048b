"""Boots test servers before pytest-django reads the settings, where DATABASE_URL or REDIS_URL is not set.

Loaded by `-p` in pyproject.toml. Workers of pytest-xdist inherit the variables of the process that booted.
"""

import atexit
import contextlib
import os

from devstack.servers import for_tests

os.environ["SALESOPS_ENV"] = "test"
# The browser's driver leaves an event loop behind in its thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
booted = contextlib.ExitStack()
owner = os.getpid()
if (
    not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
    and "PYTEST_XDIST_WORKER" not in os.environ
):
    os.environ.update(booted.enter_context(for_tests()))


@atexit.register
def pytest_unconfigure() -> None:
    """Stop what was booted; a process forked by a test leaves it alone."""
    if os.getpid() == owner:
        booted.close()
