-- threadline: function=captured contract=1 revision=1
-- why: "nothing was captured" can be made an error by those who want it
-- calls: current_open
CREATE OR REPLACE FUNCTION threadline.captured() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<captured>>
DECLARE
    running threadline.open_transactions := threadline.current_open();
    found_one boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM threadline.audit_changes '
        'WHERE transaction_id = $1 AND captured_at >= %L::timestamptz)', running.occurred_at)
        INTO found_one USING running.transaction_id;
    RETURN coalesce(found_one, false);
END
$function$;
