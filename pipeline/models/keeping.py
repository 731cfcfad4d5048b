"""Triggers by which deals keep their own past: `Standing` is written in the statement that changes a deal."""

from collections.abc import Iterator

import pgtrigger

KEPT = (
    "owner_id", "territory_id", "state", "stage_id", "category", "close_on", "closed_on", "currency",
    "amount_minor",
)  # fmt: skip
"""What is kept of a deal, by the names of its own columns."""

# The clock is the transaction's, so that no midnight falls into it. Who writes a deal writes its past, in reach or not.
KEEPING = """
    today := (coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now())
        AT TIME ZONE coalesce((SELECT time_zone FROM common_organisation LIMIT 1), 'UTC'))::date;
    granted := coalesce(current_setting('app.grants', true), '');
    PERFORM set_config('app.grants', 'standing:org', true);
    {statements}
    PERFORM set_config('app.grants', granted, true);
    RETURN NULL;
"""
# In its stage since a day, and before that open since its creation.
CAME = """
    INSERT INTO pipeline_standing (opportunity_id, starts_on, stops_on, {kept})
    SELECT id, created_on, since, owner_id, territory_id, 'open', NULL, '', close_on, NULL, currency, amount_minor
    FROM (SELECT *, least(coalesce(closed_on, stage_since_on), today) AS since FROM came) known
    WHERE created_on < since
    UNION ALL
    SELECT id, least(coalesce(closed_on, stage_since_on), today), NULL, {kept} FROM came;
"""
# A day's last change is what stands for it; what is put back as it was on the day before begins no stretch.
CHANGED = """
    UPDATE pipeline_standing was SET stops_on = today
    FROM came JOIN went USING (id)
    WHERE was.opportunity_id = came.id AND was.stops_on IS NULL AND was.starts_on < today
      AND ROW({of_came}) IS DISTINCT FROM ROW({of_went});
    UPDATE pipeline_standing was SET ({kept}) = ROW({of_came})
    FROM came JOIN went USING (id)
    WHERE was.opportunity_id = came.id AND was.stops_on IS NULL
      AND ROW({of_came}) IS DISTINCT FROM ROW({of_went});
    WITH back AS (
        DELETE FROM pipeline_standing stands
        USING came JOIN went USING (id) JOIN pipeline_standing was ON was.opportunity_id = came.id
        WHERE stands.opportunity_id = came.id AND stands.stops_on IS NULL AND was.stops_on = stands.starts_on
          AND ROW({of_came}) IS DISTINCT FROM ROW({of_went}) AND ROW({of_was}) IS NOT DISTINCT FROM ROW({of_came})
        RETURNING stands.opportunity_id, stands.starts_on
    )
    UPDATE pipeline_standing was SET stops_on = NULL FROM back
    WHERE was.opportunity_id = back.opportunity_id AND was.stops_on = back.starts_on;
    INSERT INTO pipeline_standing (opportunity_id, starts_on, {kept})
    SELECT id, today, {kept} FROM came
    WHERE NOT EXISTS (
        SELECT 1 FROM pipeline_standing was WHERE was.opportunity_id = came.id AND was.stops_on IS NULL
    );
"""
WENT = "DELETE FROM pipeline_standing was USING went WHERE was.opportunity_id = went.id;"


def stood() -> Iterator[pgtrigger.Trigger]:
    """Triggers on deals, once for each statement, however many deals it writes."""
    yield _keeps("stands_new", pgtrigger.Insert, CAME, new="came")
    yield _keeps("stands_otherwise", pgtrigger.Update, CHANGED, old="went", new="came")
    yield _keeps("stands_no_more", pgtrigger.Delete, WENT, old="went")


def _keeps(name: str, operation: pgtrigger.Operation, statements: str, **tables: str) -> pgtrigger.Trigger:
    columns = {"kept": ", ".join(KEPT), **{f"of_{table}": _of(table) for table in ("came", "went", "was")}}
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),  # type: ignore[no-untyped-call]
        declare=[("today", "date"), ("granted", "text")],
        func=KEEPING.format(statements=statements.format(**columns).strip()),
    )


def _of(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in KEPT)
