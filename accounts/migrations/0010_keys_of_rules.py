from django.db import migrations, models
from django.db.models.functions import Lower, Upper

BLANKS = " \t\xa0\u202f"
LOWER = dict.fromkeys(("country", "industry", "region", "segment", "tier"), (Lower, BLANKS))
KEYS = {**LOWER, "postcode": (Upper, f"{BLANKS}-")}


def key(name, case, signs):
    """What rules compare of a column: in one case, without these signs."""
    bare = models.Func(
        name, models.Value(signs), models.Value(""), function="translate", output_field=models.CharField()
    )
    return models.GeneratedField(
        db_persist=True,
        expression=case(bare),
        output_field=models.CharField(db_collation="C", max_length=80),
    )


def column(name, case, signs):
    """The same as PostgreSQL adds it."""
    written = f"{case.function}(translate(\"{name}\", '{signs}', ''))"
    return f'ADD COLUMN "{name}_key" varchar(80) COLLATE "C" GENERATED ALWAYS AS ({written}) STORED'


# One ALTER for all of them: each by itself would write the whole table anew.
ADDED = ", ".join(column(name, *how) for name, how in sorted(KEYS.items()))
DROPPED = ", ".join(f'DROP COLUMN "{name}_key"' for name in sorted(KEYS))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_profiles_potential_and_merging"),
        ("territories", "0010_successions"),
    ]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE accounts_account {ADDED}",
            f"ALTER TABLE accounts_account {DROPPED}",
            [
                migrations.AddField("account", f"{name}_key", key(name, *how))
                for name, how in sorted(KEYS.items())
            ],
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["country_key", "region_key"], name="account_rule_place"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["postcode_key"], name="account_rule_postcode"),
        ),
    ]
