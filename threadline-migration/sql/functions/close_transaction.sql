-- threadline: function=close_transaction contract=1 revision=1
-- why: without the time of the commit, a moment inside a transaction shows a state that never was
-- calls: open_place
CREATE OR REPLACE FUNCTION threadline.close_transaction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<close_transaction>>
DECLARE
    here tid := threadline.open_place();
    closed threadline.open_transactions;
BEGIN
    DELETE FROM threadline.open_transactions o
    WHERE o.ctid = here AND o.xid = NEW.xid RETURNING o.* INTO closed;
    IF closed.xid IS NULL THEN
        -- Somebody has changed the setting.
        DELETE FROM threadline.open_transactions o WHERE o.xid = NEW.xid RETURNING o.* INTO closed;
    END IF;
    -- The row may have been closed before, if it was opened and closed again.
    IF closed.xid IS NULL THEN
        RETURN NULL;
    END IF;
    -- The leaf by name and the row by its place: a statement on the root would take a lock on every
    -- partition there is, and one by index would make serializable transactions conflict.
    EXECUTE format(
        'UPDATE %s SET committed_at = clock_timestamp() WHERE ctid = $1 AND id = $2',
        closed.leaf::regclass)
        USING closed.place, closed.transaction_id;
    -- Not the end after all, if the constraints were made immediate: see reopen_transaction.
    PERFORM set_config('threadline.closed',
        format('%s %s', closed.transaction_id, closed.action_id), true);
    RETURN NULL;
END
$function$;
