-- threadline: schema=1
-- Whoever is writing now is waited for, and counted.
LOCK TABLE threadline.audit_changes, threadline.audit_transactions, threadline.audit_actions
    IN ACCESS EXCLUSIVE MODE;
DO $guard$
BEGIN
    IF EXISTS (SELECT FROM threadline.audit_transactions)
        OR EXISTS (SELECT FROM threadline.audit_actions) THEN
        RAISE EXCEPTION '(threadline) something was recorded in the meantime; nothing was erased';
    END IF;
END
$guard$;
