-- People change their names, families theirs, and invitations can be taken back.
ALTER TABLE invitations ADD COLUMN revoked_at timestamptz(3),
  ADD CONSTRAINT invitations_one_end CHECK (used_at IS NULL OR revoked_at IS NULL);
CREATE INDEX invitations_open ON invitations (family_id, created_at DESC, id DESC)
  WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_open_by_inviter ON invitations (family_id, created_by)
  WHERE used_at IS NULL AND revoked_at IS NULL;

GRANT UPDATE (display_name) ON users TO purse_auth;
GRANT UPDATE (name) ON families TO purse_auth;
GRANT UPDATE (revoked_at) ON invitations TO purse_auth;
