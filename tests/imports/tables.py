"""Tables of the set-up for tests: pasted or as files, checked and applied as an administrator."""

from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from openpyxl import Workbook

from common.access import Reach
from common.transaction import Context, context, work
from imports.models import Batch
from imports.selectors.batches import shown_by
from imports.services import apply_table, check_table
from territories.models import User


def as_admin(admin: User) -> AbstractContextManager[Context]:
    """A transaction of an administrator, as the web sees it."""
    reach = Reach(user_id=admin.pk, roles=frozenset({"admin"}))
    return work(by=admin.pk, why="a table", reach=reach)


def pasted(*lines: str) -> str:
    """Lines with cells between bars, as a spreadsheet puts them on the clipboard."""
    return "\r\n".join(line.replace(" | ", "\t").replace("| ", "\t").replace(" |", "\t") for line in lines)


def workbook(*rows: Any, **formats: str) -> bytes:
    """An XLSX file with those rows on its first sheet; `formats`: how cells are shown, by their names."""
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    for name, shown in formats.items():
        sheet[name].number_format = shown
    book.create_sheet("notes").append(["not read"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


class Tables:
    """One administrator's tables."""

    def __init__(self, admin: User) -> None:
        self.admin = admin

    def check(self, table: str, *lines: str, content: bytes = b"", way: str = "", name: str = "") -> Batch:
        with as_admin(self.admin):
            given = content or pasted(*lines).encode()
            way = way or ("xlsx" if content else "pasted")
            return check_table(by=self.admin.pk, table=table, content=given, way=way, name=name)

    def apply(self, batch: Batch) -> Batch:
        with as_admin(self.admin):
            return apply_table(by=self.admin.pk, batch_id=batch.pk, shown=shown_by(batch))

    def bring(self, table: str, *lines: str, **file: Any) -> Batch:
        """Check and apply; nothing may be wrong."""
        batch = self.check(table, *lines, **file)
        assert batch.rejects == []
        return self.apply(batch)


def applied(by: User, table: str) -> Batch:
    """What the running transaction brought in, as an applied table."""
    facts = {"request_id": context().request_id, "applied_at": TransactionNow(), "by": by}
    return Batch.objects.create(profile=table, table=table, files_hash="", state="applied", **facts)


def wrong(batch: Batch) -> list[tuple[int, str, str, str]]:
    """Each wrong cell: its line, its column, what is wrong and what would be right."""
    return [(one["line"], one["column"], one["problem"], one["remedy"]) for one in batch.rejects]


def new(batch: Batch) -> dict[str, int]:
    """How many of each entity are new."""
    return {entity: count["created"] for entity, count in batch.counts.items() if entity}
