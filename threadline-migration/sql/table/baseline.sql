-- Records the rows that are there already, if some may not be in the trail: 10 to 20 microseconds for
-- each, while writers of the table wait. For a table that is too large, take this out, and run
-- threadline.baseline when it suits.
SELECT threadline.baseline(/*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass)
FROM threadline.audited_tables a
WHERE a.table_schema = /*:schema:*/'public'/*:*/ AND a.table_name = /*:table:*/'posts'/*:*/
  AND a.complete_since IS NULL
  AND threadline.may_read_rows(/*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass);
