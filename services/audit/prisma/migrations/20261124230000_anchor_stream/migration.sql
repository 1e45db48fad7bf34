-- The stream of anchors in which every chain was looked at, by when the bus says that it was created. Another one was made
-- after the bus had lost its disk: then `anchored_seq` tells of anchors that are gone.
CREATE TABLE anchor_stream (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  created text NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON anchor_stream TO purse_audit;
