"""Files that people keep: told by what is in them, named so that they do no harm, saved and never shown."""

import zipfile
from io import BytesIO

import pytest

from common.attachments import MOST_BYTES, Attachment, as_download, attachment
from common.errors import Refused

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
HTML = b"<!doctype html><script>alert(1)</script>"


def archive(**members: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as kept:
        for name, content in members.items():
            kept.writestr(zipfile.ZipInfo(name.replace("__", "/")), content)
    return made.getvalue()


def office(*names: str) -> bytes:
    return archive(**{"[Content_Types].xml": b"<Types/>"}, **dict.fromkeys(names, b"<x/>"))


ODT = archive(mimetype=b"application/vnd.oasis.opendocument.text", content=b"<x/>")


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("Contract.pdf", PDF, "application/pdf"),
        ("PHOTO.PNG", PNG, "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        ("a.gif", b"GIF89a....", "image/gif"),
        ("a.webp", b"RIFF0000WEBPVP8 ", "image/webp"),
        (
            "a.docx",
            office("word__document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "a.xlsx",
            office("xl__workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("a.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("a.txt", "Grüße\n".encode(), "text/plain"),
        ("a.csv", b"a;b\r\n1;2\r\n", "text/csv"),
    ],
)
def test_what_is_taken(name: str, content: bytes, media_type: str) -> None:
    assert attachment(name, content).media_type == media_type


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", "empty_file"),
        ("large.pdf", PDF + b"0" * MOST_BYTES, "file_too_large"),
        ("page.html", HTML, "file_kind"),
        ("picture.svg", b"<svg/>", "file_kind"),
        ("setup.exe", b"MZ\x90\0", "file_kind"),
        ("contract.pdf.exe", PDF, "file_kind"),
        ("nameless", PDF, "file_kind"),
        ("old.doc", b"\xd0\xcf\x11\xe0", "file_kind"),
        ("all.zip", archive(a=b"1"), "file_kind"),
        ("page.pdf", HTML, "file_content"),
        ("late.pdf", b" " + PDF, "file_content"),
        ("setup.txt", b"MZ\x90\0", "file_content"),
        ("a.docx", PDF, "file_content"),
        ("a.docx", archive(a=b"1"), "file_content"),
        ("a.docx", office("xl__workbook.xml"), "file_content"),
        ("macro.docx", office("word__document.xml", "word__vbaProject.bin"), "file_content"),
        ("a.odt", archive(content=b"1", mimetype=b"application/vnd.oasis.opendocument.text"), "file_content"),
        ("a.ods", ODT, "file_content"),
        ("cut.docx", office("word__document.xml")[:40], "file_content"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        attachment(name, content)
    assert (refused.value.code, refused.value.path) == (code, "file")


def test_a_file_of_exactly_5_mb_is_taken() -> None:
    assert len(attachment("a.pdf", PDF + b"0" * (MOST_BYTES - len(PDF))).content) == 5_000_000


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\ann\\offer.pdf", "offer.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ('we "say" <b>.pdf', "we say b.pdf"),
        ("line\r\nbreak.pdf", "linebreak.pdf"),
        ("...pdf", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 156 + ".pdf"),
        ("Angebot für Müller.PDF", "Angebot für Müller.pdf"),
    ],
)
def test_a_name_is_its_last_part_without_what_nobody_sees(name: str, kept: str) -> None:
    assert attachment(name, PDF).name == kept


def test_a_file_is_saved_and_never_shown() -> None:
    answer = as_download(Attachment("Grüße.txt", "text/plain", HTML))
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "text/plain"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.content == HTML
