"""What stands beside an account, a deal, an order, a call or a realignment: comments and documents."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common.attachments import as_download
from common.errors import Forbidden, NotInReach
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from common.transaction import reach
from workspace.forms.beside import CommentForm, DocumentForm, RemoveForm
from workspace.models import Comment
from workspace.selectors.comments import MOST_READ, MOST_SHOWN, comments_of, untold_of
from workspace.selectors.documents import document_in, documents_of, file_in, removed_from
from workspace.selectors.subjects import (
    WITH_DOCUMENTS,
    is_merged,
    page_of,
    subject_row,
    takes_away,
    takes_documents,
)
from workspace.services.comments import add_comment
from workspace.services.documents import add_file, add_link, remove_document


@require_safe
def beside_panel(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """The documents beside a thing that the reader may see, and what was said about it."""
    most = MOST_READ if strict_query(request, "all").get("all") else MOST_SHOWN
    mine = reach()
    row = subject_row(mine, subject, pk)
    context: dict[str, Any] = _comments(subject, pk, None if is_merged(row) else CommentForm(), most)
    if subject in WITH_DOCUMENTS:
        context["documents"] = documents_of(subject, pk)
        context["removed"] = removed_from(subject, pk)
        context["may_add"] = takes_documents(mine, subject, row) and not is_merged(row)
        context["may_remove"] = {one.pk for one in context["documents"] if takes_away(mine, one, row)}
    return render(request, "workspace/_beside_panel.html", context)


def _comments(subject: str, pk: int, form: CommentForm | None, most: int = MOST_SHOWN) -> dict[str, Any]:
    """The last comments; whether there are earlier ones is told by one more than are shown."""
    found = comments_of(subject, pk, most + 1)
    known = {"subject": subject, "subject_id": pk, "form": form, "people": _people()}
    return {**known, "comments": found[-most:], "has_earlier": len(found) > most, "is_all": most == MOST_READ}


def _people() -> str:
    return reverse("person_suggest")


@FORM
def comment_create(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """Say something about a thing that one may see; from its panel it answers with the comments as they are now."""
    row = subject_row(reach(), subject, pk)
    form = CommentForm(sent(request))
    comment = perform(form, add_comment, by=person_id(), subject=subject, subject_id=pk)
    if request.headers.get("HX-Target") == "comments":
        return _in_place(request, subject, pk, form, comment)
    if comment is None:
        context = {"subject": subject, "subject_id": pk, "row": row, "back": page_of(subject, pk)}
        return form_page(request, "workspace/comment_create.html", form, people=_people(), **context)
    if words := _untold(comment):
        messages.warning(request, words)
    return redirect(f"{page_of(subject, pk)}#comments")


def _in_place(
    request: HttpRequest, subject: str, pk: int, form: CommentForm, comment: Comment | None
) -> HttpResponse:
    if comment is None:
        status = form.refusal.status if hasattr(form, "refusal") else 422
        return render(request, "workspace/_comments.html", _comments(subject, pk, form), status=status)
    context = {**_comments(subject, pk, CommentForm()), "fresh_key": uuid.uuid4()}
    answer = render(request, "workspace/_comments.html", context)
    if words := _untold(comment):
        answer["HX-Trigger"] = json.dumps({"toast": {"level": "warning", "text": words}})
    return answer


def _untold(comment: Comment) -> str:
    """Who was named and not told, as a sentence for the writer."""
    names = untold_of(comment)
    words = ngettext(
        "%(names)s can't see this and was not told.",
        "%(names)s can't see this and were not told.",
        len(names),
    )
    return words % {"names": ", ".join(names)} if names else ""


@FORM
def document_create(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """Put a link or a file beside a thing that one may change."""
    row = subject_row(reach(), subject, pk)
    if subject not in WITH_DOCUMENTS:
        raise NotInReach()
    if not takes_documents(reach(), subject, row):
        raise Forbidden()
    form = DocumentForm(sent(request), request.FILES or None)
    is_file = form.is_bound and form.is_valid() and "content" in form.cleaned_data
    act = add_file if is_file else add_link
    if document := perform(form, act, by=person_id(), subject=subject, subject_id=pk):
        messages.success(request, _("%(name)s is added.") % {"name": document.name})
        return redirect(page_of(subject, pk))
    context = {"row": row, "back": page_of(subject, pk)}
    return form_page(request, "workspace/document_create.html", form, **context)


@require_safe
def document_content(request: HttpRequest, pk: int) -> HttpResponse:
    """A file, for whoever may see what it stands beside; a browser saves it and shows nothing of it."""
    strict_query(request)
    return as_download(file_in(reach(), pk))


@FORM
def document_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a document away."""
    document, row = document_in(reach(), pk)
    if not takes_away(reach(), document, row):
        raise Forbidden()
    back = page_of(document.subject, document.subject_id)
    form = RemoveForm(sent(request), initial={"version": document.version})
    if perform(form, remove_document, by=person_id(), document_id=pk):
        messages.success(request, _("%(name)s is removed.") % {"name": document.name})
        return redirect(back)
    return form_page(request, "workspace/document_remove.html", form, document=document, back=back)
