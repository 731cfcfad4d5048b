"""Documents beside things of the apps above: links, and files of a few kinds."""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from common.attachments import MOST_NAME, attachment, renamed
from common.checks import note_of
from common.errors import Forbidden, NotInReach, Refused
from common.transaction import act, now, reach, widened
from workspace.models import Document, DocumentFile
from workspace.selectors.documents import document_in, documents_of
from workspace.selectors.subjects import (
    WITH_DOCUMENTS,
    refuse_merged,
    subject_open,
    takes_away,
    takes_documents,
)

MOST_LINK = 500
MOST_DOCUMENTS = 200
SCHEMES = ("http", "https")


@act
def add_link(*, by: int, subject: str, subject_id: int, kind: str, url: str, name: str = "") -> Document:
    """Put a link beside a thing; whoever may change the thing. Without a name it is called as its address.

    Raises NotInReach, Forbidden, or Refused for what is no http or https address.
    """
    _check_place(subject, subject_id)
    _check_kind(kind)
    url = url.strip()
    if not _is_link(url):
        message = _("Write a link that begins with https:// or http://, of at most %(most)s characters.")
        raise Refused(message % {"most": MOST_LINK}, path="url", code="link")
    called = note_of(name, "name", MOST_NAME) or url[:MOST_NAME]
    return _added(by, subject, subject_id, kind=kind, name=called, url=url)


@act
def add_file(
    *, by: int, subject: str, subject_id: int, kind: str, file_name: str, content: bytes, name: str = ""
) -> Document:
    """Put a file beside a thing; whoever may change the thing. It is called as the file, unless a name says otherwise.

    Raises NotInReach, Forbidden, or Refused for a file that is empty, too large, or none of the kinds that are taken.
    """
    _check_place(subject, subject_id)
    _check_kind(kind)
    file = attachment(file_name, content)
    if called := note_of(name, "name", MOST_NAME):
        file = renamed(file, called)
    known = {"name": file.name, "media_type": file.media_type, "size": len(content)}
    document = _added(by, subject, subject_id, kind=kind, **known)
    DocumentFile.objects.create(document=document, content=content)
    return document


@act
def remove_document(*, by: int, document_id: int, version: int) -> Document:
    """Take a document away: it is not listed nor opened any more, and history says by whom.

    Whose it is, and whoever may change what it stands beside. Raises NotInReach, Forbidden, Stale.
    """
    document, row = document_in(reach(), document_id)
    if not takes_away(reach(), document, row):
        raise Forbidden()
    refuse_merged(reach(), row)
    with widened("document"):
        Document.objects.change(document.pk, version, is_removed=True)
    return document


def _check_place(subject: str, subject_id: int) -> None:
    """Raises NotInReach where the thing takes no documents or is not in reach, Forbidden where it is only read.

    Raises Conflict for one that was merged into another one.
    """
    if subject not in WITH_DOCUMENTS:
        raise NotInReach()
    if not takes_documents(reach(), subject, subject_open(reach(), subject, subject_id)):
        raise Forbidden()


def _check_kind(kind: str) -> None:
    if kind not in Document.Kind.values:
        message = _("One of: %(known)s.") % {"known": ", ".join(Document.Kind.values)}
        raise Refused(message, path="kind", code="unknown_kind")


def _is_link(url: str) -> bool:
    """Whether a browser may be sent there: to a host by http or https, under no name and password."""
    if len(url) > MOST_LINK or any(char.isspace() or not char.isprintable() for char in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in SCHEMES and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _added(by: int, subject: str, subject_id: int, **values: object) -> Document:
    if len(documents_of(subject, subject_id)) >= MOST_DOCUMENTS:
        message = _("At most %(most)s documents stand beside one thing. Remove one first.")
        raise Refused(message % {"most": MOST_DOCUMENTS}, code="too_many_documents")
    document: Document = Document.objects.create(
        subject=subject, subject_id=subject_id, by_id=by, at=now(), **values
    )
    return document
