-- `address_key` is what the address counts as (IPv4 itself, IPv6 its /64): from there the account is known.
-- `second_factor` is what was given beside the password; null when nothing was, or when Telegram opened the session.
ALTER TABLE sessions
  ADD COLUMN address_key text,
  ADD COLUMN second_factor text CHECK (second_factor IN ('totp', 'recovery_code'));
UPDATE sessions SET address_key = ip WHERE ip !~ ':';
CREATE INDEX sessions_by_address ON sessions (user_id, address_key, created_at);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (least(ended_at, expires_at));

-- One row per user with an authenticator; it counts from `enabled_at`. `secret` is encrypted for this user.
-- `last_step` is the newest 30-second step whose code was used: it and all before it are over.
CREATE TABLE totp_secrets (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  secret text NOT NULL,
  enabled_at timestamptz(3),
  last_step bigint NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
  user_id uuid NOT NULL REFERENCES totp_secrets (user_id) ON DELETE CASCADE,
  code_hash bytea NOT NULL,
  used_at timestamptz(3),
  PRIMARY KEY (user_id, code_hash)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

GRANT SELECT, INSERT, DELETE ON totp_secrets, recovery_codes TO purse_auth;
GRANT UPDATE (secret, enabled_at, last_step) ON totp_secrets TO purse_auth;
GRANT UPDATE (used_at) ON recovery_codes TO purse_auth;
GRANT UPDATE (password_hash) ON users TO purse_auth;
GRANT UPDATE (second_factor) ON sessions TO purse_auth;
-- What is over is cleared away after a while.
GRANT DELETE ON refresh_tokens, sessions, idempotency_keys TO purse_auth;
