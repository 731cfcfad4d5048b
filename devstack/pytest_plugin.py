"""Boots test servers before pytest-django reads the settings, where DATABASE_URL or REDIS_URL is not set.

Loaded by `-p` in pyproject.toml. Workers of pytest-xdist inherit the variables of the process that booted.
"""

import atexit
import os

from devstack.servers import LockedServers, for_tests


def boot() -> LockedServers | None:
    os.environ["SALESOPS_ENV"] = "test"
    # The browser's driver leaves an event loop behind in its thread.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    is_given = all(os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
    if is_given or "PYTEST_XDIST_WORKER" in os.environ:
        return None
    servers = for_tests()
    servers.__enter__()
    os.environ.update(servers.addresses)
    return servers


booted = boot()
owner = os.getpid()


@atexit.register
def pytest_unconfigure() -> None:
    """Stop what was booted; a process forked by a test leaves it alone."""
    if booted and os.getpid() == owner:
        booted.stop()
