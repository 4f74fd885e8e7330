-- What was shipped of the parts in question, in one pass over the lines.
SELECT s_name, s_address
FROM supplier
JOIN nation ON n_nationkey = s_nationkey
WHERE n_name = 'CANADA'
    AND s_suppkey IN (
        SELECT ps_suppkey
        FROM partsupp
        JOIN (
            SELECT l_partkey, l_suppkey, sum(l_quantity) AS shipped
            FROM lineitem
            JOIN part ON p_partkey = l_partkey
            WHERE p_name LIKE 'forest%' AND l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
            GROUP BY l_partkey, l_suppkey
        ) AS lines ON ps_partkey = l_partkey AND ps_suppkey = l_suppkey
        WHERE ps_availqty > 0.5 * shipped)
ORDER BY s_name
