"""Orders are found by the customer's purchase order number."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_contacts_by_name"),
        ("orders", "0008_changes_noted"),
        ("pipeline", "0011_changes_noted"),
        ("territories", "0011_partners"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("purchase_order", ""), _negated=True),
                fields=["purchase_order"],
                name="order_purchase_order",
            ),
        ),
    ]
