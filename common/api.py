"""What every API endpoint does the same way: strict bodies and queries, refusals as JSON, pages by key, its schema."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions, serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.errors import Forbidden, Missing, NotInReach, Refused, error_body
from common.http import page_by_key, strict_query
from common.json_body import MOST_ECHOED, echo
from common.transaction import reach

MOST_NAMED = 20


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know, naming the nearest one that it does."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [name for name, field in self.fields.items() if not field.read_only]
            unknown = [name for name in data if name not in known][:MOST_NAMED]
            if unknown:
                errors = {echo(name): [_unknown(name, known, list(self.fields))] for name in unknown}
                raise serializers.ValidationError(errors, code="unknown_field")
        return super().to_internal_value(data)


def _unknown(name: str, known: Sequence[str], shown: Sequence[str]) -> str:
    values = {"name": echo(name), "known": ", ".join(known)}
    if name in shown:
        return _("%(name)s is only read; leave it out.") % values
    if near := difflib.get_close_matches(name, known, 1) if len(name) <= MOST_ECHOED else []:
        return _("There is no field %(name)s here. Did you mean %(near)s?") % {**values, "near": near[0]}
    return _("There is no field %(name)s here. Known: %(known)s.") % values


class NothingSerializer(StrictSerializer):
    """An empty body: {}."""


class ErrorSerializer(serializers.Serializer[Any]):
    """One thing that is wrong: a code for programs, the path of the field, a sentence for people."""

    code = serializers.CharField()
    path = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class ErrorsSerializer(serializers.Serializer[Any]):
    """Why a request was refused; nothing of it was written."""

    errors = ErrorSerializer(many=True)  # type: ignore[assignment]


class Endpoint(APIView):
    """An address of the API: its query is as strict as its bodies, and a token does no more than its scopes."""

    filters: tuple[str, ...] = ()
    asks: tuple[str, str] | None = None
    """What the access table lets a person do who may come here at all; None: everybody."""
    query: dict[str, str]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.asks and not reach().relations(*self.asks):
            raise Forbidden(_("This address is not part of your role."))
        if ("read" if request.method in SAFE_METHODS else "write") not in reach().scopes:
            raise Forbidden(_("This token may not do that; make one whose scopes allow it."))
        if getattr(getattr(self, str(request.method).lower(), None), "is_edit", False):
            version_of(request)
        self.query = strict_query(request._request, *self.filters)


class NothingHere(Endpoint):
    """Every address of the API that there is not."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super(Endpoint, self).initial(request, *args, **kwargs)
        raise NotInReach()


class SchemaApi(SpectacularAPIView):
    """The API as an OpenAPI schema; a refusal of it is JSON like every other."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if response.exception:
            request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
        return super().finalize_response(request, response, *args, **kwargs)


def _header(name: str, kind: OpenApiTypes, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, required=True, description=description)


KEY = _header(
    "Idempotency-Key",
    OpenApiTypes.STR,
    "8 to 64 characters of your choice, new for every act: the same key again changes nothing.",
)
VERSION = _header(
    "If-Match", OpenApiTypes.INT, "The version that was read; 412 where the row has changed since."
)
CLOCKS = (
    OpenApiParameter(
        "valid", OpenApiTypes.DATE, description="Only what was booked up to that day; none to come."
    ),
    OpenApiParameter(
        "known",
        OpenApiTypes.STR,
        description="As it was known at the end of a day, 2026-04-30, or at an instant, 2026-04-30T15:03:00+00:00; "
        "neither may be to come. Without it as it is known now.",
    ),
)
AFTER = OpenApiParameter("after", OpenApiTypes.STR, description="The key that the page before ended with.")
ON = OpenApiParameter("on", OpenApiTypes.DATE, description="The day, such as 2026-03-31; without it today.")
Method = TypeVar("Method", bound=Callable[..., HttpResponseBase])


class Decorated(Protocol):
    """Leaves the method that it describes as it is."""

    def __call__(self, method: Method, /) -> Method: ...


def _describes(name: str, status: int, answer: Any, *parameters: OpenApiParameter, **more: Any) -> Decorated:
    responses = {status: answer, "4XX": ErrorsSerializer}
    return extend_schema(operation_id=name, parameters=list(parameters), responses=responses, **more)


def reads(name: str, answer: Any, *parameters: OpenApiParameter) -> Decorated:
    """Describes an operation that reads."""
    return _describes(name, 200, answer, *parameters)


def only(name: str, description: str) -> OpenApiParameter:
    """A filter that takes the id of a row."""
    return OpenApiParameter(name, OpenApiTypes.INT, description=description)


def lists(
    name: str, serializer: type[serializers.Serializer[Any]], *parameters: OpenApiParameter
) -> Decorated:
    """Describes an operation that reads a page of rows."""
    return _describes(name, 200, _page_of(serializer), *parameters, AFTER)


@cache
def _page_of(serializer: type[serializers.Serializer[Any]]) -> Any:
    """A page of such rows; the same wherever they are listed."""
    fields = {
        "results": serializer(many=True),
        "after": serializers.CharField(allow_null=True, help_text="The next page's key; null on the last."),
    }
    return inline_serializer(name=serializer.__name__.replace("Serializer", "Page"), fields=fields)


def makes(name: str, takes: Any, answer: Any) -> Decorated:
    """Describes an operation that makes a row."""
    return _describes(name, 201, answer, KEY, request=takes)


def acts(name: str, takes: Any, answer: Any) -> Decorated:
    """Describes an operation that does something from a day on, whatever was read before."""
    return _describes(name, 200, answer, KEY, request=takes)


def edits(name: str, takes: Any, answer: Any) -> Decorated:
    """Describes an operation that changes the version of a row that was read; without one it is not begun."""
    described = _describes(name, 200, answer, KEY, VERSION, request=takes)

    def decorate(method: Method) -> Method:
        method.is_edit = True  # type: ignore[attr-defined]  # which `Endpoint` looks at
        return described(method)

    return decorate


def answer_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as `{"errors": [{"code", "path", "message"}]}`; what is not one stays a server error."""
    if isinstance(error, Http404):
        error = NotInReach()
    if isinstance(error, Refused):
        return Response(error_body((error.code, path_of(error), error.message)), status=error.status)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    status = 422 if isinstance(error, serializers.ValidationError) else error.status_code
    headers = {"WWW-Authenticate": getattr(error, "auth_header", "Bearer")} if status == 401 else None
    return Response(error_body(*details_of(error)), status=status, headers=headers)


