from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0005_displacement"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="inputs",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
