-- What analysts read (docs/analysts.md): figures without a person, a payment or an official. DAY{n} is the day that a number of days since
-- 1970 stands for, PERIOD{n} the period that a code stands for, both as text; TODAY is today's day in China, as text.

-- every closed month, in its last version
CREATE VIEW chart_months AS
SELECT r.programme, r.county, PERIOD{m.period} AS period, m.version, DAY{m.closed} AS closed_on, DAY{m.pay_by} AS pay_by,
  m.due, m.due_sum AS due_fen, m.on_time, m.on_time_sum AS on_time_fen, m.late5 AS late_5, m.late10 AS late_10, m.late30 AS late_30, m.later AS late_more,
  m.unpaid, m.returned, m.paid_again, m.paid_sum AS paid_fen, m.credited AS rows_listed, m.sum AS rows_fen, m.households, m.persons,
  m.entered, m.gone, m.suspended, m.deaths
FROM months m JOIN rolls r ON r.n = m.roll
WHERE m.version = (SELECT max(w.version) FROM months w WHERE w.roll = m.roll AND w.period = m.period);

-- what the rows of a closed month add up to by township
CREATE VIEW chart_townships AS
SELECT r.programme, r.county, PERIOD{m.period} AS period, CAST(v.village / 1000 AS TEXT) AS township,
  CAST(sum(v.credited) AS BIGINT) AS payments, CAST(sum(v.households) AS BIGINT) AS households, CAST(sum(v.persons) AS BIGINT) AS persons,
  CAST(sum(v.sum) AS BIGINT) AS fen
FROM month_villages v JOIN months m ON m.n = v.month JOIN rolls r ON r.n = m.roll
WHERE m.version = (SELECT max(w.version) FROM months w WHERE w.roll = m.roll AND w.period = m.period)
GROUP BY r.programme, r.county, m.period, v.village / 1000;

-- how far the payments of an accounting period are, whether or not it is closed
CREATE VIEW chart_progress AS
SELECT r.programme, r.county, PERIOD{b.period} AS period,
  CASE t.state WHEN 1 THEN b.state WHEN 2 THEN 'credited' WHEN 3 THEN 'returned' ELSE 'reversed' END AS stands,
  CAST(sum(t.payments) AS BIGINT) AS payments, CAST(sum(t.amount) AS BIGINT) AS fen
FROM township_totals t JOIN batches b ON b.n = t.batch JOIN rolls r ON r.n = b.roll
WHERE b.state <> 'cancelled'
GROUP BY r.programme, r.county, b.period, CASE t.state WHEN 1 THEN b.state WHEN 2 THEN 'credited' WHEN 3 THEN 'returned' ELSE 'reversed' END;

-- where the money of every tranche is
CREATE VIEW chart_money AS
SELECT t.id AS tranche, (SELECT min(p.programme) FROM tranche_programmes p WHERE p.tranche = t.n) AS programme, t.region, t.fiscal_year, t.state, t.parent,
  t.issued + t.topped_up AS issued_fen, t.recovered AS recovered_fen, t.allocated AS allocated_fen, t.reserved AS reserved_fen, t.paid AS paid_fen,
  t.in_return AS in_return_fen, t.refunded AS refunded_fen, t.taken_back AS taken_back_fen, t.carried_over AS carried_over_fen, t.available AS available_fen
FROM tranches t;

-- payments that the bank gave back, by its reason, and how many of them were paid again since
CREATE VIEW chart_returns AS
SELECT o.programme, o.county, PERIOD{s.period} AS period, r.reason, count(*) AS returned,
  CAST(sum(CASE WHEN EXISTS (SELECT 1 FROM payments q WHERE q.n > r.n AND q.n < (r.n / 256 + 1) * 256 AND q.state = 2) THEN 1 ELSE 0 END) AS BIGINT) AS paid_again
FROM spans s JOIN rolls o ON o.n = s.roll JOIN returns r ON r.n >= s.low AND r.n < s.low + 4294967296
WHERE r.state = 3
GROUP BY o.programme, o.county, s.period, r.reason;

-- cases by state, and how many wait for an act whose day has passed
CREATE VIEW chart_cases AS
SELECT c.programme, c.region, c.state, count(*) AS cases, CAST(sum(CASE WHEN c.due <> '' AND c.due < TODAY THEN 1 ELSE 0 END) AS BIGINT) AS overdue
FROM cases c GROUP BY c.programme, c.region, c.state;

-- re-checks that are due, by month: overdue ones by themselves
CREATE VIEW chart_rechecks AS
SELECT c.programme, c.region, CASE WHEN c.recheck < TODAY THEN 'overdue' ELSE substr(c.recheck, 1, 7) END AS due_in, count(*) AS cases
FROM cases c WHERE c.recheck <> '' GROUP BY c.programme, c.region, CASE WHEN c.recheck < TODAY THEN 'overdue' ELSE substr(c.recheck, 1, 7) END;

-- whether the list of every closed month was published in time
CREATE VIEW chart_lists AS
SELECT r.programme, r.county, PERIOD{m.period} AS period, CASE WHEN p.due > 0 THEN DAY{p.due} ELSE '' END AS due,
  CASE WHEN p.first_shown > 0 THEN DAY{p.first_shown} ELSE '' END AS first_shown, CASE WHEN p.online_until > 0 THEN DAY{p.online_until} ELSE '' END AS online_until,
  CASE WHEN p.first_shown > p.due THEN 'late' WHEN p.first_shown > 0 THEN 'in time' WHEN p.due IS NULL THEN 'not proposed' WHEN DAY{p.due} < TODAY THEN 'missing' ELSE 'not due' END AS list
FROM (SELECT DISTINCT roll, period FROM months) m JOIN rolls r ON r.n = m.roll LEFT JOIN publications p ON p.roll = m.roll AND p.period = m.period;
