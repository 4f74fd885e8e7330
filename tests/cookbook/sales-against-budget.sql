-- budget_report
WITH wanted AS (
  SELECT category, m::date AS month,
    CASE extract(month FROM m) WHEN 1 THEN "2024-01" WHEN 2 THEN "2024-02" ELSE "2024-03" END::numeric AS budget
  FROM budget CROSS JOIN generate_series(timestamp '2024-01-01', timestamp '2024-03-01', interval '1 month') AS m
), sold AS (
  SELECT (SELECT p.category FROM products p WHERE p.product = s.product) AS category,
    (substr(s.sale_date, 1, 7) || '-01')::date AS month, s.amount::numeric AS amount
  FROM sales s
), stacked AS (  -- a full join, written as a union
  SELECT category, month, 0 AS sales, budget FROM wanted WHERE budget IS NOT NULL
  UNION ALL SELECT category, month, amount, 0 FROM sold
)
SELECT category, month, sum(sales), sum(budget), sum(sales) - sum(budget), round(100 * sum(sales) / nullif(sum(budget), 0), 1)
FROM stacked GROUP BY 1, 2 ORDER BY 2, 1;
