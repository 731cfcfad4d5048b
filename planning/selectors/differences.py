"""What a realignment would move by now that it did not when it was looked at, and the other way round: by name."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from accounts.models import Account
from accounts.selectors.placing import some_of
from pipeline.models import Activity, Opportunity
from territories.models import Territory, User

Moved = Mapping[str, Sequence[Sequence[Any]]]
"""What moves, in rows by kind; each row begins with the id of what it is about, a quota's with person and territory."""


def _named(model: Any, column: str = "name") -> Callable[[Iterable[Any]], list[str]]:
    return lambda ids: list(model.objects.filter(pk__in=ids).order_by(column).values_list(column, flat=True))


KINDS: dict[str, tuple[StrOrPromise, Callable[[Iterable[Any]], list[str]]]] = {
    "places": (gettext_lazy("accounts: %(names)s"), _named(Account)),
    "kept": (gettext_lazy("accounts on hold: %(names)s"), _named(Account)),
    "deals": (gettext_lazy("open deals: %(names)s"), _named(Opportunity)),
    "tasks": (gettext_lazy("open tasks: %(names)s"), _named(Activity, "subject")),
    "paths": (gettext_lazy("territories that hang elsewhere: %(names)s"), _named(Territory)),
    "people": (gettext_lazy("people: %(names)s"), _named(User)),
}


def differences(seen: Moved, now: Moved) -> list[str]:
    """The kinds of things that differ, each with the first of their names."""
    found = []
    for kind, (words, named) in KINDS.items():
        if ids := {row[0] for row in _differing(seen, now, kind)}:
            found.append(str(words) % {"names": some_of(named(ids))})
    if quotas := _differing(seen, now, "quotas"):
        people, nodes = {row[0] for row in quotas}, {row[1] for row in quotas}
        names = [*_named(User)(people - {None}), *_named(Territory)(nodes - {None})]
        found.append(_("quotas of %(names)s") % {"names": some_of(names)})
    return found


def _differing(seen: Moved, now: Moved, kind: str) -> list[Sequence[Any]]:
    """The rows that stand on one side alone."""
    sides = [{json.dumps(row) for row in side.get(kind, [])} for side in (seen, now)]
    return [json.loads(row) for row in sides[0] ^ sides[1]]
