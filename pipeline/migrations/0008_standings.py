import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

GRANT = "SELECT set_config('app.grants', 'standing:org,opportunity:org', true)"
# The last change of each day, what it left of the columns that are kept, and what the one before it had left.
BACKFILL = """
INSERT INTO pipeline_standing (opportunity_id, starts_on, stops_on, owner_id, territory_id, state, stage_id, category,
    close_on, closed_on, currency, amount_minor)
WITH written AS (
    SELECT DISTINCT ON (e.pgh_obj_id, day.on_day) e.pgh_obj_id AS id, day.on_day, e.created_on,
        coalesce(e.closed_on, e.stage_since_on) AS since, e.owner_id, e.territory_id, e.state, e.stage_id, e.category,
        e.close_on, e.closed_on, e.currency, e.amount_minor
    FROM pipeline_opportunityevent e
    JOIN pipeline_opportunity o ON o.id = e.pgh_obj_id
    CROSS JOIN LATERAL (SELECT (e.pgh_created_at AT TIME ZONE
        coalesce((SELECT time_zone FROM common_organisation LIMIT 1), 'UTC'))::date AS on_day) day
    WHERE e.pgh_label <> 'delete'
    ORDER BY e.pgh_obj_id, day.on_day, e.pgh_id DESC
),
known AS (
    SELECT * FROM written
    UNION ALL
    SELECT id, 'infinity', created_on, coalesce(closed_on, stage_since_on), owner_id, territory_id, state, stage_id,
        category, close_on, closed_on, currency, amount_minor
    FROM pipeline_opportunity o WHERE NOT EXISTS (SELECT 1 FROM written w WHERE w.id = o.id)
),
compared AS (
    SELECT *, row_number() OVER deal AS place,
        ROW(owner_id, territory_id, state, stage_id, category, close_on, closed_on, currency, amount_minor)
            IS DISTINCT FROM lag(
                ROW(owner_id, territory_id, state, stage_id, category, close_on, closed_on, currency, amount_minor)
            ) OVER deal AS is_other
    FROM known WINDOW deal AS (PARTITION BY id ORDER BY on_day)
),
begun AS (
    SELECT *, CASE place WHEN 1 THEN least(since, on_day) ELSE on_day END AS starts_on
    FROM compared WHERE place = 1 OR is_other
)
SELECT id, starts_on, lead(starts_on) OVER (PARTITION BY id ORDER BY on_day), owner_id, territory_id, state, stage_id,
    category, close_on, closed_on, currency, amount_minor
FROM begun
UNION ALL
SELECT id, created_on, starts_on, owner_id, territory_id, 'open', NULL, '', close_on, NULL, currency, amount_minor
FROM begun WHERE place = 1 AND created_on < starts_on
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0007_stages_have_a_model"),
        ("territories", "0011_partners"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField()),
                ("stops_on", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("won", "won"), ("lost", "lost"), ("gone", "merged")],
                        max_length=4,
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("omitted", "Omitted"),
                            ("pipeline", "Pipeline"),
                            ("best_case", "Best Case"),
                            ("most_likely", "Most Likely"),
                            ("commit", "Commit"),
                            ("closed", "Closed"),
                        ],
                        max_length=12,
                        verbose_name="forecast category",
                    ),
                ),
                ("close_on", models.DateField(verbose_name="close date")),
                ("closed_on", models.DateField(null=True, verbose_name="closed on")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount_minor", models.BigIntegerField(null=True, verbose_name="amount")),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="stands_new",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE today date; granted text;",
                    func="\n    today := (coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now())\n        AT TIME ZONE coalesce((SELECT time_zone FROM common_organisation LIMIT 1), 'UTC'))::date;\n    granted := coalesce(current_setting('app.grants', true), '');\n    PERFORM set_config('app.grants', 'standing:org', true);\n    INSERT INTO pipeline_standing (opportunity_id, starts_on, stops_on, owner_id, territory_id, state, stage_id, category, close_on, closed_on, currency, amount_minor)\n    SELECT id, created_on, since, owner_id, territory_id, 'open', NULL, '', close_on, NULL, currency, amount_minor\n    FROM (SELECT *, least(coalesce(closed_on, stage_since_on), today) AS since FROM came) known\n    WHERE created_on < since\n    UNION ALL\n    SELECT id, least(coalesce(closed_on, stage_since_on), today), NULL, owner_id, territory_id, state, stage_id, category, close_on, closed_on, currency, amount_minor FROM came;\n    PERFORM set_config('app.grants', granted, true);\n    RETURN NULL;\n",
                    hash="9c0e2a4475e1801933d29fb36d03acc13b413d3a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_stands_new_5d31c",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="stands_otherwise",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE today date; granted text;",
                    func="\n    today := (coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now())\n        AT TIME ZONE coalesce((SELECT time_zone FROM common_organisation LIMIT 1), 'UTC'))::date;\n    granted := coalesce(current_setting('app.grants', true), '');\n    PERFORM set_config('app.grants', 'standing:org', true);\n    UPDATE pipeline_standing was SET stops_on = today\n    FROM came JOIN went USING (id)\n    WHERE was.opportunity_id = came.id AND was.stops_on IS NULL AND was.starts_on < today\n      AND ROW(came.owner_id, came.territory_id, came.state, came.stage_id, came.category, came.close_on, came.closed_on, came.currency, came.amount_minor) IS DISTINCT FROM ROW(went.owner_id, went.territory_id, went.state, went.stage_id, went.category, went.close_on, went.closed_on, went.currency, went.amount_minor);\n    UPDATE pipeline_standing was SET (owner_id, territory_id, state, stage_id, category, close_on, closed_on, currency, amount_minor) = ROW(came.owner_id, came.territory_id, came.state, came.stage_id, came.category, came.close_on, came.closed_on, came.currency, came.amount_minor)\n    FROM came JOIN went USING (id)\n    WHERE was.opportunity_id = came.id AND was.stops_on IS NULL\n      AND ROW(came.owner_id, came.territory_id, came.state, came.stage_id, came.category, came.close_on, came.closed_on, came.currency, came.amount_minor) IS DISTINCT FROM ROW(went.owner_id, went.territory_id, went.state, went.stage_id, went.category, went.close_on, went.closed_on, went.currency, went.amount_minor);\n    WITH back AS (\n        DELETE FROM pipeline_standing stands\n        USING came JOIN went USING (id) JOIN pipeline_standing was ON was.opportunity_id = came.id\n        WHERE stands.opportunity_id = came.id AND stands.stops_on IS NULL AND was.stops_on = stands.starts_on\n          AND ROW(came.owner_id, came.territory_id, came.state, came.stage_id, came.category, came.close_on, came.closed_on, came.currency, came.amount_minor) IS DISTINCT FROM ROW(went.owner_id, went.territory_id, went.state, went.stage_id, went.category, went.close_on, went.closed_on, went.currency, went.amount_minor) AND ROW(was.owner_id, was.territory_id, was.state, was.stage_id, was.category, was.close_on, was.closed_on, was.currency, was.amount_minor) IS NOT DISTINCT FROM ROW(came.owner_id, came.territory_id, came.state, came.stage_id, came.category, came.close_on, came.closed_on, came.currency, came.amount_minor)\n        RETURNING stands.opportunity_id, stands.starts_on\n    )\n    UPDATE pipeline_standing was SET stops_on = NULL FROM back\n    WHERE was.opportunity_id = back.opportunity_id AND was.stops_on = back.starts_on;\n    INSERT INTO pipeline_standing (opportunity_id, starts_on, owner_id, territory_id, state, stage_id, category, close_on, closed_on, currency, amount_minor)\n    SELECT id, today, owner_id, territory_id, state, stage_id, category, close_on, closed_on, currency, amount_minor FROM came\n    WHERE NOT EXISTS (\n        SELECT 1 FROM pipeline_standing was WHERE was.opportunity_id = came.id AND was.stops_on IS NULL\n    );\n    PERFORM set_config('app.grants', granted, true);\n    RETURN NULL;\n",
                    hash="b601407a5d9dc657e370d027ad89646abdb7900b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_stands_otherwise_dd95e",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="stands_no_more",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE today date; granted text;",
                    func="\n    today := (coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now())\n        AT TIME ZONE coalesce((SELECT time_zone FROM common_organisation LIMIT 1), 'UTC'))::date;\n    granted := coalesce(current_setting('app.grants', true), '');\n    PERFORM set_config('app.grants', 'standing:org', true);\n    DELETE FROM pipeline_standing was USING went WHERE was.opportunity_id = went.id;\n    PERFORM set_config('app.grants', granted, true);\n    RETURN NULL;\n",
                    hash="beb3ac1415c1e979539f9440f7ab767893671274",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_stands_no_more_dbb4c",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="opportunity",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="standings",
                to="pipeline.opportunity",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="owner",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="stage",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pipeline.stage",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="territory",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="territories.territory",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["owner", "stops_on"], name="standing_owner"
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["territory", "stops_on"], name="standing_node"
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["close_on", "stops_on", "starts_on"],
                name="standing_close",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["starts_on"], name="standing_starts"),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.UniqueConstraint(
                fields=("opportunity", "starts_on"), name="standing_starts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stops_on", None)), fields=("opportunity",), name="standing_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stops_on", None), ("stops_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="standing_ordered",
            ),
        ),
        # What is there already; nobody writes deals while triggers are made.
        migrations.RunSQL([GRANT, BACKFILL], migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="standing",
            trigger=pgtrigger.compiler.Trigger(
                name="kept_by_triggers",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF pg_trigger_depth() > 1 THEN RETURN NULL; END IF;\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="a12207fddb96c7f3c761409696a2824dc5e39ecf",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_kept_by_triggers_4d968",
                    table="pipeline_standing",
                    when="BEFORE",
                ),
            ),
        ),
    ]
