from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0001_organisation"),
    ]

    operations = [
        migrations.AddField(
            model_name="rate",
            name="recorded_by_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="rate",
            name="source",
            field=models.CharField(blank=True, max_length=120, verbose_name="source"),
        ),
    ]
