"""The database's refusals in a person's words."""

from functools import cache

from django.apps import apps
from django.db import DataError, IntegrityError
from django.db.models import BaseConstraint
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.errors import Conflict, Refused

TRIGGERS: dict[str, tuple[StrOrPromise, type[Refused]]] = {
    "period_closed": (_("That day lies in a closed period. Date it in an open one."), Conflict),
    "append_only": (_("This record is part of the books: correct it with a counter-entry."), Conflict),
    "tree_cycle": (_("A territory can't lie below itself."), Refused),
    "dated_supersede_once": (_("This version was already replaced by a newer one."), Conflict),
}


@cache
def _constraints() -> dict[str, BaseConstraint]:
    return {
        constraint.name: constraint for model in apps.get_models() for constraint in model._meta.constraints
    }


@cache
def _unique_fields() -> dict[str, tuple[str, StrOrPromise]]:
    """Columns that are unique by themselves, by the name that PostgreSQL gives their constraint."""
    return {
        f"{model._meta.db_table}_{field.column}_key": (field.name, field.verbose_name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    }


def explained(error: IntegrityError | DataError) -> Refused:
    """A Refused with the message of the constraint or trigger that refused; its name is the code."""
    if isinstance(error, DataError):
        return Refused(_("A value here is larger or longer than can be kept."), code="out_of_range")
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    if name in TRIGGERS:
        message, kind = TRIGGERS[name]
        return kind(message, code=name)
    if name in _unique_fields():
        return _taken(name)
    if name in _constraints():
        return Refused(str(_constraints()[name].get_violation_error_message()), code=name)
    message = _("The database refused this: %(name)s.") % {"name": name or str(error)[:200]}
    return Refused(message, code=name or "integrity")


def _taken(name: str) -> Refused:
    field, label = _unique_fields()[name]
    message = _("This %(field)s is already taken. Choose another one.") % {"field": label}
    return Refused(message, path=field, code="taken")
