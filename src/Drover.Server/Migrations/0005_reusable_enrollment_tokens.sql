-- A token may let several hosts join. Who joined with which key stands in a table of its own, so that a host that asks
-- again because its answer was lost finds itself again, however many others used the token meanwhile.

ALTER TABLE enrollment_tokens ADD COLUMN most_uses BIGINT NOT NULL DEFAULT 1;
ALTER TABLE enrollment_tokens ADD COLUMN uses BIGINT NOT NULL DEFAULT 0;

CREATE TABLE enrollments (
    token_id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    host_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (token_id, key_hash)
);

INSERT INTO enrollments (token_id, key_hash, host_id, at)
    SELECT token_id, used_key_hash, used_host_id, used_at FROM enrollment_tokens WHERE used_host_id IS NOT NULL;
UPDATE enrollment_tokens SET uses = 1 WHERE used_at IS NOT NULL;

ALTER TABLE enrollment_tokens DROP COLUMN used_host_id;
ALTER TABLE enrollment_tokens DROP COLUMN used_key_hash;
