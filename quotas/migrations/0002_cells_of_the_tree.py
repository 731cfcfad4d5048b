"""Cells by the node above, both trees side by side; a hash for every month; what the figures were made of."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_products"),
        ("quotas", "0001_quotas_and_cells"),
        ("territories", "0002_recorded_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MonthDigest",
            fields=[
                ("month_on", models.DateField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="nodecell",
            name="nodecell_key",
        ),
        migrations.RemoveField(
            model_name="nodecell",
            name="basis",
        ),
        migrations.AddField(
            model_name="nodecell",
            name="parent",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="territories.territory",
            ),
        ),
        migrations.AddField(
            model_name="nodecell",
            name="territory_minor",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="publication",
            name="plan_digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="publication",
            name="plan_mark",
            field=models.CharField(default="", max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="publication",
            name="tree_digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="leafcell",
            name="family",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.family",
            ),
        ),
        migrations.AlterField(
            model_name="leafcell",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="leafcell",
            name="seat",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="territories.territory",
            ),
        ),
        migrations.AlterField(
            model_name="leafcell",
            name="territory",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="territories.territory",
            ),
        ),
        migrations.AlterField(
            model_name="nodecell",
            name="family",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.family",
            ),
        ),
        migrations.AlterField(
            model_name="nodecell",
            name="node",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="territories.territory",
            ),
        ),
        migrations.AddIndex(
            model_name="leafcell",
            index=models.Index(
                condition=models.Q(("seat", models.F("territory")), _negated=True),
                fields=["territory", "month_on"],
                name="leafcell_elsewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="nodecell",
            constraint=models.UniqueConstraint(
                fields=(
                    "node",
                    "month_on",
                    "parent",
                    "family",
                    "motion",
                    "is_new_business",
                    "measure",
                    "kind",
                ),
                name="nodecell_key",
                nulls_distinct=False,
            ),
        ),
    ]
