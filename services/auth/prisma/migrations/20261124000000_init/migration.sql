-- The schema `auth` and the role `purse_auth` are there already. Times are to the millisecond, as JavaScript keeps them.

CREATE TYPE member_role AS ENUM ('owner', 'adult', 'member', 'child', 'read_only');
CREATE TYPE client_kind AS ENUM ('web', 'bot', 'api');

-- `version` counts the events of a row's entity: 1..n without a gap.
CREATE TABLE users (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  password_hash text NOT NULL,
  display_name text NOT NULL,
  last_login_at timestamptz(3),
  version int NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE families (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL
);

-- Who left keeps the row, so that the version goes on counting when they come back. It is `mver` in access tokens.
CREATE TABLE family_members (
  family_id uuid NOT NULL REFERENCES families (id),
  user_id uuid NOT NULL REFERENCES users (id),
  role member_role NOT NULL,
  version int NOT NULL DEFAULT 1,
  joined_at timestamptz(3) NOT NULL,
  removed_at timestamptz(3),
  PRIMARY KEY (family_id, user_id)
);
CREATE INDEX family_members_by_user ON family_members (user_id);
CREATE INDEX family_members_by_joining ON family_members (family_id, joined_at, user_id) WHERE removed_at IS NULL;

-- `family_id` is the family the session works in now; `expires_at` does not move when it is refreshed.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  family_id uuid NOT NULL REFERENCES families (id),
  client client_kind NOT NULL,
  user_agent text,
  ip text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  version int NOT NULL DEFAULT 1
);
CREATE INDEX sessions_of_user ON sessions (user_id, id) WHERE ended_at IS NULL;

-- Only hashes. A used token's successor is derived again from the token and the master secret that `successor_key` names.
CREATE TABLE refresh_tokens (
  token_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions (id),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  used_at timestamptz,
  successor_key text,
  CHECK ((used_at IS NULL) = (successor_key IS NULL))
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- One row per Telegram account that was ever linked; `user_id` is null while it is not.
CREATE TABLE telegram_identities (
  telegram_id text PRIMARY KEY,
  user_id uuid UNIQUE REFERENCES users (id),
  chat_id text NOT NULL,
  username text,
  first_name text,
  language text,
  bound_at timestamptz(3) NOT NULL,
  version int NOT NULL DEFAULT 1
);

CREATE TABLE telegram_bindings (
  code_hash bytea PRIMARY KEY,
  telegram_id text NOT NULL,
  chat_id text NOT NULL,
  username text,
  first_name text,
  language text,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3)
);
CREATE INDEX telegram_bindings_by_identity ON telegram_bindings (telegram_id) WHERE used_at IS NULL;
CREATE INDEX telegram_bindings_by_expiry ON telegram_bindings (expires_at);

CREATE TABLE invitations (
  id uuid PRIMARY KEY,
  family_id uuid NOT NULL REFERENCES families (id),
  role member_role NOT NULL,
  email text CHECK (email = lower(email)),
  token_hash bytea NOT NULL UNIQUE,
  created_by uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  used_by uuid REFERENCES users (id),
  version int NOT NULL DEFAULT 1,
  CHECK ((used_at IS NULL) = (used_by IS NULL))
);
CREATE INDEX invitations_by_family ON invitations (family_id, id);

-- Failed sign-ins within the window. `subject` is a hash of the account's address or of the client's address.
CREATE TABLE login_failures (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX login_failures_by_subject ON login_failures (subject, at);
CREATE INDEX login_failures_by_time ON login_failures (at);

CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  family_id uuid NOT NULL,
  subject text NOT NULL,
  entity_type text NOT NULL,
  entity_id text NOT NULL,
  version int NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  UNIQUE (entity_type, entity_id, version)
);
CREATE INDEX outbox_unpublished ON outbox (seq) WHERE published_at IS NULL;

CREATE TABLE idempotency_keys (
  family_id uuid NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  status int NOT NULL,
  body json NOT NULL, -- as it was answered, key by key
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (family_id, key)
);

GRANT SELECT, INSERT ON users, families, family_members, sessions, refresh_tokens, telegram_identities,
  telegram_bindings, invitations, login_failures, outbox, idempotency_keys TO purse_auth;
-- UPDATE of a version is also what locking a row needs.
GRANT UPDATE (last_login_at, version) ON users TO purse_auth;
GRANT UPDATE (version) ON families TO purse_auth;
GRANT UPDATE (role, version, joined_at, removed_at) ON family_members TO purse_auth;
GRANT UPDATE (family_id, last_seen_at, ended_at, version) ON sessions TO purse_auth;
GRANT UPDATE (used_at, successor_key) ON refresh_tokens TO purse_auth;
GRANT UPDATE (user_id, chat_id, username, first_name, language, bound_at, version) ON telegram_identities TO purse_auth;
GRANT UPDATE (used_at) ON telegram_bindings TO purse_auth;
GRANT UPDATE (used_at, used_by, version) ON invitations TO purse_auth;
GRANT UPDATE (published_at) ON outbox TO purse_auth;
-- Old failures are cleared away past those that another caller is clearing, which locks rows.
GRANT UPDATE (at) ON login_failures TO purse_auth;
GRANT DELETE ON telegram_bindings, login_failures TO purse_auth;
