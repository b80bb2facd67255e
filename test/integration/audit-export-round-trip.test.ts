// R62: what is exported comes back by our own import as the same rows, from JSON lines and from CSV; and the command line writes the same bytes as the window.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '#core/app.ts';
import { rowAsJson } from '#core/audit/export/own-forms.ts';
import { exportManifest } from '#shared/domain/audit-export.ts';
import { rowsFor } from '../support/audit-export.ts';
import { value } from '../support/calls.ts';
import { temporaryFolder } from '../support/ports.ts';
import { acme, phrase, useProfiles } from '../support/profiles.ts';
import { startCli } from './cli-process.ts';

const profiles = useProfiles();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => { folder = temporaryFolder('round-trip'); });
afterEach(() => folder.remove());
const at = (name: string): string => join(folder.path, name);
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Rows of every kind as a file of ours holds them, and formulas where a stranger may write text. */
function writeRows(path: string, count: number): void {
  const wrapper = '{"encrypted": true, "ciphertext": "gAAAAABq-not-a-token", "key_id": "k1"}';
  const lines = rowsFor(count).map((row) => rowAsJson({
    ...row, createdAtRaw: row.createdAtRaw, state: row.payload?.state ?? null, keyId: row.payload?.keyId ?? null, sealedAtSeconds: null, body: row.payload?.body ?? null,
    ...(row.id % 9 === 0 ? { state: 'malformed', keyId: 'k1', body: wrapper } : {}), ...(row.id % 10 === 0 ? { resourceId: '=1+1', actorSub: '\t@x', org: "'quoted" } : {}),
  }));
  writeFileSync(path, `${lines.join('\n')}\n`);
}

async function added(app: App, name: string): Promise<string> {
  return (await value(app, 'deployment.add', { ...acme, name })).id;
}

describe('there and back again', () => {
  it('R62: JSON lines and CSV bring the same rows back', async () => {
    const app = await profiles.open(profiles.newProfile(), { store: 'passphrase', passphrase: phrase });
    writeRows(at('given.jsonl'), 700);
    const first = await added(app, 'first');
    expect(await value(app, 'audit.import', { deploymentId: first, paths: [at('given.jsonl')] })).toMatchObject({ outcome: 'written', problemCount: 0, files: [{ format: 'holdfast-jsonl', accepted: 700 }] });
    await value(app, 'audit.export', { deploymentId: first, format: 'jsonl', path: at('first.jsonl') });
    await value(app, 'audit.export', { deploymentId: first, format: 'csv', path: at('first.csv') });
    for (const [name, file] of [['second', 'first.jsonl'], ['third', 'first.csv']] as const) {
      const deploymentId = await added(app, name);
      expect(await value(app, 'audit.import', { deploymentId, paths: [at(file)] })).toMatchObject({ outcome: 'written', problemCount: 0, files: [{ accepted: 700 }] });
      await value(app, 'audit.export', { deploymentId, format: 'jsonl', path: at(`${name}.jsonl`) });
      expect(digest(at(`${name}.jsonl`)), name).toBe(digest(at('first.jsonl')));
      // The same file again adds nothing and finds nothing changed.
      expect(await value(app, 'audit.import', { deploymentId: first, paths: [at(file)] })).toMatchObject({ files: [{ accepted: 0, changed: 0, rejected: 0 }] });
    }
    expect(new Set(readFileSync(at('given.jsonl'), 'utf8').split('\n'))).toEqual(new Set(readFileSync(at('first.jsonl'), 'utf8').split('\n')));
  });

  it('the command line writes what the window writes, says where, refuses a name that is taken, and works beside an open window', async () => {
    const profile = profiles.newProfile();
    const app = await profiles.open(profile, { store: 'passphrase', passphrase: phrase });
    const deploymentId = await added(app, 'acme');
    writeRows(at('given.jsonl'), 300);
    await value(app, 'audit.import', { deploymentId, paths: [at('given.jsonl')] });
    const window_ = await value(app, 'audit.export', { deploymentId, format: 'cef', query: 'status:>=400', path: at('window.cef') });
    writeFileSync(at('passphrase'), `${phrase}\n`, { mode: 0o600 });
    mkdirSync(at('out'));
    const run = (...args: string[]): ReturnType<typeof startCli>['finished'] => startCli(['--profile', profile, '--secrets', 'passphrase', 'audit', 'export', 'acme', ...args], { env: { HOLDFAST_PASSPHRASE_FILE: at('passphrase') } }).finished;
    const path = at('out/cli.cef');
    const done = await run('--format', 'cef', '--query', 'status:>=400', '--out', path);
    expect(done.code, done.stderr).toBe(0);
    for (const part of [path, `${path}.manifest.json`, String(window_.rows), String(window_.bytes), window_.sha256]) expect(done.stdout).toContain(part);
    expect(digest(path)).toBe(window_.sha256);
    expect(exportManifest.parse(JSON.parse(readFileSync(`${path}.manifest.json`, 'utf8')))).toMatchObject({ file: 'cli.cef', sha256: window_.sha256, query: 'status:>=400', deployment: { name: 'acme' } });
    const again = await run('--format', 'cef', '--out', path, '--json');
    expect([again.code, (JSON.parse(again.stderr) as { code: string }).code]).toEqual([expect.any(Number), 'file_exists']);
    expect(again.code).not.toBe(0);
    expect(digest(path)).toBe(window_.sha256);
    const json = await run('--format', 'jsonl', '--out', at('out/all.jsonl'), '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ rows: 300, path: at('out/all.jsonl'), sha256: digest(at('out/all.jsonl')) });
    for (const wrong of [['--format', 'xml', '--out', at('out/x')], ['--format', 'csv'], ['--out', at('out/x')], ['--format', 'csv', '--out', at('out/x'), '--query', 'status:(']]) expect((await run(...wrong)).code).not.toBe(0);
    expect(readdirSync(at('out')).sort()).toEqual(['all.jsonl', 'all.jsonl.manifest.json', 'cli.cef', 'cli.cef.manifest.json']);
  }, 120_000);
});
