-- threadline: function=remember_open contract=1 revision=1
-- why: the one place that says which audit transaction is open; null if another one is already
-- calls:
CREATE OR REPLACE FUNCTION threadline.remember_open(
    transaction_id bigint, action_id bigint, actions bigint[], occurred_at timestamptz, leaf oid,
    place tid)
RETURNS tid
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
        pg_current_xact_id(), remember_open.transaction_id,
        remember_open.action_id, remember_open.actions,
        remember_open.occurred_at, remember_open.leaf, remember_open.place)
    ON CONFLICT (xid) DO NOTHING
    RETURNING o.ctid INTO here;
    IF here IS NOT NULL THEN
        PERFORM set_config('threadline.transaction', here::text, true);
    END IF;
    RETURN here;
END
$function$;
