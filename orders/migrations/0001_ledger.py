import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
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
        ("common", "0001_organisation"),
        ("pipeline", "0001_opportunities"),
        ("territories", "0001_people_and_tree"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DirtyCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month_on", models.DateField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territories.territory",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField(default=0)),
                ("hash", models.CharField(default="", max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="ledgerhead_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("number", models.CharField(max_length=40, unique=True)),
                (
                    "purchase_order",
                    models.CharField(blank=True, max_length=80, verbose_name="purchase order"),
                ),
                (
                    "motion",
                    models.CharField(
                        choices=[("new", "New"), ("expansion", "Expansion"), ("renewal", "Renewal")],
                        max_length=12,
                        verbose_name="motion",
                    ),
                ),
                ("is_new_business", models.BooleanField()),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("booked_on", models.DateField(verbose_name="booking date")),
                (
                    "state",
                    models.CharField(
                        choices=[("booked", "booked"), ("cancelled", "cancelled")],
                        default="booked",
                        max_length=10,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "opportunity",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order",
                        to="pipeline.opportunity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="territories.territory",
                    ),
                ),
            ],
            options={
                "ordering": ["-booked_on", "-id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BookingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("booking", "booking"),
                            ("correction", "correction"),
                            ("cancellation", "cancellation"),
                            ("opening", "opening entry"),
                        ],
                        max_length=12,
                    ),
                ),
                ("booked_on", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("source", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="OrderEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("number", models.CharField(max_length=40)),
                (
                    "purchase_order",
                    models.CharField(blank=True, max_length=80, verbose_name="purchase order"),
                ),
                (
                    "motion",
                    models.CharField(
                        choices=[("new", "New"), ("expansion", "Expansion"), ("renewal", "Renewal")],
                        max_length=12,
                        verbose_name="motion",
                    ),
                ),
                ("is_new_business", models.BooleanField()),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("booked_on", models.DateField(verbose_name="booking date")),
                (
                    "state",
                    models.CharField(
                        choices=[("booked", "booked"), ("cancelled", "cancelled")],
                        default="booked",
                        max_length=10,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                        verbose_name="account",
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
                        to="orders.order",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="orders.bookingevent",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.family"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.order"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Credit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("revenue", "order intake"),
                            ("overlay", "overlay"),
                            ("opening", "opening entry"),
                        ],
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
                        choices=[("new", "New"), ("expansion", "Expansion"), ("renewal", "Renewal")],
                        max_length=12,
                    ),
                ),
                ("is_new_business", models.BooleanField()),
                ("booked_on", models.DateField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("booked_minor", models.BigIntegerField()),
                ("plan_minor", models.BigIntegerField()),
                ("source", models.CharField(blank=True, max_length=200)),
                ("ledger_seq", models.BigIntegerField(default=0, editable=False, unique=True)),
                ("hash", models.CharField(default="", editable=False, max_length=64)),
                (
                    "booked_rate",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="common.rate",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="orders.bookingevent",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.family",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan_rate",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="common.rate",
                    ),
                ),
                (
                    "reverses",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.credit",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits_by_seat",
                        to="territories.territory",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="territories.territory",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="orders.orderline",
                    ),
                ),
            ],
            options={
                "ordering": ["ledger_seq"],
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
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participants",
                        to="orders.order",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SplitShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weight",
                    models.PositiveIntegerField(help_text="Millionths of a percent: 100 % is 100 000 000."),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="orders.bookingevent",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["territory", "-booked_on", "-id"], name="order_node_day"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["owner", "-booked_on", "-id"], name="order_owner_day"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["-booked_on", "-id"], name="order_day"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "orders_orderevent" ("account_id", "booked_on", "currency", "id", "is_new_business", "motion", "number", "opportunity_id", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "recorded_at", "state", "territory_id", "version") VALUES (NEW."account_id", NEW."booked_on", NEW."currency", NEW."id", NEW."is_new_business", NEW."motion", NEW."number", NEW."opportunity_id", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."purchase_order", NEW."recorded_at", NEW."state", NEW."territory_id", NEW."version"); RETURN NULL;',
                    hash="a634cbab720b7bdcb563d06b9759546294ec16eb",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_eb763",
                    table="orders_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "orders_orderevent" ("account_id", "booked_on", "currency", "id", "is_new_business", "motion", "number", "opportunity_id", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "recorded_at", "state", "territory_id", "version") VALUES (NEW."account_id", NEW."booked_on", NEW."currency", NEW."id", NEW."is_new_business", NEW."motion", NEW."number", NEW."opportunity_id", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."purchase_order", NEW."recorded_at", NEW."state", NEW."territory_id", NEW."version"); RETURN NULL;',
                    hash="1d7f24e4cc175164123ba19ae05ab446628fffd4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d4b84",
                    table="orders_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "orders_orderevent" ("account_id", "booked_on", "currency", "id", "is_new_business", "motion", "number", "opportunity_id", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "recorded_at", "state", "territory_id", "version") VALUES (OLD."account_id", OLD."booked_on", OLD."currency", OLD."id", OLD."is_new_business", OLD."motion", OLD."number", OLD."opportunity_id", OLD."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."purchase_order", OLD."recorded_at", OLD."state", OLD."territory_id", OLD."version"); RETURN NULL;',
                    hash="1f2667d537f3886db5277d1a047f5eb213a4351b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_709b4",
                    table="orders_order",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "opening"), ("order__isnull", False), _connector="OR"),
                name="bookingevent_order",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="54851de84b7eee6249c55e84c5ef313ef4a81966",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5ad2b",
                    table="orders_bookingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="534307a086a782dfdb21b85a3535aacec071d5cf",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_a034a",
                    table="orders_bookingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7d910be96f697ed8c0d24b8d8a9b6e268d3d09ae",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_39cdb",
                    table="orders_orderevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0), ("quantity__gte", 1)),
                name="orderline_positive",
                violation_error_message="A line has a quantity of one or more and an amount of zero or more.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderline",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="3cb166d23a944257f301f0af7dd6e751b6193659",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7eacc",
                    table="orders_orderline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderline",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="b1995c16917e0baa6caa5cadec6061419cae34c3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_679dd",
                    table="orders_orderline",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(fields=["seat", "booked_on"], name="credit_seat_day"),
        ),
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(fields=["territory", "booked_on"], name="credit_territory_day"),
        ),
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(fields=["person", "booked_on"], name="credit_person_day"),
        ),
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(
                condition=models.Q(("reverses__isnull", False)), fields=["reverses"], name="credit_reverses"
            ),
        ),
        migrations.AddIndex(
            model_name="credit",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["recorded_at"], name="credit_recorded"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="bb9bd94a62fe95dfe4c5e865c403aaafd0ebaca1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_40fb1",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="551ccbc67a17ba40f9ed52b844d116f99ac41817",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_28ed9",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="a_period_closed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM 1 FROM common_period WHERE starts_on <= NEW.booked_on AND stops_on > NEW.booked_on FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM common_period\n        WHERE is_closed AND starts_on <= NEW.booked_on AND stops_on > NEW.booked_on\n    ) THEN\n        RAISE EXCEPTION 'booked in a closed period'\n            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_closed';\n    END IF;\n    RETURN NEW;\n",
                    hash="cf3ba88eac60027426117d642ba2bedc4a915007",
                    operation="INSERT",
                    pgid="pgtrigger_a_period_closed_2f274",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="head_load",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM set_config('app.ledger_head', seq || ':' || hash, true)\n    FROM orders_ledgerhead WHERE id = 1 FOR UPDATE;\n    RETURN NULL;\n",
                    hash="9058404f46a8a807d947e58950e2bb7184338a62",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_head_load_d89c2",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="b_head_next",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    NEW.ledger_seq := split_part(current_setting('app.ledger_head'), ':', 1)::bigint + 1;\n    NEW.hash := encode(sha256(convert_to(\n        split_part(current_setting('app.ledger_head'), ':', 2) || '|' || orders_credit_text(NEW), 'UTF8'\n    )), 'hex');\n    PERFORM set_config('app.ledger_head', NEW.ledger_seq || ':' || NEW.hash, true);\n    RETURN NEW;\n",
                    hash="0409c04df174a9376c173c5662c655988f1e25b3",
                    operation="INSERT",
                    pgid="pgtrigger_b_head_next_f21e2",
                    table="orders_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="head_store",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    UPDATE orders_ledgerhead SET seq = split_part(current_setting('app.ledger_head'), ':', 1)::bigint,\n        hash = split_part(current_setting('app.ledger_head'), ':', 2) WHERE id = 1;\n    RETURN NULL;\n",
                    hash="3bb815b9dbc4be9f0d2ee2ab1a8e7a34fef38607",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_head_store_006ff",
                    table="orders_credit",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("user", "order"), name="order_participant_once"),
        ),
        migrations.AddConstraint(
            model_name="splitshare",
            constraint=models.UniqueConstraint(
                fields=("event", "person"),
                name="splitshare_person_once",
                violation_error_message="A person stands twice in the split. Give each person one share.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="splitshare",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="995bfd153e058279b00e481f71c19b3440f3c142",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_27b2a",
                    table="orders_splitshare",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="splitshare",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="9f40f2b5a19b3a9c5493e26aea845acc4c68a077",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_93f31",
                    table="orders_splitshare",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="splitshare",
            trigger=pgtrigger.compiler.Trigger(
                name="split_total",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n                    PERFORM pg_advisory_xact_lock(hashtextextended('orders_splitshare', NEW.event_id));\n                    IF (\n                        SELECT sum(weight) FROM orders_splitshare WHERE event_id = NEW.event_id\n                    ) <> 100000000 THEN\n                        RAISE EXCEPTION 'shares do not total 100 percent'\n                            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'split_total';\n                    END IF;\n                    RETURN NULL;\n                ",
                    hash="f118b48ca61d9102301fb0070f5d443ddcdb0859",
                    operation="INSERT",
                    pgid="pgtrigger_split_total_a233f",
                    table="orders_splitshare",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
