-- The key a host was ordered to make, good beside the old one until the first request that is signed with it; and hosts
-- whose key was destroyed while they stay in the list.

ALTER TABLE hosts ADD COLUMN key_ordered_at BIGINT;
ALTER TABLE hosts ADD COLUMN next_sealed_key TEXT;
ALTER TABLE hosts ADD COLUMN revoked_at BIGINT;
