-- The gateways ask every second for what was revoked since.
CREATE INDEX outbox_revocations ON outbox (created_at, seq) WHERE subject IN
  ('auth.session.ended.v1', 'auth.session.reuse_detected.v1', 'auth.member.role_changed.v1', 'auth.member.removed.v1');
