-- Evidence of the posture, one row for each look at one document: what came, or why nothing did. Never changed.
CREATE TABLE evidence (
  seq           INTEGER PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  -- The address that was asked: what one address answered says nothing of another. NULL for files and statements.
  address       TEXT,
  -- Fingerprint of the token it was asked with; NULL when it was asked without one.
  token         TEXT,
  -- A name of DOCUMENTS in shared/domain/posture-pack.ts.
  document      TEXT NOT NULL,
  -- The request line, or the name and digest of a file.
  source        TEXT NOT NULL,
  observed_at   INTEGER NOT NULL,
  -- JSON.
  value         TEXT,
  error_code    TEXT,
  error_message TEXT,
  error_hint    TEXT,
  CHECK ((value IS NULL) <> (error_code IS NULL))
) STRICT;
CREATE INDEX evidence_latest ON evidence (deployment_id, document, seq DESC);

INSERT INTO evidence (seq, deployment_id, address, token, document, source, observed_at, value, error_code, error_message, error_hint)
  SELECT seq, deployment_id, address, token, CASE subject WHEN 'anonymous-status' THEN 'anonymous' ELSE 'status' END, source, observed_at,
    CASE WHEN http_status IS NULL THEN NULL WHEN subject = 'anonymous-status' THEN json_object('status', http_status) ELSE body END, error_code, error_message, error_hint
  FROM observation WHERE http_status IS NULL OR subject = 'anonymous-status' OR body IS NOT NULL;
DROP TABLE observation;

-- A file that came with evidence, as it was.
CREATE TABLE evidence_file (
  seq    INTEGER PRIMARY KEY REFERENCES evidence (seq),
  name   TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes  BLOB NOT NULL
) STRICT;

-- A baseline that was imported; those that ship are files of the program.
CREATE TABLE baseline (
  digest      TEXT PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  text        TEXT NOT NULL,
  imported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every evaluation, kept as it was.
CREATE TABLE posture_snapshot (
  id               INTEGER PRIMARY KEY,
  deployment_id    TEXT NOT NULL REFERENCES deployment (id),
  at               INTEGER NOT NULL,
  baseline_id      TEXT NOT NULL,
  baseline_version TEXT NOT NULL,
  baseline_digest  TEXT NOT NULL,
  -- JSON: counts by state, and for each check id, title, severity, state, seen, reason, isAccepted.
  counts           TEXT NOT NULL,
  checks           TEXT NOT NULL
) STRICT;
CREATE INDEX posture_snapshot_latest ON posture_snapshot (deployment_id, id DESC);

CREATE TABLE posture_review (
  seq           INTEGER PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  snapshot_id   INTEGER NOT NULL REFERENCES posture_snapshot (id),
  at            INTEGER NOT NULL
) STRICT;

CREATE TABLE posture_exception (
  id            INTEGER PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  check_id      TEXT NOT NULL,
  owner         TEXT NOT NULL,
  reason        TEXT NOT NULL,
  -- YYYY-MM-DD, the last day on which it holds.
  until         TEXT NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE posture_exception_end (
  exception_id INTEGER PRIMARY KEY REFERENCES posture_exception (id),
  reason       TEXT NOT NULL,
  at           INTEGER NOT NULL
) STRICT;

-- What the admin allowed or forbade, newest last.
CREATE TABLE probe_consent (
  seq           INTEGER PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  consent       TEXT NOT NULL,
  is_allowed    INTEGER NOT NULL CHECK (is_allowed IN (0, 1)),
  at            INTEGER NOT NULL
) STRICT;

CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
CREATE TRIGGER evidence_file_no_update BEFORE UPDATE ON evidence_file BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
CREATE TRIGGER posture_snapshot_no_update BEFORE UPDATE ON posture_snapshot BEGIN SELECT RAISE(ABORT, 'snapshots are insert-only'); END;
CREATE TRIGGER posture_snapshot_no_delete BEFORE DELETE ON posture_snapshot
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'snapshots are insert-only'); END;
CREATE TRIGGER evidence_file_no_delete BEFORE DELETE ON evidence_file
  WHEN NOT EXISTS (SELECT 1 FROM evidence e JOIN deployment d ON d.id = e.deployment_id WHERE e.seq = OLD.seq AND d.removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
CREATE TRIGGER posture_review_no_update BEFORE UPDATE ON posture_review BEGIN SELECT RAISE(ABORT, 'reviews are insert-only'); END;
CREATE TRIGGER posture_review_no_delete BEFORE DELETE ON posture_review
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'reviews are insert-only'); END;
CREATE TRIGGER posture_exception_no_delete BEFORE DELETE ON posture_exception
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'exceptions are insert-only'); END;
CREATE TRIGGER posture_exception_end_no_update BEFORE UPDATE ON posture_exception_end BEGIN SELECT RAISE(ABORT, 'exceptions are insert-only'); END;
CREATE TRIGGER posture_exception_end_no_delete BEFORE DELETE ON posture_exception_end
  WHEN NOT EXISTS (SELECT 1 FROM posture_exception x JOIN deployment d ON d.id = x.deployment_id WHERE x.id = OLD.exception_id AND d.removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'exceptions are insert-only'); END;
