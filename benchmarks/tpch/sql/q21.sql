-- An order's suppliers, and those that were late, by their least and greatest number: one pass over the lines.
WITH waiting AS (
    SELECT
        l_orderkey,
        min(l_suppkey) FILTER (WHERE l_receiptdate > l_commitdate) AS late_supplier,
        count(*) FILTER (WHERE l_receiptdate > l_commitdate) AS late_lines
    FROM lineitem
    JOIN orders ON o_orderkey = l_orderkey
    WHERE o_orderstatus = 'F'
    GROUP BY l_orderkey
    HAVING min(l_suppkey) <> max(l_suppkey)
        AND min(l_suppkey) FILTER (WHERE l_receiptdate > l_commitdate)
            = max(l_suppkey) FILTER (WHERE l_receiptdate > l_commitdate)
)
SELECT s_name, sum(late_lines) AS numwait
FROM waiting
JOIN supplier ON s_suppkey = late_supplier
JOIN nation ON n_nationkey = s_nationkey
WHERE n_name = 'SAUDI ARABIA'
GROUP BY s_name
ORDER BY numwait DESC, s_name
LIMIT 100
