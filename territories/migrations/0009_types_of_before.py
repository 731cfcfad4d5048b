"""The types of territories that were here before there were types: by where they ever lay."""

from django.db import migrations

SAID = """
SELECT set_config('pghistory.context_id', gen_random_uuid()::text, true),
    set_config('pghistory.context_metadata', '{"by": null, "why": "types of territories"}', true)
"""
TYPES = """
WITH parent AS (SELECT DISTINCT parent_id AS id FROM territories_edge WHERE parent_id IS NOT NULL),
root AS (SELECT DISTINCT child_id AS id FROM territories_edge WHERE parent_id IS NULL),
below_root AS (SELECT DISTINCT child_id AS id FROM territories_edge WHERE parent_id IN (SELECT id FROM root))
UPDATE territories_territory t SET kind = CASE
    WHEN t.id IN (SELECT id FROM root) THEN 'company'
    WHEN t.id IN (SELECT id FROM below_root) THEN 'region'
    ELSE 'area' END
WHERE NOT t.is_unassigned AND t.id IN (SELECT id FROM parent)
"""


class Migration(migrations.Migration):
    dependencies = [("territories", "0008_types_names_and_vacancies")]

    operations = [migrations.RunSQL([SAID, TYPES], migrations.RunSQL.noop)]
