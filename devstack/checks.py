"""What ./check runs before ./test runs the tests: every step, also after one that failed."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping

from devstack import ROOT
from devstack.environment import PYTHON, VENV
from devstack.system import die_with_parent

PRODUCTION = {
    "ALLOWED_HOSTS": "sales.example.com",
    "DEBUG": "0",
    "EMAIL_URL": "smtp+tls://mail.example.com",
    "SALESOPS_ENV": "production",
    "SITE_URL": "https://sales.example.com",
}
DEVELOPMENT = {"SALESOPS_ENV": "development", "DEBUG": "0"}
FULL_ROOMS = ("rules", "rollup", "scoring", "services")
ROOM_COVERAGE = 99  # all of it is reached; a line that only a lost race runs must not stop a release


def steps() -> dict[str, tuple[list[str], Mapping[str, str]]]:
    """Name → command and the variables it needs."""
    bin_, manage = VENV / "bin", [str(PYTHON), "manage.py"]
    return {
        "format": ([f"{bin_}/ruff", "format", "--check", "--quiet", "."], {}),
        "lint": ([f"{bin_}/ruff", "check", "--quiet", "."], {}),
        "templates": ([f"{bin_}/djlint", "--lint", "--quiet", "templates"], {}),
        "types": ([f"{bin_}/mypy"], DEVELOPMENT),
        "contracts": ([f"{bin_}/lint-imports"], {}),
        "migrations": ([*manage, "makemigrations", "--check", "--dry-run"], DEVELOPMENT),
        "production": (
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            {**PRODUCTION, "SECRET_KEY": secrets.token_urlsafe(64)},
        ),
    }


def check(addresses: Mapping[str, str]) -> list[str]:
    """Run every step and answer the names of those that failed."""
    return [
        name
        for name, (command, variables) in steps().items()
        if not step(name, command, {**addresses, **variables})
    ]


def tests(addresses: Mapping[str, str], *, is_all: bool) -> list[str]:
    """The quick tests; or all with branch coverage: rules, services and roll-ups are covered in full."""
    if not is_all:
        quick = [str(PYTHON), "-m", "pytest", "-n", "2", "-m", "not slow"]
        return [] if step("quick tests", quick, addresses) else ["quick tests"]
    include = ",".join(f"*/{room}.py,*/{room}/*" for room in FULL_ROOMS)
    coverage = ["coverage", "report", f"--include={include}", f"--fail-under={ROOM_COVERAGE}"]
    (ROOT / ".local" / "coverage").mkdir(parents=True, exist_ok=True)
    suite = ["pytest", "-n", "2", "--cov", "--cov-report=term", "--cov-report=html"]
    for name, module in (("tests", suite), ("coverage", coverage)):
        if not step(name, [str(PYTHON), "-m", *module], addresses):
            return [name]
    return []


def step(name: str, command: list[str], variables: Mapping[str, str]) -> bool:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    bind = die_with_parent(signal.SIGTERM)
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False, preexec_fn=bind)
    word, seconds = "failed" if done.returncode else "good", time.monotonic() - began
    print(f"== {name}: {word}, {seconds:.1f} s\n", flush=True)
    return done.returncode == 0
