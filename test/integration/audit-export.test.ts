// Exports as a whole: every row once and in order, the same bytes for the same rows, a manifest that tells the truth, and nothing left of one that ends early.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import { EXPORT_FORMATS, exportManifest } from '#shared/domain/audit-export.ts';
import type { ExportFormat, ExportResult } from '#shared/domain/audit-export.ts';
import { DEPLOYMENT, openBench, rowsFor, URL_OF_DEPLOYMENT } from '../support/audit-export.ts';
import type { ExportBench } from '../support/audit-export.ts';
import { temporaryFolder } from '../support/ports.ts';

let folder: ReturnType<typeof temporaryFolder>;
let bench: ExportBench;
let out: string;
const benches: ExportBench[] = [];
const opened = (name: string, access: 'read' | 'write' = 'write'): ExportBench => {
  const made = openBench(join(folder.path, name, 'cache.db'), access);
  benches.push(made);
  return made;
};
beforeEach(() => {
  folder = temporaryFolder('export');
  out = join(folder.path, 'out');
  mkdirSync(out);
  bench = opened('profile');
});
afterEach(() => {
  for (const each of benches.splice(0)) {
    each.close();
    each.database.close();
  }
  folder.remove();
});

const names = (): string[] => readdirSync(out).sort();
const write = (format: ExportFormat, name = `rows.${format}`, { query = '', from = bench }: { readonly query?: string; readonly from?: ExportBench } = {}): Promise<ExportResult> => from.exports.export({ deploymentId: DEPLOYMENT, query, format, path: join(out, name) }, from.signal);
const codeOf = (run: Promise<unknown>): Promise<string> => run.then(() => 'none', (error: { code?: string }) => error.code ?? String(error));
const idsOf = (name: string): number[] => readFileSync(join(out, name), 'utf8').split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as { id: number }).id);
const manifestOf = (name: string): ReturnType<typeof exportManifest.parse> => exportManifest.parse(JSON.parse(readFileSync(join(out, `${name}.manifest.json`), 'utf8')));

