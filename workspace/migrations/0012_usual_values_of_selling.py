"""The sources, tactics and reasons of leads that every new installation offers."""

from django.db import migrations

SAID = """
SELECT set_config('pghistory.context_id', gen_random_uuid()::text, true),
    set_config('pghistory.context_metadata', '{"by": null, "why": "the usual values"}', true)
"""
USUAL = """
INSERT INTO workspace_listvalue (version, list, value, position, is_offered)
SELECT 1, %s, value, place - 1, true FROM unnest(%s::text[]) WITH ORDINALITY usual(value, place)
"""
VALUES = {
    "lead_source": [
        "Own research",
        "Referral",
        "Website",
        "Trade fair",
        "Partner",
        "Campaign",
        "Bought list",
    ],
    "tactic": ["Cold call", "E-mail", "Social network", "Referral", "Walk-in", "Event"],
    "disqualified": ["No need", "No budget", "Not reachable", "Not a fit", "Duplicate", "Chose a competitor"],
}


class Migration(migrations.Migration):
    dependencies = [("workspace", "0011_lists_of_selling")]

    operations = [
        migrations.RunSQL(
            [SAID, *((USUAL, [name, values]) for name, values in VALUES.items())], migrations.RunSQL.noop
        )
    ]
