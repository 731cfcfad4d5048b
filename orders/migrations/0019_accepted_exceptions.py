"""What is booked although something would have kept it from that says what, and why it was accepted."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0018_credits_out_of_territory")]

    operations = [
        migrations.AddField(
            model_name="bookingevent",
            name="exceptions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("too_old", "booking date too far back"),
                        ("no_territory", "account without a territory"),
                        ("price_low", "price below the limit"),
                    ],
                    max_length=12,
                ),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="accepted_because",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="why it was accepted"
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_because", ""), ("exceptions", []))
                | models.Q(
                    models.Q(("exceptions", []), _negated=True),
                    models.Q(("accepted_because", ""), _negated=True),
                ),
                name="bookingevent_accepted",
            ),
        ),
    ]
