-- active_customers
WITH months AS (
  SELECT (date_trunc('month', m) + interval '1 month' - interval '1 day')::date AS month
  FROM generate_series(timestamp '2023-11-01', timestamp '2024-04-01', interval '1 month') AS m
), numbered AS (  -- months as whole numbers: no arithmetic on days
  SELECT customer_id, amount::numeric AS amount,
    extract(year FROM order_date::date)::int * 12 + extract(month FROM order_date::date)::int AS n
  FROM sales
), found AS (
  SELECT month, extract(year FROM month)::int * 12 + extract(month FROM month)::int AS n FROM months
), states AS (
  SELECT f.month, s.customer_id,
    bool_or(s.n BETWEEN f.n - 2 AND f.n) AS now,
    bool_or(s.n BETWEEN f.n - 3 AND f.n - 1) AS before,
    bool_and(s.n = f.n) AS only_now,
    sum(s.amount) FILTER (WHERE s.n BETWEEN f.n - 2 AND f.n) AS revenue
  FROM found f LEFT JOIN numbered s ON s.n <= f.n
  GROUP BY 1, 2
), totals AS (
  SELECT month,
    count(*) FILTER (WHERE now) AS active,
    count(*) FILTER (WHERE now AND only_now) AS new,
    count(*) FILTER (WHERE now AND NOT only_now AND NOT before) AS back,
    count(*) FILTER (WHERE before AND NOT now) AS lost,
    sum(revenue) AS revenue
  FROM states GROUP BY 1
)
SELECT t.*, t.active - (SELECT p.active FROM totals p WHERE p.month < t.month ORDER BY p.month DESC LIMIT 1) AS change
FROM totals t ORDER BY 1;
