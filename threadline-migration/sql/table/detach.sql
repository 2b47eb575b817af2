-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
SELECT threadline.drop_triggers(/*:regproc:*/'threadline."capture public.posts"'/*:*/);
DROP FUNCTION IF EXISTS /*:function:*/threadline."capture public.posts"/*:*/();
DROP FUNCTION IF EXISTS /*:recorder:*/threadline."record public.posts"/*:*/;
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = /*:schema:*/'public'/*:*/ AND table_name = /*:table:*/'posts'/*:*/;
