"""What the cells are made of besides the ledger, as digests, and a cheap sign that it changed."""

from quotas.rollup.asking import value

CODE_VERSION = 1
"""Raised whenever the statements of the roll-up come to other cells from the same input."""

# Ids and days only: a new name is not a new figure.
EDGES = """SELECT record_send(row('edge'::text, child_id, parent_id, starts_on, stops_on)) AS fact
    FROM territories_edge WHERE superseded_at IS NULL"""
CALENDAR = """SELECT record_send(row('period'::text, kind::text, code::text, starts_on, stops_on)) AS fact
    FROM common_period"""
SEATS = """SELECT record_send(row('seat'::text, user_id, territory_id, kind::text, starts_on, stops_on)) AS fact
    FROM territories_seat WHERE superseded_at IS NULL"""
QUOTAS = """SELECT record_send(row('quota'::text, person_id, territory_id, period_id, family_id, kind::text,
    measure::text, motion::text, amount_minor)) AS fact FROM quotas_quota WHERE superseded_at IS NULL"""
RATES = """SELECT record_send(row('rate'::text, kind::text, currency::text, value, starts_on, stops_on)) AS fact
    FROM common_rate WHERE superseded_at IS NULL"""
PLANNED = {"tree": EDGES, "calendar": CALENDAR, "seats": SEATS, "quotas": QUOTAS}
QUOTA_CELLS = """SELECT record_send(row(code::text, node_id, family_id, assigned_minor, rolled_minor)) AS fact
    FROM quotas_quotacell cell JOIN common_period period ON period.id = cell.period_id"""
DIGEST = "SELECT coalesce(encode(sha256(string_agg(fact, ''::bytea ORDER BY fact)), 'hex'), '') FROM ({facts}) facts"
# Rows come and are superseded, and go with an import that is undone: the last one's id tells new from old ones.
COUNTS = "(SELECT concat(count(*), '.', count(superseded_at), '.', max(id)) FROM {table})"
DATED = ("territories_edge", "territories_seat", "quotas_quota")
MARK = (
    f"SELECT md5(concat_ws(':', {CODE_VERSION}, "
    + ", ".join(COUNTS.format(table=table) for table in DATED)
    + ", (SELECT count(*) FROM common_period)))"
)


def planned() -> dict[str, str]:
    """A digest for each thing besides the ledger and the rates that the cells are made of."""
    return {name: digest(facts) for name, facts in PLANNED.items()}


def rate_digest() -> str:
    """Which rates stood."""
    return digest(RATES)


def plan_mark() -> str:
    """A cheap sign that tree, seats, quotas or calendar may have changed: how many rows came and were superseded."""
    return str(value(MARK))


def is_behind(mark: str) -> bool:
    """Whether a booking waits to be counted, or the plan shows another mark: one query that counts."""
    query = f"SELECT EXISTS (SELECT FROM orders_dirtycell) OR ({MARK}) <> %(mark)s"
    return bool(value(query, {"mark": mark}))


def digest(facts: str) -> str:
    return str(value(DIGEST.format(facts=facts)))
