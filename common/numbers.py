"""Numbers that the product gives: one after the other, past those that an import brought along."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet


def next_number(rows: QuerySet[Any], sequence: str, written: str) -> str:
    """The sequence's next number that none of the rows has. Example: written "A-{:06}" → "A-000042"."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT nextval(%s)", [sequence])
            number = written.format(cursor.fetchone()[0])
            if not rows.filter(number=number).exists():
                return number
