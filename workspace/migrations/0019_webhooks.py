import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0006_changes_noted"),
        ("workspace", "0018_exports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("address", models.CharField(max_length=500, verbose_name="address")),
                (
                    "happenings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("account.created", "An account was added"),
                                ("account.changed", "An account changed"),
                                ("contact.created", "A contact was added"),
                                ("contact.changed", "A contact changed"),
                                ("lead.created", "A lead was added"),
                                ("lead.changed", "A lead changed"),
                                ("lead.converted", "A lead was converted"),
                                ("lead.disqualified", "A lead was disqualified"),
                                ("opportunity.created", "A deal was opened"),
                                ("opportunity.changed", "A deal changed"),
                                ("opportunity.won", "A deal was won"),
                                ("opportunity.lost", "A deal was lost"),
                                ("activity.created", "An activity was noted"),
                                ("activity.changed", "An activity changed"),
                                ("order.booked", "An order was booked"),
                                ("order.changed", "An order changed"),
                                ("order.cancelled", "An order was cancelled"),
                            ],
                            max_length=24,
                        ),
                        size=None,
                    ),
                ),
                ("is_paused", models.BooleanField(default=False, verbose_name="paused")),
                (
                    "is_failing",
                    models.BooleanField(default=False, verbose_name="paused because sending failed"),
                ),
                ("removed_at", models.DateTimeField(null=True, verbose_name="removed")),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("salt", models.CharField(max_length=64)),
                ("old_salt", models.CharField(blank=True, max_length=64)),
                ("old_until", models.DateTimeField(null=True, verbose_name="former secret signs until")),
                ("xact", models.BigIntegerField()),
                ("number", models.BigIntegerField(default=0)),
                ("home", models.CharField(max_length=64)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("happenings", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("delivered", "delivered"),
                            ("given_up", "given up"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("tried_at", models.DateTimeField(null=True)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("duration_ms", models.PositiveIntegerField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("address", models.CharField(max_length=500, verbose_name="address")),
                (
                    "happenings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("account.created", "An account was added"),
                                ("account.changed", "An account changed"),
                                ("contact.created", "A contact was added"),
                                ("contact.changed", "A contact changed"),
                                ("lead.created", "A lead was added"),
                                ("lead.changed", "A lead changed"),
                                ("lead.converted", "A lead was converted"),
                                ("lead.disqualified", "A lead was disqualified"),
                                ("opportunity.created", "A deal was opened"),
                                ("opportunity.changed", "A deal changed"),
                                ("opportunity.won", "A deal was won"),
                                ("opportunity.lost", "A deal was lost"),
                                ("activity.created", "An activity was noted"),
                                ("activity.changed", "An activity changed"),
                                ("order.booked", "An order was booked"),
                                ("order.changed", "An order changed"),
                                ("order.cancelled", "An order was cancelled"),
                            ],
                            max_length=24,
                        ),
                        size=None,
                    ),
                ),
                ("is_paused", models.BooleanField(default=False, verbose_name="paused")),
                (
                    "is_failing",
                    models.BooleanField(default=False, verbose_name="paused because sending failed"),
                ),
                ("removed_at", models.DateTimeField(null=True, verbose_name="removed")),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("old_until", models.DateTimeField(null=True, verbose_name="former secret signs until")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterField(
            model_name="choice",
            name="event",
            field=models.CharField(
                choices=[
                    ("invited", "An invitation to sign in"),
                    ("account_came", "An account came to me"),
                    ("deal_came", "A deal came to me"),
                    ("deal_changed", "My deal was changed by somebody else"),
                    ("lead_came", "A lead came to me"),
                    ("lead_untouched", "A lead of mine is untouched"),
                    ("seat_came", "A seat came to me"),
                    ("seat_went", "My seat is handed over"),
                    ("realigned", "A realignment touches me"),
                    ("unpublished", "A realignment of mine was not published"),
                    ("forecast_due", "My forecast call is due within 24 hours"),
                    ("forecast_late", "My forecast call is late"),
                    ("approval_asked", "I am asked to approve or accept"),
                    ("approval_answered", "What I asked for was answered"),
                    ("mentioned", "I am mentioned in a comment"),
                    ("run_failed", "A run failed"),
                    ("webhook_paused", "A webhook of mine was paused"),
                    ("address_changed", "Another e-mail address to sign in with"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="event",
            field=models.CharField(
                choices=[
                    ("invited", "An invitation to sign in"),
                    ("account_came", "An account came to me"),
                    ("deal_came", "A deal came to me"),
                    ("deal_changed", "My deal was changed by somebody else"),
                    ("lead_came", "A lead came to me"),
                    ("lead_untouched", "A lead of mine is untouched"),
                    ("seat_came", "A seat came to me"),
                    ("seat_went", "My seat is handed over"),
                    ("realigned", "A realignment touches me"),
                    ("unpublished", "A realignment of mine was not published"),
                    ("forecast_due", "My forecast call is due within 24 hours"),
                    ("forecast_late", "My forecast call is late"),
                    ("approval_asked", "I am asked to approve or accept"),
                    ("approval_answered", "What I asked for was answered"),
                    ("mentioned", "I am mentioned in a comment"),
                    ("run_failed", "A run failed"),
                    ("webhook_paused", "A webhook of mine was paused"),
                    ("address_changed", "Another e-mail address to sign in with"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="webhook",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="webhooks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="webhookdelivery",
            name="webhook",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="workspace.webhook",
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history",
                to="workspace.webhook",
            ),
        ),
        migrations.AddIndex(
            model_name="webhook",
            index=models.Index(
                condition=models.Q(("is_paused", False), ("removed_at", None)),
                fields=["id"],
                name="webhook_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("happenings__len__gte", 1)),
                name="webhook_happenings",
                violation_error_message="Choose at least one thing to be told of.",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_failing", False), ("is_paused", True), _connector="OR"),
                name="webhook_failing",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="webhook",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "workspace_webhookevent" ("address", "happenings", "id", "is_failing", "is_paused", "made_at", "name", "old_until", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "version") VALUES (NEW."address", NEW."happenings", NEW."id", NEW."is_failing", NEW."is_paused", NEW."made_at", NEW."name", NEW."old_until", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."removed_at", NEW."version"); RETURN NULL;',
                    hash="627b2dbc3ce004690e219da5f661980572b1e35d",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0c2f9",
                    table="workspace_webhook",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="webhook",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."happenings" IS DISTINCT FROM (NEW."happenings") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_failing" IS DISTINCT FROM (NEW."is_failing") OR OLD."is_paused" IS DISTINCT FROM (NEW."is_paused") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."old_until" IS DISTINCT FROM (NEW."old_until") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."removed_at" IS DISTINCT FROM (NEW."removed_at") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func='INSERT INTO "workspace_webhookevent" ("address", "happenings", "id", "is_failing", "is_paused", "made_at", "name", "old_until", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "version") VALUES (NEW."address", NEW."happenings", NEW."id", NEW."is_failing", NEW."is_paused", NEW."made_at", NEW."name", NEW."old_until", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."removed_at", NEW."version"); RETURN NULL;',
                    hash="58eaa2af32e27a1a51e3e1ab67388191fde03ec3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c592d",
                    table="workspace_webhook",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="webhook",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "workspace_webhookevent" ("address", "happenings", "id", "is_failing", "is_paused", "made_at", "name", "old_until", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "version") VALUES (OLD."address", OLD."happenings", OLD."id", OLD."is_failing", OLD."is_paused", OLD."made_at", OLD."name", OLD."old_until", OLD."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."removed_at", OLD."version"); RETURN NULL;',
                    hash="64a9696a7b189002f434f51a5ecf43c5b3a5fd26",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_794de",
                    table="workspace_webhook",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["webhook", "-id"], name="webhookdelivery_of"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["due_at", "id"], name="webhookdelivery_due"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="webhookevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2629a8496e3e23043bca8edd2c50f68d4ec7f979",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0b4c0",
                    table="workspace_webhookevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
