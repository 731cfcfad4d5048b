"""Choosing accounts, looking at what assigning them does, and pressing, in tests of Assign…."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast

URL = reverse("accounts_assign")
LIST = reverse("account_list")


def typed(cast: Cast, territory: str, day: str = "2026-05-20", **more: Any) -> dict[str, Any]:
    place = {"territory_id": str(cast.territories[territory].pk), "coverage": "field", "starts_on": day}
    return {**place, "reason": "nearer", **more}


def ids(cast: Cast, *names: str) -> list[str]:
    return [str(cast.accounts[name].pk) for name in names]


def look(client: Any, cast: Cast, accounts: list[str], territory: str, **more: Any) -> Any:
    form = typed(cast, territory, **{"account": accounts, "look": "1", **more})
    return client.post(URL, form, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="assign-effect")


def confirm(client: Any, cast: Cast, accounts: list[str], territory: str, **more: Any) -> Any:
    """Press once with the effect seen."""
    seen = look(client, cast, accounts, territory, **more).context["effect"].digest
    return client.post(URL, typed(cast, territory, **{"account": accounts, "seen": seen, **more}))
