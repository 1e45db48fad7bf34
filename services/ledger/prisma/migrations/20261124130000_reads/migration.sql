-- Indexes of what people look for.

-- A report's or a list's period.
CREATE INDEX transactions_by_time ON ledger.transactions (family_id, occurred_at);
-- What waits for somebody's approval, newest first.
CREATE INDEX transactions_pending ON ledger.transactions (family_id, id DESC) WHERE status = 'pending_approval';
-- What an account held at some moment in the past, where it pays as the receiver of a transfer that is taken back.
CREATE INDEX transactions_waited_to ON ledger.transactions (family_id, to_account_id, created_at)
  WHERE required_approvals > 0 AND reverses IS NOT NULL AND to_account_id IS NOT NULL;
