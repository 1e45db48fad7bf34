-- Postings are in the currency of their transaction, not only in that of their account; it is seen in the pass that sums them.
CREATE OR REPLACE FUNCTION ledger.check_zero_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1
    FROM (SELECT DISTINCT family_id, transaction_id FROM added) touched
    JOIN ledger.postings p USING (family_id, transaction_id)
    JOIN ledger.transactions t ON t.family_id = p.family_id AND t.id = p.transaction_id
    GROUP BY p.family_id, p.transaction_id
    HAVING sum(p.amount) <> 0 OR bool_or(p.currency <> t.currency)
  ) THEN
    RAISE EXCEPTION 'postings of a transaction are in its currency and sum to zero' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
