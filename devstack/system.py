"""Accounts, children and locks: what the launcher needs of the operating system."""

import contextlib
import ctypes
import fcntl
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

LINUX = sys.platform == "linux"
LIBC = ctypes.CDLL(None) if LINUX else None
PR_SET_PDEATHSIG = 1


def unprivileged() -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs as when the launcher is root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments for subprocess that start a program as that account."""
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def die_with_parent(number: int) -> Callable[[], None]:
    """For preexec_fn: the kernel sends the signal when the launcher is gone, however it went."""
    launcher = os.getpid()

    def bind() -> None:
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, number)
            if os.getppid() != launcher:
                os._exit(1)

    return bind


def spawn(command: list[str], end_by: int, **options: Any) -> subprocess.Popen[Any]:
    """Start a program in a session of its own, with one output; it gets the signal when the launcher is gone."""
    bind, out = die_with_parent(end_by), subprocess.STDOUT
    return subprocess.Popen(command, stderr=out, start_new_session=True, preexec_fn=bind, **options)


def answers(process: subprocess.Popen[Any], until: float, ask: Callable[[], object]) -> bool:
    """Whether a server that just started answers before it ends and before its time is over."""
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            ask()
            return True
        time.sleep(0.02)
    return False


def command_of(pid: int) -> str:
    """The command line of a living process; empty when there is none."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes() if LINUX else command_by_ps(pid)
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def command_by_ps(pid: int) -> bytes:
    return subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    ).stdout


def end(pid: int, command: str, *signals: int, patience: float = 10) -> None:
    """Send one signal after another until the process with that command line is gone."""
    for number in signals:
        if command_of(pid) != command:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + patience
        while command_of(pid) == command and time.monotonic() < until:
            time.sleep(0.05)


def finish(process: subprocess.Popen[Any], *signals: int, patience: float) -> None:
    """End a child of ours: one signal after another, each with its time to work."""
    for number in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def free_port(first: int = 0, tries: int = 1) -> int:
    """The first port from `first` on that nobody uses on this machine; any free one for 0."""
    for port in range(first, first + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    return 0


class Lock:
    """One launcher per state folder. The kernel drops it with the process, so that nothing stale can stay."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def take(self) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self.file = file
        self.note("")
        return True

    def note(self, text: str) -> None:
        """What a second launcher is told about this one."""
        if self.file:
            self.file.truncate(0)
            self.file.write(text)
            self.file.flush()

    def noted(self) -> str:
        return self.path.read_text(encoding="utf-8").strip()

    def drop(self) -> None:
        if self.file:
            self.note("")
            self.file.close()
            self.file = None


class Children:
    """The children's pids on disk, so that the next start can end any that outlived a killed launcher."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, str] = {}

    def add(self, pid: int, command: list[str]) -> None:
        self.known[str(pid)] = " ".join(command)
        self.path.write_text(json.dumps(self.known), encoding="utf-8")

    def end_leftovers(self) -> None:
        """Only a process whose pid and command line both match was ours."""
        try:
            left = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        for pid, command in left.items():
            end(int(pid), command, signal.SIGTERM, signal.SIGKILL)
        self.forget()

    def forget(self) -> None:
        self.known = {}
        self.path.unlink(missing_ok=True)
