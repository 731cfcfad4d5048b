"""What every page's frame shows of the organisation."""

from typing import Any

from django.http import HttpRequest

from common.selectors import organisation as current


def organisation(request: HttpRequest) -> dict[str, Any]:
    return {"organisation": current()}
