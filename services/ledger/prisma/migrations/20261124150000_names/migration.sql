-- People change their names. `name_version` is the user's version that the name is of; a late event changes nothing.
ALTER TABLE ledger.members ADD COLUMN name_version int NOT NULL DEFAULT 0;
CREATE INDEX members_by_user ON ledger.members (user_id);
GRANT UPDATE (name_version) ON ledger.members TO purse_ledger;
