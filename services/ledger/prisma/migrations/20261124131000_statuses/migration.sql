-- Nearly everything is posted; what is anything else is found by its status, what waits first of all.
DROP INDEX ledger.transactions_pending;
CREATE INDEX transactions_by_status ON ledger.transactions (family_id, status, id DESC) WHERE status <> 'posted';
