-- retention
WITH firsts AS (
  SELECT customer_id, min(substr(order_date, 1, 7)) AS cohort FROM orders WHERE customer_id IS NOT NULL GROUP BY 1
), months AS (SELECT DISTINCT substr(order_date, 1, 7) AS month FROM orders),  -- every month has an order here
cells AS (
  SELECT c.cohort, m.month,
    (SELECT count(DISTINCT customer_id) FROM orders o JOIN firsts f USING (customer_id)
     WHERE f.cohort = c.cohort AND substr(o.order_date, 1, 7) = m.month) AS customers,
    (SELECT coalesce(sum(amount::numeric), 0) FROM orders o JOIN firsts f USING (customer_id)
     WHERE f.cohort = c.cohort AND substr(o.order_date, 1, 7) = m.month) AS revenue
  FROM (SELECT DISTINCT cohort FROM firsts) c JOIN months m ON m.month >= c.cohort
)
SELECT (cohort || '-01')::date, (month || '-01')::date, customers, revenue,
  substr(month, 6, 2)::int - substr(cohort, 6, 2)::int,
  round(customers::numeric / (SELECT count(*) FROM firsts f WHERE f.cohort = c.cohort), 2)
FROM cells c ORDER BY 1, 2;
-- retention_triangle
WITH firsts AS (
  SELECT customer_id, min(date_trunc('month', order_date::date)::date) AS cohort
  FROM orders WHERE customer_id IS NOT NULL GROUP BY 1
), shares AS (
  SELECT s.cohort, k, CASE WHEN s.cohort + k * interval '1 month' <= (SELECT max(order_date::date) FROM orders) THEN round((
      SELECT count(DISTINCT f.customer_id) FROM firsts f JOIN orders o USING (customer_id)
      WHERE f.cohort = s.cohort AND date_trunc('month', o.order_date::date) = s.cohort + k * interval '1 month'
    )::numeric / s.size, 2) END AS share
  FROM (SELECT cohort, count(*) AS size FROM firsts GROUP BY 1) s CROSS JOIN generate_series(0, 3) AS k
)
SELECT cohort, max(share) FILTER (WHERE k = 0), max(share) FILTER (WHERE k = 1), max(share) FILTER (WHERE k = 2),
  max(share) FILTER (WHERE k = 3)
FROM shares GROUP BY 1 ORDER BY 1;
