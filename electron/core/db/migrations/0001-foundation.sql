-- Times are integers: microseconds since the Unix epoch, UTC. JSON columns hold JSON text.

CREATE TABLE deployment (
  id              TEXT PRIMARY KEY,
  name            TEXT NOT NULL COLLATE NOCASE UNIQUE,
  url             TEXT NOT NULL,
  kind            TEXT NOT NULL,
  environment     TEXT NOT NULL,
  read_only       INTEGER NOT NULL CHECK (read_only IN (0, 1)),
  ca_pem          TEXT,
  pin             TEXT,
  token_claims    TEXT,
  token_at        INTEGER,
  -- First 16 hex digits of the SHA-256 of the token: tells tokens apart, reveals nothing.
  token_fingerprint TEXT,
  dialect         TEXT,
  role            TEXT,
  capabilities    TEXT NOT NULL DEFAULT '[]',
  capabilities_at INTEGER,
  reach_state     TEXT NOT NULL DEFAULT 'never-tried',
  reach_at        INTEGER,
  reach_last_at   INTEGER,
  reach_code      TEXT,
  reach_message   TEXT,
  created_at      INTEGER NOT NULL,
  -- Set in the transaction that removes a deployment: only then may its rows be deleted.
  removing_at     INTEGER
) STRICT;

-- The names of what lies in the secret store: the store itself cannot list them safely.
CREATE TABLE secret_name (
  name       TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per request for evidence: an answer, or the failure to get one. Never changed.
CREATE TABLE observation (
  seq           INTEGER PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  -- The address that was asked: what one address answered says nothing of another.
  address       TEXT NOT NULL,
  -- Fingerprint of the token it was asked with; NULL when it was asked without one.
  token         TEXT,
  subject       TEXT NOT NULL,
  source        TEXT NOT NULL,
  observed_at   INTEGER NOT NULL,
  http_status   INTEGER,
  body          TEXT,
  error_code    TEXT,
  error_message TEXT,
  error_hint    TEXT,
  CHECK ((http_status IS NULL) <> (error_code IS NULL))
) STRICT;
CREATE INDEX observation_latest ON observation (deployment_id, address, subject, seq DESC);

CREATE TABLE audit_event (
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  -- The address that gave the row first.
  address       TEXT NOT NULL,
  id            INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  created_raw   TEXT NOT NULL,
  route         TEXT NOT NULL,
  method        TEXT NOT NULL,
  event_type    TEXT NOT NULL,
  org           TEXT,
  actor_sub     TEXT,
  actor_email   TEXT,
  resource_id   TEXT,
  status_code   INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  source        TEXT NOT NULL,
  PRIMARY KEY (deployment_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_event_time ON audit_event (deployment_id, created_at DESC, id DESC);

-- A payload as it was received: plain text that the server stores plain, or the wrapper with its ciphertext. Never an opened one.
-- encrypted: its ciphertext has the form of a Fernet token; any other ciphertext makes it malformed.
CREATE TABLE audit_payload (
  deployment_id TEXT NOT NULL,
  address       TEXT NOT NULL,
  event_id      INTEGER NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('plain', 'encrypted', 'failed', 'malformed')),
  key_id        TEXT,
  body          TEXT NOT NULL,
  observed_at   INTEGER NOT NULL,
  source        TEXT NOT NULL,
  PRIMARY KEY (deployment_id, event_id),
  FOREIGN KEY (deployment_id, event_id) REFERENCES audit_event (deployment_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_payload_state ON audit_payload (deployment_id, state, key_id);

CREATE TABLE audit_sync (
  seq           INTEGER PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  address       TEXT NOT NULL,
  started_at    INTEGER NOT NULL,
  ended_at      INTEGER NOT NULL,
  outcome       TEXT NOT NULL,
  added         INTEGER NOT NULL,
  complete      INTEGER NOT NULL CHECK (complete IN (0, 1)),
  gaps          TEXT NOT NULL
) STRICT;
CREATE INDEX audit_sync_latest ON audit_sync (deployment_id, address, seq DESC);

CREATE TABLE audit_key (
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  key_id        TEXT NOT NULL,
  fingerprint   TEXT NOT NULL,
  added_at      INTEGER NOT NULL,
  PRIMARY KEY (deployment_id, key_id)
) STRICT, WITHOUT ROWID;

-- The hash chain of what people did here. seq has no gaps.
CREATE TABLE ledger (
  seq         INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  deployment  TEXT,
  action      TEXT NOT NULL,
  subject     TEXT NOT NULL,
  reason      TEXT,
  outcome     TEXT NOT NULL,
  prev_digest TEXT NOT NULL,
  digest      TEXT NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is insert-only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is insert-only'); END;
CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
CREATE TRIGGER audit_payload_no_update BEFORE UPDATE ON audit_payload BEGIN SELECT RAISE(ABORT, 'audit payloads are insert-only'); END;
CREATE TRIGGER observation_no_update BEFORE UPDATE ON observation BEGIN SELECT RAISE(ABORT, 'observations are insert-only'); END;
CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
CREATE TRIGGER audit_payload_no_delete BEFORE DELETE ON audit_payload
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'audit payloads are insert-only'); END;
CREATE TRIGGER observation_no_delete BEFORE DELETE ON observation
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'observations are insert-only'); END;
