-- A runbook that was imported; those that ship are files of the program. Every text that a run pins is kept.
CREATE TABLE runbook (
  digest      TEXT PRIMARY KEY,
  id          TEXT NOT NULL,
  text        TEXT NOT NULL,
  kept_at     INTEGER NOT NULL,
  -- NULL: kept because a run pins it.
  imported_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id          TEXT PRIMARY KEY,
  pack_digest TEXT NOT NULL,
  kept_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE run_event (
  digest  TEXT PRIMARY KEY,
  run_id  TEXT NOT NULL REFERENCES run (id),
  author  TEXT NOT NULL,
  -- JSON: the event as it is digested, with digest and signature.
  body    TEXT NOT NULL,
  kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX run_event_of ON run_event (run_id);

-- Bytes by their digest. A large one lies in a file of its own beside the cache, sealed with its own key.
CREATE TABLE run_evidence (
  digest  TEXT PRIMARY KEY,
  bytes   INTEGER NOT NULL,
  -- The bytes themselves up to 1 MiB.
  body    BLOB,
  -- 32 bytes: the key of the file.
  key     BLOB,
  kept_at INTEGER NOT NULL,
  CHECK ((body IS NULL) <> (key IS NULL))
) STRICT, WITHOUT ROWID;

-- Keys of people, as they were met and judged.
CREATE TABLE identity (
  public_key    TEXT PRIMARY KEY,
  name          TEXT,
  first_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE identity_trust (
  seq        INTEGER PRIMARY KEY,
  public_key TEXT NOT NULL REFERENCES identity (public_key),
  name       TEXT NOT NULL,
  is_trusted INTEGER NOT NULL CHECK (is_trusted IN (0, 1)),
  at         INTEGER NOT NULL
) STRICT;

-- The folder that is watched; one row.
CREATE TABLE run_folder (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  path    TEXT,
  set_at  INTEGER NOT NULL
) STRICT;

CREATE TRIGGER run_event_no_update BEFORE UPDATE ON run_event BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER run_event_no_delete BEFORE DELETE ON run_event BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER run_no_update BEFORE UPDATE ON run BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER run_no_delete BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER run_evidence_no_update BEFORE UPDATE ON run_evidence BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
CREATE TRIGGER identity_trust_no_update BEFORE UPDATE ON identity_trust BEGIN SELECT RAISE(ABORT, 'what was judged stays'); END;
