"""Credits out of territory are few, and found by their day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0017_credits_by_day")]

    operations = [
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(
                condition=models.Q(("seat", models.F("territory")), _negated=True),
                fields=["booked_on"],
                name="credit_out_of_territory",
            ),
        ),
    ]
