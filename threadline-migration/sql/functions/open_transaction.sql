-- threadline: function=open_transaction contract=1 revision=1
-- why: the one place that writes a transaction row, for capture and for begin_action alike
-- calls: read_context, remember_open, rejoin_transaction
CREATE OR REPLACE FUNCTION threadline.open_transaction(
    transaction_id bigint, action_id bigint, occurred_at timestamptz, context text,
    said threadline.audit_context DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<open_transaction>>
DECLARE
    leaf oid;
    place tid;
BEGIN
    IF context <> '' THEN
        said := threadline.read_context(context);
    END IF;
    INSERT INTO threadline.audit_transactions AS t (
        id, xid, occurred_at, actor_type, actor_id, action_id, request_id, correlation_id,
        job_id, trace_id, remote_ip, source, meta, session_user_name, application_name,
        client_addr, backend_pid)
    VALUES (
        open_transaction.transaction_id, pg_current_xact_id(), open_transaction.occurred_at,
        said.actor_type, said.actor_id, open_transaction.action_id, said.request_id,
        said.correlation_id, said.job_id, said.trace_id, said.remote_ip, said.source,
        said.meta, session_user, current_setting('application_name'), inet_client_addr(),
        pg_backend_pid())
    RETURNING t.tableoid, t.ctid INTO leaf, place;
    IF threadline.remember_open(
        open_transaction.transaction_id, open_transaction.action_id,
        array_remove(ARRAY[open_transaction.action_id], NULL), open_transaction.occurred_at
    ) IS NULL
    THEN
        EXECUTE format('DELETE FROM %s WHERE ctid = $1', leaf::regclass) USING place;
        RETURN threadline.rejoin_transaction(
            open_transaction.transaction_id, open_transaction.occurred_at);
    END IF;
    RETURN open_transaction.transaction_id;
END
$function$;