describe('audit.export', () => {
  it.each(EXPORT_FORMATS)('R62: %s holds every row once, by time and id, with a manifest that fits; another cache with the same rows gives the same bytes', async (format) => {
    const rows = rowsFor(2500);
    bench.store(rows);
    const result = await write(format);
    expect(contract['audit.export'].output.parse(result)).toEqual(result);
    const bytes = readFileSync(result.path);
    expect(result).toEqual({ path: join(out, `rows.${format}`), manifestPath: join(out, `rows.${format}.manifest.json`), rows: 2500, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    const manifest = manifestOf(`rows.${format}`);
    expect(manifest).toMatchObject({ file: `rows.${format}`, format, rows: 2500, bytes: result.bytes, sha256: result.sha256, query: '', order: 'created_at, id, ascending', deployment: { name: 'acme', url: URL_OF_DEPLOYMENT }, program: 'Holdfast test', coverage: [{ state: 'gap', reason: 'a stretch is missing' }] });
    expect(names()).toEqual([`rows.${format}`, `rows.${format}.manifest.json`]);
    for (const name of names()) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);

    const other = opened('other');
    other.store(rows.slice(1200).reverse());
    other.store(rows.slice(0, 1200));
    expect((await write(format, 'again', { from: other })).sha256).toBe(result.sha256);
  });

  it('names the coverage of the time at which the rows were chosen, not what was filled while they were written', async () => {
    bench.store(rowsFor(2500));
    const mine = opened('profile', 'read');
    const stop = setInterval(() => {
      if (mine.coverage.length === 1 && mine.events.some((event) => (event.payload as { step?: string }).step === 'Writing the rows')) mine.coverage.splice(0, 1, { from: null, to: null, state: 'complete', reason: null, observedAt: null }, { from: null, to: null, state: 'unread', reason: null, observedAt: null });
    }, 0);
    await write('jsonl', 'rows.jsonl', { from: mine });
    clearInterval(stop);
    expect(mine.coverage).toHaveLength(2);
    expect(manifestOf('rows.jsonl').coverage).toEqual([{ from: null, to: null, state: 'gap', reason: 'a stretch is missing', observedAt: null }]);
  });

  it('R62: whoever has file and manifest alone finds every figure of it again', async () => {
    bench.store(rowsFor(700).reverse());
    await write('jsonl', 'rows.jsonl', { query: 'status:>=400' });
    const bytes = readFileSync(join(out, 'rows.jsonl'));
    const told = JSON.parse(readFileSync(join(out, 'rows.jsonl.manifest.json'), 'utf8')) as Record<string, unknown>;
    const rows = bytes.toString('utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as { id: number; created_at: string; status_code: number });
    const times = rows.map((row) => { const [second = '', fraction = ''] = row.created_at.slice(0, -1).split('.'); return `${second}.${fraction.padEnd(6, '0')}`; });
    const ordered = rows.every((row, index) => index === 0 || (times[index - 1] ?? '') < (times[index] ?? '') || (times[index - 1] === times[index] && (rows[index - 1]?.id ?? 0) < row.id));
    expect([rows.length, rows.every((row) => row.status_code >= 400), ordered]).toEqual([told['rows'], true, true]);
    expect(told).toMatchObject({ query: 'status:>=400', order: 'created_at, id, ascending', oldestAt: rows[0]?.created_at, newestAt: rows.at(-1)?.created_at, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), file: 'rows.jsonl', format: 'jsonl' });
    expect(rows.length).toBeGreaterThan(100);
  });

  it('goes by time and then by id, whatever came first, and gives ids of one instant in their order', async () => {
    const rows = rowsFor(500).reverse();
    bench.store(rows);
    await write('jsonl');
    expect(idsOf('rows.jsonl')).toEqual([...rows].sort((a, b) => a.createdAtUs - b.createdAtUs || a.id - b.id).map(({ id }) => id));
    const sorted = [...rows].sort((a, b) => a.createdAtUs - b.createdAtUs);
    expect(manifestOf('rows.jsonl')).toMatchObject({ oldestAt: '2026-09-21T14:13:20Z', rows: 500 });
    expect(Date.parse(manifestOf('rows.jsonl').newestAt ?? '')).toBe(Math.floor((sorted.at(-1)?.createdAtUs ?? 0) / 1000));
  });

  it('takes only what matches the query, and says so', async () => {
    bench.store(rowsFor(300));
    await write('jsonl', 'some', { query: 'status:>=400 method:POST' });
    const expected = rowsFor(300).filter((row) => row.statusCode >= 400 && row.method === 'POST').map(({ id }) => id);
    expect(idsOf('some').sort((a, b) => a - b)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
    expect(manifestOf('some')).toMatchObject({ query: 'status:>=400 method:POST', rows: expected.length });
    await write('jsonl', 'words', { query: 'things -method:GET' });
    expect(idsOf('words').length).toBe(rowsFor(300).filter((row) => row.route.includes('things') && row.method !== 'GET').length);
    expect(await codeOf(write('jsonl', 'bad', { query: 'status:(' }))).toBe('invalid_query');
    expect(names()).toEqual(['some', 'some.manifest.json', 'words', 'words.manifest.json']);
  });

  it.each(EXPORT_FORMATS)('%s of no row is a file too', async (format) => {
    const result = await write(format);
    expect(result.rows).toBe(0);
    expect(readFileSync(result.path, 'utf8')).toBe(format === 'csv' ? `${readFileSync(result.path, 'utf8').split('\r\n')[0]}\r\n` : '');
    expect(manifestOf(`rows.${format}`)).toMatchObject({ rows: 0, oldestAt: null, newestAt: null });
  });

  it('refuses a name that is taken, for the file or for the manifest, and an unknown deployment; nothing is left', async () => {
    bench.store(rowsFor(10));
    writeFileSync(join(out, 'taken'), 'kept');
    writeFileSync(join(out, 'b.manifest.json'), 'kept');
    expect(await codeOf(write('jsonl', 'taken'))).toBe('file_exists');
    expect(await codeOf(write('jsonl', 'b'))).toBe('file_exists');
    expect(await codeOf(write('jsonl', 'none/c'))).toBe('file_unwritable');
    expect(await codeOf(bench.exports.export({ deploymentId: 'd_00000000000000ff', query: '', format: 'csv', path: join(out, 'd') }, bench.signal))).toBe('deployment_not_found');
    expect(await codeOf(bench.exports.export({ deploymentId: DEPLOYMENT, query: '', format: 'csv', path: 'relative' }, bench.signal))).toBe('file_unwritable');
    expect(names()).toEqual(['b.manifest.json', 'taken']);
    expect(readFileSync(join(out, 'taken'), 'utf8') + readFileSync(join(out, 'b.manifest.json'), 'utf8')).toBe('keptkept');
  });

  it('R61: refuses the folder of the profile, also through a link, and leaves nothing there', async () => {
    bench.store(rowsFor(10));
    const profile = join(folder.path, 'profile');
    symlinkSync(profile, join(out, 'link'));
    const before = readdirSync(profile);
    for (const path of [join(profile, 'rows.csv'), join(out, 'link', 'rows.csv')]) await expect(bench.exports.export({ deploymentId: DEPLOYMENT, query: '', format: 'csv', path }, bench.signal)).rejects.toMatchObject({ code: 'file_unwritable', message: expect.stringContaining('belongs to the Holdfast profile') as string });
    expect(readdirSync(profile)).toEqual(before);
  });

  it('replaces a manifest of ours that a crash left alone, and no other', async () => {
    bench.store(rowsFor(10));
    await write('jsonl', 'x');
    const orphan = readFileSync(join(out, 'x.manifest.json'), 'utf8');
    writeFileSync(join(out, 'y.manifest.json'), orphan.replace('"file": "x"', '"file": "y"'));
    writeFileSync(join(out, 'z.manifest.json'), orphan);
    await write('csv', 'y');
    expect(manifestOf('y')).toMatchObject({ file: 'y', format: 'csv' });
    expect(await codeOf(write('csv', 'z'))).toBe('file_exists');
    expect(readFileSync(join(out, 'z.manifest.json'), 'utf8')).toBe(orphan);
  });

  it('cancelled at any point leaves no file, and the next one begins at once', async () => {
    bench.store(rowsFor(20_000));
    for (const step of ['Starting', 'Finding', 'Writing']) {
      const mine = opened('profile', 'read');
      const running = write('ocsf', 'cancelled', { from: mine });
      const stop = setInterval(() => { if (mine.events.some((event) => event.name === 'job.progressed' && (event.payload as { step: string }).step.startsWith(step))) mine.cancel(); }, 1);
      expect(await codeOf(running)).toMatch(step === 'Finding' ? /^(cancelled|none)$/ : /^cancelled$/);
      clearInterval(stop);
      if (existsSync(join(out, 'cancelled'))) continue;
      expect(names()).toEqual([]);
      expect(mine.events.at(-1)).toMatchObject({ name: 'job.ended', payload: { outcome: 'cancelled' } });
    }
    const before = opened('profile', 'read');
    before.cancel();
    expect(await codeOf(write('ocsf', 'early', { from: before }))).toBe('cancelled');
    expect(names().filter((name) => name.startsWith('early'))).toEqual([]);
  });

  it('ends without a file when the profile locks in the middle of it', async () => {
    bench.store(rowsFor(20_000));
    const mine = opened('profile', 'read');
    const running = write('syslog', 'locked', { from: mine });
    const stop = setInterval(() => { if (mine.events.some((event) => (event.payload as { step?: string }).step === 'Writing the rows')) mine.close(); }, 1);
    expect(await codeOf(running)).toBe('cancelled');
    clearInterval(stop);
    expect(names()).toEqual([]);
  });

  it('R46: works in a profile that is open for reading, tells its progress, and is undisturbed by rows that come meanwhile', async () => {
    bench.store(rowsFor(20_000));
    const reading = opened('profile', 'read');
    const running = write('jsonl', 'set', { from: reading });
    let later = 20_001;
    const more = setInterval(() => {
      bench.store(rowsFor(5, later).map((row) => ({ ...row, createdAtUs: 1_789_999_999_000_000 })));
      later += 5;
    }, 5);
    const { rows } = await running;
    clearInterval(more);
    const ids = idsOf('set');
    expect(ids).toHaveLength(rows);
    expect(new Set(ids).size).toBe(rows);
    // All that were there, and of the later ones a beginning: the set is that of one instant.
    expect(ids.filter((id) => id <= 20_000)).toHaveLength(20_000);
    const added = ids.filter((id) => id > 20_000).sort((a, b) => a - b);
    expect(added).toEqual(added.map((_, index) => 20_001 + index));
    const steps = reading.events.flatMap((event) => (event.name === 'job.progressed' ? [event.payload as { step: string; done: number; total: number | null }] : []));
    expect(steps.at(-1)).toMatchObject({ step: 'Writing the rows', done: rows, total: rows });
    await codeOf(write('jsonl', 'after'));
    expect(idsOf('after').length).toBeGreaterThanOrEqual(rows);
  });

  it('takes one at a time for a deployment', async () => {
    bench.store(rowsFor(3000));
    const first = write('jsonl', 'a');
    expect(await codeOf(write('jsonl', 'b'))).toBe('busy');
    await first;
    expect(names()).toEqual(['a', 'a.manifest.json']);
  });

  it('writes a row of megabytes whole', async () => {
    const [row] = rowsFor(1);
    if (row === undefined) throw new Error('no row');
    const body = JSON.stringify({ text: 'ä'.repeat(3_000_000) });
    bench.store([{ ...row, payload: { state: 'plain', body, keyId: null } }, ...rowsFor(3, 2)]);
    const { rows } = await write('jsonl');
    expect(rows).toBe(4);
    expect(readFileSync(join(out, 'rows.jsonl'), 'utf8')).toContain(`"payload":${body},`);
  });
});

describe('audit.render', () => {
  it('gives the rows in the order of the ids, in our export form', () => {
    bench.store(rowsFor(10));
    const json = bench.exports.render({ deploymentId: DEPLOYMENT, ids: [9, 2, 999, 5], format: 'json' }).text;
    expect((JSON.parse(json) as { id: number }[]).map(({ id }) => id)).toEqual([9, 2, 5]);
    const csv = bench.exports.render({ deploymentId: DEPLOYMENT, ids: [8, 4], format: 'csv' }).text;
    expect(csv.split('\r\n').map((line) => line.split(',')[0])).toEqual(['id', '8', '4', '']);
    expect(bench.exports.render({ deploymentId: DEPLOYMENT, ids: [999], format: 'json' }).text).toBe('[\n\n]\n');
  });

  it('refuses what is too long for the clipboard, and an unknown deployment', async () => {
    const big = rowsFor(3).map((row) => ({ ...row, payload: { state: 'plain' as const, body: JSON.stringify('x'.repeat(262_000)), keyId: null } }));
    bench.store(big);
    const render = (ids: number[]) => async (): Promise<string> => bench.exports.render({ deploymentId: DEPLOYMENT, ids, format: 'json' }).text;
    expect((await render([1])()).length).toBeGreaterThan(262_000);
    await expect(render([1, 2])()).rejects.toMatchObject({ code: 'too_large' });
    await expect((async () => bench.exports.render({ deploymentId: 'd_00000000000000ff', ids: [1], format: 'csv' }))()).rejects.toMatchObject({ code: 'deployment_not_found' });
  });
});
