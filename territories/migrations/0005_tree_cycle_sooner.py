import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("territories", "0004_recorded_when_the_transaction_began"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="edge",
            name="tree_cycle",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="edge",
            trigger=pgtrigger.compiler.Trigger(
                name="tree_cycle",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM pg_advisory_xact_lock(hashtext('territory_tree'));\n    -- A territory below which nothing ever lay closes no circle.\n    IF NOT EXISTS (SELECT FROM territories_edge WHERE parent_id = NEW.child_id) THEN\n        RETURN NEW;\n    END IF;\n    IF NEW.parent_id IS NOT NULL AND NEW.superseded_at IS NULL AND EXISTS (\n        WITH RECURSIVE above(node, starts, stops) AS (\n            SELECT NEW.parent_id, NEW.starts_on, NEW.stops_on\n            UNION\n            SELECT e.parent_id, greatest(e.starts_on, a.starts), least(e.stops_on, a.stops)\n            FROM above a JOIN territories_edge e\n              ON e.child_id = a.node AND e.superseded_at IS NULL AND e.parent_id IS NOT NULL\n             AND daterange(e.starts_on, e.stops_on) && daterange(a.starts, a.stops)\n        ) SELECT 1 FROM above WHERE node = NEW.child_id\n    ) THEN\n        RAISE EXCEPTION 'a territory below itself'\n            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tree_cycle';\n    END IF;\n    RETURN NEW;\n",
                    hash="770f2830c7759f5f8602b2aef2921c95f5b281cd",
                    operation="INSERT",
                    pgid="pgtrigger_tree_cycle_4491b",
                    table="territories_edge",
                    when="BEFORE",
                ),
            ),
        ),
    ]
