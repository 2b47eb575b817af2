-- threadline: function=record_action contract=1 revision=1
-- why: an attempt that failed is worth recording, though it changed no row
-- calls: read_context, current_open, insert_action
CREATE OR REPLACE FUNCTION threadline.record_action(context jsonb, action jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<record_action>>
DECLARE
    action_id bigint := nextval('threadline.audit_actions_id_seq');
    running threadline.open_transactions := threadline.current_open();
BEGIN
    PERFORM threadline.insert_action(
        record_action.action_id, running.transaction_id, running.action_id,
        threadline.read_context(context::text), action);
    RETURN record_action.action_id;
END
$function$;
