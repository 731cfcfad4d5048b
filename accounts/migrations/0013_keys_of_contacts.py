"""Contacts are found by e-mail address and phone number through columns that row policies leave to an index."""

import django.db.models.functions.text
from django.db import migrations, models

import accounts.models.accounts


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_runs_taken_back")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="email_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower("email"),
                output_field=models.CharField(db_collation="C", max_length=254),
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="phone_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=accounts.models.accounts.Replaced(
                    accounts.models.accounts.Replaced("phone", r"\(0\)|[^0-9]", ""), "^00", ""
                ),
                output_field=models.CharField(db_collation="C", max_length=40),
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(condition=~models.Q(email_key=""), fields=["email_key"], name="contact_email"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(condition=~models.Q(phone_key=""), fields=["phone_key"], name="contact_phone"),
        ),
    ]
