"""Many rows in one request, all of them or none: what is wrong with any of them is told in one answer."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import (
    KEY,
    Decorated,
    Endpoint,
    ErrorSerializer,
    ErrorsSerializer,
    StrictSerializer,
    details_of,
    path_of,
)
from common.errors import ManyRefused, Refused
from common.fields import IdField, WholeField
from common.transaction import rehearsed

ONE_BY_ONE = 500
"""How many rows are written at once where each is an act of its own."""
Row = TypeVar("Row")
Changed = TypeVar("Changed", bound=tuple[int, int, dict[str, Any]])
Fault = tuple[int, str, str, str]
"""Of which row, with which code, at which path in it, in which words."""


class ManyErrorSerializer(ErrorSerializer):
    """One thing that is wrong with one of many rows: the row by its index from 0, and the field in it."""

    index = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)


class ManyErrorsSerializer(serializers.Serializer[Any]):
    """Why many rows were refused; none of them was written."""

    errors = ManyErrorSerializer(many=True)  # type: ignore[assignment]


class WrittenSerializer(StrictSerializer):
    """A row that was written, as its next edit names it."""

    id = IdField()
    version = WholeField()


class ReadSerializer(StrictSerializer):
    """A row that was read, and the version that it then had."""

    id = IdField()
    version = WholeField(min_value=1)


def makes_many(name: str, serializer: type[serializers.Serializer[Any]]) -> Decorated:
    """Describes an operation that makes many rows."""
    return _describes(name, f"{_noun(serializer)}Rows", 201, serializer(many=True))


def edits_many(name: str, serializer: type[serializers.Serializer[Any]], **beside: Any) -> Decorated:
    """Describes an operation that changes many rows, each at the version that was read; fields `beside` the rows."""
    read: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        "id": IdField(),
        "version": WholeField(min_value=1),
        "fields": serializer(partial=True, help_text="What changes; what is not named stays."),
    }
    noun = _noun(serializer)
    rows = inline_serializer(f"{noun}Change", read, many=True)
    return _describes(name, f"{noun}Changed", 200, rows, **beside)


def _noun(serializer: type[serializers.Serializer[Any]]) -> str:
    return serializer.__name__.removesuffix("Serializer").removesuffix("Edit")


def _describes(name: str, body: str, status: int, rows: Any, **beside: Any) -> Decorated:
    takes = inline_serializer(f"{body}Body", {"rows": rows, **beside})
    answer = inline_serializer(body, {"results": WrittenSerializer(many=True)})
    responses = {status: answer, 422: ManyErrorsSerializer, "4XX": ErrorsSerializer}
    return extend_schema(operation_id=name, parameters=[KEY], request=takes, responses=responses)


class ManyEndpoint(Endpoint):
    """An address that takes many rows as `{"rows": [...]}`."""

    most = ONE_BY_ONE

    def rows_of(self, request: Request, *beside: str) -> list[Any]:
        """What was sent; `beside`: what else may be. Raises Refused for none, and for too many."""
        rows = request.data.get("rows") if isinstance(request.data, Mapping) else None
        if not isinstance(rows, list) or not rows or set(request.data) - {"rows", *beside}:
            message = _('Send {"rows": [...]} with at least one row, and nothing else.')
            raise Refused(message, path="rows", code="rows_missing")
        if len(rows) > self.most:
            message = _("At most %(most)s rows are written at once; send the rest in another request.")
            raise Refused(message % {"most": self.most}, path="rows", code="too_many")
        return rows

    def write(
        self,
        rows: Sequence[Any],
        check: Callable[[Any], Row],
        act: Callable[[list[Row]], Sequence[Any]],
        status: int,
    ) -> Response:
        """Check every row, then do all of them in one act; or say what is wrong with which, and do nothing."""
        good: list[tuple[int, Row]] = []
        faults: list[Fault] = []
        for index, row in enumerate(rows):
            try:
                good.append((index, check(row)))
            except serializers.ValidationError as error:
                faults += [(index, *one) for one in details_of(error)]
            except Refused as refusal:
                faults.append((index, refusal.code, path_of(refusal), str(refusal.message)))
        made = self._done(good, act, faults)
        if faults:
            return Response({"errors": [_said(fault) for fault in sorted(faults)]}, status=422)
        return Response({"results": [{"id": row.pk, "version": row.version} for row in made]}, status=status)

    def _done(
        self, good: list[tuple[int, Row]], act: Callable[[list[Row]], Sequence[Any]], faults: list[Fault]
    ) -> Sequence[Any]:
        """What the act made. Where some rows are wrong already, it only shows what is wrong with the others."""
        rows = [row for _index, row in good]
        try:
            if not faults:
                return act(rows)
            with rehearsed():
                act(rows)
        except ManyRefused as many:
            faults += [
                (good[place][0], refusal.code, path_of(refusal), str(refusal.message))
                for place, refusal in many.faults
            ]
        return []


def _said(fault: Fault) -> dict[str, Any]:
    index, code, path, message = fault
    whole = f"rows[{index}].{path}" if path else f"rows[{index}]"
    field = path.removeprefix("fields.")
    return {"index": index, "field": field, "code": code, "path": whole, "message": message}


def checker(serializer: type[serializers.Serializer[Any]]) -> Callable[[Any], dict[str, Any]]:
    """Checks rows to be made, one after the other, by one serializer."""
    child = serializer()

    def check(row: Any) -> dict[str, Any]:
        child.initial_data = row
        return dict(child.run_validation(row))

    return check


def edit_checker(
    serializer: type[serializers.Serializer[Any]], context_of: Callable[[int], dict[str, Any]] | None = None
) -> Callable[[Any], tuple[int, int, dict[str, Any]]]:
    """Checks edits: the row's id, the version that was read, and `fields`; `context_of` a row, for its serializer."""
    head, child = ReadSerializer(), serializer(partial=True)

    def check(row: Any) -> tuple[int, int, dict[str, Any]]:
        if not isinstance(row, Mapping) or not isinstance(row.get("fields"), Mapping) or not row["fields"]:
            message = _("Send id, version and fields, with at least one field that changes.")
            raise Refused(message, path="fields", code="empty_body")
        read = head.run_validation({name: value for name, value in row.items() if name != "fields"})
        child._context = context_of(read["id"]) if context_of else {}
        child.initial_data = row["fields"]
        try:
            changes = dict(child.run_validation(row["fields"]))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"fields": error.detail}) from error
        return read["id"], read["version"], changes

    return check


def each(rows: Sequence[Row], do: Callable[[Row], Any], by: Callable[[Row], Any] | None = None) -> list[Any]:
    """What an act answers for each row; raises ManyRefused with all that it refused, whereupon nothing stays.

    `by`: in which order they are done, where that is not the one in which they were sent.
    """
    done: dict[int, Any] = {}
    faults: list[tuple[int, Refused]] = []
    places = range(len(rows))
    for place in sorted(places, key=lambda place: by(rows[place])) if by else places:
        try:
            done[place] = do(rows[place])
        except Refused as refusal:
            faults.append((place, refusal))
    if faults:
        raise ManyRefused(_("Nothing was written."), sorted(faults, key=itemgetter(0)))
    return [done[place] for place in places]


def each_by_id(rows: Sequence[Changed], do: Callable[[Changed], Any]) -> list[Any]:
    """The same for rows that begin with their id: done in the order of ids, in which every act locks several."""
    return each(rows, do, by=itemgetter(0))
