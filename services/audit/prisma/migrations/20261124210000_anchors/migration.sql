-- How far each family's chain is anchored on the bus. It only spares work: what counts when the chain is verified is
-- what the bus itself holds.
ALTER TABLE chain_heads ADD COLUMN anchored_seq bigint NOT NULL DEFAULT 0;
CREATE INDEX chain_heads_unanchored ON chain_heads (family_id) WHERE seq > anchored_seq;
