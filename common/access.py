"""The access table: who may do what to which rows, as one file that queries, policies and tests read.

The file is `settings.ACCESS_TABLE` (TOML). Each object names its model, the columns that its relations read, and per
action the relations that each role may use. Relations, all evaluated for one person on one day:

own     the column holds the person                       nodes   the column is a territory that they sit on
sub     the column is a territory in a subtree they lead  people  the column holds a person seated in that subtree
credit  an append-only participant row names them         org     always
peers   as nodes, while the setting peer_visibility lets colleagues read each other's rows
via     the row's parent is visible (children only), or the row itself by a relation of its own

`derived` rows are written by the worker alone; of a `queue` everybody adds rows and the worker clears them.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ImproperlyConfigured
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from common.errors import Forbidden, NotInReach

COLUMNS = ("own", "nodes", "peers", "sub", "people")
RELATIONS = (*COLUMNS, "credit", "org")
FLAGS = ("open", "derived", "queue")
READING = ("read", "list", "mine", "inspect", "restricted", "personal")
"""Actions that change nothing: a token that only reads has them too."""


class Role(TextChoices):
    """What somebody does here. A new one also needs its lines in the table, and a home page (`views/homes.py`)."""

    REP = "rep", _("rep")
    MANAGER = "manager", _("manager")
    DIRECTOR = "director", _("director")
    ADMIN = "admin", _("admin")
    COORDINATOR = "coordinator", _("coordinator")
    EXECUTIVE = "executive", _("executive")


@dataclass(frozen=True)
class ObjectRule:
    """One object of the table: its model, its columns by relation, and role -> relations by action."""

    name: str
    model: str
    columns: Mapping[str, tuple[str, ...]]
    credit: tuple[str, str] | None
    via: tuple[str, str] | None
    is_open: bool
    is_derived: bool
    is_queue: bool
    actions: Mapping[str, Mapping[str, frozenset[str]]]

    def model_class(self) -> type[Model]:
        return apps.get_model(self.model)


@cache
def table() -> dict[str, ObjectRule]:
    """Every object of the access table by name. Raises ImproperlyConfigured on a mistake, naming object and key."""
    raw = tomllib.loads(Path(settings.ACCESS_TABLE).read_text(encoding="utf-8"))
    rules = {name: _parse(name, entry) for name, entry in raw.items()}
    for name, rule in rules.items():
        if rule.via and rule.via[1] not in rules:
            raise _wrong(name, "via", f"no object {rule.via[1]}")
    return rules


def _parse(name: str, entry: dict[str, Any]) -> ObjectRule:
    actions = {
        action: {role: frozenset(relations) for role, relations in roles.items()}
        for action, roles in entry.items()
        if isinstance(roles, dict)
    }
    if unknown := set(entry) - set(actions) - {"model", *COLUMNS, *FLAGS, "credit", "via"}:
        raise _wrong(name, ", ".join(sorted(unknown)), "no such key")
    credit, via = entry.get("credit"), entry.get("via")
    rule = ObjectRule(
        name=name,
        model=entry.get("model", ""),
        columns={relation: tuple(entry[relation]) for relation in COLUMNS if relation in entry},
        credit=(credit[0], credit[1]) if credit else None,
        via=(via[0], via[1]) if via else None,
        is_open=bool(entry.get("open")),
        is_derived=bool(entry.get("derived")),
        is_queue=bool(entry.get("queue")),
        actions=actions,
    )
    _check_actions(rule)
    _check_columns(rule)
    return rule


def _check_actions(rule: ObjectRule) -> None:
    """Every role is known, and every relation has what it looks at."""
    usable = {*rule.columns, "org", *(["credit"] if rule.credit else [])}
    for action, roles in rule.actions.items():
        if unknown := set(roles) - set(Role.values):
            raise _wrong(rule.name, action, f"no role {', '.join(sorted(unknown))}")
        if unusable := frozenset[str]().union(*roles.values()) - usable:
            raise _wrong(rule.name, action, f"nothing to look at for {', '.join(sorted(unusable))}")


def _check_columns(rule: ObjectRule) -> None:
    """The model is there, and every column that a relation looks at."""
    _columns_of(rule, "model", rule.model)
    looked_at = [(relation, rule.model, name) for relation, names in rule.columns.items() for name in names]
    looked_at += [("credit", *rule.credit)] if rule.credit else []
    looked_at += [("via", rule.model, rule.via[0])] if rule.via else []
    for key, model, name in looked_at:
        if name not in _columns_of(rule, key, model):
            raise _wrong(rule.name, key, f"{model} has no column {name}")


def _columns_of(rule: ObjectRule, key: str, model: str) -> set[str]:
    try:
        return {field.attname for field in apps.get_model(model)._meta.concrete_fields}
    except (LookupError, ValueError) as error:
        raise _wrong(rule.name, key, f"no model {model}") from error


def _wrong(name: str, key: str, what: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"access table, {name}.{key}: {what}")


@cache
def rule_for(model: type[Model]) -> ObjectRule:
    """The object whose rows are of this model. Raises ImproperlyConfigured where the table has none."""
    for rule in table().values():
        if rule.model_class() is model:
            return rule
    raise ImproperlyConfigured(f"the access table does not know {model._meta.label}")


def known(name: str, action: str) -> tuple[str, str]:
    """An object and an action that the table has. Raises ImproperlyConfigured for any other."""
    rule = table().get(name)
    if rule is None or not (action in rule.actions or (action == "read" and rule.is_open)):
        raise _wrong(name, action, "nothing of that name")
    return name, action


class AnyOf(Func):
    """`x = ANY(array)`: the array is read once, so that the conditions beside it still find their indexes."""

    template = "%(expressions)s%(kind)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Ids as the column's own type: a list of shorter numbers is not hashed but walked through for every row."""
        column, array = self.get_source_expressions()
        are_ids = isinstance(array, Value) and column.output_field.db_type(connection) == "bigint"
        return self.as_sql(compiler, connection, kind="::bigint[]" if are_ids else "", **context)


