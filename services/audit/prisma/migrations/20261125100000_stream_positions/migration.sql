-- How far each reader of the bus has stored its stream. A position is written in the transaction that stores what was read.
CREATE TABLE stream_positions (
  reader text PRIMARY KEY,
  seq bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
  -- When the bus says that this stream was made, and what it has at `seq`: another stream is read from its beginning.
  created text,
  digest text,
  -- The replica that reads. It saves work and nothing else: what is stored depends on `seq` alone.
  holder uuid,
  held_until timestamptz
) WITH (fillfactor = 10); -- one row each that changes all the time: there is room for its versions on its page
GRANT SELECT, INSERT, UPDATE ON stream_positions TO purse_audit;
