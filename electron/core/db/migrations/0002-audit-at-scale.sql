-- The audit log at scale. Rows are numbered in the order of arrival (seq) and carry the number of their deployment (dep) instead of its name.

ALTER TABLE deployment ADD COLUMN num INTEGER;
UPDATE deployment SET num = rowid;
CREATE UNIQUE INDEX deployment_num ON deployment (num);

-- What came together: one page of a sync, one payload, one import. It says where a row is from, once for all of its rows.
CREATE TABLE audit_batch (
  id        INTEGER PRIMARY KEY,
  dep       INTEGER NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('sync', 'import')),
  -- The address that gave it; NULL for a file.
  address   TEXT,
  source    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  import_id INTEGER
) STRICT;
CREATE INDEX audit_batch_dep ON audit_batch (dep);

DROP TRIGGER audit_event_no_update;
DROP TRIGGER audit_event_no_delete;
DROP TRIGGER audit_payload_no_update;
DROP TRIGGER audit_payload_no_delete;
DROP INDEX audit_event_time;
DROP INDEX audit_payload_state;
ALTER TABLE audit_event RENAME TO audit_event_old;
ALTER TABLE audit_payload RENAME TO audit_payload_old;

CREATE TABLE audit_event (
  seq           INTEGER PRIMARY KEY,
  dep           INTEGER NOT NULL,
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
  batch         INTEGER NOT NULL,
  -- Of the payload: NULL until one was obtained. Set once.
  state         TEXT CHECK (state IN ('plain', 'encrypted', 'failed', 'malformed')),
  key_id        TEXT,
  -- Time inside the Fernet token, seconds.
  sealed_at     INTEGER,
  payload_batch INTEGER
) STRICT;
CREATE UNIQUE INDEX audit_event_id ON audit_event (dep, id);
CREATE INDEX audit_event_time ON audit_event (dep, created_at, id);
-- Rows without a payload, which are few where payloads are offered.
CREATE INDEX audit_event_bare ON audit_event (dep, org, created_at, id) WHERE state IS NULL;

