"""Deals brought in by the thousand: their product, and the stages they passed."""

from collections.abc import Iterable, Sequence

from django.db import connection

from common.staging import Value, stage

LINES = {"opportunity_id": "bigint", "product_id": "bigint", "quantity": "int", "price_minor": "bigint"}
VISITS = {
    "position": "int",
    "opportunity_id": "bigint",
    "stage_id": "bigint",
    "entered_on": "date",
    "by_id": "bigint",
}

REMOVE_LINES = """
UPDATE pipeline_opportunityline old SET is_removed = true, version = old.version + 1 FROM imported_line new
WHERE old.opportunity_id = new.opportunity_id AND NOT old.is_removed
  AND (old.product_id, old.quantity, old.price_minor) IS DISTINCT FROM (new.product_id, new.quantity, new.price_minor)
"""
ADD_LINES = """
INSERT INTO pipeline_opportunityline (version, opportunity_id, product_id, quantity, price_minor, is_removed)
SELECT 1, new.opportunity_id, new.product_id, new.quantity, new.price_minor, false FROM imported_line new
WHERE NOT EXISTS (
    SELECT 1 FROM pipeline_opportunityline old WHERE old.opportunity_id = new.opportunity_id AND NOT old.is_removed
) ORDER BY new.opportunity_id RETURNING opportunity_id
"""
WRITE_VISITS = """
INSERT INTO pipeline_stagevisit (opportunity_id, stage_id, entered_on, by_id)
SELECT opportunity_id, stage_id, entered_on, by_id FROM imported_visit ORDER BY position
"""


def write_lines(rows: Iterable[Sequence[Value]]) -> set[int]:
    """One product per deal, as (deal, product, quantity, price); returns the deals that got it now."""
    stage("imported_line", LINES, rows)
    with connection.cursor() as cursor:
        cursor.execute(REMOVE_LINES)
        cursor.execute(ADD_LINES)
        return {row[0] for row in cursor.fetchall()}


def write_visits(rows: Iterable[Sequence[Value]]) -> None:
    """Stages entered, as (deal, stage, day, by whom), each deal's in their order."""
    stage("imported_visit", VISITS, ([number, *row] for number, row in enumerate(rows)))
    with connection.cursor() as cursor:
        cursor.execute(WRITE_VISITS)
