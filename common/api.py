"""What every API endpoint does the same way: strict bodies, exact amounts, refusals as JSON, pages by key."""

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import Missing, Refused
from common.http import page_by_key
from common.locale import exponent
from common.money import parse_plain, plain
from common.selectors import the_organisation
from common.transaction import context

MAX_DEPTH = 32


class StrictJSONParser(BaseParser):
    """JSON in UTF-8: no duplicate key, no NaN, no deeper than 32 levels."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8")
            _check_depth(text)
            return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise exceptions.ParseError(_("This is not JSON in UTF-8: %(why)s.") % {"why": error}) from error


def _check_depth(text: str) -> None:
    depth = deepest = 0
    quoted = escaped = False
    for char in text:
        if quoted:
            quoted = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            deepest = max(depth, deepest)
        elif char in "]}":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise exceptions.ParseError(_("Nested too deeply: at most %(most)d levels.") % {"most": MAX_DEPTH})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise exceptions.ParseError(_("The key %(key)s stands twice.") % {"key": key})
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise exceptions.ParseError(_("%(name)s is not a value.") % {"name": name})


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know, naming the nearest one that it does."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [name for name, field in self.fields.items() if not field.read_only]
            errors = {name: [_unknown(name, known)] for name in data if name not in known}
            if errors:
                raise serializers.ValidationError(errors, code="unknown_field")
        return super().to_internal_value(data)


def _unknown(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return _("There is no field %(name)s here. Did you mean %(near)s?") % {"name": name, "near": near[0]}
    return _("There is no field %(name)s here.") % {"name": name}


class AmountField(serializers.Field[int, str, str, Any]):
    """An amount as text with a full stop, in the currency that stands beside it: "1234.56". Numbers are refused."""

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str):
            raise serializers.ValidationError(
                _('Write amounts as text, such as "1000.00".'), code="amount_format"
            )
        try:
            return parse_plain(data, exponent(self._currency_of(self.root.initial_data)))
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="amount_format") from error

    def to_representation(self, value: int) -> str:
        row = self.parent.instance
        return plain(
            value,
            exponent(self.currency or _attribute(row, "currency") or the_organisation().reporting_currency),
        )

    def _currency_of(self, data: Any) -> str:
        stated = data.get("currency") if isinstance(data, Mapping) else None
        return self.currency or (stated if isinstance(stated, str) else the_organisation().reporting_currency)


def _attribute(row: Any, name: str) -> str:
    return str(row.get(name, "") if isinstance(row, Mapping) else getattr(row, name, ""))


def answer_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as `{"errors": [{"code", "path", "message"}]}`; what is not one stays a server error."""
    if isinstance(error, Refused):
        return Response(_body([(error.code, error.path, str(error.message))]), status=error.status)
    if isinstance(error, Http404 | PermissionDenied):
        error = exceptions.NotFound() if isinstance(error, Http404) else exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    status = 422 if isinstance(error, serializers.ValidationError) else error.status_code
    headers = {"WWW-Authenticate": getattr(error, "auth_header", "Bearer")} if status == 401 else None
    return Response(_body(list(_flat(error.get_full_details()))), status=status, headers=headers)


def _body(errors: list[tuple[str, str, str]]) -> dict[str, Any]:
    return {"errors": [{"code": code, "path": path, "message": message} for code, path, message in errors]}


def _flat(details: Any, path: str = "") -> Any:
    if isinstance(details, list):
        for index, item in enumerate(details):
            yield from _flat(item, path if _is_leaf(item) else f"{path}[{index}]")
    elif _is_leaf(details):
        yield str(details["code"]), path.removesuffix(".non_field_errors"), str(details["message"])
    else:
        for name, item in details.items():
            yield from _flat(item, f"{path}.{name}" if path else str(name))


def _is_leaf(item: Any) -> bool:
    return (
        isinstance(item, Mapping)
        and set(item) == {"message", "code"}
        and not isinstance(item["message"], Mapping)
    )


def version_of(request: Request) -> int:
    """The version that an edit read, from `If-Match`. Raises Missing (428) without one."""
    text = request.headers.get("If-Match", "").strip('"')
    if not (text.isascii() and text.isdigit()):
        raise Missing(_("Send the version that you read as If-Match."))
    return int(text)


def answer_page(rows: QuerySet[Any], order: Sequence[str], request: Request, serializer: Any) -> Response:
    """A page of rows and the key of the next one."""
    unknown = set(request.query_params) - {"after"}
    if unknown:
        raise exceptions.ParseError(
            _("There is no filter %(name)s here.") % {"name": ", ".join(sorted(unknown))}
        )
    page = page_by_key(rows, order, request.query_params.get("after"))
    return Response({"results": [serializer(row).data for row in page.rows], "after": page.after})


def caller_id() -> int:
    """The id of the person who calls, for `by=`. Raises NotAuthenticated."""
    by_id = context().by_id
    if by_id is None:
        raise exceptions.NotAuthenticated()
    return by_id
