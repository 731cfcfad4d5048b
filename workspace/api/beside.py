"""Comments and documents over the API: beside an account, a deal, an order, a forecast call, a realignment."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    body_of,
    edits,
    lists,
    makes,
    reads,
    shown,
    version_of,
)
from common.attachments import MOST_BYTES, MOST_NAME, as_download
from common.errors import Refused
from common.fields import FlagField, IdField, LineField, OneOfField, TextField, WholeField
from common.http import person_id
from common.json_body import StrictJSONParser
from common.transaction import reach
from workspace.models import Document
from workspace.selectors.comments import comment_page
from workspace.selectors.documents import documents_of, file_in
from workspace.selectors.subjects import subject_row
from workspace.services.comments import MOST_TEXT, add_comment
from workspace.services.documents import MOST_LINK, add_file, add_link, remove_document


class MentionSerializer(StrictSerializer):
    """A person whom a comment names behind @, and whether they could see what it is about."""

    person_id = IdField(read_only=True)
    was_told = FlagField(read_only=True)


class CommentSerializer(StrictSerializer):
    """A comment. Names behind @ in the text are told; `people_ids` tells namesakes apart."""

    id = IdField(read_only=True)
    by_id = IdField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    text = TextField(max_length=MOST_TEXT)
    people_ids = serializers.ListField(child=IdField(), max_length=50, required=False, write_only=True)
    mentions = MentionSerializer(many=True, read_only=True)


class DocumentSerializer(StrictSerializer):
    """A link (`url`), or a file, which is sent as a form with the part `file` and read at its own address."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    kind = OneOfField(choices=Document.Kind.choices)
    name = LineField(max_length=MOST_NAME, required=False, allow_blank=True)
    url = LineField(max_length=MOST_LINK, required=False, allow_blank=True)
    file = serializers.FileField(required=False, write_only=True, allow_empty_file=True)
    media_type = LineField(read_only=True)
    size = WholeField(read_only=True)
    by_id = IdField(read_only=True)
    at = serializers.DateTimeField(read_only=True)


class CommentListApi(Endpoint):
    """What was said beside a thing in reach, the oldest first."""

    filters = ("after",)

    @lists("comment_list", CommentSerializer)
    def get(self, request: Request, subject: str, pk: int) -> Response:
        subject_row(reach(), subject, pk)
        page = comment_page(subject, pk, self.query.get("after"))
        return Response({"results": shown(page.rows, CommentSerializer), "after": page.after})

    @makes("comment_create", CommentSerializer, CommentSerializer)
    def post(self, request: Request, subject: str, pk: int) -> Response:
        body = body_of(CommentSerializer, request)
        comment = add_comment(by=person_id(), subject=subject, subject_id=pk, **body)
        return Response(CommentSerializer(comment).data, status=201)


class DocumentListApi(Endpoint):
    """The documents beside a thing in reach, the newest first."""

    parser_classes = (StrictJSONParser, MultiPartParser)

    @reads("document_list", DocumentSerializer(many=True))
    def get(self, request: Request, subject: str, pk: int) -> Response:
        subject_row(reach(), subject, pk)
        return Response(DocumentSerializer(documents_of(subject, pk), many=True).data)

    @makes("document_create", DocumentSerializer, DocumentSerializer)
    def post(self, request: Request, subject: str, pk: int) -> Response:
        body = body_of(DocumentSerializer, request)
        file, url = body.pop("file", None), body.pop("url", "")
        if bool(url) == bool(file is not None):
            raise Refused(_("Send a url or a file, one of the two."), path="url", code="link_or_file")
        place: dict[str, Any] = {"by": person_id(), "subject": subject, "subject_id": pk, **body}
        if file is None:
            document = add_link(url=url, **place)
        else:
            document = add_file(file_name=file.name, content=file.read(MOST_BYTES + 1), **place)
        return Response(DocumentSerializer(document).data, status=201)


class DocumentContentApi(Endpoint):
    """What is in a document that is a file."""

    @reads("document_content", OpenApiTypes.BINARY)
    def get(self, request: Request, pk: int) -> HttpResponse:
        return as_download(file_in(reach(), pk))


class DocumentRemoveApi(Endpoint):
    """Taking a document away."""

    @edits("document_remove", NothingSerializer, DocumentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body_of(NothingSerializer, request)
        document = remove_document(by=person_id(), document_id=pk, version=version_of(request))
        return Response(DocumentSerializer(document).data)
