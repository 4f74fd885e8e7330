-- priced_sales
SELECT sale_id::int, sold_on::date, product, quantity::int, currency, p.price, r.rate, quantity::int * p.price,
  round(quantity::int * p.price * CASE currency WHEN 'EUR' THEN 1 ELSE r.rate END, 2)
FROM sales s
LEFT JOIN LATERAL (
  SELECT price::numeric AS price FROM prices p
  WHERE p.product = s.product AND daterange(valid_from::date, valid_to::date, '[)') @> s.sold_on::date
) p ON true
LEFT JOIN LATERAL (
  SELECT rate::numeric AS rate FROM rates r
  WHERE r.currency = s.currency AND s.sold_on::date - quoted_on::date BETWEEN 0 AND 30 ORDER BY quoted_on DESC LIMIT 1
) r ON true
ORDER BY 1;
-- not_valued: by hand
VALUES (5, date '2024-02-17', 'coffee', 'USD', 'no price'), (8, date '2024-02-02', 'mug', 'EUR', 'no price'),
  (9, date '2024-01-01', 'coffee', 'USD', 'no rate of the last 30 days');
