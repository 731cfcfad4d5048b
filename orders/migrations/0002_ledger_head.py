"""The text of a ledger row that its hash covers, the row with the ledger's last number and hash, order numbers."""

from django.db import migrations

CREDIT_TEXT = """
CREATE FUNCTION orders_credit_text(c orders_credit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', c.ledger_seq, c.event_id, coalesce(c.line_id::text, '-'), c.kind, c.measure, c.motion,
        c.is_new_business, c.family_id, c.person_id, c.seat_id, c.territory_id, c.booked_on, c.currency,
        c.amount_minor, c.booked_minor, coalesce(c.booked_rate_id::text, '-'), c.plan_minor,
        coalesce(c.plan_rate_id::text, '-'), coalesce(c.reverses_id::text, '-'), c.source)
$$
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_ledger")]

    operations = [
        migrations.RunSQL(CREDIT_TEXT, "DROP FUNCTION orders_credit_text(orders_credit)"),
        migrations.RunSQL(
            "INSERT INTO orders_ledgerhead (id, seq, hash) VALUES (1, 0, '')", "DELETE FROM orders_ledgerhead"
        ),
        migrations.RunSQL("CREATE SEQUENCE orders_number", "DROP SEQUENCE orders_number"),
    ]
