-- stages
SELECT v.visitor, v.t, c.t, k.t, p.t
FROM (SELECT visitor, min(happened_at::timestamp) AS t FROM events WHERE event = 'visit' GROUP BY 1) v
LEFT JOIN LATERAL (SELECT e.happened_at::timestamp AS t FROM events e WHERE e.visitor = v.visitor AND e.event = 'cart'
  AND e.happened_at::timestamp >= v.t ORDER BY 1 LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT e.happened_at::timestamp AS t FROM events e WHERE e.visitor = v.visitor AND e.event = 'checkout'
  AND e.happened_at::timestamp >= c.t ORDER BY 1 LIMIT 1) k ON true
LEFT JOIN LATERAL (SELECT e.happened_at::timestamp AS t FROM events e WHERE e.visitor = v.visitor AND e.event = 'paid'
  AND e.happened_at::timestamp >= k.t ORDER BY 1 LIMIT 1) p ON true
ORDER BY 1;
-- funnel
WITH RECURSIVE names(place, stage) AS (VALUES (1, 'visit'), (2, 'cart'), (3, 'checkout'), (4, 'paid')),
walked AS (
  SELECT 1 AS place, visitor, min(happened_at::timestamp) AS t FROM events WHERE event = 'visit' GROUP BY 2
  UNION ALL
  SELECT w.place + 1, w.visitor, f.t
  FROM walked w JOIN names n ON n.place = w.place + 1
  CROSS JOIN LATERAL (SELECT e.happened_at::timestamp AS t FROM events e WHERE e.visitor = w.visitor AND e.event = n.stage
    AND e.happened_at::timestamp >= w.t ORDER BY 1 LIMIT 1) f
), counts AS (SELECT place, stage, (SELECT count(*) FROM walked w WHERE w.place = n.place) AS visitors FROM names n)
SELECT c.place, c.stage, c.visitors,
  round(100.0 * c.visitors / (SELECT visitors FROM counts WHERE place = 1), 1),
  round(100.0 * c.visitors / (SELECT p.visitors FROM counts p WHERE p.place = c.place - 1), 1)
FROM counts c ORDER BY 1;
