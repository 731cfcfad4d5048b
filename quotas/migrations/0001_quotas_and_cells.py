import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_products"),
        ("common", "0001_organisation"),
        ("territories", "0001_people_and_tree"),
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
        migrations.CreateModel(
            name="QuotaCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("assigned_minor", models.BigIntegerField(null=True)),
                ("rolled_minor", models.BigIntegerField(null=True)),
                (
                    "family",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.family",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="common.period",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LeafCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month_on", models.DateField()),
                ("part_on", models.DateField()),
                ("motion", models.CharField(max_length=12)),
                ("is_new_business", models.BooleanField()),
                ("measure", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=8)),
                ("amount_minor", models.BigIntegerField()),
                ("credits", models.IntegerField()),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.family",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "month_on"], name="leafcell_person"),
                    models.Index(
                        condition=models.Q(("seat", models.F("territory")), _negated=True),
                        fields=["territory", "month_on"],
                        name="leafcell_elsewhere",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "month_on",
                            "seat",
                            "territory",
                            "person",
                            "part_on",
                            "family",
                            "motion",
                            "is_new_business",
                            "measure",
                            "kind",
                        ),
                        name="leafcell_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NodeCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month_on", models.DateField()),
                ("motion", models.CharField(max_length=12)),
                ("is_new_business", models.BooleanField()),
                ("measure", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=8)),
                ("amount_minor", models.BigIntegerField()),
                ("territory_minor", models.BigIntegerField()),
                ("credits", models.IntegerField()),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.family",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
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
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField()),
                ("refreshed_at", models.DateTimeField()),
                ("tree_digest", models.CharField(max_length=64)),
                ("plan_digest", models.CharField(max_length=64)),
                ("plan_mark", models.CharField(max_length=80)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="common.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="publication_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "stops_on",
                    models.DateField(
                        blank=True, help_text="First day it no longer holds.", null=True, verbose_name="until"
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("superseded_at", models.DateTimeField(editable=False, null=True)),
                ("superseded_by_id", models.BigIntegerField(editable=False, null=True)),
                ("superseded_why", models.CharField(db_default="", editable=False, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("assigned", "assigned"), ("own", "own selling quota")],
                        default="assigned",
                        max_length=8,
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[("order_intake", "order intake")], default="order_intake", max_length=16
                    ),
                ),
                (
                    "motion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "all"),
                            ("new", "New"),
                            ("expansion", "Expansion"),
                            ("renewal", "Renewal"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "family",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.family",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="quotas", to="common.period"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("superseded_at", None)),
                        fields=["period", "person", "territory"],
                        name="quota_period",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stops_on", None), ("stops_on__gt", models.F("starts_on")), _connector="OR"
                        ),
                        name="quota_ordered",
                        violation_error_message="The end must come after the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), ("territory", None)),
                            models.Q(("person", None), ("territory__isnull", False)),
                            _connector="OR",
                        ),
                        name="quota_person_or_territory",
                        violation_error_message="A quota is for one person or for one territory.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0)),
                        name="quota_not_negative",
                        violation_error_message="A quota is zero or more.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("motion", "")),
                        name="quota_of_all_motions",
                        violation_error_message="A quota is for all motions together.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("person", "territory", "period", "family", "kind", "measure", "motion"),
                        name="quota_one_standing",
                        nulls_distinct=False,
                        violation_error_message="There already is a quota for this period; change that one.",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quota",
            trigger=pgtrigger.compiler.Trigger(
                name="supersede_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL\n       AND (to_jsonb(OLD) - 'superseded_at' - 'superseded_why')\n         = (to_jsonb(NEW) - 'superseded_at' - 'superseded_why') THEN\n        SELECT (said ->> 'by')::bigint, coalesce(nullif(NEW.superseded_why, ''), said ->> 'why', '')\n        INTO NEW.superseded_by_id, NEW.superseded_why\n        FROM (SELECT nullif(current_setting('pghistory.context_metadata', true), '')::jsonb AS said) context;\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'a dated row is superseded once and otherwise never changed'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dated_supersede_once';\n",
                    hash="f4f43d0477ac2b867b8a719d1c2a9212e9a0b133",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_supersede_once_60235",
                    table="quotas_quota",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="quotacell",
            constraint=models.UniqueConstraint(
                fields=("period", "node", "family"), name="quotacell_key", nulls_distinct=False
            ),
        ),
    ]