@dataclass(frozen=True)
class Reach:
    """What one person may see and lead, on which nodes, on one day. A value: built once, passed down."""

    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    nodes: frozenset[int] = frozenset()
    territories: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    sees_all: bool = False
    scopes: frozenset[str] = frozenset({"read", "write"})
    peers: frozenset[int] = frozenset()

    @classmethod
    def everything(cls) -> "Reach":
        """The reach of the organisation's own jobs. Every use of it can be searched for."""
        return cls(sees_all=True)

    @classmethod
    def nothing(cls) -> "Reach":
        return cls()

    @property
    def without_peers(self) -> "Reach":
        """What is left where colleagues do not let each other read: who only reads adds nothing."""
        return replace(self, peers=frozenset()) if self.peers else self

    def relations(self, object_name: str, action: str = "read") -> frozenset[str]:
        """The relations through which this person may do `action`; `org` swallows the others."""
        rule = table()[object_name]
        if self.sees_all or (action == "read" and rule.is_open and self.roles):
            return frozenset({"org"})
        if action not in READING and "write" not in self.scopes:
            return frozenset()
        by_role = rule.actions.get(action, {})
        found = frozenset[str]().union(*(by_role.get(role, frozenset()) for role in self.roles))
        return frozenset({"org"}) if "org" in found else found

    def has_role(self, *roles: str) -> bool:
        return self.sees_all or bool(self.roles & set(roles))

    def ids(self, relation: str) -> frozenset[int]:
        own = frozenset({self.user_id}) if self.user_id else frozenset[int]()
        by_column = {"nodes": self.nodes, "peers": self.peers, "sub": self.territories, "people": self.people}
        return {"own": own, **by_column}[relation]

    def q(self, model: type[Model], prefix: str = "", action: str = "read") -> Q:
        """The rows of `model` in reach, with literal ids: fast, and the same rows as the database's policies.

        `action`: those of them with which the person may do it.
        """
        rule = rule_for(model)
        relations = self.relations(rule.name, action)
        if "org" in relations:
            return Q()
        result = Q(pk__in=[])
        if rule.via:
            parent, target = rule.via
            result = self.q(table()[target].model_class(), f"{prefix}{parent.removesuffix('_id')}__", action)
            if not (relations and result):
                return result
        for relation in sorted(relations - {"credit"}):
            ids = sorted(self.ids(relation))
            for column in rule.columns[relation] if ids else ():
                is_one = len(ids) == 1
                result |= (
                    Q(**{prefix + column: ids[0]}) if is_one else Q(AnyOf(F(prefix + column), Value(ids)))
                )
        if "credit" in relations and rule.credit:
            participant, column = rule.credit
            theirs = apps.get_model(participant)._default_manager.filter(user_id=self.user_id)
            result |= Q(AnyOf(F(f"{prefix}pk"), ArraySubquery(theirs.values(column))))
        return result

    def q_of_parents(self, model: type[Model], action: str = "read") -> Q:
        """As `q`; rows that are read through their parent are found from the parents in reach.

        For searches: asked of both tables at once, the database looks at every parent.
        """
        rule, in_reach = rule_for(model), self.q(model, action=action)
        if not (rule.via and in_reach):
            return in_reach
        column, parent = rule.via
        parents = table()[parent].model_class()._default_manager
        return Q(**{f"{column}__in": parents.filter(self.q(parents.model, action=action))})

    def allows(self, object_name: str, action: str, row: Any = None) -> bool:
        """Whether the person may do `action` on `row` (a model, or a mapping of the rule's columns)."""
        relations = self.relations(object_name, action)
        if "org" in relations:
            return True
        rule = table()[object_name]
        return any(
            _value(row, column) in self.ids(relation)
            for relation in relations - {"credit"}
            for column in rule.columns[relation]
        )

    def require(self, object_name: str, action: str, row: Any = None) -> None:
        """Raises Forbidden unless `allows`."""
        if not self.allows(object_name, action, row):
            raise Forbidden()

    def grants(self) -> list[str]:
        """`object:relation` pairs that the database's policies check."""
        closed = (name for name, rule in table().items() if not rule.is_open)
        return sorted(f"{name}:{relation}" for name in closed for relation in self.relations(name))


