"""CPU seconds of processes and of PostgreSQL's backends on this machine, read from /proc."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

NANOSECONDS = 1e9


def of_process(pid: int) -> float:
    """Seconds that the living threads of a process were on a core; 0 for one that is gone."""
    try:
        threads = [thread / "schedstat" for thread in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / NANOSECONDS
    except FileNotFoundError:
        return 0.0


def of_all(pids: Iterable[int]) -> float:
    return sum(of_process(pid) for pid in pids)


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def backends(cursor: Any) -> list[int]:
    """The backends that serve this database, the asking one left out."""
    cursor.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return [row[0] for row in cursor.fetchall()]