CREATE TRIGGER probe_consent_no_update BEFORE UPDATE ON probe_consent BEGIN SELECT RAISE(ABORT, 'decisions are insert-only'); END;
CREATE TRIGGER probe_consent_no_delete BEFORE DELETE ON probe_consent
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'decisions are insert-only'); END;
CREATE TRIGGER posture_exception_no_update BEFORE UPDATE ON posture_exception BEGIN SELECT RAISE(ABORT, 'exceptions are insert-only'); END;

-- A rotation of the JWT signing key. What it is follows from its entries.
CREATE TABLE rotation (
  id            TEXT PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  -- Its place among the rotations of this profile.
  number        INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE INDEX rotation_of ON rotation (deployment_id, number DESC);

CREATE TABLE rotation_entry (
  rotation_id TEXT NOT NULL REFERENCES rotation (id),
  seq         INTEGER NOT NULL,
  -- JSON: the entry as it is digested, with its digest and the one before.
  body        TEXT NOT NULL,
  PRIMARY KEY (rotation_id, seq)
) STRICT, WITHOUT ROWID;

-- How it ended, signed.
CREATE TABLE rotation_seal (
  rotation_id TEXT PRIMARY KEY REFERENCES rotation (id),
  outcome     TEXT NOT NULL CHECK (outcome IN ('finished', 'abandoned')),
  ended_at    INTEGER NOT NULL,
  -- 32 bytes, base64.
  public_key  TEXT NOT NULL,
  note        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER rotation_no_update BEFORE UPDATE ON rotation BEGIN SELECT RAISE(ABORT, 'rotations are insert-only'); END;
CREATE TRIGGER rotation_entry_no_update BEFORE UPDATE ON rotation_entry BEGIN SELECT RAISE(ABORT, 'rotations are insert-only'); END;
CREATE TRIGGER rotation_seal_no_update BEFORE UPDATE ON rotation_seal BEGIN SELECT RAISE(ABORT, 'rotations are insert-only'); END;
CREATE TRIGGER rotation_entry_no_delete BEFORE DELETE ON rotation_entry
  WHEN NOT EXISTS (SELECT 1 FROM rotation r JOIN deployment d ON d.id = r.deployment_id WHERE r.id = OLD.rotation_id AND d.removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'rotations are insert-only'); END;
CREATE TRIGGER rotation_seal_no_delete BEFORE DELETE ON rotation_seal
  WHEN NOT EXISTS (SELECT 1 FROM rotation r JOIN deployment d ON d.id = r.deployment_id WHERE r.id = OLD.rotation_id AND d.removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'rotations are insert-only'); END;
