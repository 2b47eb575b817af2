-- threadline: function=actor_fits contract=1 revision=1
-- why: an actor is of a known type and has an id unless anonymous; see change_fits for why a function
-- calls:
CREATE OR REPLACE FUNCTION threadline.actor_fits(actor_type text, actor_id text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $function$
BEGIN
    RETURN CASE
        WHEN actor_type IS NULL THEN actor_id IS NULL
        WHEN actor_type OPERATOR(pg_catalog.=) 'anonymous' THEN actor_id IS NULL
        ELSE actor_id IS NOT NULL AND actor_type OPERATOR(pg_catalog.=) ANY (
            ARRAY['user', 'admin', 'service_account', 'job', 'system'])
        END;
END
$function$;
