"""./run, ./test, ./check and ./bench: make the environment, go on in its Python, do the command."""

import os
import subprocess
import sys

from devstack import LOCAL, ROOT, CannotStart, checks, demo, environment
from devstack.servers import Servers, for_tests
from devstack.system import Lock


def main(arguments: list[str]) -> int:
    if os.name != "posix":
        raise CannotStart("This starts on Linux, macOS and WSL2.")
    command, rest = arguments[0], arguments[1:]
    environment.ensure("serve" if command == "run" else "develop")
    environment.hand_over(arguments)
    return {"run": demo.run, "test": test, "check": check, "bench": bench}[command](rest)


def test(arguments: list[str]) -> int:
    """Checks and the quick tests; `all`: with the slow ones and their coverage; or the tests that arguments name."""
    is_all = arguments == ["all"]
    if arguments and not is_all:
        command = [str(environment.PYTHON), "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    with for_tests() as addresses:
        return summary([*checks.check(addresses), *checks.tests(addresses, is_all=is_all)])


def check(_arguments: list[str]) -> int:
    with for_tests() as addresses:
        return summary(checks.check(addresses))


def summary(failed: list[str]) -> int:
    print(f"Failed: {', '.join(failed)}" if failed else "All good.", flush=True)
    return 1 if failed else 0


def bench(arguments: list[str]) -> int:
    """Servers that keep their promises, as in production, and a folder of their own."""
    lock = Lock(LOCAL / "bench" / "lock")
    if not lock.take():
        raise CannotStart("A benchmark is already running.")
    with Servers(LOCAL / "bench", durable=True).running() as addresses:
        variables = demo.environment_for(addresses, "http://127.0.0.1:8000")
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
