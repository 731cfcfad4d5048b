"""Asking somebody for something, in tests of what becomes of it."""

from datetime import date
from typing import Any

from tests.cast import Cast
from workspace import services
from workspace.models import Approval


def ask(*, by: int, kind: str, **asked: Any) -> Approval:
    """`asked`: what `Asked` takes, such as key, about and approver_id."""
    return services.ask(by=by, kind=kind, asked=services.Asked(**asked))


def stand_in_for_the_manager(cast: Cast, acting: Any, until: date) -> None:
    """The other manager answers for the manager from the cast's day until that one."""
    with acting(cast.manager):
        services.name_stand_in(
            by=cast.manager.pk,
            person_id=cast.manager.pk,
            stand_in_id=cast.other_manager.pk,
            starts_on=date(2026, 5, 20),
            stops_on=until,
        )
