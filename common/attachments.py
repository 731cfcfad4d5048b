"""Files that people keep beside something: known by what is in them, under a name that does no harm, never shown."""

import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from common.errors import Refused
from common.text import UNSEEN

MOST_BYTES = 5_000_000
MOST_NAME = 160
MOST_MEMBERS = 10_000
NOT_IN_NAMES = '<>:"|?*'
TEXT_CONTROLS = frozenset(b"\t\n\r\f")
SIGNATURES = {
    "pdf": [b"%PDF-"],
    "png": [b"\x89PNG\r\n\x1a\n"],
    "jpg": [b"\xff\xd8\xff"],
    "gif": [b"GIF87a", b"GIF89a"],
}
OFFICE = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
DOCUMENT = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{DOCUMENT}.wordprocessingml.document",
    "xlsx": f"{DOCUMENT}.spreadsheetml.sheet",
    "pptx": f"{DOCUMENT}.presentationml.presentation",
    "odt": f"{OPEN_DOCUMENT}.text",
    "ods": f"{OPEN_DOCUMENT}.spreadsheet",
    "odp": f"{OPEN_DOCUMENT}.presentation",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""What is taken, by the ending of the name."""


@dataclass(frozen=True)
class Attachment:
    """A file that may be kept."""

    name: str
    media_type: str
    content: bytes


def attachment(name: str, content: bytes) -> Attachment:
    """The file under a clean name: its last part without what nobody sees, at most 160 characters with its ending.

    Raises Refused for one that is empty or larger than 5 MB, of a kind that is not taken, or is not what its name says.
    """
    if not content:
        raise _refused(_("This file is empty. Choose another one."), "empty_file")
    if len(content) > MOST_BYTES:
        message = _("This file is larger than 5 MB. Choose a smaller one, or put in a link to it.")
        raise _refused(message, "file_too_large")
    stem, ending = _named(name)
    if ending not in MEDIA_TYPES:
        kinds = {"kinds": ", ".join(MEDIA_TYPES)}
        message = _("Files of this kind are not taken. Taken are: %(kinds)s. Put in a link to anything else.")
        raise _refused(message % kinds, "file_kind")
    clean = _clean(stem, ending)
    if not _holds(ending, content):
        message = _("What is in %(name)s is not what a file that ends in .%(ending)s holds.")
        raise _refused(message % {"name": clean, "ending": ending}, "file_content")
    return Attachment(clean, MEDIA_TYPES[ending], content)


def renamed(file: Attachment, name: str) -> Attachment:
    """The same file under another name, which ends as it did."""
    ending = file.name.rpartition(".")[2]
    stem, _ending = _named(name if name.lower().endswith(f".{ending}") else f"{name}.{ending}")
    return replace(file, name=_clean(stem, ending))


def as_download(file: Attachment) -> HttpResponse:
    """The file as an answer that a browser saves and never shows, whatever is in it."""
    headers = {
        "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(file.content, content_type=file.media_type, headers=headers)


def _named(name: str) -> tuple[str, str]:
    """The last part of a path as its stem and its ending in small letters."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    seen = [char for char in last if unicodedata.category(char) not in UNSEEN and char not in NOT_IN_NAMES]
    stem, _dot, ending = " ".join("".join(seen).split()).strip(". ").rpartition(".")
    return stem.strip(". ") or "document", ending.strip().lower()


def _clean(stem: str, ending: str) -> str:
    return f"{stem[: MOST_NAME - len(ending) - 1]}.{ending}"


def _holds(ending: str, content: bytes) -> bool:
    """Whether the content is what the ending says."""
    ending = "jpg" if ending == "jpeg" else ending
    if ending in SIGNATURES:
        return content.startswith(tuple(SIGNATURES[ending]))
    if ending == "webp":
        return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if ending in OFFICE:
        return _archived(content, lambda archive: _is_office(archive, OFFICE[ending]))
    if ending in ("odt", "ods", "odp"):
        return _archived(content, lambda archive: _is_open_document(archive, MEDIA_TYPES[ending]))
    return not any(byte < 32 and byte not in TEXT_CONTROLS for byte in set(content))


def _archived(content: bytes, looks_right: Callable[[zipfile.ZipFile], bool]) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return len(archive.namelist()) <= MOST_MEMBERS and looks_right(archive)
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError):
        return False


def _is_office(archive: zipfile.ZipFile, folder: str) -> bool:
    """A document of that program without macros."""
    names = archive.namelist()
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    is_whole = "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)
    return is_whole and not has_macros


def _is_open_document(archive: zipfile.ZipFile, media_type: str) -> bool:
    first = archive.infolist()[0] if archive.infolist() else None
    is_named = first is not None and first.filename == "mimetype" and first.file_size <= len(media_type)
    has_macros = any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist())
    return is_named and not has_macros and archive.read("mimetype") == media_type.encode()


def _refused(message: str, code: str) -> Refused:
    return Refused(message, path="file", code=code)