-- A payload as it was received, beside its row: scanning rows must not read bodies. Never an opened one.
CREATE TABLE audit_payload (
  -- That of the event.
  seq  INTEGER PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;

-- Payloads that came after their row, in the order of arrival.
CREATE TABLE audit_payload_late (
  num INTEGER PRIMARY KEY,
  dep INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_payload_late_dep ON audit_payload_late (dep, num);

INSERT INTO audit_batch (dep, kind, address, source, at)
  SELECT d.num, 'sync', e.address, e.source, e.first_seen_at FROM audit_event_old e JOIN deployment d ON d.id = e.deployment_id
  UNION SELECT d.num, 'sync', p.address, p.source, p.observed_at FROM audit_payload_old p JOIN deployment d ON d.id = p.deployment_id;
CREATE TEMP TABLE batch_of AS SELECT dep, address, source, at, min(id) AS id FROM audit_batch GROUP BY dep, address, source, at;
CREATE UNIQUE INDEX temp.batch_of_key ON batch_of (dep, address, source, at);
INSERT INTO audit_event (dep, id, created_at, created_raw, route, method, event_type, org, actor_sub, actor_email, resource_id, status_code, batch, state, key_id, payload_batch)
  SELECT d.num, e.id, e.created_at, e.created_raw, e.route, e.method, e.event_type, e.org, e.actor_sub, e.actor_email, e.resource_id, e.status_code, b.id, p.state, p.key_id, pb.id
  FROM audit_event_old e JOIN deployment d ON d.id = e.deployment_id
  JOIN batch_of b ON b.dep = d.num AND b.address = e.address AND b.source = e.source AND b.at = e.first_seen_at
  LEFT JOIN audit_payload_old p ON p.deployment_id = e.deployment_id AND p.event_id = e.id
  LEFT JOIN batch_of pb ON pb.dep = d.num AND pb.address = p.address AND pb.source = p.source AND pb.at = p.observed_at
  ORDER BY e.first_seen_at, e.created_at, e.id;
INSERT INTO audit_payload (seq, body)
  SELECT n.seq, p.body FROM audit_payload_old p JOIN deployment d ON d.id = p.deployment_id JOIN audit_event n ON n.dep = d.num AND n.id = p.event_id;
INSERT INTO audit_payload_late (dep, seq) SELECT dep, seq FROM audit_event WHERE payload_batch <> batch ORDER BY seq;
DROP TABLE temp.batch_of;
DROP TABLE audit_payload_old;
DROP TABLE audit_event_old;

-- What a row says to the text index. The index keeps no text: the same words must be given again to take a row out.
-- Escapes in JSON hide words (\u00e9), so a payload with a backslash is indexed in its decoded form as well.
CREATE VIEW audit_text_doc AS
  SELECT e.seq, e.dep, e.route AS route, coalesce(e.actor_sub, '') || ' ' || coalesce(e.actor_email, '') AS actor,
    e.method || ' ' || e.event_type || ' ' || coalesce(e.org, '') || ' ' || coalesce(e.resource_id, '') AS other,
    CASE WHEN e.state IS NOT 'plain' THEN NULL
      WHEN instr(p.body, '\') = 0 OR NOT json_valid(p.body) THEN p.body
      ELSE p.body || ' ' || (SELECT group_concat(coalesce(j.key, '') || ' ' || coalesce(j.atom, ''), ' ') FROM json_tree(p.body) j) END AS payload
  FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq;
-- unicode61 with full detail: addresses, routes and e-mail are found whole as phrases, by component and by prefix.
CREATE VIRTUAL TABLE audit_text USING fts5(route, actor, other, payload, content = '', columnsize = 0, tokenize = 'unicode61');
INSERT INTO audit_text (rowid, route, actor, other, payload) SELECT seq, route, actor, other, payload FROM audit_text_doc ORDER BY seq;

-- Counts by hour (hours since the epoch) and by value, kept with every batch, so that an empty query answers at once.
CREATE TABLE audit_hour (
  dep    INTEGER NOT NULL,
  hour   INTEGER NOT NULL,
  events INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  PRIMARY KEY (dep, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_tally (
  dep   INTEGER NOT NULL,
  facet TEXT NOT NULL,
  -- '=' and the value, or '-' for none.
  value TEXT NOT NULL,
  n     INTEGER NOT NULL,
  PRIMARY KEY (dep, facet, value)
) STRICT, WITHOUT ROWID;
-- One line for each row and facet. Routes are left out: they hold ids, and would make this as long as the log.
CREATE VIEW audit_tally_of AS
  SELECT seq, dep, 'method' AS facet, '=' || method AS value FROM audit_event
  UNION ALL SELECT seq, dep, 'status', '=' || status_code FROM audit_event
  UNION ALL SELECT seq, dep, 'event', '=' || event_type FROM audit_event
  UNION ALL SELECT seq, dep, 'org', CASE WHEN org IS NULL THEN '-' ELSE '=' || org END FROM audit_event
  UNION ALL SELECT seq, dep, 'actor', CASE WHEN coalesce(actor_email, actor_sub) IS NULL THEN '-' ELSE '=' || coalesce(actor_email, actor_sub) END FROM audit_event
  -- Every subject, for asking the server by actor; what is shown may be the e-mail.
  UNION ALL SELECT seq, dep, 'subject', CASE WHEN actor_sub IS NULL THEN '-' ELSE '=' || actor_sub END FROM audit_event
  UNION ALL SELECT seq, dep, 'payload', CASE WHEN state IS NULL THEN '-' ELSE '=' || state END FROM audit_event
  UNION ALL SELECT seq, dep, 'key', CASE WHEN key_id IS NULL THEN '-' ELSE '=' || key_id END FROM audit_event WHERE state = 'encrypted';
INSERT INTO audit_hour (dep, hour, events, errors) SELECT dep, created_at / 3600000000 - (created_at % 3600000000 < 0), count(*), sum(status_code >= 400) FROM audit_event GROUP BY 1, 2;
INSERT INTO audit_tally (dep, facet, value, n) SELECT dep, facet, value, count(*) FROM audit_tally_of GROUP BY 1, 2, 3;

CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
  WHEN NOT (OLD.state IS NULL AND NEW.state IS NOT NULL AND NEW.seq = OLD.seq AND NEW.dep = OLD.dep AND NEW.id = OLD.id AND NEW.created_at = OLD.created_at AND NEW.created_raw = OLD.created_raw
    AND NEW.route = OLD.route AND NEW.method = OLD.method AND NEW.event_type = OLD.event_type AND NEW.org IS OLD.org AND NEW.actor_sub IS OLD.actor_sub AND NEW.actor_email IS OLD.actor_email
    AND NEW.resource_id IS OLD.resource_id AND NEW.status_code = OLD.status_code AND NEW.batch = OLD.batch)
  BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
CREATE TRIGGER audit_payload_no_update BEFORE UPDATE ON audit_payload BEGIN SELECT RAISE(ABORT, 'audit payloads are insert-only'); END;
CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
CREATE TRIGGER audit_payload_no_delete BEFORE DELETE ON audit_payload
  WHEN EXISTS (SELECT 1 FROM audit_event e WHERE e.seq = OLD.seq AND NOT EXISTS (SELECT 1 FROM deployment WHERE num = e.dep AND removing_at IS NOT NULL))
  BEGIN SELECT RAISE(ABORT, 'audit payloads are insert-only'); END;

-- The coverage map: stretches that one address answered for, by scope ('org:<key>' for the export, 'all' for the list), microseconds, both ends inclusive.
CREATE TABLE audit_coverage (
  seq         INTEGER PRIMARY KEY,
  dep         INTEGER NOT NULL,
  address     TEXT NOT NULL,
  scope       TEXT NOT NULL,
  from_us     INTEGER NOT NULL,
  to_us       INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('complete', 'gap')),
  reason      TEXT,
  observed_at INTEGER NOT NULL,
  -- The walk that read it (audit_walk.id).
  walk        INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_coverage_map ON audit_coverage (dep, address, scope, from_us);

-- Readings of one scope. A full one reads everything once, over as many syncs as it takes; a turn and a list read part of it.
CREATE TABLE audit_walk (
  id         INTEGER PRIMARY KEY,
  dep        INTEGER NOT NULL,
  address    TEXT NOT NULL,
  scope      TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('full', 'turn', 'list', 'tail')),
  started_at INTEGER NOT NULL,
  -- NULL: under way, or interrupted.
  ended_at   INTEGER,
  -- The newest row's time in its first answer, by the server's clock; NULL while there was none.
  top        INTEGER
) STRICT;
CREATE INDEX audit_walk_scope ON audit_walk (dep, address, scope, id DESC);

-- What comparisons with the server found. Never changed.
CREATE TABLE audit_finding (
  seq        INTEGER PRIMARY KEY,
  dep        INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  event_id   INTEGER NOT NULL,
  created_at INTEGER,
  found_at   INTEGER NOT NULL,
  message    TEXT NOT NULL,
  held       TEXT,
  found      TEXT,
  -- SHA-256 over kind and both versions: the same finding is noted once.
  digest     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_finding_once ON audit_finding (dep, event_id, digest);
CREATE TRIGGER audit_finding_no_update BEFORE UPDATE ON audit_finding BEGIN SELECT RAISE(ABORT, 'findings are insert-only'); END;
CREATE TRIGGER audit_finding_no_delete BEFORE DELETE ON audit_finding
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'findings are insert-only'); END;

-- The witness: leaf hashes of the Merkle log in blocks, and the signed checkpoints over it.
CREATE TABLE audit_leaf_block (
  seq       INTEGER PRIMARY KEY,
  dep       INTEGER NOT NULL,
  -- Position of the first leaf, from 0.
  first     INTEGER NOT NULL,
  leaves    INTEGER NOT NULL,
  -- For each leaf two integers of 8 bytes, big-endian: the row's seq (negative: a late payload, its num), and the event's id.
  refs      BLOB NOT NULL,
  -- For each leaf 32 bytes.
  hashes    BLOB NOT NULL,
  -- For each leaf 8 bytes of a digest of its row without the payload (zeros where it has none): tells which of the two was changed.
  hints     BLOB NOT NULL,
  -- Roots of the perfect subtrees after this block, largest first, 32 bytes each: enough to go on from here.
  frontier  BLOB NOT NULL,
  -- The highest seq and the highest num of a late payload that have a leaf so far.
  last_seq  INTEGER NOT NULL,
  last_late INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_leaf_block_first ON audit_leaf_block (dep, first);
CREATE TABLE audit_checkpoint (
  seq    INTEGER PRIMARY KEY,
  dep    INTEGER NOT NULL,
  -- 1, 2, 3… without a gap; inside the signed note as well.
  number INTEGER NOT NULL,
  size   INTEGER NOT NULL,
  root   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  note   TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_checkpoint_number ON audit_checkpoint (dep, number);
CREATE TRIGGER audit_leaf_block_no_update BEFORE UPDATE ON audit_leaf_block BEGIN SELECT RAISE(ABORT, 'the witness log is append-only'); END;
CREATE TRIGGER audit_leaf_block_no_delete BEFORE DELETE ON audit_leaf_block
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'the witness log is append-only'); END;
CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

CREATE TABLE audit_import (
  id            INTEGER PRIMARY KEY,
  dep           INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  mode          TEXT NOT NULL,
  -- JSON: the files of the report.
  files         TEXT NOT NULL,
  problem_count INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_import_dep ON audit_import (dep, id DESC);
CREATE TABLE audit_import_problem (
  import_id INTEGER NOT NULL,
  n         INTEGER NOT NULL,
  file      INTEGER NOT NULL,
  line      INTEGER NOT NULL,
  outcome   TEXT NOT NULL,
  reason    TEXT NOT NULL,
  excerpt   TEXT,
  PRIMARY KEY (import_id, n)
) STRICT, WITHOUT ROWID;

-- Saved views belong to the profile: the same question is asked of many deployments.
CREATE TABLE audit_view (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL COLLATE NOCASE UNIQUE,
  query    TEXT NOT NULL,
  sort     TEXT NOT NULL,
  columns  TEXT NOT NULL,
  saved_at INTEGER NOT NULL
) STRICT;

-- Files with opened payloads in the clear that are being written: what a killed process leaves of one is removed at the next start.
CREATE TABLE audit_plaintext_draft (
  path TEXT PRIMARY KEY,
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
