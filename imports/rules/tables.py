"""A file's bytes into lines of text cells: every cell as it was written, and nothing swallowed."""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from common.said import Said
from common.said import marked as _

MOST_BYTES = 500 * 1024 * 1024
ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "latin-1": "latin-1"}


class BadFile(Said):
    """A file that can't be read as a table: which line, what is wrong, what would be right."""


@dataclass(frozen=True)
class Table:
    """A header and its lines: the line's number in the file, and its cells by column name."""

    header: tuple[str, ...]
    lines: list[tuple[int, dict[str, str]]]


def read_table(content: bytes, encoding: str = "utf-8", delimiter: str = ",") -> Table:
    """The table in a CSV file, plain or gzip. Cells are trimmed text: "NA" and "007" stay what they are.

    Example: b"a,b\\n1,2\\n" → header (a, b), line 2: {a: "1", b: "2"}.
    Raises BadFile for an unclosed quote, a line with too many or too few cells, a doubled or empty header,
    characters outside the encoding, NUL, and what unpacks to more than 500 MB.
    """
    text = _decoded(_unpacked(content), encoding)
    rows = cells_of(text, delimiter)
    _, header = next(rows, (0, []))
    names = _checked_header([cell.strip() for cell in header])
    return Table(names, [(number, _cells(names, number, row)) for number, row in rows if any(row)])


def _unpacked(content: bytes) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    with gzip.open(io.BytesIO(content)) as packed:
        unpacked = packed.read(MOST_BYTES + 1)
    if len(unpacked) > MOST_BYTES:
        raise BadFile(_("The file unpacks to more than 500 MB. Split it."))
    return unpacked


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(ENCODINGS[encoding])
    except UnicodeError as error:
        message = _("The file is not %(encoding)s: name its encoding in the profile. (%(error)s)")
        raise BadFile(message, encoding=encoding, error=error) from error
    if "\x00" in text:
        raise BadFile(_("The file holds NUL characters: it is not a text file, or in another encoding."))
    return text


def cells_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            known = (words for part, words in CSV_ERRORS.items() if part in str(error))
            message = next(known, _("Line %(line)s: %(error)s."))
            raise BadFile(message, line=begins, error=error) from error
        yield begins, row
        begins = reader.line_num + 1


CSV_ERRORS = {
    "end of data": _("Line %(line)s: a quote is opened here and never closed."),
    "expected after": _("Line %(line)s: a quote is not where it belongs; one is missing here."),
    "field larger": _("Line %(line)s: a cell is longer than 131,072 characters; a quote may be missing."),
}


def _checked_header(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        raise BadFile(_("The file is empty; a header was expected in its first line."))
    for number, name in enumerate(names, 1):
        if not name:
            raise BadFile(_("Line 1: column %(number)s has no name."), number=number)
        if name in names[: number - 1]:
            raise BadFile(_("Line 1: the column %(name)r stands there twice."), name=name)
    return tuple(names)


def _cells(names: tuple[str, ...], number: int, row: Sequence[str]) -> dict[str, str]:
    if len(row) != len(names):
        message = _("Line %(line)s: %(cells)s cells, but the header has %(columns)s columns.")
        raise BadFile(message, line=number, cells=len(row), columns=len(names))
    return {name: cell.strip() for name, cell in zip(names, row, strict=True)}
