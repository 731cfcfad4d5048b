import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_name_key"),
        ("territories", "0002_recorded_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="place_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower(
                    django.db.models.functions.text.Concat(
                        "town", models.Value(", "), "region", models.Value(", "), "country"
                    )
                ),
                output_field=models.CharField(db_collation="C", max_length=250),
            ),
        ),
        migrations.AddIndex(
            model_name="accountterritory",
            index=models.Index(
                condition=models.Q(("stops_on__isnull", False), ("superseded_at", None)),
                fields=["stops_on"],
                name="accountterritory_ends",
            ),
        ),
    ]
