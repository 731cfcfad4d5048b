"""What imports put into territories before causes were kept says so by its reason."""

from django.db import migrations

CAUSES = """
ALTER TABLE accounts_accountterritory DISABLE TRIGGER USER;
SELECT set_config('app.grants', 'account:org,account_territory:org', true);
UPDATE accounts_accountterritory SET cause = 'import' WHERE reason = 'import';
ALTER TABLE accounts_accountterritory ENABLE TRIGGER USER
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_causes_rules_and_modules")]

    operations = [migrations.RunSQL([part.strip() for part in CAUSES.split(";")], migrations.RunSQL.noop)]
