"""What is asked of the database, statement by statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def reading() -> Iterator[list[tuple[str, int]]]:
    """Each statement that is sent meanwhile, with the number of rows that it finds or writes."""
    seen: list[tuple[str, int]] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        seen.append((sql, max(0, context["cursor"].rowcount)))
        return answer

    with connection.execute_wrapper(look):
        yield seen
