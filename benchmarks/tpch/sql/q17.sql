-- The usual quantity of the few parts in question, by a window over their lines alone.
SELECT sum(l_extendedprice) / 7.0 AS avg_yearly
FROM (
    SELECT l_extendedprice, l_quantity, avg(l_quantity) OVER (PARTITION BY l_partkey) AS usual_quantity
    FROM lineitem
    JOIN part ON p_partkey = l_partkey
    WHERE p_brand = 'Brand#23' AND p_container = 'MED BOX'
) AS lines
WHERE l_quantity < 0.2 * usual_quantity
