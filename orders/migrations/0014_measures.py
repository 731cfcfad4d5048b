"""Lines have terms; credits have units, TCV, ACV and ARR, which the hash of an entry covers where it has any."""

from django.db import migrations, models

# What was posted before has none of them, and keeps its hash. A record separator (30) that stands alone begins them:
# those of a source are doubled, so that no source reads as measures.
CREDIT_TEXT = """
CREATE OR REPLACE FUNCTION orders_credit_text(c orders_credit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', c.ledger_seq, c.event_id, coalesce(c.line_id::text, '-'), c.kind, c.measure, c.motion,
        c.is_new_business, c.family_id, c.person_id, c.seat_id, c.territory_id, c.booked_on, c.currency,
        c.amount_minor, c.booked_minor, coalesce(c.booked_rate_id::text, '-'), c.plan_minor,
        coalesce(c.plan_rate_id::text, '-'), coalesce(c.reverses_id::text, '-'), replace(c.source, chr(30), chr(30) || chr(30)),
        CASE WHEN (c.units, c.tcv_minor, c.acv_minor, c.arr_minor) <> (0, 0, 0, 0)
             THEN chr(30) || concat_ws('|', c.units, c.tcv_minor, c.acv_minor, c.arr_minor) END)
$$
"""
CREDIT_TEXT_BEFORE = """
CREATE OR REPLACE FUNCTION orders_credit_text(c orders_credit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', c.ledger_seq, c.event_id, coalesce(c.line_id::text, '-'), c.kind, c.measure, c.motion,
        c.is_new_business, c.family_id, c.person_id, c.seat_id, c.territory_id, c.booked_on, c.currency,
        c.amount_minor, c.booked_minor, coalesce(c.booked_rate_id::text, '-'), c.plan_minor,
        coalesce(c.plan_rate_id::text, '-'), coalesce(c.reverses_id::text, '-'), c.source)
$$
"""
# Nobody said a term so far; a recurring line has one.
TERMS = """
ALTER TABLE orders_orderline DISABLE TRIGGER USER;
UPDATE orders_orderline l SET term_months = 12
FROM catalog_product p WHERE p.id = l.product_id AND p.kind = 'recurring';
ALTER TABLE orders_orderline ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_families_prices_and_bundles"),
        ("orders", "0013_correction_causes"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="term_months",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="term in months"),
        ),
        migrations.AddField(
            model_name="credit",
            name="units",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="credit",
            name="tcv_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="credit",
            name="acv_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="credit",
            name="arr_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(CREDIT_TEXT, CREDIT_TEXT_BEFORE),
        migrations.RunSQL(TERMS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("term_months", None))
                | models.Q(("term_months__gte", 1), ("term_months__lte", 120)),
                name="orderline_term",
                violation_error_message="A term is 1 to 120 months.",
            ),
        ),
    ]
