-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
DROP TRIGGER IF EXISTS threadline_insert ON /*:relation:*/public.posts/*:*/;
DROP TRIGGER IF EXISTS threadline_update ON /*:relation:*/public.posts/*:*/;
DROP TRIGGER IF EXISTS threadline_delete ON /*:relation:*/public.posts/*:*/;
DROP TRIGGER IF EXISTS threadline_truncate ON /*:relation:*/public.posts/*:*/;
DROP FUNCTION IF EXISTS /*:function:*/threadline."capture public.posts"/*:*/();
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = /*:schema:*/'public'/*:*/ AND table_name = /*:table:*/'posts'/*:*/;
