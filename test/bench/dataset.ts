// The rows that benchmarks work on: as many as asked for, the same for the same seed, as an export's JSON lines and as CSV; really encrypted where they say so.
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

export const KEY_ID = 'audit-2026-01';
/** A key for benchmarks only, made of a fixed text. */
export const KEY = createHash('sha256').update('benchmark key of the audit log').digest();
export const KEY_TEXT = KEY.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

const ROUTES = ['/api/navi/chat', '/api/admin/rbac/roles/grant', '/api/plan/step', '/oauth/device/poll', '/api/audit/decrypt', '/api/org/invite'];
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** So many different tokens are made; rows take turns with them. */
const TOKENS = 4096;
const STEP_MS = 7776; // A million rows lie over 90 days.
const FIRST_MS = Date.UTC(2026, 7, 1);

function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Fernet tokens as Python's cryptography writes them; the plaintext has about `bytes` bytes of JSON. */
export function fernetTokens(count: number, bytes: number, seed = 1): string[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, index) => {
    const filler = Array.from({ length: Math.max(1, Math.round((bytes - 60) / 16)) }, () => Math.floor(random() * 2 ** 52).toString(16).padStart(13, '0')).join(' ');
    const plaintext = JSON.stringify({ query_params: { trace: index.toString(16), note: filler } });
    const head = Buffer.alloc(25);
    head[0] = 0x80;
    head.writeBigUInt64BE(BigInt(Math.floor((FIRST_MS + index * STEP_MS) / 1000)), 1);
    for (let at = 9; at < 25; at += 1) head[at] = Math.floor(random() * 256);
    const cipher = createCipheriv('aes-128-cbc', KEY.subarray(16), head.subarray(9));
    const signed = Buffer.concat([head, cipher.update(plaintext), cipher.final()]);
    const mac = createHmac('sha256', KEY.subarray(0, 16)).update(signed).digest();
    return Buffer.concat([signed, mac]).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  });
}

export interface Dataset { readonly jsonl: string; readonly csv: string; readonly rows: number }

/** Writes both files. About 60 of 100 payloads are encrypted; one row in 50,000 holds the word `needle`. */
export function writeDataset(paths: { readonly jsonl: string; readonly csv: string }, rows: number, seed = 1): Dataset {
  const random = randomNumbers(seed);
  const tokens = fernetTokens(Math.min(TOKENS, rows), 200, seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const jsonl = openSync(paths.jsonl, 'w');
  const csv = openSync(paths.csv, 'w');
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  let lines: string[] = [];
  let cells: string[] = [];
  const flush = (): void => {
    writeSync(jsonl, lines.join(''));
    writeSync(csv, cells.join(''));
    lines = [];
    cells = [];
  };
  for (let index = 0; index < rows; index += 1) {
    const at = new Date(FIRST_MS + index * STEP_MS + Math.floor(random() * STEP_MS)).toISOString().replace('Z', `${String(index % 1000).padStart(3, '0')}+00:00`);
    const payload = random() < 0.6
      ? `{"encrypted":true,"key_id":"${KEY_ID}","ciphertext":"${tokens[index % tokens.length]}"}`
      : `{"query_params":{"trace":"${Math.floor(random() * 2 ** 40).toString(16)}","ip":"10.${index % 250}.${(index >> 8) % 250}.${index % 7}","page":"${index % 97}"${index % 50_000 === 77 ? ',"word":"needle"' : ''}}}`;
    const actor = Math.floor(random() * 400);
    const row = { id: index + 1, route: `${pick(ROUTES)}/${Math.floor(random() * 5000)}`, method: pick(METHODS), event_type: 'http.request', org_key: pick(['acme', 'acme', 'globex']), actor_sub: `auth0|user-${actor}`, actor_email: `user-${actor}@acme.example`, resource_id: String(index % 5000), status_code: random() < 0.07 ? pick([400, 401, 403, 404, 500]) : 200, created_at: at };
    lines.push(`${JSON.stringify(row).slice(0, -1)},"payload":${payload},"payload_encoding":"json"}\n`);
    cells.push(`${row.id},${row.route},${row.method},${row.event_type},${row.org_key},${row.actor_sub},${row.actor_email},${row.resource_id},${row.status_code},${row.created_at},${quoted(payload)},json\n`);
    if (lines.length === 5000) flush();
  }
  flush();
  closeSync(jsonl);
  closeSync(csv);
  return { ...paths, rows };
}