def _value(row: Any, column: str) -> Any:
    return row.get(column) if isinstance(row, Mapping) else getattr(row, column, None)


T = TypeVar("T")


def found(row: T | None) -> T:
    """The row, or NotInReach: the same answer for a foreign id and an id that was never given."""
    if row is None:
        raise NotInReach()
    return row


class ScopedQuerySet(QuerySet[Any]):
    """Rows that obey the access table."""

    def visible_to(self, reach: Reach) -> Self:
        return self.filter(reach.q(self.model))


def seen(rows: QuerySet[Any], mine: Reach, pk: int) -> Any:
    """The row with that id if it is in reach. Raises NotInReach, also for an id that was never given."""
    return found(rows.filter(mine.q(rows.model)).filter(pk=pk).first())


SETTINGS = {
    "own": "app.user",
    "nodes": "app.nodes",
    "peers": "app.peers",
    "sub": "app.territories",
    "people": "app.people",
}


def policy_sql(rule: ObjectRule) -> str:
    """The row-level-security condition of one object: the array form, each setting read once per query."""
    table_name = rule.model_class()._meta.db_table
    used = frozenset[str]().union(*rule.actions.get("read", {}).values()) | {"org"}
    if rule.via:
        column, target = rule.via
        parent = table()[target].model_class()._meta.db_table
        through = f"EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {table_name}.{column})"  # noqa: S608  names of models
        return " OR ".join([*_clauses(rule, sorted(used, key=RELATIONS.index, reverse=True)), through])
    return " OR ".join(_clauses(rule, sorted(used, key=RELATIONS.index, reverse=True)))


def org_sql(rule: ObjectRule) -> str:
    """The condition that the reader may read every row of an object."""
    return _clauses(rule, ["org"])[0]


def _clauses(rule: ObjectRule, relations: Iterable[str]) -> list[str]:
    clauses = []
    for relation in relations:
        guard = f"'{rule.name}:{relation}' = ANY(string_to_array(current_setting('app.grants', true), ','))"
        me = "nullif(current_setting('app.user', true), '')::bigint"
        if relation == "org":
            clauses.append(f"(SELECT {guard})")
        elif relation == "credit" and rule.credit:
            participant, column = rule.credit
            source = apps.get_model(participant)._meta.db_table
            theirs = f"SELECT x.{column} FROM {source} x WHERE x.user_id = (SELECT {me} WHERE {guard})"  # noqa: S608
            clauses.append(f"id = ANY(ARRAY({theirs}))")
        else:
            clauses += [_column_clause(column, relation, me, guard) for column in rule.columns[relation]]
    return clauses


def _column_clause(column: str, relation: str, me: str, guard: str) -> str:
    if relation == "own":
        return f"{column} = (SELECT {me} WHERE {guard})"
    ids = f"nullif(current_setting('{SETTINGS[relation]}', true), '')::bigint[]"
    return f"{column} = ANY((SELECT {ids} WHERE {guard})::bigint[])"
