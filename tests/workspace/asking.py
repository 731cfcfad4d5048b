"""Asking somebody for something, in tests of what becomes of it."""

from typing import Any

from workspace import services
from workspace.models import Approval


def ask(*, by: int, kind: str, **asked: Any) -> Approval:
    """`asked`: what `Asked` takes, such as key, about and approver_id."""
    return services.ask(by=by, kind=kind, asked=services.Asked(**asked))
