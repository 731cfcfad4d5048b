import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_accounts"),
        ("catalog", "0001_products"),
        ("territories", "0001_people_and_tree"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StageEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "kind",
                    models.CharField(
                        choices=[("open", "open"), ("won", "won"), ("lost", "lost")],
                        default="open",
                        max_length=4,
                    ),
                ),
                ("probability", models.PositiveSmallIntegerField(verbose_name="probability in percent")),
                (
                    "category",
                    models.CharField(
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StageVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entered_on", models.DateField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call", "Phone call"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("demo", "Demo"),
                            ("presentation", "Presentation"),
                            ("follow_up", "Follow-up"),
                            ("task", "Task"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                ("subject", models.CharField(max_length=160, verbose_name="subject")),
                ("outcome", models.TextField(blank=True, max_length=4000, verbose_name="outcome")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="accounts.account",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "activities",
                "ordering": ["-id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Opportunity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                (
                    "name_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("name"),
                        output_field=models.CharField(db_collation="C", max_length=160),
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("won", "won"), ("lost", "lost")],
                        default="open",
                        max_length=4,
                    ),
                ),
                (
                    "category",
                    models.CharField(
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
                (
                    "category_is_manual",
                    models.BooleanField(default=False, verbose_name="category set by hand"),
                ),
                (
                    "motion",
                    models.CharField(
                        choices=[("new", "New"), ("expansion", "Expansion"), ("renewal", "Renewal")],
                        default="new",
                        max_length=12,
                        verbose_name="motion",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount_minor", models.BigIntegerField(blank=True, null=True, verbose_name="amount")),
                ("close_on", models.DateField(verbose_name="close date")),
                ("next_step", models.CharField(blank=True, max_length=200, verbose_name="next step")),
                ("next_step_on", models.DateField(blank=True, null=True, verbose_name="next step due")),
                (
                    "lost_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason for the loss"),
                ),
                ("created_on", models.DateField()),
                ("stage_since_on", models.DateField()),
                ("closed_on", models.DateField(null=True, verbose_name="closed on")),
                ("pushes", models.PositiveSmallIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="territories.territory",
                        verbose_name="territory",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "opportunities",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ActivityEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call", "Phone call"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("demo", "Demo"),
                            ("presentation", "Presentation"),
                            ("follow_up", "Follow-up"),
                            ("task", "Task"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                ("subject", models.CharField(max_length=160, verbose_name="subject")),
                ("outcome", models.TextField(blank=True, max_length=4000, verbose_name="outcome")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history",
                        to="pipeline.activity",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territories.territory",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.opportunity",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="activity",
            name="opportunity",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="activities",
                to="pipeline.opportunity",
            ),
        ),
        migrations.CreateModel(
            name="OpportunityLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                ("price_minor", models.BigIntegerField(verbose_name="price each")),
                ("is_removed", models.BooleanField(default=False)),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="pipeline.opportunity",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OpportunityLineEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                ("price_minor", models.BigIntegerField(verbose_name="price each")),
                ("is_removed", models.BooleanField(default=False)),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.opportunity",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history",
                        to="pipeline.opportunityline",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=80)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participants",
                        to="pipeline.opportunity",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deal_participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(unique=True, verbose_name="position")),
                (
                    "kind",
                    models.CharField(
                        choices=[("open", "open"), ("won", "won"), ("lost", "lost")],
                        default="open",
                        max_length=4,
                    ),
                ),
                ("probability", models.PositiveSmallIntegerField(verbose_name="probability in percent")),
                (
                    "category",
                    models.CharField(
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
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("probability__lte", 100)),
                        name="stage_probability",
                        violation_error_message="A probability is at most 100 percent.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "open"),
                            models.Q(("category", "closed"), ("kind", "won"), ("probability", 100)),
                            models.Q(("category", "omitted"), ("kind", "lost"), ("probability", 0)),
                            _connector="OR",
                        ),
                        name="stage_ends",
                        violation_error_message="A won stage has 100 percent and the category Closed; a lost one has 0 percent and Omitted.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpportunityEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                ("number", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("won", "won"), ("lost", "lost")],
                        default="open",
                        max_length=4,
                    ),
                ),
                (
                    "category",
                    models.CharField(
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
                (
                    "category_is_manual",
                    models.BooleanField(default=False, verbose_name="category set by hand"),
                ),
                (
                    "motion",
                    models.CharField(
                        choices=[("new", "New"), ("expansion", "Expansion"), ("renewal", "Renewal")],
                        default="new",
                        max_length=12,
                        verbose_name="motion",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount_minor", models.BigIntegerField(blank=True, null=True, verbose_name="amount")),
                ("close_on", models.DateField(verbose_name="close date")),
                ("next_step", models.CharField(blank=True, max_length=200, verbose_name="next step")),
                ("next_step_on", models.DateField(blank=True, null=True, verbose_name="next step due")),
                (
                    "lost_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason for the loss"),
                ),
                ("created_on", models.DateField()),
                ("stage_since_on", models.DateField()),
                ("closed_on", models.DateField(null=True, verbose_name="closed on")),
                ("pushes", models.PositiveSmallIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history",
                        to="pipeline.opportunity",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territories.territory",
                        verbose_name="territory",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.stage",
                        verbose_name="stage",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="opportunity",
            name="stage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opportunities",
                to="pipeline.stage",
                verbose_name="stage",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stage",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_stageevent" ("category", "id", "kind", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "probability", "version") VALUES (NEW."category", NEW."id", NEW."kind", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."position", NEW."probability", NEW."version"); RETURN NULL;',
                    hash="39ad1e93bf91d29b657157128623821580411334",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_aab28",
                    table="pipeline_stage",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stage",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "pipeline_stageevent" ("category", "id", "kind", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "probability", "version") VALUES (NEW."category", NEW."id", NEW."kind", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."position", NEW."probability", NEW."version"); RETURN NULL;',
                    hash="75081c8b632af75145603aa5024975c4f04d8089",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_58f23",
                    table="pipeline_stage",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stage",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_stageevent" ("category", "id", "kind", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "probability", "version") VALUES (OLD."category", OLD."id", OLD."kind", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."position", OLD."probability", OLD."version"); RETURN NULL;',
                    hash="668a0228f1400e9cf8c56cd13eaaa11367389860",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f8c93",
                    table="pipeline_stage",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="stageevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history",
                to="pipeline.stage",
            ),
        ),
        migrations.AddField(
            model_name="stagevisit",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stagevisit",
            name="opportunity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="pipeline.opportunity"
            ),
        ),
        migrations.AddField(
            model_name="stagevisit",
            name="stage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pipeline.stage"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activityevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5f22caaf4e3f0f7f719c78c928b2597995b56d0f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_bb6bc",
                    table="pipeline_activityevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                models.F("owner"),
                models.F("due_on"),
                condition=models.Q(("done_at", None)),
                name="activity_todo",
            ),
        ),
        migrations.AddIndex(
            model_name="stagevisit",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["recorded_at"], name="stagevisit_recorded"
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("account__isnull", False), ("opportunity__isnull", False), _connector="OR"
                ),
                name="activity_has_subject",
                violation_error_message="Say which account or opportunity this was about.",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__isnull", False), ("done_at__isnull", False), _connector="OR"),
                name="activity_due_or_done",
                violation_error_message="Say when this is due, or mark it as done.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_activityevent" ("account_id", "done_at", "due_on", "id", "kind", "opportunity_id", "outcome", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "territory_id", "version") VALUES (NEW."account_id", NEW."done_at", NEW."due_on", NEW."id", NEW."kind", NEW."opportunity_id", NEW."outcome", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."subject", NEW."territory_id", NEW."version"); RETURN NULL;',
                    hash="1ae3316ced25b92c3d434f993c5134b17b0337c4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_69696",
                    table="pipeline_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "pipeline_activityevent" ("account_id", "done_at", "due_on", "id", "kind", "opportunity_id", "outcome", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "territory_id", "version") VALUES (NEW."account_id", NEW."done_at", NEW."due_on", NEW."id", NEW."kind", NEW."opportunity_id", NEW."outcome", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."subject", NEW."territory_id", NEW."version"); RETURN NULL;',
                    hash="20a21e8a95a4450d6fb4a75ea7d6c983b9c18b1b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d63f5",
                    table="pipeline_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_activityevent" ("account_id", "done_at", "due_on", "id", "kind", "opportunity_id", "outcome", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "territory_id", "version") VALUES (OLD."account_id", OLD."done_at", OLD."due_on", OLD."id", OLD."kind", OLD."opportunity_id", OLD."outcome", OLD."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."subject", OLD."territory_id", OLD."version"); RETURN NULL;',
                    hash="f048670af3b5da392e791b4b2d6cd597693f2583",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f1a68",
                    table="pipeline_activity",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunityline",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_minor__gte", 0), ("quantity__gte", 1)),
                name="opportunityline_positive",
                violation_error_message="A line has a quantity of one or more and a price of zero or more.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunityline",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_opportunitylineevent" ("id", "is_removed", "opportunity_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_minor", "product_id", "quantity", "version") VALUES (NEW."id", NEW."is_removed", NEW."opportunity_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."price_minor", NEW."product_id", NEW."quantity", NEW."version"); RETURN NULL;',
                    hash="b627d83578deceffe8c677e7adc6ddaca2e87c84",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6f51d",
                    table="pipeline_opportunityline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunityline",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "pipeline_opportunitylineevent" ("id", "is_removed", "opportunity_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_minor", "product_id", "quantity", "version") VALUES (NEW."id", NEW."is_removed", NEW."opportunity_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."price_minor", NEW."product_id", NEW."quantity", NEW."version"); RETURN NULL;',
                    hash="1ed066a150e72f5c5b7f8555a0f21dcad09f02de",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_94c98",
                    table="pipeline_opportunityline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunityline",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_opportunitylineevent" ("id", "is_removed", "opportunity_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_minor", "product_id", "quantity", "version") VALUES (OLD."id", OLD."is_removed", OLD."opportunity_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."price_minor", OLD."product_id", OLD."quantity", OLD."version"); RETURN NULL;',
                    hash="31a1727513165e68dcf3b71cac0f668e595e2e15",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_df268",
                    table="pipeline_opportunityline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunitylineevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="db06601cc8c4b23e891025be40c978e252a4037d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6f642",
                    table="pipeline_opportunitylineevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("user", "opportunity"), name="deal_participant_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunityevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4fb9fde29c527bf9eac667f7b17cf46ea09b46de",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_c8b61",
                    table="pipeline_opportunityevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["owner", "close_on", "id"],
                name="opportunity_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["territory", "close_on", "id"],
                name="opportunity_node",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["close_on", "id"], name="opportunity_close"
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["stage", "close_on", "id"],
                name="opportunity_stage",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(fields=["owner", "close_on", "id"], name="opportunity_owner_all"),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(fields=["territory", "close_on", "id"], name="opportunity_node_all"),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(fields=["close_on", "id"], name="opportunity_close_all"),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(fields=["name_key", "id"], name="opportunity_name_key"),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor", None), ("amount_minor__gte", 0), _connector="OR"),
                name="opportunity_amount",
                violation_error_message="An amount is zero or more.",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_on", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("closed_on__isnull", False)),
                    _connector="OR",
                ),
                name="opportunity_closed_on",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_opportunityevent" ("account_id", "amount_minor", "category", "category_is_manual", "close_on", "closed_on", "created_on", "currency", "id", "lost_reason", "motion", "name", "next_step", "next_step_on", "number", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pushes", "stage_id", "stage_since_on", "state", "territory_id", "version") VALUES (NEW."account_id", NEW."amount_minor", NEW."category", NEW."category_is_manual", NEW."close_on", NEW."closed_on", NEW."created_on", NEW."currency", NEW."id", NEW."lost_reason", NEW."motion", NEW."name", NEW."next_step", NEW."next_step_on", NEW."number", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."pushes", NEW."stage_id", NEW."stage_since_on", NEW."state", NEW."territory_id", NEW."version"); RETURN NULL;',
                    hash="d537d1ffd00a2a7c9c72db0217cf2bcdf5d736f2",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_bfda4",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."category" IS DISTINCT FROM (NEW."category") OR OLD."category_is_manual" IS DISTINCT FROM (NEW."category_is_manual") OR OLD."close_on" IS DISTINCT FROM (NEW."close_on") OR OLD."closed_on" IS DISTINCT FROM (NEW."closed_on") OR OLD."created_on" IS DISTINCT FROM (NEW."created_on") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."lost_reason" IS DISTINCT FROM (NEW."lost_reason") OR OLD."motion" IS DISTINCT FROM (NEW."motion") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."next_step" IS DISTINCT FROM (NEW."next_step") OR OLD."next_step_on" IS DISTINCT FROM (NEW."next_step_on") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."pushes" IS DISTINCT FROM (NEW."pushes") OR OLD."stage_id" IS DISTINCT FROM (NEW."stage_id") OR OLD."stage_since_on" IS DISTINCT FROM (NEW."stage_since_on") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."territory_id" IS DISTINCT FROM (NEW."territory_id") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func='INSERT INTO "pipeline_opportunityevent" ("account_id", "amount_minor", "category", "category_is_manual", "close_on", "closed_on", "created_on", "currency", "id", "lost_reason", "motion", "name", "next_step", "next_step_on", "number", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pushes", "stage_id", "stage_since_on", "state", "territory_id", "version") VALUES (NEW."account_id", NEW."amount_minor", NEW."category", NEW."category_is_manual", NEW."close_on", NEW."closed_on", NEW."created_on", NEW."currency", NEW."id", NEW."lost_reason", NEW."motion", NEW."name", NEW."next_step", NEW."next_step_on", NEW."number", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."pushes", NEW."stage_id", NEW."stage_since_on", NEW."state", NEW."territory_id", NEW."version"); RETURN NULL;',
                    hash="11c82f43b1addeaeb8a226c2808020f89342cccf",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_79182",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pipeline_opportunityevent" ("account_id", "amount_minor", "category", "category_is_manual", "close_on", "closed_on", "created_on", "currency", "id", "lost_reason", "motion", "name", "next_step", "next_step_on", "number", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pushes", "stage_id", "stage_since_on", "state", "territory_id", "version") VALUES (OLD."account_id", OLD."amount_minor", OLD."category", OLD."category_is_manual", OLD."close_on", OLD."closed_on", OLD."created_on", OLD."currency", OLD."id", OLD."lost_reason", OLD."motion", OLD."name", OLD."next_step", OLD."next_step_on", OLD."number", OLD."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."pushes", OLD."stage_id", OLD."stage_since_on", OLD."state", OLD."territory_id", OLD."version"); RETURN NULL;',
                    hash="1821183c7a1a234211dd387a4cca6f67e9025a0a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f21cf",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stageevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="08aab713ec23a3edd85144def42b92b3495431a1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0d1f4",
                    table="pipeline_stageevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stagevisit",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="6b79379820120df86ed6e371ca50863f93474e5f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_34ab2",
                    table="pipeline_stagevisit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stagevisit",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="3f0cae7d28046de0680fd796e0a4f32de9e59b4c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_a6884",
                    table="pipeline_stagevisit",
                    when="BEFORE",
                ),
            ),
        ),
    ]
