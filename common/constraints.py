"""The database's refusals in a person's words: constraints have theirs at the model, triggers have them here."""

from typing import Any

from django.apps import apps
from django.db import DataError, IntegrityError, models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from psycopg2.errors import ForeignKeyViolation

from common.errors import Conflict, Refused

TRIGGERS: dict[str, tuple[StrOrPromise, type[Refused]]] = {
    "period_closed": (_("That day lies in a closed period. Date it in an open one."), Conflict),
    "append_only": (_("This record is part of the books: correct it with a counter-entry."), Conflict),
    "undone_only": (_("Rows like this are never deleted."), Conflict),
    "tree_cycle": (_("A territory can't lie below itself."), Refused),
    "dated_supersede_once": (_("This version was already replaced by a newer one."), Conflict),
}


def _refusals() -> dict[str, tuple[str, str]]:
    """What each constraint of the models says, and the field that it is about.

    A column that is unique by itself has a constraint too, to which PostgreSQL gives the name.
    """
    found: dict[str, tuple[str, str]] = {}
    taken = _("This %(field)s is already taken. Choose another one.")
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            found[constraint.name] = (str(constraint.get_violation_error_message()), _about(constraint))
        for field in model._meta.concrete_fields:
            if field.unique and not field.primary_key:
                name = f"{model._meta.db_table}_{field.column}_key"
                found[name] = (str(taken) % {"field": field.verbose_name}, field.name)
    return found


def _about(constraint: models.BaseConstraint) -> str:
    """The one field that is written in another way and so compared, such as names in whatever case."""
    written: Any = getattr(constraint, "expressions", ())
    if isinstance(constraint, models.UniqueConstraint) and len(written) == 1:
        return str(written[0].get_source_expressions()[0].name)
    return ""


REFERRING: dict[str, StrOrPromise] = {
    "territories_rolegrant": _("roles"),
    "territories_edge": _("places in the tree"),
    "territories_seat": _("seats"),
    "catalog_product": _("products"),
    "accounts_account": _("accounts"),
    "accounts_accountterritory": _("accounts' territories"),
    "accounts_contact": _("contacts"),
    "pipeline_opportunity": _("opportunities"),
    "pipeline_activity": _("activities"),
    "orders_order": _("orders"),
    "orders_orderrequest": _("orders that await booking"),
    "orders_credit": _("entries of the books"),
    "quotas_quota": _("quotas"),
    "workspace_approval": _("approvals"),
}
"""What people call the rows that refer to others."""


def _referred(table: str) -> str:
    message = _("This and %(things)s that go with it were changed at once. Reload the page and look again.")
    return message % {"things": REFERRING.get(table, _("other records"))}


def explained(error: IntegrityError | DataError) -> Refused:
    """A Refused with the message of the constraint or trigger that refused; its name is the code."""
    if isinstance(error, DataError):
        return Refused(_("A value here is larger or longer than can be kept."), code="out_of_range")
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if isinstance(error.__cause__, ForeignKeyViolation):
        return Conflict(_referred(getattr(diagnosis, "table_name", None) or ""), code="in_use")
    if name in TRIGGERS:
        message, kind = TRIGGERS[name]
        return kind(message, code=name)
    if said := _refusals().get(name):
        message, path = said
        return Refused(message, path=path, code="taken" if name.endswith("_key") else name)
    message = _("The database refused this: %(name)s.") % {"name": name or str(error)[:200]}
    return Refused(message, code=name or "integrity")
