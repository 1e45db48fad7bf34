ALTER TYPE event_action ADD VALUE 'member.invitation_revoked' AFTER 'member.invited';
