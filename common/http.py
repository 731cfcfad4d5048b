"""What every view does the same way: strict queries, forms that keep what was typed, pages by key, roles."""

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from django import forms
from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.access import known
from common.calendars import YEARS, iso_day
from common.errors import Forbidden, NotInReach, Refused
from common.models import Period
from common.transaction import context, reach
from common.written import TYPES, Cell, as_csv

T = TypeVar("T")
P = ParamSpec("P")
PAGE_SIZE = 50
MOST_TEXT, MOST_KEY = 200, 2000
# Parameters that are made by pages and not typed: the key of the next rows, the nodes of a tree that stand open, the
# address that a view is to keep, the columns of a list.
LONG = ("after", "open", "folded", "query", "columns")
# What the database does not take as text, and what stands where bytes were not UTF-8.
NO_TEXT = re.compile("[\0\ud800-\udfff\ufffd]")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def may(name: str, action: str) -> Callable[[View[P]], View[P]]:
    """A page of those whom the access table lets do `action` to some row of `name`; others are told so with 403."""
    asked = known(name, action)

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not reach().relations(*asked):
                raise Forbidden(_("This page is not part of your role."))
            return view(request, *args, **kwargs)

        guarded.asks = asked  # type: ignore[attr-defined]  # the navigation shows who may open what
        return cast("View[P]", guarded)

    return decorate


def person_id() -> int:
    """The id of the person who asks, for `by=`. Raises Forbidden for nobody."""
    by_id = context().by_id
    if by_id is None:
        raise Forbidden()
    return by_id


class BadQuery(Refused):
    """An unknown, repeated or malformed query parameter: refused, never ignored."""

    status = 400
    code = "bad_query"


def strict_query(request: HttpRequest, *allowed: str) -> dict[str, str]:
    """The query's parameters. Raises BadQuery on an unknown, repeated or broken one, or one that is too long.

    What a middleware of the page has read (`request.aside`) is not among them.
    """
    aside: Sequence[str] = getattr(request, "aside", ())
    for name, values in request.GET.lists():
        if name not in (*allowed, *aside):
            known = ", ".join(allowed) or _("none")
            message = _("There is no filter %(name)s here. Known: %(known)s.")
            raise BadQuery(message % {"name": name[:80], "known": known}, path=name[:80])
        if len(values) > 1:
            raise BadQuery(_("The filter %(name)s is given twice.") % {"name": name}, path=name)
        most = MOST_KEY if name in LONG else MOST_TEXT
        if len(values[0]) > most:
            message = _("The filter %(name)s is longer than %(most)s characters.")
            raise BadQuery(message % {"name": name, "most": most}, path=name)
        if NO_TEXT.search(values[0]):
            message = _("The filter %(name)s holds a character that is not text.")
            raise BadQuery(message % {"name": name}, path=name)
    sent_along = ((name, value) for name, value in request.GET.items() if name not in aside)
    return {name: value for name, value in sent_along if value != ""}  # type: ignore[misc]


def FORM(view: View[P]) -> View[P]:  # noqa: N802  beside @may it says what kind of page this is
    """A page with a form: read or posted to, without filters."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @functools.wraps(view)
    def strict(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        strict_query(request)
        return view(request, *args, **kwargs)

    return cast("View[P]", strict)


def chosen(query: dict[str, str], name: str, choices: Sequence[str], default: str) -> str:
    """One of `choices` from the query. Raises BadQuery with the allowed ones."""
    value = query.get(name, default)
    if value not in choices:
        message = _("%(name)s is one of: %(known)s.")
        raise BadQuery(message % {"name": name, "known": ", ".join(choices)}, path=name)
    return value


def whole(query: dict[str, str], name: str) -> int | None:
    """A whole number from the query in plain digits. Raises BadQuery."""
    text = query.get(name)
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadQuery(_("%(name)s is a whole number.") % {"name": name}, path=name)
    return None if text is None else int(text)


def a_day(query: dict[str, str], name: str) -> date | None:
    """A day from the query, written as 2026-03-31, of the years 1900 to 2199. Raises BadQuery."""
    try:
        return iso_day(query[name]) if name in query else None
    except ValueError:
        raise BadQuery(_("%(name)s is a day written as 2026-03-31.") % {"name": name}, path=name) from None


def a_moment(query: dict[str, str], name: str) -> datetime | None:
    """An instant from the query with its zone, as 2026-03-31T15:03:00+00:00, of the same years, in UTC: the database
    does not take every zone. Raises BadQuery.
    """
    try:
        moment = datetime.fromisoformat(query[name]) if name in query else None
        if moment and not moment.tzinfo:
            raise ValueError(name)
        moment = moment.astimezone(UTC) if moment else None
        if moment and moment.year not in YEARS:
            raise ValueError(name)
    except (ValueError, OverflowError):
        message = _("%(name)s is an instant written as 2026-03-31T15:03:00+00:00.") % {"name": name}
        raise BadQuery(message, path=name) from None
    return moment


def a_period(query: dict[str, str]) -> Period | None:
    """The period that the query names. Raises BadQuery for one that there is not."""
    code = query.get("period")
    period: Period | None = (
        Period.objects.filter(code=code).select_related("parent").first() if code else None
    )
    if code and period is None:
        raise BadQuery(_("There is no period %(code)s.") % {"code": code}, path="period")
    return period


def back_from(request: HttpRequest, name: str, *args: object) -> str:
    """Where a page was opened from, as its `?back=` says where that is a page of this site; else the named page."""
    path = request.POST.get("back") or request.GET.get("back", "")
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else reverse(name, args=args)


def address_of(page: str, values: Mapping[str, Any]) -> str:
    """A page's address with these values in its query, days written as 2026-03-31; what is empty is left out."""
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value
    }
    return f"{page}?{urlencode(plain)}"


def sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, for a form; None where the page is only read."""
    return request.POST if request.method == "POST" else None


def perform(form: forms.BaseForm, act: Callable[..., T], **more: Any) -> T | None:
    """Run `act` with the form's cleaned data; a refusal becomes an error of the form, which keeps what was typed."""
    if not (form.is_bound and form.is_valid()):
        return None
    try:
        return act(**{**form.cleaned_data, **more})
    except NotInReach:
        raise
    except Refused as refused:
        field = refused.path if refused.path in form.fields else None
        form.add_error(field, forms.ValidationError(str(refused.message), code=refused.code))
        form.refusal = refused  # type: ignore[attr-defined]
        if mark := getattr(form, "mark", None):  # a form with rows, whose fields are not its own
            mark(refused)
        return None


def form_page(request: HttpRequest, template: str, form: forms.BaseForm, **context: Any) -> HttpResponse:
    """The page of a form: 200 when fresh, the refusal's status (422, 409, 412) when it came back with errors."""
    if request.headers.get("HX-Request"):
        form.auto_id = "dialog_%s"  # the page behind the dialog may hold a form with the same fields
    refused: Refused | None = getattr(form, "refusal", None)
    status = (refused.status if refused else 422) if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def done_in_place(text: str, url: str, label: str, **events: Any) -> HttpResponse:
    """A form in the dialog is done: it closes on the page that it was opened on, and a message leads on.

    `events`: what else the page is told, each with what it says.
    """
    answer = HttpResponse(status=204)
    toast = {"level": "success", "text": text, "url": url, "label": label}
    answer["HX-Trigger"] = json.dumps({"dialog-close": {}, "toast": toast, **events})
    return answer


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of rows and the keys of its neighbours."""

    rows: list[T]
    after: str | None
    is_first: bool


def page_by_key(rows: QuerySet[Any], order: Sequence[str], after: str | None) -> Page[Any]:
    """A page of the rows after the key, in `order` (column names, `-` for descending; the last is unique).

    A key is signed for its order: only one that was made here, for the same columns, reaches the database.
    Raises BadQuery for any other.
    """
    if after:
        try:
            rows = rows.filter(_beyond(order, _signer(order).unsign_object(after)))
        except BadSignature:
            message = _("This page's key is broken. Start again from the first page.")
            raise BadQuery(message, path="after") from None
    found = list(rows.order_by(*order)[: PAGE_SIZE + 1])
    last = key_of(found[PAGE_SIZE - 1], order) if found[PAGE_SIZE:] else None
    return Page(found[:PAGE_SIZE], last, not after)


def key_of(row: Any, order: Sequence[str]) -> str:
    """The key of the rows after this one, for `page_by_key`."""
    values = [str(getattr(row, name.lstrip("-"))) for name in order]
    return _signer(order).sign_object(values, compress=True)


def _signer(order: Sequence[str]) -> Signer:
    return Signer(salt="page " + " ".join(order))


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    result, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        result |= equal & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{column: value})
    first = order[0].lstrip("-")
    return Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": values[0]}) & result


def csv_file(name: str, rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """A table as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse(as_csv(rows), content_type=TYPES["csv"], headers=headers)
