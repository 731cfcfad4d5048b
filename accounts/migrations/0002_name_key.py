import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_accounts"),
        ("territories", "0002_recorded_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="account",
            options={"ordering": ["name_key", "id"]},
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="account",
            name="update_update",
        ),
        migrations.RemoveIndex(
            model_name="account",
            name="account_territory_name",
        ),
        migrations.RemoveIndex(
            model_name="account",
            name="account_name",
        ),
        migrations.AddField(
            model_name="accountterritory",
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
            model_name="account",
            name="name_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower("name"),
                output_field=models.CharField(db_collation="C", max_length=160),
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["territory", "name_key", "id"], name="account_territory_name_key"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["name_key", "id"], name="account_name_key"),
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
    ]
