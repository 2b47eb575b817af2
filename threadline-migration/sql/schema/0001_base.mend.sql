-- threadline: schema=1
-- A dump that was restored with its triggers disabled has them enabled afterwards, but not always: a
-- session in replica mode would leave its transaction open for ever.
ALTER TABLE threadline.open_transactions ENABLE ALWAYS TRIGGER close_transaction;
