-- threadline: function=current_open contract=1 revision=1
-- why: the open transaction of this session's database transaction, opened again if it was closed early
-- calls: open_place, reopen_transaction
CREATE OR REPLACE FUNCTION threadline.current_open() RETURNS threadline.open_transactions
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<current_open>>
DECLARE
    running threadline.open_transactions;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT o.* INTO running FROM threadline.open_transactions o
    WHERE o.ctid = threadline.open_place() AND o.xid = pg_current_xact_id();
    IF running.xid IS NULL AND current_setting('threadline.closed', true) <> '' THEN
        PERFORM threadline.reopen_transaction();
        SELECT o.* INTO running FROM threadline.open_transactions o
        WHERE o.ctid = threadline.open_place() AND o.xid = pg_current_xact_id();
    END IF;
    RETURN running;
END
$function$;
