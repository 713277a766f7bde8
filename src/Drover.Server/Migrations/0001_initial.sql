-- Times are Unix milliseconds, documents are JSON text, ids are made by the server: the same statements run on PostgreSQL.
-- Nothing cascades: events and commands outlive the host and the container they speak of.

CREATE TABLE hosts (
    host_id TEXT NOT NULL PRIMARY KEY,
    deployment_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hostname TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed_key TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    enrolled_by TEXT NOT NULL,
    removed_at BIGINT,
    facts TEXT,
    state TEXT NOT NULL,
    state_reason TEXT,
    state_since BIGINT NOT NULL,
    last_seen_at BIGINT,
    clock_skew_ms BIGINT,
    heartbeat_run BIGINT NOT NULL,
    heartbeat_seq BIGINT NOT NULL,
    inventory_run BIGINT NOT NULL,
    inventory_seq BIGINT NOT NULL,
    inventory_at BIGINT,
    events_run BIGINT NOT NULL,
    events_seq BIGINT NOT NULL
);

CREATE TABLE containers (
    host_id TEXT NOT NULL,
    docker_id TEXT NOT NULL,
    document TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, docker_id)
);

CREATE TABLE enrollment_tokens (
    token_id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    name TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    used_host_id TEXT,
    used_key_hash TEXT,
    revoked_at BIGINT
);

CREATE TABLE api_tokens (
    token_id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE TABLE commands (
    command_id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    host_id TEXT NOT NULL,
    host_name TEXT NOT NULL,
    deployment_hash TEXT NOT NULL,
    type TEXT NOT NULL,
    app_code TEXT,
    state TEXT NOT NULL,
    urgency BIGINT NOT NULL, -- 0 is the most urgent, so that the queue's index is read forward
    parameters TEXT,
    reason TEXT,
    request_id TEXT UNIQUE,
    request_digest TEXT,
    timeout_seconds BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until BIGINT,
    deadline_at BIGINT,
    started_at BIGINT,
    completed_at BIGINT,
    result TEXT,
    error TEXT,
    errors TEXT,
    executed_by TEXT
);

-- Partial where few rows of a long history are asked for, so that the statistics of the history cannot mislead a planner.
CREATE INDEX commands_queue ON commands (host_id, urgency, number) WHERE state = 'queued';
CREATE INDEX commands_waiting ON commands (expires_at) WHERE state = 'queued';
CREATE INDEX commands_in_hand ON commands (lease_until) WHERE state IN ('leased', 'executing');
CREATE INDEX commands_finished ON commands (updated_at)
    WHERE state IN ('completed', 'failed', 'cancelled', 'expired');
CREATE INDEX commands_by_host ON commands (host_id, number);
CREATE INDEX commands_by_app ON commands (app_code, number);

CREATE TABLE app_statuses (
    host_id TEXT NOT NULL,
    app_code TEXT NOT NULL,
    status TEXT NOT NULL,
    logs TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (host_id, app_code)
);

CREATE TABLE events (
    event_id BIGINT NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    time BIGINT NOT NULL,
    source TEXT NOT NULL,
    host_id TEXT,
    subject TEXT,
    severity TEXT NOT NULL,
    data TEXT
);

CREATE INDEX events_by_type ON events (type, event_id);
CREATE INDEX events_by_host ON events (host_id, event_id);
CREATE INDEX events_by_time ON events (time);
