-- threadline: function=rejoin_transaction contract=1 revision=1
-- why: a setting that was reset or forged in mid-transaction does not split the audit transaction
-- calls:
CREATE OR REPLACE FUNCTION threadline.rejoin_transaction(
    stray_id bigint, since timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
<<rejoin_transaction>>
DECLARE
    running threadline.open_transactions;
    here tid;
BEGIN
    SELECT o.* INTO running
    FROM threadline.open_transactions o WHERE o.xid = pg_current_xact_id();
    SELECT o.ctid INTO here
    FROM threadline.open_transactions o WHERE o.xid = pg_current_xact_id();
    -- Literals, so that the planner looks at one partition and not at all.
    EXECUTE format(
        'UPDATE threadline.audit_changes SET transaction_id = $1, action_id = $2 '
        'WHERE transaction_id = $3 AND captured_at >= %L::timestamptz', since)
        USING running.transaction_id, running.action_id, stray_id;
    PERFORM set_config('threadline.transaction', here::text, true);
    RETURN running.transaction_id;
END
$function$;
