-- How far the stream of anchors reached when every chain had been looked at: one that ends before was set back to an older state.
ALTER TABLE anchor_stream ADD COLUMN last_seq bigint NOT NULL DEFAULT 0;
