-- The last comparison of balances with postings: one row, which also says whose turn it is among replicas.
CREATE TABLE ledger.self_checks (
  id          int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  started_at  timestamptz NOT NULL,
  finished_at timestamptz,
  mismatches  int
);
GRANT SELECT, INSERT ON ledger.self_checks TO purse_ledger;
GRANT UPDATE (started_at, finished_at, mismatches) ON ledger.self_checks TO purse_ledger;
