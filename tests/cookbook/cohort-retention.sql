-- retention
WITH firsts AS (
  SELECT customer_id, min(substr(order_date, 1, 7)) AS cohort FROM orders WHERE customer_id IS NOT NULL GROUP BY 1
), cells AS (
  SELECT f.cohort,
    (substr(o.order_date, 1, 4)::int - substr(f.cohort, 1, 4)::int) * 12
      + substr(o.order_date, 6, 2)::int - substr(f.cohort, 6, 2)::int AS age,
    count(DISTINCT o.customer_id) AS customers, sum(o.amount::numeric) AS revenue
  FROM orders o JOIN firsts f USING (customer_id) GROUP BY 1, 2
)
SELECT (c.cohort || '-01')::date, c.age, c.customers, c.revenue,
  round(c.customers::numeric / (SELECT count(*) FROM firsts f WHERE f.cohort = c.cohort), 2)
FROM cells c ORDER BY 1, 2;
-- retention_triangle
WITH firsts AS (
  SELECT customer_id, min(date_trunc('month', order_date::date)::date) AS cohort
  FROM orders WHERE customer_id IS NOT NULL GROUP BY 1
), sizes AS (SELECT cohort, count(*) AS size FROM firsts GROUP BY 1)
SELECT s.cohort, 1.00,
  (SELECT nullif(round(count(DISTINCT f.customer_id)::numeric / s.size, 2), 0) FROM firsts f JOIN orders o USING (customer_id)
   WHERE f.cohort = s.cohort AND date_trunc('month', o.order_date::date) = s.cohort + interval '1 month'),
  (SELECT nullif(round(count(DISTINCT f.customer_id)::numeric / s.size, 2), 0) FROM firsts f JOIN orders o USING (customer_id)
   WHERE f.cohort = s.cohort AND date_trunc('month', o.order_date::date) = s.cohort + interval '2 months'),
  (SELECT nullif(round(count(DISTINCT f.customer_id)::numeric / s.size, 2), 0) FROM firsts f JOIN orders o USING (customer_id)
   WHERE f.cohort = s.cohort AND date_trunc('month', o.order_date::date) = s.cohort + interval '3 months')
FROM sizes s ORDER BY 1;
