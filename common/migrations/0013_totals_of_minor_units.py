"""Totals of whole minor units, kept in 8 bytes as they are added: `sum` of a bigint keeps 16 and their overhead."""

from django.db import migrations

MAKE = """
CREATE AGGREGATE total_minor(bigint) (
    SFUNC = int8pl, STYPE = bigint, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE
)
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0012_history_differs")]
    operations = [migrations.RunSQL(MAKE, "DROP AGGREGATE total_minor(bigint)")]
