"""What makes a web app of the site that a phone installs: its manifest, its service worker, its page without a network.

They are everybody's, ask the database nothing and hold no figure.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

LIGHT, DARK = "#f6f6f8", "#101114"
ICONS = (
    ("icon.svg", "any", "any", "image/svg+xml"),
    ("icons/192.png", "192x192", "any", "image/png"),
    ("icons/512.png", "512x512", "any", "image/png"),
    ("icons/maskable.png", "512x512", "maskable", "image/png"),
)


@login_not_required
@require_safe
def app_manifest(request: HttpRequest) -> HttpResponse:
    """How the app is called, looks and starts once it is installed."""
    shortcuts = (
        (_("New deal or activity"), "opportunity_create"),
        (_("Search"), "search"),
        (_("Inbox"), "inbox"),
    )
    manifest = {
        "id": "/",
        "name": _("Sales performance"),
        "short_name": _("Sales"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": LIGHT,
        "background_color": LIGHT,
        "icons": [
            {"src": static(name), "sizes": sizes, "purpose": purpose, "type": kind}
            for name, sizes, purpose, kind in ICONS
        ],
        "shortcuts": [{"name": name, "url": reverse(page)} for name, page in shortcuts],
    }
    return JsonResponse(manifest, content_type="application/manifest+json")


@login_not_required
@require_safe
def app_worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the whole site: static files by their hashed names, and the page without a network."""
    text = render_to_string("salesops/app_worker.js", {"static_url": settings.STATIC_URL})
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return HttpResponse(text, content_type="text/javascript", headers=headers)


@login_not_required
@require_safe
def app_offline(request: HttpRequest) -> HttpResponse:
    """What a page shows that was asked for without a network."""
    return HttpResponse(render_to_string("salesops/app_offline.html"))
