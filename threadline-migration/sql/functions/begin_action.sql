-- threadline: function=begin_action contract=1 revision=1
-- why: one round trip says who, why and what for; nested calls find the transaction that is open
-- calls: read_context, current_open, open_transaction, nest_action, insert_action
CREATE OR REPLACE FUNCTION threadline.begin_action(
    context jsonb, action jsonb,
    OUT transaction_id bigint, OUT action_id bigint, OUT outer_action_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<begin_action>>
DECLARE
    running threadline.open_transactions := threadline.current_open();
    said threadline.audit_context := threadline.read_context(context::text);
    fresh bigint;
BEGIN
    IF action IS NOT NULL THEN
        begin_action.action_id := nextval('threadline.audit_actions_id_seq');
    END IF;
    IF running.xid IS NULL THEN
        fresh := nextval('threadline.audit_transactions_id_seq');
        begin_action.transaction_id := threadline.open_transaction(
            fresh, begin_action.action_id, clock_timestamp(), NULL, said);
        IF begin_action.transaction_id <> fresh THEN
            running := threadline.current_open();
        END IF;
    END IF;
    IF running.xid IS NOT NULL THEN
        begin_action.transaction_id := running.transaction_id;
        begin_action.outer_action_id := running.action_id;
        PERFORM threadline.nest_action(running, begin_action.action_id);
    END IF;
    IF action IS NOT NULL THEN
        PERFORM threadline.insert_action(
            begin_action.action_id, begin_action.transaction_id, begin_action.outer_action_id,
            said, action);
    END IF;
END
$function$;
