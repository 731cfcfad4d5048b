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

    dependencies = [
        ("territories", "0001_people_and_tree"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
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
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                ("industry", models.CharField(blank=True, max_length=80, verbose_name="industry")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                (
                    "annual_revenue_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="annual revenue"),
                ),
                ("town", models.CharField(blank=True, max_length=80, verbose_name="town")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="state or region")),
                ("country", models.CharField(blank=True, max_length=80, verbose_name="country")),
                ("postcode", models.CharField(blank=True, max_length=16, verbose_name="postcode")),
                (
                    "place_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Concat(
                                "town", models.Value(", "), "region", models.Value(", "), "country"
                            )
                        ),
                        output_field=models.CharField(db_collation="C", max_length=250),
                    ),
                ),
                ("first_ordered_on", models.DateField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidiaries",
                        to="accounts.account",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "ordering": ["name_key", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("industry", models.CharField(blank=True, max_length=80, verbose_name="industry")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                (
                    "annual_revenue_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="annual revenue"),
                ),
                ("town", models.CharField(blank=True, max_length=80, verbose_name="town")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="state or region")),
                ("country", models.CharField(blank=True, max_length=80, verbose_name="country")),
                ("postcode", models.CharField(blank=True, max_length=16, verbose_name="postcode")),
                ("first_ordered_on", models.DateField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "parent",
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
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history",
                        to="accounts.account",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccountTerritory",
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
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="territories",
                        to="accounts.account",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_assignments",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="job title")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name"), "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="job title")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history",
                        to="accounts.contact",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MovedAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves_to_follow",
                        to="accounts.account",
                    ),
                ),
            ],
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
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participants",
                        to="accounts.account",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["territory", "name_key", "id"], name="account_territory_name_key"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["name_key", "id"], name="account_name_key"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent", None), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"
                ),
                name="account_not_own_parent",
                violation_error_message="An account can't be its own parent.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_accountevent" ("annual_revenue_minor", "country", "created_at", "employees", "first_ordered_on", "id", "industry", "name", "number", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "region", "territory_id", "town", "version") VALUES (NEW."annual_revenue_minor", NEW."country", NEW."created_at", NEW."employees", NEW."first_ordered_on", NEW."id", NEW."industry", NEW."name", NEW."number", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."postcode", NEW."region", NEW."territory_id", NEW."town", NEW."version"); RETURN NULL;',
                    hash="6283c02fed934e176c609dc3bc7107fd54d4cf15",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8b982",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."annual_revenue_minor" IS DISTINCT FROM (NEW."annual_revenue_minor") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."employees" IS DISTINCT FROM (NEW."employees") OR OLD."first_ordered_on" IS DISTINCT FROM (NEW."first_ordered_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."industry" IS DISTINCT FROM (NEW."industry") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."parent_id" IS DISTINCT FROM (NEW."parent_id") OR OLD."postcode" IS DISTINCT FROM (NEW."postcode") OR OLD."region" IS DISTINCT FROM (NEW."region") OR OLD."territory_id" IS DISTINCT FROM (NEW."territory_id") OR OLD."town" IS DISTINCT FROM (NEW."town") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func='INSERT INTO "accounts_accountevent" ("annual_revenue_minor", "country", "created_at", "employees", "first_ordered_on", "id", "industry", "name", "number", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "region", "territory_id", "town", "version") VALUES (NEW."annual_revenue_minor", NEW."country", NEW."created_at", NEW."employees", NEW."first_ordered_on", NEW."id", NEW."industry", NEW."name", NEW."number", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."postcode", NEW."region", NEW."territory_id", NEW."town", NEW."version"); RETURN NULL;',
                    hash="f9aeb2663ddebd5f90dd97944b4edb8b25031215",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_834ae",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_accountevent" ("annual_revenue_minor", "country", "created_at", "employees", "first_ordered_on", "id", "industry", "name", "number", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "region", "territory_id", "town", "version") VALUES (OLD."annual_revenue_minor", OLD."country", OLD."created_at", OLD."employees", OLD."first_ordered_on", OLD."id", OLD."industry", OLD."name", OLD."number", OLD."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."postcode", OLD."region", OLD."territory_id", OLD."town", OLD."version"); RETURN NULL;',
                    hash="5c1a4ac2c8f739a459f807e43cde640f1d44c278",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f7f6a",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accountevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b2fcc0ac097507fbc8f168c4af9b0fbdec311f8f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a5014",
                    table="accounts_accountevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="accountterritory",
            index=models.Index(
                condition=models.Q(("superseded_at", None)),
                fields=["territory", "starts_on"],
                name="accountterritory_node",
            ),
        ),
        migrations.AddIndex(
            model_name="accountterritory",
            index=models.Index(
                condition=models.Q(("stops_on__isnull", False), ("superseded_at", None)),
                fields=["stops_on"],
                name="accountterritory_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountterritory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stops_on", None), ("stops_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="accountterritory_ordered",
                violation_error_message="The end must come after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountterritory",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None)),
                expressions=[(common.dated.DateRange(), "&&"), (models.F("account"), "=")],
                name="accountterritory_one",
                violation_error_message="This account already is in a territory on one of these days.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accountterritory",
            trigger=pgtrigger.compiler.Trigger(
                name="supersede_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL\n       AND (to_jsonb(OLD) - 'superseded_at' - 'superseded_why')\n         = (to_jsonb(NEW) - 'superseded_at' - 'superseded_why') THEN\n        SELECT (said ->> 'by')::bigint, coalesce(nullif(NEW.superseded_why, ''), said ->> 'why', '')\n        INTO NEW.superseded_by_id, NEW.superseded_why\n        FROM (SELECT nullif(current_setting('pghistory.context_metadata', true), '')::jsonb AS said) context;\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'a dated row is superseded once and otherwise never changed'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dated_supersede_once';\n",
                    hash="00c4c5f29603058416176a5c45fd257745534a00",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_supersede_once_939d4",
                    table="accounts_accountterritory",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_contactevent" ("account_id", "email", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "title", "version") VALUES (NEW."account_id", NEW."email", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."phone", NEW."title", NEW."version"); RETURN NULL;',
                    hash="389f2b0239d17f40a601e09f7f3e15a969b6b6d7",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_89558",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_contactevent" ("account_id", "email", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "title", "version") VALUES (NEW."account_id", NEW."email", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."phone", NEW."title", NEW."version"); RETURN NULL;',
                    hash="7e039e744d5e95f1949f34eaa1495964d80a5bce",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_15daf",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_contactevent" ("account_id", "email", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "title", "version") VALUES (OLD."account_id", OLD."email", OLD."id", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."phone", OLD."title", OLD."version"); RETURN NULL;',
                    hash="d0fc2f408051bfe9326a882062e5ed8951fd21c9",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_115a7",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4761faa3f41fbda31be1450523330c0c703a3b30",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1a78b",
                    table="accounts_contactevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("user", "account"), name="account_participant_once"),
        ),
    ]
