"""The database roles that web and worker are bound to: what they may touch, and which rows.

Everything is made anew from the models and the access table each time, so that nothing old keeps granting.
"""

from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from common.access import ObjectRule, org_sql, policy_sql, rule_for, table
from common.dated import UNLESS_UNDONE

SESSION_TABLES = ("django_session", "aside_cache", "account_emailconfirmation")
ADD = "SELECT, INSERT"
EDIT = "SELECT, INSERT, UPDATE"


def install() -> None:
    """Make roles, grants and policies. Runs as the schema's owner; repeatable."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in [*_roles(), *_grants(), *_policies()]:
            cursor.execute(statement)


def _roles() -> Iterator[str]:
    for role in ("salesops_web", "salesops_worker"):
        yield (
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN NOBYPASSRLS; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        yield f"DO $$ BEGIN EXECUTE format('GRANT {role} TO %I', current_user); END $$"
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
        yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
        # Derived rows are computed in temporary tables.
        grant = f"GRANT TEMPORARY ON DATABASE %I TO {role}"
        yield f"DO $$ BEGIN EXECUTE format('{grant}', current_database()); END $$"


def _grants() -> Iterator[str]:
    present = set(connection.introspection.table_names())
    rules = {rule.model_class(): rule for rule in table().values()}
    for model in apps.get_models(include_auto_created=True):
        name = model._meta.db_table
        if name in present:
            web, worker = _rights(model, rules.get(model))
            yield f"GRANT {web} ON {name} TO salesops_web"
            yield f"GRANT {worker} ON {name} TO salesops_worker"
    yield f"GRANT {EDIT}, DELETE ON {', '.join(SESSION_TABLES)} TO salesops_web, salesops_worker"
    yield "GRANT DELETE ON common_idempotencykey, common_run, workspace_webhookdelivery TO salesops_worker"
    yield "GRANT DELETE ON workspace_message TO salesops_web"  # what people who are undone were told
    yield "GRANT SELECT ON django_migrations TO salesops_web, salesops_worker"


def _rights(model: type[models.Model], rule: ObjectRule | None) -> tuple[str, str]:
    """What web and worker may do to rows of a model: to add only, where a trigger refuses every change of them.

    What triggers keep is written by whoever writes what they are on, and refused otherwise.
    """
    triggers = {trigger.name: trigger for trigger in getattr(model._meta, "triggers", [])}
    is_added_only = is_history(model) or bool(triggers.keys() & {"append_only", "no_truncate"})
    if "kept_by_triggers" in triggers:
        return f"{EDIT}, DELETE", f"{EDIT}, DELETE"
    if any(_lets_undo(trigger) for trigger in triggers.values()):
        rights = ADD if is_added_only else EDIT
        return f"{rights}, DELETE", rights
    if is_added_only:
        return ADD, ADD
    if rule and rule.is_derived:
        return "SELECT", f"{EDIT}, DELETE"
    return (ADD, f"{ADD}, DELETE") if rule and rule.is_queue else (EDIT, EDIT)


def _lets_undo(trigger: pgtrigger.Trigger) -> bool:
    """Whether it lets what an import made be deleted while that is undone, and nothing else."""
    return trigger.name == "undone_only" or UNLESS_UNDONE in str(trigger.func)


def is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "pgh_tracked_model")


def _policies() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public'")
        for policy, name in cursor.fetchall():
            yield f"DROP POLICY {policy} ON {name}"
    for rule in table().values():
        if rule.is_open:
            continue
        name = rule.model_class()._meta.db_table
        yield from _guarded(name, f"CREATE POLICY reach ON {name} USING ({policy_sql(rule)})")
    for model in apps.get_models():
        if is_history(model) and not rule_for(model.pgh_tracked_model).is_open:  # type: ignore[attr-defined]
            yield from _history_policies(model)


def _history_policies(model: type[models.Model]) -> Iterator[str]:
    """Anybody's change may be recorded; who may read the row reads it, who may read all also that of rows gone."""
    name, parent = model._meta.db_table, model.pgh_tracked_model._meta.db_table  # type: ignore[attr-defined]
    readable = f"EXISTS (SELECT 1 FROM {parent} parent WHERE parent.id = {name}.pgh_obj_id)"  # noqa: S608  names of models
    whole = org_sql(rule_for(model.pgh_tracked_model))  # type: ignore[attr-defined]
    yield from _guarded(name, f"CREATE POLICY readable ON {name} FOR SELECT USING ({whole} OR {readable})")
    yield f"CREATE POLICY recorded ON {name} FOR INSERT WITH CHECK (true)"


def _guarded(name: str, policy: str) -> list[str]:
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        policy,
    ]
