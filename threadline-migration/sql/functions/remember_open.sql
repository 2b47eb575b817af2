-- threadline: function=remember_open contract=1 revision=1
-- why: the one place that says which audit transaction is open; null if another one is already
-- calls:
CREATE OR REPLACE FUNCTION threadline.remember_open(
    transaction_id bigint, action_id bigint, actions bigint[], occurred_at timestamptz)
RETURNS tid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<remember_open>>
DECLARE
    here tid;
    again tid;
BEGIN
    FOR attempt IN 1..2 LOOP
        INSERT INTO threadline.open_transactions AS o (
            xid, transaction_id, action_id, actions, occurred_at)
        VALUES (
            pg_current_xact_id(), remember_open.transaction_id,
            remember_open.action_id, remember_open.actions,
            remember_open.occurred_at)
        ON CONFLICT (xid) DO NOTHING
        RETURNING o.ctid INTO again;
        here := coalesce(again, here);
        EXIT WHEN coalesce(current_setting('threadline.closed', true), '') = '';
        -- The host may have made its constraints immediate, and the transaction was closed at once. It
        -- is to be closed at the commit and not before.
        SET CONSTRAINTS threadline.close_transaction DEFERRED;
    END LOOP;
    IF here IS NOT NULL THEN
        PERFORM set_config('threadline.transaction', here::text, true);
    END IF;
    RETURN here;
END
$function$;
