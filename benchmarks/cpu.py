"""CPU seconds of processes and of PostgreSQL's backends on this machine, read from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


def of_process(pid: int) -> float:
    """User and system seconds that a living process has used; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


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
