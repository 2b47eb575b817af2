-- threadline: function=nest_action contract=1 revision=1
-- why: an action within a transaction that is open already becomes the innermost
-- calls: open_place
CREATE OR REPLACE FUNCTION threadline.nest_action(
    running threadline.open_transactions, action_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<nest_action>>
DECLARE
    here tid;
BEGIN
    IF nest_action.action_id IS NULL THEN
        RETURN;
    END IF;
    -- The first action of a transaction that a write has opened. Its actor is not the transaction's:
    -- what was written before, and what comes after, may be somebody else's.
    IF cardinality(running.actions) = 0 THEN
        -- An insert that always meets the row: see close_transaction.
        INSERT INTO threadline.audit_transactions AS t (
            id, xid, occurred_at, action_id, session_user_name, backend_pid)
        VALUES (
            running.transaction_id, running.xid, running.occurred_at, nest_action.action_id,
            session_user, pg_backend_pid())
        ON CONFLICT (id, occurred_at) DO UPDATE SET action_id = excluded.action_id;
    END IF;
    UPDATE threadline.open_transactions o
    SET action_id = nest_action.action_id, actions = o.actions || nest_action.action_id
    WHERE o.ctid = threadline.open_place() AND o.xid = running.xid
    RETURNING o.ctid INTO here;
    PERFORM set_config('threadline.transaction', here::text, true);
END
$function$;
