"""The navigation of a role, and the banner that says when the night did not come."""

from typing import Any

from django.http import HttpRequest

from salesops.navigation import entries


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {"nav": entries(request)}
