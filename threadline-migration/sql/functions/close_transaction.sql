-- threadline: function=close_transaction contract=1 revision=1
-- why: without the time of the commit, a moment inside a transaction shows a state that never was
-- calls:
CREATE OR REPLACE FUNCTION threadline.close_transaction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
DECLARE
    action_id bigint;
BEGIN
    -- The leaf by name: a statement on the root would take a lock on every partition there is.
    EXECUTE format(
        'UPDATE %s SET committed_at = clock_timestamp() WHERE id = $1', NEW.leaf::regclass)
        USING NEW.transaction_id;
    DELETE FROM threadline.open_transactions o WHERE o.xid = NEW.xid RETURNING o.action_id INTO action_id;
    -- Not the end after all, if the constraints were made immediate: see reopen_transaction.
    PERFORM set_config('threadline.closed', format('%s %s', NEW.transaction_id, action_id), true);
    RETURN NULL;
END
$function$;
