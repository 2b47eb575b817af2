-- threadline: function=begin_action contract=1 revision=1
-- why: one round trip says who, why and what for; nested calls find the transaction that is open
-- calls: open_place, reopen_transaction, open_transaction, insert_action
CREATE OR REPLACE FUNCTION threadline.begin_action(
    context jsonb, action jsonb,
    OUT transaction_id bigint, OUT action_id bigint, OUT outer_action_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<begin_action>>
DECLARE
    here tid := threadline.open_place();
BEGIN
    SELECT o.transaction_id, o.action_id
    INTO begin_action.transaction_id, begin_action.outer_action_id
    FROM threadline.open_transactions o
    WHERE o.ctid = here AND o.xid = pg_current_xact_id();
    IF begin_action.transaction_id IS NULL AND current_setting('threadline.closed', true) <> '' THEN
        SELECT r.transaction_id, r.action_id
        INTO begin_action.transaction_id, begin_action.outer_action_id
        FROM threadline.reopen_transaction() r;
    END IF;
    IF action IS NOT NULL THEN
        begin_action.action_id := nextval('threadline.audit_actions_id_seq');
    END IF;
    IF begin_action.transaction_id IS NULL THEN
        begin_action.transaction_id := nextval('threadline.audit_transactions_id_seq');
        PERFORM threadline.open_transaction(
            begin_action.transaction_id, begin_action.action_id, clock_timestamp(),
            context::text);
    ELSIF action IS NOT NULL THEN
        UPDATE threadline.open_transactions o
        SET action_id = begin_action.action_id, actions = o.actions || begin_action.action_id
        WHERE o.ctid = threadline.open_place() AND o.xid = pg_current_xact_id()
        RETURNING o.ctid INTO here;
        PERFORM set_config('threadline.transaction', here::text, true);
    END IF;
    IF action IS NOT NULL THEN
        PERFORM threadline.insert_action(
            begin_action.action_id, begin_action.transaction_id, begin_action.outer_action_id,
            context, action);
    END IF;
END
$function$;
