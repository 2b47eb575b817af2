-- threadline: function=remember_open contract=1 revision=1
-- why: the one place that says which audit transaction is open
-- calls:
CREATE OR REPLACE FUNCTION threadline.remember_open(
    transaction_id bigint, action_id bigint, occurred_at timestamptz, leaf oid, place tid)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<remember_open>>
DECLARE
    here tid;
BEGIN
    -- Closed at the commit and not before, though the host may have made its constraints immediate.
    SET CONSTRAINTS threadline.close_transaction DEFERRED;
    INSERT INTO threadline.open_transactions AS o (
        xid, transaction_id, action_id, actions, occurred_at, leaf, place)
    VALUES (
        pg_current_xact_id(), remember_open.transaction_id, remember_open.action_id,
        array_remove(ARRAY[remember_open.action_id], NULL), remember_open.occurred_at,
        remember_open.leaf, remember_open.place)
    ON CONFLICT (xid) DO NOTHING
    RETURNING o.ctid INTO here;
    -- One is open already, if somebody has cleared the setting: what follows belongs to that again.
    IF here IS NULL THEN
        SELECT o.ctid INTO here
        FROM threadline.open_transactions o WHERE o.xid = pg_current_xact_id();
    END IF;
    PERFORM set_config('threadline.transaction', here::text, true);
END
$function$;
