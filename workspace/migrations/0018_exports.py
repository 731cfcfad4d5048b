"""Who took which list as a file."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

FUNC = (
    "\n    RAISE EXCEPTION 'this table is append-only'\n"
    "        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n"
)


class Migration(migrations.Migration):
    dependencies = [
        ("workspace", "0017_effects_as_answered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page", models.CharField(max_length=40, verbose_name="page")),
                ("query", models.TextField(blank=True, verbose_name="what it asks for")),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV, for any program"), ("xlsx", "XLSX, for a spreadsheet")],
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func=FUNC,
                    hash="606899c2d6d70fdacee6f6b230b1944d57efd053",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0710a",
                    table="workspace_export",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func=FUNC,
                    hash="98fec757924c53f0a22a6ffca9734c1157dfd8e4",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_182c0",
                    table="workspace_export",
                    when="BEFORE",
                ),
            ),
        ),
    ]
