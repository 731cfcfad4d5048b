"""./run, ./test, ./check and ./bench: make the environment, go on in its Python, do the command."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from devstack import LOCAL, ROOT, CannotStart, environment


def main(arguments: list[str]) -> int:
    if os.name != "posix":
        raise CannotStart("This starts on Linux, macOS and WSL2.")
    command, rest = arguments[0], arguments[1:]
    environment.ensure("serve" if command == "run" else "develop")
    environment.hand_over(arguments)
    return commands()[command](rest)


def commands() -> dict[str, Callable[[list[str]], int]]:
    """Imported late: they need what the environment has."""
    from devstack import demo

    return {"run": demo.run, "test": test, "check": check, "bench": bench}


def test(arguments: list[str]) -> int:
    """Checks and the whole suite, or just the tests that the arguments name."""
    from devstack import checks

    if arguments:
        return subprocess.run(
            [environment.PYTHON, "-m", "pytest", *arguments], cwd=ROOT, check=False
        ).returncode
    with test_servers() as addresses:
        return summary([*checks.check(addresses), *checks.tests(addresses)])


def check(_arguments: list[str]) -> int:
    from devstack import checks

    with test_servers() as addresses:
        return summary(checks.check(addresses))


@contextlib.contextmanager
def test_servers() -> Iterator[dict[str, str]]:
    from devstack.servers import for_tests

    with for_tests() as servers:
        yield servers.addresses


def summary(failed: list[str]) -> int:
    print(f"Failed: {', '.join(failed)}" if failed else "All good.", flush=True)
    return 1 if failed else 0


def bench(arguments: list[str]) -> int:
    """Servers that keep their promises, as in production, and a folder of their own."""
    from devstack.demo import environment_for
    from devstack.servers import LockedServers, Servers
    from devstack.system import Lock

    lock = Lock(LOCAL / "bench" / "lock")
    if not lock.take():
        raise CannotStart("A benchmark is already running.")
    with LockedServers(lock, Servers(LOCAL / "bench", durable=True)) as servers:
        variables = environment_for(servers.addresses, "http://127.0.0.1:8000")
        command = [str(environment.PYTHON), "-m", "benchmarks", *arguments]
        return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
