"""Redirects for fragments: a browser's own request follows one, a fragment asks the page to go there."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect


def redirects(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: answer a fragment's post with HX-Redirect where a whole page would have been redirected."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.headers.get("HX-Request") != "true" or response.status_code not in (301, 302, 303):
            return response
        turned = HttpResponseClientRedirect(response["Location"])
        turned.cookies = response.cookies
        return turned

    return middleware
