// R38, R58, R61: kill -9 while payloads are opened in bulk and while they are written. Whatever was shown or written has its ledger entry, no half file has a final name, and nothing in the clear stays behind.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listDrafts } from '#core/audit/bulk/bulk-queries.ts';
import { PARTIAL_END } from '#core/files/partial-name.ts';
import type { LedgerEntry } from '#shared/domain/ledger.ts';
import { addDeployment, digestOf, openableRows, openBulkProfile, store } from '../support/audit-bulk-profile.ts';
import type { BulkProfile } from '../support/audit-bulk-profile.ts';
import { temporaryFolder } from '../support/ports.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const kills = isLong ? 100 : 20;
const child = join(import.meta.dirname, 'children/audit-bulk-child.ts');
const ROWS = 3000;
const folder = temporaryFolder('bulk-kill');
const profileDir = join(folder.path, 'profile');
const out = join(folder.path, 'out');
let recipient = '';

const random = randomFrom(seed);

/** Runs the child and kills it `delayMs` after the line that `arm` recognises. Gives every line that it printed. */
function runAndKill(job: string, arm: (line: string) => boolean, delayMs: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [child, profileDir, job, out, recipient], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    let timer: NodeJS.Timeout | null = null;
    createInterface({ input: process_.stdout }).on('line', (line) => {
      lines.push(line);
      if (timer === null && arm(line)) timer = setTimeout(() => process_.kill('SIGKILL'), delayMs);
    });
    // Closed, not only ended: until its parent has noticed, the system still knows it.
    process_.on('close', () => resolve(lines)).on('error', reject);
  });
}

function allEntries({ ledger }: BulkProfile): Map<number, LedgerEntry> {
  const entries = new Map<number, LedgerEntry>();
  for (let before: number | null = null; ;) {
    const page: readonly LedgerEntry[] = ledger.list(before, 1000).entries;
    for (const entry of page) entries.set(entry.seq, entry);
    const oldest = page.at(-1);
    if (oldest === undefined || oldest.seq === 1) return entries;
    before = oldest.seq;
  }
}

const allOf = (profile: BulkProfile, action: string): LedgerEntry[] => [...allEntries(profile).values()].filter((entry) => entry.action === action).sort((a, b) => a.seq - b.seq);
const toldLater = (profile: BulkProfile, kind: string): number[] => allOf(profile, `${kind}.ended`).flatMap(({ outcome }) => { const seq = /^about entry (\d+): /.exec(outcome)?.[1]; return seq === undefined ? [] : [Number(seq)]; });

/** The first entries that have a second one, either at once (the next of their kind) or told later. */
function endsOf(profile: BulkProfile, kind: string): number[] {
  const later = toldLater(profile, kind);
  const all = [...allEntries(profile).values()].sort((a, b) => a.seq - b.seq).filter(({ action, outcome }) => action === kind || (action === `${kind}.ended` && !outcome.startsWith('about entry ')));
  return all.flatMap((entry, index) => (entry.action === kind && (later.includes(entry.seq) || all[index + 1]?.action === `${kind}.ended`) ? [entry.seq] : []));
}

/** Opens what a kill left. The start tells of each run that has no end what became of it. */
async function verified(): Promise<BulkProfile> {
  const profile = await openBulkProfile(profileDir);
  await vi.waitFor(() => {
    for (const kind of ['audit.bulk.decrypt', 'audit.bulk.export']) expect(endsOf(profile, kind)).toEqual(allOf(profile, kind).map(({ seq }) => seq));
  }, { timeout: 30_000 });
  // A kill between entry and head leaves the head one behind; two such kills in a row leave it two behind, and the next entry takes it over.
  expect(['intact', 'intact-head-behind', 'head-behind', 'head-adopted']).toContain((await profile.ledger.verify()).verdict);
  return profile;
}

