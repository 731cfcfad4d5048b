"""The reasons for a loss that every new installation offers."""

from django.db import migrations

SAID = """
SELECT set_config('pghistory.context_id', gen_random_uuid()::text, true),
    set_config('pghistory.context_metadata', '{"by": null, "why": "the usual reasons"}', true)
"""
USUAL = """
INSERT INTO workspace_listvalue (version, list, value, position, is_offered)
SELECT 1, 'lost_reason', value, place - 1, true
FROM unnest(ARRAY['Price', 'Product fit', 'Timing', 'Competitor', 'No decision', 'No budget'])
    WITH ORDINALITY usual(value, place)
"""


class Migration(migrations.Migration):
    dependencies = [("workspace", "0001_messages_and_approvals")]

    operations = [migrations.RunSQL([SAID, USUAL], migrations.RunSQL.noop)]
