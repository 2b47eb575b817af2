-- threadline: schema=1
-- For the rest of the transaction.
SELECT pg_catalog.set_config('search_path', $1, true)
