"""Triggers that note which rows came, changed and went, so that programs read on from where they stopped.

`common.changes` reads what they wrote; docs/adr/0018 says why it is ordered by transaction.
"""

# ruff: noqa: S608  the names are those of models
from collections.abc import Iterator, Sequence

import pgtrigger

NOTE = "INSERT INTO common_rowchange (resource, row_id, kind, became, before) "
# Who moves an account may not see all that follows it.
WIDENED = """
    granted := coalesce(current_setting('app.grants', true), '');
    PERFORM set_config('app.grants', '{resource}:org', true);
    {statement}
    PERFORM set_config('app.grants', granted, true);
"""


def noted(
    resource: str,
    columns: Sequence[str],
    *,
    state: str = "",
    followed_by: Sequence[tuple[str, str, str]] = (),
) -> Iterator[pgtrigger.Trigger]:
    """Triggers on the rows of `resource`, once for each statement, however many rows it writes.

    `columns`: those by which the access table decides who reads a row (a child's: the one that names its parent); what
    stood in them is kept where they change. `state`: the column whose new value is noted. `followed_by`: resources
    that are read with their parent, as (resource, table, column): noted where what decides about the parent changes.
    """
    became = f"came.{state}" if state else "''"
    entered = f"CASE WHEN came.{state} <> went.{state} THEN came.{state} ELSE '' END" if state else "''"
    pairs = ", ".join(f"'{name}', went.{name}" for name in columns)
    before = f"jsonb_build_object({pairs})"
    moved = f"{_row('came', columns)} IS DISTINCT FROM {_row('went', columns)}"
    changed = f"CASE WHEN {moved} THEN {before} END"
    new = f"SELECT '{resource}', id, 'made', {became}, NULL FROM came ORDER BY id;"
    other = f"SELECT '{resource}', id, 'changed', {entered}, {changed} FROM came JOIN went USING (id) ORDER BY id;"
    old = f"SELECT '{resource}', id, 'gone', '', {before} FROM went ORDER BY id;"
    joined = f"{before} FROM came JOIN went USING (id) {{child}} came.id"
    after_them = [_follows(follower, joined, moved) for follower in followed_by]
    yield _notes("noted_new", pgtrigger.Insert, NOTE + new, new="came")
    yield _notes("noted_change", pgtrigger.Update, NOTE + other + "".join(after_them), old="went", new="came")
    yield _notes("noted_gone", pgtrigger.Delete, NOTE + old, old="went")


def noted_for(
    resource: str, column: str, followed_by: Sequence[tuple[str, str, str]] = ()
) -> pgtrigger.Trigger:
    """A trigger on rows that let people read a row of `resource`, which their `column` names: it came to them."""
    came = f"{NOTE}SELECT DISTINCT '{resource}', {column}, 'changed', '', NULL::jsonb FROM came;"
    with_them = [
        _follows(follower, f"NULL::jsonb FROM came {{child}} came.{column}") for follower in followed_by
    ]
    return _notes("noted_reader", pgtrigger.Insert, came + "".join(with_them), new="came")


def _follows(follower: tuple[str, str, str], source: str, where: str = "true") -> str:
    """Notes the rows that are read with the parents of `source`."""
    resource, table, column = follower
    rows = source.format(child=f"JOIN {table} child ON child.{column} =")
    note = f"{NOTE}SELECT '{resource}', child.id, 'changed', '', {rows} WHERE {where} ORDER BY child.id;"
    return WIDENED.format(resource=resource, statement=note)


def _row(table: str, columns: Sequence[str]) -> str:
    return "ROW(" + ", ".join(f"{table}.{name}" for name in columns) + ")"


def _notes(name: str, operation: pgtrigger.Operation, statements: str, **tables: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),  # type: ignore[no-untyped-call]
        declare=[("granted", "text")],
        func=f"{statements}\nRETURN NULL;",
    )