beforeAll(async () => {
  mkdirSync(out);
  recipient = await identityToRecipient(await generateIdentity());
  const profile = await openBulkProfile(profileDir);
  await addDeployment(profile.session);
  store(profile.session, openableRows(ROWS));
  await profile.close();
}, 120_000);
afterAll(folder.remove);

const subject = `${ROWS} rows, ids SHA-256 ${digestOf(Array.from({ length: ROWS }, (_, index) => index + 1))}`;

describe('kill -9', () => {
  it(`during bulk decrypt, ${kills} times: every run that was shown is in the ledger with its exact set`, async () => {
    const shown: { seq: number; reason: string }[] = [];
    for (let round = 0; round < kills; round += 1) {
      const lines = await runAndKill('decrypt', (line) => line === 'open' ? round % 2 === 0 : line.startsWith('shown'), 50 + random(1500));
      expect(lines[0]).toBe('open');
      for (const line of lines) {
        const match = /^shown (\d+) payload (kill test .*)$/.exec(line);
        if (match !== null) shown.push({ seq: Number(match[1]), reason: match[2] ?? '' });
        else expect(line).toBe('open');
      }
      const profile = await verified();
      expect(profile.bulk.list('d_0123456789abcdef')).toEqual([]);
      await profile.close();
    }
    expect(shown.length).toBeGreaterThan(0);
    const profile = await verified();
    // Some were killed between their two entries; none of those was shown.
    const later = toldLater(profile, 'audit.bulk.decrypt');
    expect(later.length).toBeGreaterThan(0);
    expect(new Set(later).size).toBe(later.length);
    expect(shown.filter(({ seq }) => later.includes(seq))).toEqual([]);
    const entries = allEntries(profile);
    for (const { seq, reason } of shown) expect(entries.get(seq)).toMatchObject({ action: 'audit.bulk.decrypt', reason, subject });
    await profile.close();
  }, 1_200_000);

  it(`during export of opened payloads, ${kills} times: a file with a final name is whole and in the ledger, and the next start removes what is in the clear`, async () => {
    let begun = 0;
    let partials = 0;
    for (let round = 0; round < kills; round += 1) {
      const lines = await runAndKill('export', (line) => line.startsWith('begun'), 50 + random(2000));
      begun += lines.filter((line) => line.startsWith('begun')).length;
      partials += readdirSync(out).filter((name) => name.endsWith(PARTIAL_END)).length;
      const profile = await verified();
      while (listDrafts(profile.session.read()).length > 0) await wait(20);
      const names = readdirSync(out);
      const entries = [...allEntries(profile).values()];
      for (const name of names.filter((each) => !each.endsWith(PARTIAL_END))) {
        const bytes = readFileSync(join(out, name));
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        expect(entries.some((entry) => entry.action === 'audit.bulk.export.ended' && entry.outcome.startsWith(`written: ${bytes.length} bytes, SHA-256 ${sha256};`)), name).toBe(true);
        expect(entries.some((entry) => entry.action === 'audit.bulk.export' && entry.outcome.includes(name) && entry.subject === subject), name).toBe(true);
        if (name.endsWith('.jsonl')) expect(bytes.toString('utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(Array.from({ length: ROWS }, (_, index) => ROWS - index));
        else expect(bytes.toString('latin1', 0, 21)).toBe('age-encryption.org/v1');
      }
      for (const line of lines.filter((each) => each.startsWith('written'))) {
        const [, seq, sha256, path = ''] = line.split(' ');
        expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256);
        expect(entries.find((entry) => entry.seq === Number(seq))?.outcome).toContain(path);
      }
      // What is left of a killed export may only be sealed.
      for (const name of names.filter((each) => each.endsWith(PARTIAL_END))) expect(readFileSync(join(out, name)).includes('query_params'), name).toBe(false);
      await profile.close();
    }
    expect(begun).toBeGreaterThanOrEqual(kills);
    expect(partials).toBeGreaterThan(0);
  }, 1_200_000);
});
