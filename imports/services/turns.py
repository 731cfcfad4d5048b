"""Tables of the set-up are looked at, brought in and taken back one after another."""

from django.db import connection

from common.models import Organisation

MOST_TIME = "SET LOCAL statement_timeout = '120s'"


def take_turn() -> None:
    """Wait until nobody else's table is under way; what follows reads what they wrote, and may take its time."""
    with connection.cursor() as cursor:
        cursor.execute(MOST_TIME)
    Organisation.objects.select_for_update(no_key=True).get()
