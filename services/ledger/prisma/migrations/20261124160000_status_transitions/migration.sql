-- A second guard behind the service: what waits is resolved once, and only what is posted becomes reversed. The condition
-- is a plain expression; the function runs for what is refused alone.
CREATE FUNCTION ledger.refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a transaction that is % does not become %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER transactions_transitions BEFORE UPDATE OF status ON ledger.transactions FOR EACH ROW
  WHEN (NEW.status <> OLD.status AND NOT (
    OLD.status = 'pending_approval' AND NEW.status IN ('posted', 'rejected', 'cancelled', 'expired')
    OR OLD.status = 'posted' AND NEW.status = 'reversed'))
  EXECUTE FUNCTION ledger.refuse_transition();
