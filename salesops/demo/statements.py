"""From the staged rows to the product's tables, each by one statement; the ledger chained as its triggers do."""

STAGED = """
CREATE TEMPORARY TABLE demo_deal (id bigint, account_id bigint, owner_id bigint, territory_id bigint, name text,
    stage_id bigint, motion text, currency text, close_on date, closed_on date, created_on date, since_on date,
    pushes int, next_step text, next_step_on date, lost_reason text) ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_deal_line (id bigint, deal_id bigint, product_id bigint, quantity int,
    price_minor bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_account (id bigint, name text, industry text, employees int,
    annual_revenue_minor bigint, town text, country text, postcode text, parent_id bigint, territory_id bigint,
    first_ordered_on date, from_id bigint, moved_on date) ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_contact (account_id bigint, name text, title text, email text, phone text)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_activity (kind text, subject text, deal_id bigint, due_on date, done_at timestamptz)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_order (id bigint, account_id bigint, deal_id bigint, owner_id bigint,
    territory_id bigint, motion text, is_new boolean, currency text, booked_on date, recorded_at timestamptz,
    cancelled_on date, is_full boolean) ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_order_line (id bigint, order_id bigint, product_id bigint, family_id bigint,
    quantity int, amount_minor bigint, term_months int) ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_share (order_id bigint, person_id bigint, weight int) ON COMMIT DROP;
CREATE TEMPORARY TABLE demo_credit (id bigint, order_id bigint, line_id bigint, family_id bigint,
    person_id bigint, seat_id bigint, amount_minor bigint, units bigint, tcv_minor bigint, acv_minor bigint,
    arr_minor bigint, reverses bigint) ON COMMIT DROP;
"""
"""The tables that the generated trade is copied into: what cannot be derived from other rows."""

CREDIT = (
    "id, ledger_seq, kind, measure, motion, is_new_business, booked_on, recorded_at, currency, amount_minor, "
    "booked_minor, booked_rate_id, plan_minor, plan_rate_id, source, event_id, line_id, family_id, person_id, "
    "seat_id, territory_id, reverses_id, units, tcv_minor, acv_minor, arr_minor"
)
"""The columns of a credit but its hash."""

PLAN = "coalesce(round(({c} + coalesce({r}, 0)) * p.value) - round(coalesce({r}, 0) * p.value), {c})"
"""What an entry comes to in plan money: what is then held, less what was, each converted once."""
MEASURED = ", ".join(
    PLAN.format(c=f"c.{name}", r=f"r.{name}") for name in ("tcv_minor", "acv_minor", "arr_minor")
)

