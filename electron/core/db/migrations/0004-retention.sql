-- Legal holds. One ends only by a row of its own.
CREATE TABLE hold (
  id            TEXT PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  case_id       TEXT NOT NULL,
  owner         TEXT NOT NULL,
  reason        TEXT NOT NULL,
  -- YYYY-MM-DD.
  review_on     TEXT NOT NULL,
  query         TEXT NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_of ON hold (deployment_id);
CREATE TABLE hold_end (
  hold_id TEXT PRIMARY KEY REFERENCES hold (id),
  reason  TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The vault: held rows as they were, apart from the cache, so that nothing that empties the cache touches them.
CREATE TABLE vault_row (
  num        INTEGER PRIMARY KEY,
  dep        INTEGER NOT NULL,
  event_id   INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  -- The row in canonical JSON, without its payload; and SHA-256 over that text, hex.
  body       TEXT NOT NULL,
  digest     TEXT NOT NULL,
  -- The address that gave it; NULL for a file.
  address    TEXT,
  kept_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vault_row_id ON vault_row (dep, event_id);
CREATE TABLE vault_payload (
  num     INTEGER PRIMARY KEY REFERENCES vault_row (num),
  -- As it was received: of an encrypted one the wrapper with its ciphertext.
  body    TEXT NOT NULL,
  digest  TEXT NOT NULL,
  kept_at INTEGER NOT NULL
) STRICT;
CREATE TABLE hold_member (
  hold_id    TEXT NOT NULL REFERENCES hold (id),
  num        INTEGER NOT NULL REFERENCES vault_row (num),
  -- That of the row, so that what comes due is counted without reading rows.
  created_at INTEGER NOT NULL,
  PRIMARY KEY (hold_id, num)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_member_row ON hold_member (num);
CREATE INDEX hold_member_time ON hold_member (hold_id, created_at, num);
-- How far the cache was looked through for a hold: rows up to seq, and payloads that came late up to late. What matches up to there is in the vault.
CREATE TABLE hold_mark (
  hold_id TEXT PRIMARY KEY REFERENCES hold (id),
  seq     INTEGER NOT NULL,
  late    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Single rows that were looked for at the deployment.
CREATE TABLE presence (
  seq      INTEGER PRIMARY KEY,
  dep      INTEGER NOT NULL,
  address  TEXT NOT NULL,
  event_id INTEGER NOT NULL,
  is_there INTEGER NOT NULL CHECK (is_there IN (0, 1)),
  source   TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX presence_of ON presence (dep, event_id, seq DESC);

-- Rows and bytes by hour (since the epoch) and batch, and how far they are counted: as hold_mark. What is not in it yet is counted when it is asked for.
CREATE TABLE age_hour (
  dep   INTEGER NOT NULL,
  hour  INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  rows  INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (dep, hour, batch)
) STRICT, WITHOUT ROWID;
CREATE TABLE age_mark (
  dep  INTEGER PRIMARY KEY,
  seq  INTEGER NOT NULL,
  late INTEGER NOT NULL
) STRICT;

CREATE TABLE purge_plan (
  id            TEXT PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  made_at       INTEGER NOT NULL,
  digest        TEXT NOT NULL UNIQUE,
  -- JSON, as it is digested.
  body          TEXT NOT NULL,
  -- The rows that its digests stand for: ids ascending, each as its distance from the one before, in groups of seven bits, the lowest first.
  row_ids       BLOB NOT NULL,
  also_due_ids  BLOB NOT NULL
) STRICT;
CREATE INDEX purge_plan_of ON purge_plan (deployment_id, made_at DESC);
CREATE TABLE purge_plan_end (
  plan_id     TEXT PRIMARY KEY REFERENCES purge_plan (id),
  at          INTEGER NOT NULL,
  -- The newer plan that took its place; NULL when it was dropped or carried out.
  replaced_by TEXT
) STRICT, WITHOUT ROWID;

-- An execution; a plan has at most one. What it is follows from its steps, the last of which counts.
CREATE TABLE purge_run (
  id            TEXT PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  plan_id       TEXT NOT NULL UNIQUE REFERENCES purge_plan (id),
  address       TEXT NOT NULL,
  -- The days that were asked for.
  days          INTEGER NOT NULL,
  -- JSON of the approval file; NULL without one.
  approval      TEXT,
  started_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX purge_run_of ON purge_run (deployment_id, started_at DESC);
CREATE TABLE purge_step (
  seq           INTEGER PRIMARY KEY,
  run_id        TEXT NOT NULL REFERENCES purge_run (id),
  state         TEXT NOT NULL CHECK (state IN ('requested', 'answered', 'refused', 'unknown', 'found-done', 'found-not-done')),
  at            INTEGER NOT NULL,
  deleted       INTEGER,
  server_cutoff INTEGER,
  message       TEXT NOT NULL,
  ledger_entry  INTEGER
) STRICT;
CREATE INDEX purge_step_of ON purge_step (run_id, seq DESC);

-- Approvals that this profile signed for plans of others.
CREATE TABLE given_approval (
  plan_digest TEXT PRIMARY KEY,
  at          INTEGER NOT NULL,
  body        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
  id            TEXT PRIMARY KEY,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  run_id        TEXT REFERENCES purge_run (id),
  issued_at     INTEGER NOT NULL,
  body          TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_of ON certificate (deployment_id, issued_at DESC);

-- What this workstation keeps: its own rule, newest last, and the files that it wrote.
CREATE TABLE own_policy (
  seq         INTEGER PRIMARY KEY,
  row_days    INTEGER,
  export_days INTEGER,
  report_days INTEGER,
  at          INTEGER NOT NULL
) STRICT;
CREATE TABLE written_file (
  seq           INTEGER PRIMARY KEY,
  deployment_id TEXT,
  kind          TEXT NOT NULL CHECK (kind IN ('export', 'report')),
  path          TEXT NOT NULL,
  sha256        TEXT NOT NULL,
  bytes         INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  removed_at    INTEGER
) STRICT;
-- Rows that this workstation let go by its own rule. A packet is what one transaction took: its seal is signed with the key of the profile, so that a row which
-- somebody else removed cannot be excused afterwards.
CREATE TABLE let_go_packet (
  id           INTEGER PRIMARY KEY,
  dep          INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  rows         INTEGER NOT NULL,
  -- The newest time among them.
  newest       INTEGER NOT NULL,
  -- The highest seq and number of a late payload among them: neither is given again.
  last_seq     INTEGER NOT NULL,
  last_late    INTEGER NOT NULL,
  ledger_entry INTEGER NOT NULL,
  -- SHA-256, hex, over the packet and its rows; and a signed note over it.
  digest       TEXT NOT NULL,
  seal         TEXT NOT NULL
) STRICT;
CREATE INDEX let_go_packet_of ON let_go_packet (dep, id);
CREATE TABLE audit_let_go (
  -- That of the row.
  seq        INTEGER PRIMARY KEY,
  dep        INTEGER NOT NULL,
  id         INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  batch      INTEGER NOT NULL,
  -- The number of its late payload; NULL without one.
  late       INTEGER,
  packet     INTEGER NOT NULL REFERENCES let_go_packet (id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX audit_let_go_of ON audit_let_go (dep, id);
CREATE INDEX audit_let_go_packet ON audit_let_go (packet);
-- Open only inside the transaction that lets rows go.
CREATE TABLE own_purge_open (dep INTEGER PRIMARY KEY) STRICT;
DROP TRIGGER audit_event_no_delete;
CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
    AND NOT (EXISTS (SELECT 1 FROM own_purge_open WHERE dep = OLD.dep)
      AND NOT EXISTS (SELECT 1 FROM vault_row v JOIN hold_member m ON m.num = v.num LEFT JOIN hold_end x ON x.hold_id = m.hold_id WHERE v.dep = OLD.dep AND v.event_id = OLD.id AND x.hold_id IS NULL))
  BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
DROP TRIGGER audit_payload_no_delete;
CREATE TRIGGER audit_payload_no_delete BEFORE DELETE ON audit_payload
  WHEN EXISTS (SELECT 1 FROM audit_event e WHERE e.seq = OLD.seq AND NOT EXISTS (SELECT 1 FROM deployment WHERE num = e.dep AND removing_at IS NOT NULL))
  BEGIN SELECT RAISE(ABORT, 'audit payloads are insert-only'); END;

CREATE TRIGGER hold_no_update BEFORE UPDATE ON hold BEGIN SELECT RAISE(ABORT, 'holds are insert-only'); END;
CREATE TRIGGER hold_no_delete BEFORE DELETE ON hold
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE id = OLD.deployment_id AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'holds are insert-only'); END;
CREATE TRIGGER hold_end_no_update BEFORE UPDATE ON hold_end BEGIN SELECT RAISE(ABORT, 'holds are insert-only'); END;
CREATE TRIGGER hold_end_no_delete BEFORE DELETE ON hold_end
  WHEN NOT EXISTS (SELECT 1 FROM hold h JOIN deployment d ON d.id = h.deployment_id WHERE h.id = OLD.hold_id AND d.removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'holds are insert-only'); END;
CREATE TRIGGER hold_member_no_update BEFORE UPDATE ON hold_member BEGIN SELECT RAISE(ABORT, 'held rows stay held'); END;
CREATE TRIGGER hold_member_no_delete BEFORE DELETE ON hold_member
  WHEN NOT EXISTS (SELECT 1 FROM hold_end x WHERE x.hold_id = OLD.hold_id)
    AND NOT EXISTS (SELECT 1 FROM hold h JOIN deployment d ON d.id = h.deployment_id WHERE h.id = OLD.hold_id AND d.removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'held rows stay held'); END;
CREATE TRIGGER vault_row_no_update BEFORE UPDATE ON vault_row BEGIN SELECT RAISE(ABORT, 'the vault is insert-only'); END;
CREATE TRIGGER vault_row_no_delete BEFORE DELETE ON vault_row
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
    AND EXISTS (SELECT 1 FROM hold_member m LEFT JOIN hold_end x ON x.hold_id = m.hold_id WHERE m.num = OLD.num AND x.hold_id IS NULL)
  BEGIN SELECT RAISE(ABORT, 'held rows stay in the vault'); END;
CREATE TRIGGER vault_payload_no_delete BEFORE DELETE ON vault_payload
  WHEN EXISTS (SELECT 1 FROM hold_member m LEFT JOIN hold_end x ON x.hold_id = m.hold_id WHERE m.num = OLD.num AND x.hold_id IS NULL)
    AND NOT EXISTS (SELECT 1 FROM vault_row v JOIN deployment d ON d.num = v.dep WHERE v.num = OLD.num AND d.removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'held rows stay in the vault'); END;
CREATE TRIGGER vault_payload_no_update BEFORE UPDATE ON vault_payload BEGIN SELECT RAISE(ABORT, 'the vault is insert-only'); END;
CREATE TRIGGER presence_no_update BEFORE UPDATE ON presence BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
CREATE TRIGGER presence_no_delete BEFORE DELETE ON presence
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
-- Numbers of rows that went with their deployment are given again: what comes under them was not looked at.
CREATE TRIGGER marks_go_back AFTER DELETE ON deployment BEGIN
  UPDATE hold_mark SET seq = min(seq, (SELECT coalesce(max(seq), 0) FROM audit_event)), late = min(late, (SELECT coalesce(max(num), 0) FROM audit_payload_late));
  UPDATE age_mark SET seq = min(seq, (SELECT coalesce(max(seq), 0) FROM audit_event)), late = min(late, (SELECT coalesce(max(num), 0) FROM audit_payload_late));
END;
-- What was let go is not counted any more: it is counted anew.
CREATE TRIGGER ages_anew AFTER INSERT ON own_purge_open BEGIN
  DELETE FROM age_hour WHERE dep = NEW.dep;
  DELETE FROM age_mark WHERE dep = NEW.dep;
END;
CREATE TRIGGER purge_plan_no_update BEFORE UPDATE ON purge_plan BEGIN SELECT RAISE(ABORT, 'plans are insert-only'); END;
CREATE TRIGGER purge_run_no_update BEFORE UPDATE ON purge_run BEGIN SELECT RAISE(ABORT, 'purges are insert-only'); END;
CREATE TRIGGER purge_step_no_update BEFORE UPDATE ON purge_step BEGIN SELECT RAISE(ABORT, 'purges are insert-only'); END;
CREATE TRIGGER certificate_no_update BEFORE UPDATE ON certificate BEGIN SELECT RAISE(ABORT, 'certificates are insert-only'); END;
CREATE TRIGGER let_go_packet_no_update BEFORE UPDATE ON let_go_packet BEGIN SELECT RAISE(ABORT, 'what was let go is insert-only'); END;
CREATE TRIGGER let_go_packet_no_delete BEFORE DELETE ON let_go_packet
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'what was let go is insert-only'); END;
CREATE TRIGGER audit_let_go_no_update BEFORE UPDATE ON audit_let_go BEGIN SELECT RAISE(ABORT, 'what was let go is insert-only'); END;
CREATE TRIGGER audit_let_go_no_delete BEFORE DELETE ON audit_let_go
  WHEN NOT EXISTS (SELECT 1 FROM deployment WHERE num = OLD.dep AND removing_at IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'what was let go is insert-only'); END;
CREATE TRIGGER own_policy_no_update BEFORE UPDATE ON own_policy BEGIN SELECT RAISE(ABORT, 'rules are insert-only'); END;
