-- Categories, a policy of the family's own, and the balance after each posting.

-- A tree of one level; archived, never removed.
CREATE TABLE ledger.categories (
  family_id  uuid NOT NULL,
  id         uuid NOT NULL,
  name       text NOT NULL,
  parent_id  uuid,
  archived   boolean NOT NULL DEFAULT false,
  created_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  version    int NOT NULL DEFAULT 1,
  PRIMARY KEY (family_id, id),
  FOREIGN KEY (family_id, parent_id) REFERENCES ledger.categories (family_id, id),
  CHECK (parent_id <> id)
);
CREATE INDEX categories_by_parent ON ledger.categories (family_id, parent_id) WHERE parent_id IS NOT NULL;

-- What is spent on a category is posted to the category's own account of that currency.
ALTER TABLE ledger.accounts
  ADD COLUMN category_id uuid,
  DROP CONSTRAINT accounts_kind_check,
  ADD CONSTRAINT accounts_kind_check
    CHECK (kind IN ('cash', 'bank', 'card', 'savings', 'credit', 'loan', 'opening', 'outside', 'category')),
  DROP CONSTRAINT accounts_check,
  ADD CONSTRAINT accounts_owner_check CHECK ((kind IN ('opening', 'outside', 'category')) = (owner_id IS NULL)),
  ADD CONSTRAINT accounts_category_check CHECK ((kind = 'category') = (category_id IS NOT NULL)),
  ADD FOREIGN KEY (family_id, category_id) REFERENCES ledger.categories (family_id, id);
DROP INDEX ledger.accounts_system;
CREATE UNIQUE INDEX accounts_system ON ledger.accounts (family_id, kind, currency) WHERE kind IN ('opening', 'outside');
CREATE UNIQUE INDEX accounts_category ON ledger.accounts (family_id, category_id, currency) WHERE category_id IS NOT NULL;
-- Until now a transaction could name any id.
UPDATE ledger.transactions SET category_id = NULL WHERE category_id IS NOT NULL;
ALTER TABLE ledger.transactions
  ADD FOREIGN KEY (family_id, category_id) REFERENCES ledger.categories (family_id, id);

-- A family without a row follows the installation's defaults. `version` counts the changes.
CREATE TABLE ledger.approval_policies (
  family_id      uuid PRIMARY KEY,
  window_seconds int NOT NULL CHECK (window_seconds >= 0),
  quorum         int NOT NULL CHECK (quorum >= 1),
  expiry_seconds int NOT NULL CHECK (expiry_seconds > 0),
  version        int NOT NULL DEFAULT 1,
  updated_at     timestamptz(3) NOT NULL,
  updated_by     uuid NOT NULL
);
-- `amount` is a decimal as people write it, in the units of whatever currency is spent; null: no limit.
CREATE TABLE ledger.approval_thresholds (
  family_id  uuid NOT NULL REFERENCES ledger.approval_policies (family_id),
  role       ledger.member_role NOT NULL,
  account_id uuid,
  currency   char(3),
  amount     text,
  CHECK (account_id IS NULL OR currency IS NULL),
  FOREIGN KEY (family_id, account_id) REFERENCES ledger.accounts (family_id, id)
);
CREATE UNIQUE INDEX approval_thresholds_once
  ON ledger.approval_thresholds (family_id, role, coalesce(account_id::text, ''), coalesce(currency, ''));

-- The account's posted balance right after each posting, so that a statement and a balance in the past are one look-up.
ALTER TABLE ledger.postings ADD COLUMN balance_after bigint;
ALTER TABLE ledger.postings DISABLE TRIGGER postings_insert_only;
UPDATE ledger.postings p SET balance_after = s.balance
FROM (
  SELECT family_id, transaction_id, account_id,
         sum(amount) OVER (PARTITION BY family_id, account_id ORDER BY seq) AS balance
  FROM ledger.postings
) s
WHERE p.family_id = s.family_id AND p.transaction_id = s.transaction_id AND p.account_id = s.account_id;
ALTER TABLE ledger.postings ENABLE TRIGGER postings_insert_only;
ALTER TABLE ledger.postings ALTER COLUMN balance_after SET NOT NULL;
CREATE INDEX postings_by_time ON ledger.postings (family_id, account_id, created_at DESC, seq DESC);
DROP INDEX ledger.postings_by_account;
CREATE INDEX postings_by_account ON ledger.postings (family_id, account_id, seq DESC) INCLUDE (amount);

-- What was held at some moment in the past.
CREATE INDEX transactions_waited ON ledger.transactions (family_id, account_id, created_at) WHERE required_approvals > 0;
CREATE INDEX transactions_by_category ON ledger.transactions (family_id, category_id, id DESC) WHERE category_id IS NOT NULL;

GRANT SELECT, INSERT ON ledger.categories, ledger.approval_policies, ledger.approval_thresholds TO purse_ledger;
GRANT UPDATE (name, parent_id, archived, version) ON ledger.categories TO purse_ledger;
GRANT UPDATE (window_seconds, quorum, expiry_seconds, version, updated_at, updated_by) ON ledger.approval_policies TO purse_ledger;
-- A policy is replaced as a whole.
GRANT DELETE ON ledger.approval_thresholds TO purse_ledger;
-- Kept for a day.
GRANT DELETE ON ledger.idempotency_keys TO purse_ledger;
