-- daily_stock
WITH days AS (
  SELECT p.product, d::date AS day
  FROM (SELECT product, min(moved_on::date) AS first FROM movements GROUP BY 1) p
  CROSS JOIN LATERAL generate_series(p.first::timestamp, (SELECT max(moved_on::timestamp) FROM movements), '1 day') AS d
)
SELECT product, day,
  (SELECT coalesce(sum(greatest(quantity::int, 0)), 0) FROM movements m WHERE m.product = d.product AND moved_on::date = day),
  (SELECT coalesce(sum(greatest(-quantity::int, 0)), 0) FROM movements m WHERE m.product = d.product AND moved_on::date = day),
  (SELECT sum(quantity::int) FROM movements m WHERE m.product = d.product AND moved_on::date <= day)
FROM days d ORDER BY 1, 2;
-- to_order
SELECT product, have, minimum::int, minimum::int - have
FROM (SELECT p.*, coalesce((SELECT sum(quantity::int) FROM movements m WHERE m.product = p.product), 0) AS have FROM products p) x
WHERE have < minimum::int ORDER BY 1;
