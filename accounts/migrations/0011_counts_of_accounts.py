import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

GRANT = "SELECT set_config('app.grants', 'account:org', true)"
COUNT = """
INSERT INTO accounts_accountcount (territory_id, number)
SELECT territory_id, count(*) FROM accounts_account WHERE merged_into_id IS NULL GROUP BY territory_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_keys_of_rules"),
        ("territories", "0010_successions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="count_came",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    INSERT INTO accounts_accountcount (territory_id, number)\n    SELECT territory_id, sum(number) FROM (SELECT territory_id, 1 AS number FROM came WHERE merged_into_id IS NULL) changed GROUP BY territory_id HAVING sum(number) <> 0;\n    RETURN NULL;\n",
                    hash="d786b34ad2927ce90d0a1299c4b7eeab3d44ea85",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_count_came_f634d",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="count_went",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    INSERT INTO accounts_accountcount (territory_id, number)\n    SELECT territory_id, sum(number) FROM (SELECT territory_id, -1 AS number FROM went WHERE merged_into_id IS NULL) changed GROUP BY territory_id HAVING sum(number) <> 0;\n    RETURN NULL;\n",
                    hash="5293e4aef3765ae3a3f73bb1f44632945eba7e65",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_went_ec310",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="count_moved",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    INSERT INTO accounts_accountcount (territory_id, number)\n    SELECT territory_id, sum(number) FROM (SELECT territory_id, 1 AS number FROM came WHERE merged_into_id IS NULL UNION ALL SELECT territory_id, -1 AS number FROM went WHERE merged_into_id IS NULL) changed GROUP BY territory_id HAVING sum(number) <> 0;\n    RETURN NULL;\n",
                    hash="55c6ad25eab27a9e28afc8ba9d2ac61331c34600",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_count_moved_a725b",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        # What is there already; nobody writes accounts while triggers are made.
        migrations.RunSQL([GRANT, COUNT], migrations.RunSQL.noop),
    ]