TRADE = f"""
INSERT INTO accounts_account (id, version, name, number, industry, employees, annual_revenue_minor, town,
    region, country, postcode, parent_id, territory_id, first_ordered_on, created_at)
SELECT id, 1, name, 'A-' || lpad(id::text, greatest(6, length(id::text)), '0'), industry, employees,
    annual_revenue_minor, town, '', country, postcode, parent_id, territory_id, first_ordered_on, %(start)s
FROM demo_account ORDER BY id;

INSERT INTO accounts_accountterritory (account_id, territory_id, starts_on, stops_on, recorded_at,
    superseded_at, reason)
SELECT id, coalesce(from_id, territory_id), %(start)s::date, NULL::date, %(start)s::timestamptz, moved_on,
    'first assignment'
FROM demo_account
UNION ALL SELECT id, from_id, %(start)s, moved_on, moved_on, NULL, 'first assignment' FROM demo_account
WHERE moved_on IS NOT NULL
UNION ALL SELECT id, territory_id, moved_on, NULL, moved_on, NULL, 'patches evened out' FROM demo_account
WHERE moved_on IS NOT NULL;

INSERT INTO accounts_contact (version, account_id, name, title, email, phone)
SELECT 1, account_id, name, title, email, phone FROM demo_contact;

INSERT INTO pipeline_opportunity (id, version, account_id, name, number, owner_id, territory_id, stage_id,
    state, category, category_is_manual, motion, currency, amount_minor, close_on, next_step, next_step_on,
    lost_reason, created_on, stage_since_on, closed_on, pushes)
SELECT d.id, 1, d.account_id, d.name, 'OPP-' || d.id, d.owner_id, d.territory_id, d.stage_id, s.kind,
    s.category, false, d.motion, d.currency, l.amount_minor, d.close_on, d.next_step, d.next_step_on,
    d.lost_reason, d.created_on, d.since_on, d.closed_on, d.pushes
FROM demo_deal d
JOIN pipeline_stage s ON s.id = d.stage_id
JOIN (SELECT deal_id, sum(quantity * price_minor)::bigint amount_minor FROM demo_deal_line GROUP BY deal_id) l
  ON l.deal_id = d.id
ORDER BY d.id;

INSERT INTO pipeline_opportunityline (id, version, opportunity_id, product_id, kind, quantity, price_minor,
    is_removed)
SELECT l.id, 1, l.deal_id, l.product_id, p.kind, l.quantity, l.price_minor, false
FROM demo_deal_line l JOIN catalog_product p ON p.id = l.product_id ORDER BY l.id;

WITH reached AS (
    SELECT d.*, s.position, CASE s.kind WHEN 'lost' THEN 1 + mod(d.id, %(open_stages)s)
        ELSE s.position - 1 END AS before
    FROM demo_deal d JOIN pipeline_stage s ON s.id = d.stage_id
)
INSERT INTO pipeline_stagevisit (opportunity_id, stage_id, entered_on, by_id, recorded_at)
SELECT id, stage_id, entered_on, owner_id, entered_on + time '10:00' FROM (
    SELECT r.id, s.id AS stage_id, r.owner_id, s.position,
        r.created_on + ((r.since_on - r.created_on) * (s.position - 1) / greatest(r.before, 1))::int
            AS entered_on
    FROM reached r JOIN pipeline_stage s ON s.position <= r.before
    UNION ALL SELECT id, stage_id, owner_id, 99, since_on FROM reached
) visit ORDER BY entered_on, id, position;

DELETE FROM pipeline_standing;
INSERT INTO pipeline_standing (opportunity_id, starts_on, stops_on, owner_id, territory_id, state, stage_id,
    category, close_on, closed_on, currency, amount_minor)
SELECT o.id, v.entered_on, lead(v.entered_on) OVER (PARTITION BY o.id ORDER BY v.entered_on), o.owner_id,
    o.territory_id, s.kind, s.id, s.category, o.close_on, CASE WHEN s.kind <> 'open' THEN o.closed_on END,
    o.currency, o.amount_minor
FROM pipeline_opportunity o
JOIN (
    SELECT DISTINCT ON (opportunity_id, entered_on) opportunity_id, entered_on, stage_id
    FROM pipeline_stagevisit ORDER BY opportunity_id, entered_on, id DESC
) v ON v.opportunity_id = o.id
JOIN pipeline_stage s ON s.id = v.stage_id;

INSERT INTO pipeline_activity (version, kind, subject, account_id, opportunity_id, owner_id, territory_id,
    outcome, due_on, done_at, done_on)
SELECT 1, a.kind, a.subject, d.account_id, d.id, d.owner_id, d.territory_id, '', a.due_on, a.done_at,
    (a.done_at AT TIME ZONE p.time_zone)::date
FROM demo_activity a JOIN demo_deal d ON d.id = a.deal_id JOIN territories_user p ON p.id = d.owner_id
ORDER BY coalesce(a.done_at, a.due_on), d.id;

INSERT INTO orders_order (id, version, number, account_id, opportunity_id, owner_id, territory_id,
    purchase_order, motion, is_new_business, currency, booked_on, delivered_on, invoiced_on, paid_on, state,
    recorded_at)
SELECT id, 1, 'SO-' || extract(year FROM booked_on) || '-' || lpad(id::text, greatest(5, length(id::text)), '0'),
    account_id, deal_id, owner_id, territory_id, 'PO ' || (40000 + id * 7), motion, is_new, currency, booked_on,
    CASE WHEN delivered <= last_on THEN delivered END, CASE WHEN invoiced <= last_on THEN invoiced END,
    CASE WHEN paid <= last_on THEN paid END,
    CASE WHEN is_full THEN 'cancelled' WHEN paid <= last_on THEN 'closed' WHEN delivered <= last_on THEN 'fulfilled'
        ELSE 'booked' END, recorded_at
FROM demo_order
CROSS JOIN LATERAL (SELECT CASE WHEN is_full THEN cancelled_on ELSE %(today)s::date END AS last_on,
    booked_on + 3 + mod(id, 19)::int AS delivered, booked_on + 5 + mod(id, 25)::int AS invoiced) sent
CROSS JOIN LATERAL (SELECT greatest(delivered, invoiced) + 20 + mod(id, 31)::int AS paid) last
ORDER BY id;

CREATE TEMPORARY TABLE demo_value ON COMMIT DROP AS
SELECT order_id, reverses IS NOT NULL AS is_back, sum(amount_minor)::bigint AS amount_minor
FROM demo_credit GROUP BY 1, 2;

INSERT INTO orders_orderline (id, order_id, event_id, product_id, family_id, quantity, amount_minor, term_months)
SELECT id, order_id, order_id, product_id, family_id, quantity, amount_minor, term_months
FROM demo_order_line ORDER BY id;

INSERT INTO orders_bookingevent (id, order_id, kind, booked_on, amount_minor, reason, source, by_id,
    recorded_at)
SELECT o.id, o.id, 'booking', o.booked_on, c.amount_minor, '', '', o.owner_id, o.recorded_at
FROM demo_order o JOIN demo_value c ON c.order_id = o.id AND NOT c.is_back
UNION ALL
SELECT (SELECT max(id) FROM demo_order) + row_number() OVER (ORDER BY o.cancelled_on, o.id), o.id,
    'cancellation', o.cancelled_on, c.amount_minor,
    CASE WHEN o.is_full THEN 'customer stepped back' ELSE 'customer needs less' END, '', %(coordinator)s,
    o.cancelled_on + time '15:00'
FROM demo_order o JOIN demo_value c ON c.order_id = o.id AND c.is_back
ORDER BY 1;

INSERT INTO orders_splitshare (event_id, person_id, weight)
SELECT order_id, person_id, weight FROM demo_share ORDER BY order_id, person_id;

INSERT INTO orders_participant (order_id, user_id, recorded_at)
SELECT s.order_id, s.person_id, o.recorded_at
FROM demo_share s JOIN demo_order o ON o.id = s.order_id ORDER BY 1, 2;

INSERT INTO pipeline_participant (opportunity_id, user_id, reason, recorded_at)
SELECT o.deal_id, s.person_id, 'credit', o.recorded_at
FROM demo_share s JOIN demo_order o ON o.id = s.order_id
WHERE o.deal_id IS NOT NULL ORDER BY 1, 2;

INSERT INTO accounts_participant (account_id, user_id, reason, recorded_at)
SELECT o.account_id, s.person_id, 'credit', min(o.recorded_at)
FROM demo_share s JOIN demo_order o ON o.id = s.order_id GROUP BY 1, 2 ORDER BY 1, 2;

CREATE TEMPORARY TABLE demo_rate ON COMMIT DROP AS
SELECT r.kind, r.currency, month::date AS month_on, r.id, r.value
FROM common_rate r
JOIN generate_series(%(start)s::timestamp, %(today)s::timestamp, '1 month') month
  ON month::date >= r.starts_on AND (r.stops_on IS NULL OR month::date < r.stops_on)
WHERE r.superseded_at IS NULL;

CREATE TEMPORARY TABLE demo_ledger (LIKE orders_credit) ON COMMIT DROP;

CREATE TEMPORARY TABLE demo_numbered ON COMMIT DROP AS
SELECT c.*, e.id AS event_id, e.booked_on, e.recorded_at,
    row_number() OVER (ORDER BY e.recorded_at, c.id) AS seq
FROM demo_credit c JOIN orders_bookingevent e
  ON e.order_id = c.order_id AND e.kind = CASE WHEN c.reverses IS NULL THEN 'booking' ELSE 'cancellation' END;

INSERT INTO demo_ledger ({CREDIT}, hash)
SELECT c.seq, c.seq, 'revenue', 'order_intake', o.motion, o.is_new, c.booked_on, c.recorded_at,
    o.currency, c.amount_minor,
    coalesce(round(n.now_minor * b.value) - round(n.before_minor * b.value), c.amount_minor), b.id,
    coalesce(round(n.now_minor * p.value) - round(n.before_minor * p.value), c.amount_minor), p.id,
    '', c.event_id, c.line_id, c.family_id, c.person_id, c.seat_id, o.territory_id, r.seq,
    c.units, {MEASURED}, ''
FROM demo_numbered c
JOIN demo_order o ON o.id = c.order_id
LEFT JOIN demo_numbered r ON r.id = c.reverses
CROSS JOIN LATERAL (
    SELECT coalesce(r.amount_minor, 0) AS before_minor, coalesce(r.amount_minor, 0) + c.amount_minor AS now_minor
) n
LEFT JOIN demo_rate b
  ON b.kind = 'booked' AND b.currency = o.currency AND b.month_on = date_trunc('month', o.booked_on)
LEFT JOIN demo_rate p
  ON p.kind = 'plan' AND p.currency = o.currency AND p.month_on = date_trunc('month', o.booked_on)
ORDER BY c.seq;

CREATE FUNCTION pg_temp.demo_link(before text, entry text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN RETURN encode(sha256(convert_to(before || '|' || entry, 'UTF8')), 'hex'); END $$;
CREATE AGGREGATE pg_temp.demo_chain(text) (SFUNC = pg_temp.demo_link, STYPE = text, INITCOND = '');

INSERT INTO orders_credit ({CREDIT}, hash)
SELECT {CREDIT}, pg_temp.demo_chain(orders_credit_text(ROW(l.*)::orders_credit))
    OVER (ORDER BY ledger_seq ROWS UNBOUNDED PRECEDING)
FROM demo_ledger l;

UPDATE orders_ledgerhead SET seq = last.ledger_seq, hash = last.hash
FROM (SELECT ledger_seq, hash FROM orders_credit ORDER BY ledger_seq DESC LIMIT 1) last WHERE id = 1;

SELECT setval('orders_number', (SELECT max(id) FROM demo_order));
"""  # noqa: S608
