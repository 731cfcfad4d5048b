"""Files: read whole and as they are, or refused with the line."""

import gzip

import pytest

from imports.rules.tables import BadFile, read_table


def test_cells_are_trimmed_text_with_the_line_on_which_they_begin():
    table = read_table(b'a,b\r\n NA ,007\r\n"two\r\nlines",x\r\n\r\nlast,1e5\r\n')
    assert table.header == ("a", "b")
    assert table.lines == [
        (2, {"a": "NA", "b": "007"}),
        (3, {"a": "two\r\nlines", "b": "x"}),
        (6, {"a": "last", "b": "1e5"}),
    ]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("name\nJosé\n".encode(), "utf-8"),
        ("\ufeffname\nJosé\n".encode(), "utf-8"),
        ("name\nJosé\n".encode("utf-16"), "utf-16"),
        ("name\nJosé\n".encode("latin-1"), "latin-1"),
        (gzip.compress("name\nJosé\n".encode()), "utf-8"),
    ],
    ids=["utf-8", "utf-8 with a mark", "utf-16", "latin-1", "gzip"],
)
def test_every_encoding_that_a_profile_can_name(content, encoding):
    assert read_table(content, encoding).lines == [(2, {"name": "José"})]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'a,b\n1,2\n3,"4\n5,6\n7,8\n', "Line 3: a quote is opened here and never closed"),
        (b'a,b\n1,"2\n3,"4"\n', "Line 2: a quote is not where it belongs"),
        (b"a,b\n1,2,3\n", "Line 2: 3 cells, but the header has 2 columns"),
        (b"a,b\n1\n", "Line 2: 1 cells"),
        (b"a,b,a\n", "'a' stands there twice"),
        (b"a,,b\n", "column 2 has no name"),
        (b"", "empty"),
        (b"a\nb\x00c\n", "NUL"),
        (b"a\n\xff\xfe\n", "not utf-8"),
        (b"a\n" + b"x" * 131_073 + b"\n", "longer than 131,072"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_file_is_refused_with_its_line(content, message):
    with pytest.raises(BadFile, match=message):
        read_table(content)


def test_what_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("imports.rules.tables.MOST_BYTES", 1000)
    with pytest.raises(BadFile, match="unpacks to more"):
        read_table(gzip.compress(b"a\n" + b"0" * 2000))


def test_another_delimiter():
    assert read_table(b"a;b\n1,5;2\n", delimiter=";").lines == [(2, {"a": "1,5", "b": "2"})]