def path_of(error: Refused) -> str:
    """A service's path as the API names it: `lines.2.amount_minor` is `lines[2].amount`, `user_id` is `person_id`."""
    return _indexed(error.path).replace("_minor", "").replace("user_id", "person_id")


def details_of(error: exceptions.APIException) -> list[tuple[str, str, str]]:
    """Code, path and message of everything that is wrong with a body."""
    return list(_flat(error.get_full_details()))


def _indexed(path: str) -> str:
    return re.sub(r"\.([0-9]+)(?=\.|$)", r"[\1]", path)


def _flat(details: Any, path: str = "") -> Any:
    if isinstance(details, list):
        for index, item in enumerate(details):
            yield from _flat(item, path if _is_leaf(item) else f"{path}[{index}]")
    elif _is_leaf(details):
        yield str(details["code"]), _indexed(path), str(details["message"])
    else:
        for name, item in details.items():
            steps = (path, "" if name == "non_field_errors" else str(name))
            yield from _flat(item, ".".join(filter(None, steps)))


def _is_leaf(item: Any) -> bool:
    """Whether it is a message and its code, and not two fields of those names."""
    return isinstance(item, Mapping) and set(item) == {"message", "code"} and isinstance(item["message"], str)


def body_of(
    serializer: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False, **context: Any
) -> dict[str, Any]:
    """What the body says, checked. Raises ValidationError, and Refused for an edit that changes nothing."""
    body = serializer(data=request.data, partial=partial, context=context)
    body.is_valid(raise_exception=True)
    if partial and not body.validated_data:
        known = ", ".join(name for name, field in body.fields.items() if not field.read_only)
        raise Refused(_("Say what to change. Known: %(known)s.") % {"known": known}, code="empty_body")
    return dict(body.validated_data)


def version_of(request: Request) -> int:
    """The version that an edit read, from `If-Match`. Raises Missing (428) without one."""
    text = request.headers.get("If-Match", "").strip('"')
    if not re.fullmatch("[0-9]{1,18}", text):
        raise Missing(_("Send the version that you read as If-Match."), path="If-Match")
    return int(text)


def answer_page(
    rows: QuerySet[Any],
    order: Sequence[str],
    after: str | None,
    serializer: type[serializers.Serializer[Any]],
    **context: Any,
) -> Response:
    """A page of rows and the key of the next one."""
    page = page_by_key(rows, order, after)
    return Response({"results": shown(page.rows, serializer, **context), "after": page.after})


def shown(
    rows: Sequence[Any], serializer: type[serializers.Serializer[Any]], **context: Any
) -> list[dict[str, Any]]:
    """These rows as programs read them; one serializer does for all."""
    one, results = serializer(context=context), []
    for one.instance in rows:  # an amount looks there for its currency
        results.append(one.to_representation(one.instance))
    return results
