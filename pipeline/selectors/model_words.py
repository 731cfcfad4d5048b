"""What differs between two versions of a sales model, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from common.locale import UNDEFINED
from pipeline.models import Category, Criterion, Stage
from pipeline.rules.sales_models import Difference


@dataclass(frozen=True)
class Line:
    """A difference: a sentence, or what it was before and is after."""

    text: str
    before: str = ""
    after: str = ""


THINGS: dict[str, StrOrPromise] = {
    "model": gettext_lazy("Sales model"),
    "stage": gettext_lazy("Stage %(name)s"),
    "criterion": gettext_lazy("Criterion “%(name)s” of %(of)s"),
    "question": gettext_lazy("Question “%(name)s”"),
}
ACTS: dict[str, StrOrPromise] = {
    "added": gettext_lazy("%(thing)s is new"),
    "removed": gettext_lazy("%(thing)s is taken out"),
}
ORDERS: dict[str, StrOrPromise] = {
    "stage": gettext_lazy("Order of the stages"),
    "criterion": gettext_lazy("Order of the criteria of %(of)s"),
    "question": gettext_lazy("Order of the questions"),
}
FIELDS: dict[str, StrOrPromise] = {
    "name": gettext_lazy("name"),
    "about": gettext_lazy("what it is for"),
    "kind": gettext_lazy("kind"),
    "probability": gettext_lazy("probability in percent"),
    "category": gettext_lazy("forecast category"),
    "stalled_after_days": gettext_lazy("stalled after days"),
    "text": gettext_lazy("words"),
    "check_of": gettext_lazy("looked at by"),
    "is_required": gettext_lazy("required"),
    "help": gettext_lazy("what a good answer says"),
}
LABELS: dict[str, dict[Any, Any]] = {
    "kind": dict(Stage.Kind.choices),
    "category": dict(Category.choices),
    "check_of": dict(Criterion.Check.choices),
    "is_required": {True: gettext_lazy("yes"), False: gettext_lazy("no")},
}


def in_words(differences: Iterable[Difference]) -> list[Line]:
    """The differences as a reader sees them, in their order."""
    return [_line(one) for one in differences]


def _line(one: Difference) -> Line:
    names = {"name": one.name, "of": one.of}
    if one.act == "ordered":
        return Line(str(ORDERS[one.thing]) % names, " → ".join(one.before), " → ".join(one.after))
    thing = str(THINGS[one.thing]) % names
    if one.act != "changed":
        return Line(str(ACTS[one.act]) % {"thing": thing})
    text = _("%(thing)s, %(field)s") % {"thing": thing, "field": FIELDS[one.field]}
    return Line(text, _value(one.field, one.before), _value(one.field, one.after))


def _value(field: str, value: Any) -> str:
    told = LABELS.get(field, {}).get(value, value)
    return UNDEFINED if told in (None, "") else str(told)
