-- threadline: function=end_action contract=1 revision=1
-- why: what is written after a nested action belongs to the outer one again
-- calls: current_open, open_place
CREATE OR REPLACE FUNCTION threadline.end_action(outer_action_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<end_action>>
DECLARE
    running threadline.open_transactions := threadline.current_open();
    here tid;
BEGIN
    -- Only an action of this very transaction can become current.
    UPDATE threadline.open_transactions o
    SET action_id = end_action.outer_action_id
    WHERE o.ctid = threadline.open_place() AND o.xid = running.xid
      AND (end_action.outer_action_id IS NULL OR end_action.outer_action_id = ANY (o.actions))
    RETURNING o.ctid INTO here;
    IF here IS NOT NULL THEN
        PERFORM set_config('threadline.transaction', here::text, true);
    END IF;
END
$function$;
