-- threadline: function=context_fields contract=1 revision=1
-- why: what fits the columns is taken over; what does not is kept in meta, never dropped
-- calls:
CREATE OR REPLACE FUNCTION threadline.context_fields(document jsonb)
RETURNS threadline.audit_context
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<context_fields>>
DECLARE
    result threadline.audit_context;
    kind text := document #>> '{actor,type}';
    who text := document #>> '{actor,id}';
    unfit jsonb := '{}';
    field text;
BEGIN
    IF kind = 'anonymous' THEN
        result.actor_type := kind;
    ELSIF kind IN ('user', 'admin', 'service_account', 'job', 'system')
        AND length(who) BETWEEN 1 AND 256 THEN
        result.actor_type := kind;
        result.actor_id := who;
    ELSIF jsonb_typeof(document -> 'actor') <> 'null' THEN
        unfit := jsonb_build_object('actor', document -> 'actor');
    END IF;
    -- Indexed columns are bounded, because an entry too long for its index would fail the write.
    FOREACH field IN ARRAY ARRAY['request_id', 'correlation_id', 'job_id', 'trace_id'] LOOP
        IF length(document ->> field) > 256 THEN
            unfit := unfit || jsonb_build_object(field, document -> field);
            document := document - field;
        END IF;
    END LOOP;
    result.request_id := document ->> 'request_id';
    result.correlation_id := document ->> 'correlation_id';
    result.job_id := document ->> 'job_id';
    result.trace_id := document ->> 'trace_id';
    result.source := nullif(document -> 'source', 'null');
    result.meta := nullif(document -> 'meta', 'null');
    IF unfit <> '{}' THEN
        result.meta := jsonb_build_object('unfit_context', unfit, 'meta', result.meta);
    END IF;
    RETURN result;
END
$function$;
