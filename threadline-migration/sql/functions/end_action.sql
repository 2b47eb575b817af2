-- threadline: function=end_action contract=1 revision=1
-- why: what is written after a nested action belongs to the outer one again
-- calls:
CREATE OR REPLACE FUNCTION threadline.end_action(outer_action_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
BEGIN
    -- Only an action of this very transaction can become current.
    UPDATE threadline.open_transactions o
    SET action_id = end_action.outer_action_id
    WHERE o.xid = pg_current_xact_id_if_assigned()
      AND (end_action.outer_action_id IS NULL OR EXISTS (
          SELECT FROM threadline.audit_actions a
          WHERE a.id = end_action.outer_action_id AND a.transaction_id = o.transaction_id));
END
$function$;
