-- The ledger's own schema. family_id leads every key, so that a family's rows can live together.

CREATE TYPE ledger.transaction_status AS ENUM ('pending_approval', 'posted', 'rejected', 'cancelled', 'expired', 'reversed');
CREATE TYPE ledger.member_role AS ENUM ('owner', 'adult', 'member', 'child', 'read_only');

-- What the ledger knows of people: kept up from the auth service's member events.
CREATE TABLE ledger.members (
  family_id    uuid NOT NULL,
  user_id      uuid NOT NULL,
  display_name text NOT NULL,
  role         ledger.member_role NOT NULL,
  removed      boolean NOT NULL DEFAULT false,
  version      int NOT NULL,
  PRIMARY KEY (family_id, user_id)
);

-- Accounts of people, and the system's own counterparts (kind opening, outside) that make every entry double.
CREATE TABLE ledger.accounts (
  family_id       uuid NOT NULL,
  id              uuid NOT NULL,
  name            text NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('cash', 'bank', 'card', 'savings', 'credit', 'loan', 'opening', 'outside')),
  currency        char(3) NOT NULL,
  visibility      text NOT NULL DEFAULT 'family' CHECK (visibility IN ('family', 'shared', 'private')),
  shared_with     uuid[] NOT NULL DEFAULT '{}',
  owner_id        uuid,
  status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
  overdraft_limit bigint NOT NULL DEFAULT 0 CHECK (overdraft_limit >= 0),
  posted          bigint NOT NULL DEFAULT 0,
  held            bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (family_id, id),
  UNIQUE (family_id, id, currency),
  CHECK ((kind IN ('opening', 'outside')) = (owner_id IS NULL))
);
CREATE UNIQUE INDEX accounts_system ON ledger.accounts (family_id, kind, currency) WHERE owner_id IS NULL;

CREATE TABLE ledger.transactions (
  family_id          uuid NOT NULL,
  id                 uuid NOT NULL,
  type               text NOT NULL CHECK (type IN ('expense', 'income', 'transfer', 'opening')),
  status             ledger.transaction_status NOT NULL,
  account_id         uuid NOT NULL,
  to_account_id      uuid,
  amount             bigint NOT NULL CHECK (amount > 0),
  currency           char(3) NOT NULL,
  category_id        uuid,
  description        text,
  created_by         uuid NOT NULL,
  occurred_at        timestamptz(3) NOT NULL,
  created_at         timestamptz(3) NOT NULL,
  resolved_at        timestamptz(3),
  resolved_by        uuid,
  reason             text,
  reverses           uuid,
  reversed_by        uuid,
  required_approvals int NOT NULL DEFAULT 0 CHECK (required_approvals >= 0),
  approval_why       text CHECK (approval_why IN ('above_threshold', 'rolling_sum')),
  approval_threshold bigint,
  expires_at         timestamptz(3),
  version            int NOT NULL DEFAULT 1,
  PRIMARY KEY (family_id, id),
  FOREIGN KEY (family_id, account_id, currency) REFERENCES ledger.accounts (family_id, id, currency),
  FOREIGN KEY (family_id, to_account_id, currency) REFERENCES ledger.accounts (family_id, id, currency),
  FOREIGN KEY (family_id, reverses) REFERENCES ledger.transactions (family_id, id),
  CHECK ((type = 'transfer') = (to_account_id IS NOT NULL)),
  CHECK ((status = 'pending_approval') <= (required_approvals > 0 AND expires_at IS NOT NULL))
);
-- At most one reversal that waits or holds.
CREATE UNIQUE INDEX transactions_one_reversal ON ledger.transactions (family_id, reverses)
  WHERE reverses IS NOT NULL AND status IN ('pending_approval', 'posted');
CREATE INDEX transactions_by_account ON ledger.transactions (family_id, account_id, id DESC);
CREATE INDEX transactions_by_to_account ON ledger.transactions (family_id, to_account_id, id DESC) WHERE to_account_id IS NOT NULL;
CREATE INDEX transactions_by_author ON ledger.transactions (family_id, created_by, created_at DESC);
CREATE INDEX transactions_waiting ON ledger.transactions (expires_at) WHERE status = 'pending_approval';

CREATE TABLE ledger.approvals (
  family_id      uuid NOT NULL,
  transaction_id uuid NOT NULL,
  user_id        uuid NOT NULL,
  comment        text,
  created_at     timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (family_id, transaction_id, user_id),
  FOREIGN KEY (family_id, transaction_id) REFERENCES ledger.transactions (family_id, id)
);

-- The truth about money: never changed, never removed.
CREATE TABLE ledger.postings (
  family_id      uuid NOT NULL,
  transaction_id uuid NOT NULL,
  account_id     uuid NOT NULL,
  amount         bigint NOT NULL CHECK (amount <> 0),
  currency       char(3) NOT NULL,
  seq            bigint GENERATED ALWAYS AS IDENTITY,
  created_at     timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (family_id, transaction_id, account_id),
  FOREIGN KEY (family_id, transaction_id) REFERENCES ledger.transactions (family_id, id),
  FOREIGN KEY (family_id, account_id, currency) REFERENCES ledger.accounts (family_id, id, currency)
);
CREATE INDEX postings_by_account ON ledger.postings (family_id, account_id, seq DESC);

-- The second guard of double entry: a statement that leaves a transaction out of balance fails as a whole.
CREATE FUNCTION ledger.check_zero_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1
    FROM (SELECT DISTINCT family_id, transaction_id FROM added) touched
    JOIN ledger.postings p USING (family_id, transaction_id)
    GROUP BY p.family_id, p.transaction_id, p.currency
    HAVING sum(p.amount) <> 0
  ) THEN
    RAISE EXCEPTION 'postings of a transaction must sum to zero per currency' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER postings_zero_sum AFTER INSERT ON ledger.postings
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_zero_sum();

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER postings_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.postings
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TABLE ledger.outbox (
  seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id           uuid NOT NULL UNIQUE,
  family_id    uuid NOT NULL,
  subject      text NOT NULL,
  entity_type  text NOT NULL,
  entity_id    text NOT NULL,
  version      int NOT NULL,
  payload      jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  UNIQUE (entity_type, entity_id, version)
);
CREATE INDEX outbox_unpublished ON ledger.outbox (seq) WHERE published_at IS NULL;

CREATE TABLE ledger.idempotency_keys (
  family_id   uuid NOT NULL,
  key         text NOT NULL,
  fingerprint text NOT NULL,
  status      int NOT NULL,
  body        json NOT NULL, -- as it was answered, key by key
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (family_id, key)
);

-- Member events that could never be read, with the reason.
CREATE TABLE ledger.unreadable_events (
  stream      text NOT NULL,
  stream_seq  bigint NOT NULL,
  subject     text NOT NULL,
  raw         bytea NOT NULL,
  reason      text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stream, stream_seq)
);

GRANT SELECT, INSERT ON ledger.members, ledger.accounts, ledger.transactions, ledger.approvals, ledger.postings,
  ledger.outbox, ledger.idempotency_keys, ledger.unreadable_events TO purse_ledger;
GRANT UPDATE (display_name, role, removed, version) ON ledger.members TO purse_ledger;
GRANT UPDATE (name, visibility, shared_with, status, overdraft_limit, posted, held, version) ON ledger.accounts TO purse_ledger;
GRANT UPDATE (status, resolved_at, resolved_by, reason, reversed_by, version) ON ledger.transactions TO purse_ledger;
GRANT UPDATE (published_at) ON ledger.outbox TO purse_ledger;
