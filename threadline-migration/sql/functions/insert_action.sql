-- threadline: function=insert_action contract=1 revision=1
-- why: the one place that writes an action row
-- calls:
CREATE OR REPLACE FUNCTION threadline.insert_action(
    id bigint, transaction_id bigint, parent_id bigint, said threadline.audit_context,
    action jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<insert_action>>
BEGIN
    IF coalesce(length(action ->> 'name'), 0) NOT BETWEEN 1 AND 256 THEN
        RAISE EXCEPTION '(threadline) an action needs a name of 1 to 256 characters'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO threadline.audit_actions (
        id, transaction_id, parent_id, name, actor_type, actor_id, status, verb, category, reason,
        comment, correlation_id, request_id, job_id, meta)
    VALUES (
        insert_action.id, insert_action.transaction_id, insert_action.parent_id,
        action ->> 'name', said.actor_type, said.actor_id, coalesce(action ->> 'status', 'ok'),
        action ->> 'verb', action ->> 'category', action ->> 'reason', action ->> 'comment',
        said.correlation_id, said.request_id, said.job_id, nullif(action -> 'meta', 'null'));
END
$function$;
