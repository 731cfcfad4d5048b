import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import common.dated


class Migration(migrations.Migration):
    initial = True

    dependencies = [("common", "0001_organisation")]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Edge",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RoleGrant",
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
                    "role",
                    models.CharField(
                        choices=[
                            ("rep", "rep"),
                            ("manager", "manager"),
                            ("director", "director"),
                            ("admin", "admin"),
                            ("coordinator", "coordinator"),
                            ("executive", "executive"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Seat",
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
                        choices=[("owner", "owner"), ("lead", "lead"), ("overlay", "overlay")], max_length=8
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Territory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                ("is_unassigned", models.BooleanField(default=False, editable=False)),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name"), "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TerritoryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("is_unassigned", models.BooleanField(default=False, editable=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="UserEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("locale", models.CharField(default="en-US", max_length=16, verbose_name="locale")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("is_active", models.BooleanField(default=True)),
                (
                    "joined_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last_at", models.DateTimeField()),
                ("before_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("locale", models.CharField(default="en-US", max_length=16, verbose_name="locale")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("is_active", models.BooleanField(default=True)),
                (
                    "joined_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name"), "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="user_email_lower",
                        violation_error_message="An e-mail address is kept in lower case.",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "territories_userevent" ("email", "id", "is_active", "joined_at", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "version") VALUES (NEW."email", NEW."id", NEW."is_active", NEW."joined_at", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."time_zone", NEW."version"); RETURN NULL;',
                    hash="e586787f07166e0f29fa632c34d78c1f5c8bfddc",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6d452",
                    table="territories_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."joined_at" IS DISTINCT FROM (NEW."joined_at") OR OLD."locale" IS DISTINCT FROM (NEW."locale") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func='INSERT INTO "territories_userevent" ("email", "id", "is_active", "joined_at", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "version") VALUES (NEW."email", NEW."id", NEW."is_active", NEW."joined_at", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."time_zone", NEW."version"); RETURN NULL;',
                    hash="5c2ba0a077d79ac26d39eb514493d20f55625bbc",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_99a27",
                    table="territories_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "territories_userevent" ("email", "id", "is_active", "joined_at", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "version") VALUES (OLD."email", OLD."id", OLD."is_active", OLD."joined_at", OLD."locale", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."time_zone", OLD."version"); RETURN NULL;',
                    hash="459f97989a146c09ede9feb003abfe0869153a80",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ee0d1",
                    table="territories_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="api_tokens",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="edge",
            name="recorded_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="recorded_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="role_grants",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="seat",
            name="recorded_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="seat",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="seats", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="territory",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_unassigned", True)),
                fields=("is_unassigned",),
                name="territory_one_unassigned",
            ),
        ),
        migrations.AddField(
            model_name="seat",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="territories.territory"
            ),
        ),
        migrations.AddField(
            model_name="edge",
            name="child",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edges_up",
                to="territories.territory",
            ),
        ),
        migrations.AddField(
            model_name="edge",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edges_down",
                to="territories.territory",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="territory",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "territories_territoryevent" ("code", "id", "is_unassigned", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."code", NEW."id", NEW."is_unassigned", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="b53ac532616011156a84393d40031ca6f5a6f476",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4b77b",
                    table="territories_territory",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="territory",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "territories_territoryevent" ("code", "id", "is_unassigned", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."code", NEW."id", NEW."is_unassigned", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="0f73392ef64a7aa31894c8fb58fe297f3dc56fdf",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f14e0",
                    table="territories_territory",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="territory",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "territories_territoryevent" ("code", "id", "is_unassigned", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (OLD."code", OLD."id", OLD."is_unassigned", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."version"); RETURN NULL;',
                    hash="debd665b48712b362ea8684e66f5eabd8157bcad",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3ae3b",
                    table="territories_territory",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="territoryevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history",
                to="territories.territory",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="visit", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stops_on", None), ("stops_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="rolegrant_ordered",
                violation_error_message="The end must come after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None)),
                expressions=[
                    (common.dated.DateRange(), "&&"),
                    (models.F("user"), "="),
                    (models.F("role"), "="),
                ],
                name="rolegrant_once",
                violation_error_message="This person already holds that role on these days.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolegrant",
            trigger=pgtrigger.compiler.Trigger(
                name="supersede_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL\n       AND (to_jsonb(OLD) - 'superseded_at' - 'superseded_why')\n         = (to_jsonb(NEW) - 'superseded_at' - 'superseded_why') THEN\n        SELECT (said ->> 'by')::bigint, coalesce(nullif(NEW.superseded_why, ''), said ->> 'why', '')\n        INTO NEW.superseded_by_id, NEW.superseded_why\n        FROM (SELECT nullif(current_setting('pghistory.context_metadata', true), '')::jsonb AS said) context;\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'a dated row is superseded once and otherwise never changed'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dated_supersede_once';\n",
                    hash="1b616ed2c5ede0135f43373a32aa450ad86ae02f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_supersede_once_96335",
                    table="territories_rolegrant",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(
                condition=models.Q(("superseded_at", None)), fields=["user", "starts_on"], name="seat_user"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stops_on", None), ("stops_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="seat_ordered",
                violation_error_message="The end must come after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None), ("kind", "owner")),
                expressions=[(common.dated.DateRange(), "&&"), (models.F("territory"), "=")],
                name="seat_one_owner",
                violation_error_message="This territory already has an owner on one of these days. End that seat first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None), ("kind", "lead")),
                expressions=[(common.dated.DateRange(), "&&"), (models.F("territory"), "=")],
                name="seat_one_lead",
                violation_error_message="This territory already has a lead on one of these days. End that seat first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None)),
                expressions=[
                    (common.dated.DateRange(), "&&"),
                    (models.F("user"), "="),
                    (models.F("territory"), "="),
                    (models.F("kind"), "="),
                ],
                name="seat_once",
                violation_error_message="This person already has that seat on one of these days.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seat",
            trigger=pgtrigger.compiler.Trigger(
                name="supersede_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL\n       AND (to_jsonb(OLD) - 'superseded_at' - 'superseded_why')\n         = (to_jsonb(NEW) - 'superseded_at' - 'superseded_why') THEN\n        SELECT (said ->> 'by')::bigint, coalesce(nullif(NEW.superseded_why, ''), said ->> 'why', '')\n        INTO NEW.superseded_by_id, NEW.superseded_why\n        FROM (SELECT nullif(current_setting('pghistory.context_metadata', true), '')::jsonb AS said) context;\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'a dated row is superseded once and otherwise never changed'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dated_supersede_once';\n",
                    hash="7d1013038918529feb30c703283c02d98565e1cf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_supersede_once_7f1c7",
                    table="territories_seat",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stops_on", None), ("stops_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="edge_ordered",
                violation_error_message="The end must come after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None)),
                expressions=[(common.dated.DateRange(), "&&"), (models.F("child"), "=")],
                name="edge_one_parent",
                violation_error_message="This territory already has a parent on one of these days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("child", models.F("parent")), _negated=True), ("parent", None), _connector="OR"
                ),
                name="edge_not_itself",
                violation_error_message="A territory can't lie below itself.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="edge",
            trigger=pgtrigger.compiler.Trigger(
                name="supersede_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL\n       AND (to_jsonb(OLD) - 'superseded_at' - 'superseded_why')\n         = (to_jsonb(NEW) - 'superseded_at' - 'superseded_why') THEN\n        SELECT (said ->> 'by')::bigint, coalesce(nullif(NEW.superseded_why, ''), said ->> 'why', '')\n        INTO NEW.superseded_by_id, NEW.superseded_why\n        FROM (SELECT nullif(current_setting('pghistory.context_metadata', true), '')::jsonb AS said) context;\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'a dated row is superseded once and otherwise never changed'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dated_supersede_once';\n",
                    hash="0bbafe78257805f686a224ca2ce91d8825e4fe42",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_supersede_once_77503",
                    table="territories_edge",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="edge",
            trigger=pgtrigger.compiler.Trigger(
                name="tree_cycle",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM pg_advisory_xact_lock(hashtext('territory_tree'));\n    IF NEW.parent_id IS NOT NULL AND NEW.superseded_at IS NULL AND EXISTS (\n        WITH RECURSIVE above(node, starts, stops) AS (\n            SELECT NEW.parent_id, NEW.starts_on, NEW.stops_on\n            UNION\n            SELECT e.parent_id, greatest(e.starts_on, a.starts), least(e.stops_on, a.stops)\n            FROM above a JOIN territories_edge e\n              ON e.child_id = a.node AND e.superseded_at IS NULL AND e.parent_id IS NOT NULL\n             AND daterange(e.starts_on, e.stops_on) && daterange(a.starts, a.stops)\n        ) SELECT 1 FROM above WHERE node = NEW.child_id\n    ) THEN\n        RAISE EXCEPTION 'a territory below itself'\n            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tree_cycle';\n    END IF;\n    RETURN NEW;\n",
                    hash="9548c594e5f8e7f526028d1d68edb1c749ace9af",
                    operation="INSERT",
                    pgid="pgtrigger_tree_cycle_4491b",
                    table="territories_edge",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="territoryevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="21b5ab27332fa7171b0395a942439b50f44a6e8a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_506a2",
                    table="territories_territoryevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6960f723ab8d813127bac64d78eb73a7725c2bf7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a70f3",
                    table="territories_userevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
