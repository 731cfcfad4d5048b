"""What each event changed, the event that a line came with, and the numbers of orders."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_ledger_head"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="credit",
            name="a_period_closed",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="credit",
            name="head_load",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="credit",
            name="b_head_next",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="splitshare",
            name="split_total",
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="amount_minor",
            field=models.BigIntegerField(),
        ),
        migrations.AddField(
            model_name="orderline",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.bookingevent"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="a_period_closed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM 1 FROM common_period WHERE starts_on <= NEW.booked_on AND stops_on > NEW.booked_on FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM common_period\n        WHERE is_closed AND starts_on <= NEW.booked_on AND stops_on > NEW.booked_on\n    ) THEN\n        RAISE EXCEPTION 'booked in a closed period'\n            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_closed';\n    END IF;\n    RETURN NEW;\n",
                    hash="cf3ba88eac60027426117d642ba2bedc4a915007",
                    operation="INSERT",
                    pgid="pgtrigger_a_period_closed_2f274",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="head_load",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM set_config('app.ledger_head', seq || ':' || hash, true)\n    FROM orders_ledgerhead WHERE id = 1 FOR UPDATE;\n    RETURN NULL;\n",
                    hash="9058404f46a8a807d947e58950e2bb7184338a62",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_head_load_d89c2",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="b_head_next",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    NEW.ledger_seq := split_part(current_setting('app.ledger_head'), ':', 1)::bigint + 1;\n    NEW.hash := encode(sha256(convert_to(\n        split_part(current_setting('app.ledger_head'), ':', 2) || '|' || orders_credit_text(NEW), 'UTF8'\n    )), 'hex');\n    PERFORM set_config('app.ledger_head', NEW.ledger_seq || ':' || NEW.hash, true);\n    RETURN NEW;\n",
                    hash="0409c04df174a9376c173c5662c655988f1e25b3",
                    operation="INSERT",
                    pgid="pgtrigger_b_head_next_f21e2",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="splitshare",
            trigger=pgtrigger.compiler.Trigger(
                name="split_total",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n                    PERFORM pg_advisory_xact_lock(hashtextextended('orders_splitshare', NEW.event_id));\n                    IF (\n                        SELECT sum(weight) FROM orders_splitshare WHERE event_id = NEW.event_id\n                    ) <> 100000000 THEN\n                        RAISE EXCEPTION 'shares do not total 100 percent'\n                            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'split_total';\n                    END IF;\n                    RETURN NULL;\n                ",
                    hash="f118b48ca61d9102301fb0070f5d443ddcdb0859",
                    operation="INSERT",
                    pgid="pgtrigger_split_total_a233f",
                    table="orders_splitshare",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL("CREATE SEQUENCE orders_number", "DROP SEQUENCE orders_number"),
    ]
