"""How the statements of the roll-up are put to the database."""

from typing import Any

from django.db import connection


def run(statement: str, parameters: dict[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return max(int(cursor.rowcount), 0)


def rows(statement: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def column(statement: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    return [row[0] for row in rows(statement, parameters)]


def value(statement: str, parameters: dict[str, Any] | None = None) -> Any:
    return column(statement, parameters)[0]
