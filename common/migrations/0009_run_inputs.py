import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0008_fiscal_weeks"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="checks",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="run",
            name="inputs",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="run",
            name="totals",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="run",
            name="read_at",
            field=models.DateTimeField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="run",
            trigger=pgtrigger.compiler.Trigger(
                name="published_stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"state\" = 'published')",
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="b1f5902c36294c850b70e5d2aa9f5feae7fca076",
                    operation="UPDATE",
                    pgid="pgtrigger_published_stands_5b295",
                    table="common_run",
                    when="BEFORE",
                ),
            ),
        ),
    ]
