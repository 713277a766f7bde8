-- SQLite's own: trigger bodies are not written alike everywhere, so another database has its own file of this number with
-- the same three refusals. They stop a mistake and a careless hand; whoever may drop a trigger is found by the chain.

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

-- Without this, INSERT OR REPLACE would delete a row without asking the trigger above.
CREATE TRIGGER audit_grows_at_its_end BEFORE INSERT ON audit
WHEN NEW.ordinal <> (SELECT COALESCE(MAX(ordinal), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'the audit only grows at its end');
END;
