"""The stages that are there become one sales model, the usual one."""

from django.db import migrations

FILL = """
INSERT INTO pipeline_salesmodel (version, name, about, is_usual, is_retired)
SELECT 1, 'Standard', '', true, false WHERE EXISTS (SELECT FROM pipeline_stage);
UPDATE pipeline_stage SET sales_model_id = (SELECT id FROM pipeline_salesmodel);
ALTER TABLE pipeline_stageevent DISABLE TRIGGER USER;
UPDATE pipeline_stageevent SET sales_model_id = (SELECT id FROM pipeline_salesmodel) WHERE sales_model_id IS NULL;
ALTER TABLE pipeline_stageevent ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0005_selling")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
