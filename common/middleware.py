"""One request is one transaction: who, why and a request id from its start, rolled back on an answer of 400 or more."""

import hashlib
import logging
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from common import transaction as work_of
from common.constraints import explained
from common.errors import Forbidden, Missing, NotInReach, Refused, error_body
from common.models import IdempotencyKey

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
REDIRECTS = (301, 302, 303)
LOG = logging.getLogger(__name__)
KEY = re.compile("[!-~]{8,64}")
# The key of a form tells whom it was shown to: who signs in after them does not send what they typed.
KEY_OF_A_FORM = re.compile("p([0-9]+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Sign-in writes sessions only and has its own guards; health and what is installed answer without a transaction.
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
KEYLESS_PATHS = ("/sign-in/",)
OUTSIDE_PATHS = ("/health/", "/app/", settings.STATIC_URL)


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    """The refusal as a page or, for the API, as JSON with code, path and message."""
    if wants_json(request):
        return JsonResponse(error_body((error.code, error.path, error.message)), status=error.status)
    return render(request, "refused.html", {"error": error}, status=error.status)


def busy(request: HttpRequest, error: Exception) -> HttpResponse:
    """503: the database did not answer, and nothing was saved."""
    LOG.error("the database did not answer: %s", error)
    message = _("The database is busy or restarting. Nothing was saved; try again in a moment.")
    response = bare(request, Refused(message, code="busy", status=503))
    response["Retry-After"] = "2"
    return response


def bare(request: HttpRequest, error: Refused) -> HttpResponse:
    """The refusal without a query, where the database takes none: it is away, or broke the transaction off."""
    if wants_json(request):
        return refusal(request, error)
    return HttpResponse(render_to_string("bare.html", {"error": error}), status=error.status)


def broken(request: HttpRequest) -> HttpResponse:
    """500, the site's handler of what nobody expected."""
    message = _("Something broke on our side. Nothing was saved; try again in a moment.")
    return bare(request, Refused(message, code="server_error", status=500))


def unfit(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, the site's handler of a request that Django takes for an attack or a mistake."""
    message = _("Something in the address or the form is not what this page takes. Nothing was saved.")
    return bare(request, Refused(message, code="bad_request", status=400))


def not_theirs(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, the site's handler."""
    return refusal(request, Forbidden(_("This page is not part of your role.")))


def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the site's handler: an address that never was answers like a row that is not theirs."""
    return refusal(request, NotInReach())


class AnswerMiddleware:
    """Turns what escaped the view into an answer; nothing of it is cached by anybody.

    A browser's own request follows a redirect; a fragment asks the page to go there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("HX-Request") == "true" and response.status_code in REDIRECTS:
            cookies, response = response.cookies, HttpResponseClientRedirect(response["Location"])
            response.cookies = cookies
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return refusal(request, exception)
        if isinstance(exception, (IntegrityError, DataError)):
            LOG.error("refused by the database, outside an act: %s", exception)
            return bare(request, explained(exception))
        return busy(request, exception) if isinstance(exception, (OperationalError, InterfaceError)) else None


class TransactionMiddleware:
    """Opens the request's transaction: a snapshot for reading, the usual isolation for writing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OUTSIDE_PATHS):
            return self.get_response(request)
        why = f"{request.method} {request.path}"[:200]
        try:
            with work_of.work(by=None, why=why, reach=None, snapshot=request.method in SAFE):
                response = self.get_response(request)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
            return response
        except (OperationalError, InterfaceError) as error:
            return busy(request, error)


class IdempotencyMiddleware:
    """Makes an unsafe request happen once: its key is claimed in the effect's own transaction.

    The same key again answers what was answered the first time; with another body it is refused.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE or request.path.startswith(OUTSIDE_PATHS):
            return self.get_response(request)
        if unreadable := _unreadable(request):
            return refusal(request, unreadable)
        person_id, scopes = work_of.context().by_id, work_of.reach().scopes
        if person_id is None or "write" not in scopes or request.path.startswith(KEYLESS_PATHS):
            return self.get_response(request)
        key = _key_of(request)
        if not KEY.fullmatch(key):
            return refusal(request, _missing_key(request))
        if (whose := KEY_OF_A_FORM.fullmatch(key)) and int(whose[1]) != person_id:
            return refusal(request, _foreign_key())
        digest = _digest(request)
        if not _claimed(person_id, key, digest):
            return _replay(request, person_id, key, digest)
        response = self.get_response(request)
        if response.status_code < 400:
            _remember(person_id, key, response)
        return response


def _claimed(person_id: int, key: str, digest: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO common_idempotencykey (person_id, key, body_hash, headers, answer) "
            "VALUES (%s, %s, %s, '{}', '') ON CONFLICT DO NOTHING",
            [person_id, key, digest],
        )
        return bool(cursor.rowcount)


def _replay(request: HttpRequest, person_id: int, key: str, digest: str) -> HttpResponse:
    stored = IdempotencyKey.objects.get(person_id=person_id, key=key)
    if stored.body_hash != digest:
        return refusal(request, _reused_key(request))
    return HttpResponse(stored.answer, status=stored.status, headers=stored.headers)


def _unreadable(request: HttpRequest) -> Refused | None:
    """Why the body is not read at all: it does not say how long it is, or is too long."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if request.headers.get("Transfer-Encoding") and not length:
        message = _("Send the body in one piece, with its Content-Length.")
        return Refused(message, code="length_required", status=411)
    has_files = request.content_type == "multipart/form-data" and not wants_json(request)
    limit = settings.MOST_UPLOAD_SIZE if has_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not length.isdigit() or int(length[:18]) <= limit:
        return None
    message = _(
        "This is too long: at most %(most)d MB are taken at once. Send it in parts, or choose a smaller file."
    )
    return Refused(message % {"most": limit // 1024 // 1024}, code="too_large", status=413)


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    return key or ("" if wants_json(request) else request.POST.get("idempotency_key", ""))


def _missing_key(request: HttpRequest) -> Missing:
    if wants_json(request):
        message = _("Send an Idempotency-Key of 8 to 64 characters, a new one for every act.")
        return Missing(message, path="Idempotency-Key")
    return Missing(_("This form is out of date. Reload the page and send it again."))


def _foreign_key() -> Refused:
    message = _(
        "Somebody else had opened this form before you signed in. Open the page again and fill it in yourself."
    )
    return Refused(message, code="key_of_another", status=409)


def _reused_key(request: HttpRequest) -> Refused:
    if wants_json(request):
        message = _("This key was already used with another body or address. Send a new key for a new act.")
        return Refused(message, path="Idempotency-Key", code="key_reused")
    message = _("This form was already sent with other content. Reload the page and send it again.")
    return Refused(message, code="key_reused")


def _digest(request: HttpRequest) -> str:
    """What is asked for. The anti-forgery token changes with every page and says nothing about that."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()} ".encode())
    if wants_json(request) or request.content_type not in FORM_TYPES:
        digest.update(request.body)
    typed = [(name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"]
    digest.update(repr(sorted(typed)).encode())
    for file in request.FILES.values():
        for chunk in file.chunks():  # type: ignore[union-attr]
            digest.update(chunk)
        file.seek(0)  # type: ignore[union-attr]
    return digest.hexdigest()


def _remember(person_id: int, key: str, response: Any) -> None:
    kept = {
        name: response[name]
        for name in ("Location", "Content-Type", "HX-Redirect", "HX-Trigger")
        if name in response
    }
    body = "" if response.status_code in REDIRECTS else response.content.decode()
    body = body.replace(
        "\0", "\ufffd"
    )  # what was typed comes back on the page; the database takes no such text
    IdempotencyKey.objects.filter(person_id=person_id, key=key).update(
        status=response.status_code, headers=kept, answer=body
    )
