-- threadline: function=close_transaction contract=1 revision=1
-- why: without the time of the commit, a moment inside a transaction shows a state that never was
-- calls:
CREATE OR REPLACE FUNCTION threadline.close_transaction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<close_transaction>>
DECLARE
    -- As threadline.open_place, which would cost a call for every transaction.
    here tid := CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
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
    -- An insert that always meets the row, and not an update: it is led to the one partition and takes a
    -- lock on no other, its plan is kept, and it reads no index in a way that would make serializable
    -- transactions conflict.
    INSERT INTO threadline.audit_transactions AS t (
        id, xid, occurred_at, committed_at, session_user_name, backend_pid)
    VALUES (
        closed.transaction_id, closed.xid, closed.occurred_at, clock_timestamp(), session_user,
        pg_backend_pid())
    ON CONFLICT (id, occurred_at) DO UPDATE SET committed_at = excluded.committed_at;
    -- Not the end after all, if the constraints were made immediate: see reopen_transaction.
    PERFORM set_config('threadline.closed',
        format('%s %s', closed.transaction_id, closed.action_id), true);
    RETURN NULL;
END
$function$;
