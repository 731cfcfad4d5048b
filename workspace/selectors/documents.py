"""What was put beside a thing: links and files."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from common.access import Reach, found
from common.attachments import Attachment
from common.errors import NotInReach
from common.history import Change, actor_of, people_of
from common.transaction import widened
from workspace.models import Document, DocumentFile
from workspace.selectors.subjects import WITH_DOCUMENTS, subject_row

MOST_REMOVED = 20


def documents_of(subject: str, subject_id: int) -> list[Document]:
    """The documents beside a thing that the reader has found in their reach, the newest first."""
    with widened("document"):
        rows = _beside(subject, subject_id).select_related("by")
        return list(rows.order_by("-pk"))


def told_of_documents(subject: str, subject_id: int, most: int | None = None) -> list[Change]:
    """Which documents were put beside a thing in reach or taken away, by whom and when, the latest first.

    `most`: of how many such acts; None for all.
    """
    words = {False: _("Added the document %(name)s"), True: _("Removed the document %(name)s")}
    rows = _told(subject, subject_id, most)
    people = people_of(rows) if rows else {}
    return [Change(**actor_of(row, people), text=words[row.is_removed] % {"name": row.name}) for row in rows]


def removed_from(subject: str, subject_id: int) -> list[Change]:
    """Which documents were taken away from a thing in reach, by whom and when, the latest first."""
    rows = _told(subject, subject_id, MOST_REMOVED, is_removed=True)
    people = people_of(rows) if rows else {}
    return [Change(**actor_of(row, people), text=row.name) for row in rows]


def _told(subject: str, subject_id: int, most: int | None, **narrowed: Any) -> list[Any]:
    with widened("document"):
        events = apps.get_model("workspace.DocumentEvent")._default_manager
        rows = events.filter(subject=subject, subject_id=subject_id, **narrowed)
        return list(rows.order_by("-pgh_id")[:most])


def document_in(mine: Reach, pk: int) -> tuple[Document, Any]:
    """A document that stands, with the thing beside which it does, if that is in reach. Raises NotInReach."""
    with widened("document"):
        document: Document = found(Document.objects.filter(pk=pk, is_removed=False).first())
    return document, subject_row(mine, document.subject, document.subject_id)


def file_in(mine: Reach, pk: int) -> Attachment:
    """What a document that is a file holds, if what it stands beside is in reach. Raises NotInReach, for a link too."""
    document, _row = document_in(mine, pk)
    with widened("document"):
        file: DocumentFile = found(DocumentFile.objects.filter(document=document).first())
    return Attachment(document.name, document.media_type, bytes(file.content))


def _beside(subject: str, subject_id: int) -> Any:
    if subject not in WITH_DOCUMENTS:
        raise NotInReach()
    return Document.objects.filter(subject=subject, subject_id=subject_id, is_removed=False)
