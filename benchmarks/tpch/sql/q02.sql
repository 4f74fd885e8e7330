-- The least cost of each part, found once for the region, instead of once for each row.
WITH offers AS (
    SELECT
        ps_partkey, ps_supplycost, s_acctbal, s_name, n_name, p_mfgr, s_address, s_phone, s_comment,
        min(ps_supplycost) OVER (PARTITION BY ps_partkey) AS least_cost
    FROM part
    JOIN partsupp ON ps_partkey = p_partkey
    JOIN supplier ON s_suppkey = ps_suppkey
    JOIN nation ON n_nationkey = s_nationkey
    JOIN region ON r_regionkey = n_regionkey
    WHERE p_size = 15 AND p_type LIKE '%BRASS' AND r_name = 'EUROPE'
)
SELECT s_acctbal, s_name, n_name, ps_partkey AS p_partkey, p_mfgr, s_address, s_phone, s_comment
FROM offers
WHERE ps_supplycost = least_cost
ORDER BY s_acctbal DESC, n_name, s_name, p_partkey
LIMIT 100
