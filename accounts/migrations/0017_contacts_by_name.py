"""Contacts are found by the beginning of their name through a column that row policies leave to an index."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_changes_noted"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="name_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower("name"),
                output_field=models.CharField(db_collation="C", max_length=120),
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["name_key", "id"], name="contact_name_key"),
        ),
    ]
