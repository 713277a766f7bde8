-- Who wrote what. Rows are only ever added (0003 holds the database to that) and never pruned; each is linked to the one
-- before by its hash (src/Drover.Core/Audit/AuditChain.cs), so the bytes of every column must come back as they were written.

CREATE TABLE audit (
    ordinal BIGINT NOT NULL PRIMARY KEY,
    time BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX audit_by_actor ON audit (actor, ordinal);
CREATE INDEX audit_by_action ON audit (action, ordinal);
