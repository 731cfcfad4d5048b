"""The text of a ledger row that its hash covers, and the row that holds the ledger's last number and hash."""

from django.db import migrations

CREDIT_TEXT = """
CREATE FUNCTION orders_credit_text(c orders_credit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', c.ledger_seq, c.event_id, c.line_id, c.kind, c.measure, c.motion, c.is_new_business,
        c.family_id, c.person_id, c.seat_id, c.territory_id, c.booked_on, c.currency, c.amount_minor,
        c.booked_minor, c.booked_rate_id, c.plan_minor, c.plan_rate_id, c.reverses_id, c.source)
$$
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_ledger")]

    operations = [
        migrations.RunSQL(CREDIT_TEXT, "DROP FUNCTION orders_credit_text(orders_credit)"),
        migrations.RunSQL(
            "INSERT INTO orders_ledgerhead (id, seq, hash) VALUES (1, 0, '')", "DELETE FROM orders_ledgerhead"
        ),
    ]
