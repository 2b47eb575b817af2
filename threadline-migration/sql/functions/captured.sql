-- threadline: function=captured contract=1 revision=1
-- why: "nothing was captured" can be made an error by those who want it
-- calls: open_place
CREATE OR REPLACE FUNCTION threadline.captured() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<captured>>
DECLARE
    running threadline.open_transactions;
    found_one boolean;
BEGIN
    SELECT o.* INTO running
    FROM threadline.open_transactions o
    WHERE o.ctid = threadline.open_place() AND o.xid = pg_current_xact_id_if_assigned();
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM threadline.audit_changes '
        'WHERE transaction_id = $1 AND captured_at >= %L::timestamptz)', running.occurred_at)
        INTO found_one USING running.transaction_id;
    RETURN coalesce(found_one, false);
END
$function$;
