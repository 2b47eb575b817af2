-- threadline: function=reopen_transaction contract=1 revision=1
-- why: SET CONSTRAINTS ALL IMMEDIATE closes the audit transaction early; what follows still belongs to it
-- calls: remember_open
CREATE OR REPLACE FUNCTION threadline.reopen_transaction(
    OUT transaction_id bigint, OUT action_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
<<reopen_transaction>>
DECLARE
    closed text := coalesce(current_setting('threadline.closed', true), '');
    occurred_at timestamptz;
    actions bigint[];
    here tid;
BEGIN
    -- Open already, if somebody has changed the setting that says where. To open it again would move
    -- the row of the transaction, and its commit would not find it.
    SELECT o.transaction_id, o.action_id, o.ctid
    INTO reopen_transaction.transaction_id, reopen_transaction.action_id, here
    FROM threadline.open_transactions o WHERE o.xid = pg_current_xact_id();
    IF reopen_transaction.transaction_id IS NOT NULL THEN
        PERFORM set_config('threadline.transaction', here::text, true);
        RETURN;
    END IF;
    -- The setting is only a hint, which anybody may forge: believed is a row that was written by this
    -- very database transaction. Literals, so that the planner looks at one partition and not at all.
    IF closed ~ '^[0-9]{1,18} [0-9]{0,18}$' THEN
        EXECUTE format(
            'UPDATE threadline.audit_transactions SET committed_at = NULL WHERE id = %s '
            'AND xid = pg_current_xact_id() AND occurred_at >= %L::timestamptz '
            'RETURNING id, occurred_at',
            split_part(closed, ' ', 1), transaction_timestamp())
        INTO reopen_transaction.transaction_id, occurred_at;
    END IF;
    IF occurred_at IS NULL THEN
        RETURN;
    END IF;
    SELECT max(a.id) FILTER (WHERE a.id = nullif(split_part(closed, ' ', 2), '')::bigint),
        array_agg(a.id ORDER BY a.id)
    INTO reopen_transaction.action_id, actions
    FROM threadline.audit_actions a
    WHERE a.transaction_id = reopen_transaction.transaction_id;
    PERFORM threadline.remember_open(
        reopen_transaction.transaction_id, reopen_transaction.action_id, coalesce(actions, '{}'),
        occurred_at);
END
$function$;
