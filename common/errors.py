"""Refusals that a person can act on; edges turn them into a form message, a page or a JSON body."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class Refused(Exception):
    """An act that the rules do not allow: what is wrong, where, and what would be right.

    `path` names the field (`lines.2.amount`) or is empty for the whole form; `code` is stable for programs.
    """

    status = 422
    code = "refused"
    words: StrOrPromise = ""

    def __init__(
        self, message: StrOrPromise = "", *, path: str = "", code: str = "", status: int = 0
    ) -> None:
        self.message = message or self.words
        super().__init__(self.message)
        self.path = path
        self.code = code or self.code
        self.status = status or self.status


class Forbidden(Refused):
    """The row is in reach, the act on it is not allowed to this person."""

    status = 403
    code = "forbidden"
    words = _("You may see this, but not change it.")


class NotInReach(Refused):
    """The row does not exist for this person: the same answer as for an id that was never given."""

    status = 404
    code = "not_found"
    words = _("There is nothing here, or it is not yours to see.")


class Stale(Refused):
    """Somebody changed the row after it was read; the form is shown again with both versions."""

    status = 412
    code = "stale"
    words = _("Somebody else changed this after you opened it. Compare and save again.")


class Conflict(Refused):
    """The state of the business forbids it now: a closed period, a missing rate, a job that is running."""

    status = 409
    code = "conflict"


class ManyRefused(Refused):
    """Of many rows that one act was to change some are refused, and none was changed: (place in the act, why)."""

    code = "many_refused"

    def __init__(self, message: StrOrPromise, faults: Sequence[tuple[int, Refused]]) -> None:
        super().__init__(message)
        self.faults = faults


class Missing(Refused):
    """An unsafe request came without its idempotency key or the version that it edits."""

    status = 428
    code = "precondition_required"


def error_body(*errors: tuple[str, str, StrOrPromise]) -> dict[str, list[dict[str, str]]]:
    """Refusals as programs read them: each with its code, the path of what is wrong, and a sentence."""
    return {
        "errors": [{"code": code, "path": path, "message": str(message)} for code, path, message in errors]
    }
