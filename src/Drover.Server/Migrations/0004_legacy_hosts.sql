-- Hosts whose agents may speak the older protocol, which binds a request less than ours: one row each, an admin's choice.

CREATE TABLE legacy_hosts (
    host_id TEXT NOT NULL PRIMARY KEY,
    allowed_at BIGINT NOT NULL,
    allowed_by TEXT NOT NULL
);
