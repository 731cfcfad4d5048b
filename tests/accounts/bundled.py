"""Modules for tests."""

from datetime import date
from typing import Any

from accounts.models import Module, ModuleMember
from accounts.services.modules import add_to_module, create_module
from tests.cast import Cast

MAY = date(2026, 5, 20)
JUNE = date(2026, 6, 1)


def module(cast: Cast, acting: Any, *names: str, name: str = "Key accounts", on: date = MAY) -> Module:
    """A module with these accounts in it from a day on."""
    with acting(cast.admin):
        made = create_module(by=cast.admin.pk, name=name)
        if names:
            ids = [cast.accounts[one].pk for one in names]
            add_to_module(by=cast.admin.pk, module_id=made.pk, account_ids=ids, starts_on=on, reason="named")
    return made


def spans(acting: Any, cast: Cast) -> list[tuple[str, str, date, date | None]]:
    """What stands: account, module, from, until."""
    with acting(cast.admin):
        rows = ModuleMember.objects.current().select_related("account", "module")
        return [
            (row.account.name, row.module.name, row.starts_on, row.stops_on)
            for row in rows.order_by("account__name", "starts_on")
        ]


def lines(kind: str = "", values: str = "") -> dict[str, str]:
    """The one condition of a form, as a page sends it."""
    counts = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
    return {**counts, "lines-0-joins": "and", "lines-0-kind": kind, "lines-0-values": values}
