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
    place tid := running.place;
BEGIN
    IF nest_action.action_id IS NULL THEN
        RETURN;
    END IF;
    -- The first action of a transaction that a write has opened. Its actor is not the transaction's:
    -- what was written before, and what comes after, may be somebody else's.
    IF cardinality(running.actions) = 0 THEN
        EXECUTE format(
            'UPDATE %s SET action_id = $3 WHERE ctid = $1 AND id = $2 RETURNING ctid',
            running.leaf::regclass)
        INTO place USING running.place, running.transaction_id, nest_action.action_id;
    END IF;
    UPDATE threadline.open_transactions o
    SET action_id = nest_action.action_id, actions = o.actions || nest_action.action_id,
        place = coalesce(nest_action.place, o.place)
    WHERE o.ctid = threadline.open_place() AND o.xid = running.xid
    RETURNING o.ctid INTO here;
    PERFORM set_config('threadline.transaction', here::text, true);
END
$function$;
