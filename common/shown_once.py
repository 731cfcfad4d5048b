"""A secret that is shown to the person who made it, once: it travels in their own browser and is stored nowhere."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "shown_once"
SECONDS = 120


def show_once(request: HttpRequest, response: HttpResponse, secret: str) -> HttpResponse:
    """Let the page that `response` leads to show `secret` to the person of `request`, and to nobody after them."""
    is_secure, salt = settings.SESSION_COOKIE_SECURE, str(request.user.pk)
    response.set_signed_cookie(
        COOKIE, secret, salt, max_age=SECONDS, httponly=True, samesite="Strict", secure=is_secure
    )
    return response


def take_secret(request: HttpRequest) -> str:
    """The secret that this page is to show; empty where there is none."""
    return str(request.get_signed_cookie(COOKIE, default="", salt=str(request.user.pk), max_age=SECONDS))


def forget(response: HttpResponse) -> HttpResponse:
    """Take the secret out of the browser: the page has shown it."""
    response.delete_cookie(COOKIE, samesite="Strict")
    return response
