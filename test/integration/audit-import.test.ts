// Importing files into the audit log over the contract: what is taken, skipped, refused, and that the cache is whole after each.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import type { App } from '#core/app.ts';
import { FILE_ID_FLOOR } from '#shared/domain/audit-event.ts';
import { acme, useProfiles } from '../support/profiles.ts';
import { code, value } from '../support/calls.ts';

const profiles = useProfiles();
let app: App;
let deploymentId: string;
let folder: string;
beforeEach(async () => {
  const profileDir = profiles.newProfile();
  folder = join(dirname(profileDir), 'files');
  mkdirSync(folder);
  app = await profiles.open(profileDir, { store: 'keychain' });
  deploymentId = (await value(app, 'deployment.add', acme)).id;
});

interface Row { id: number; route: string; payload?: unknown; [column: string]: unknown }
const row = (id: number, over: Partial<Row> = {}): Row => ({
  id, route: `/api/plan/${id}`, method: 'POST', event_type: 'http.request', org_key: 'acme', actor_sub: 'auth0|admin1', actor_email: 'admin1@acme.test', resource_id: String(id), status_code: 200, created_at: `2026-11-22T05:37:${String(id % 60).padStart(2, '0')}.285987+00:00`,
  payload: { query_params: { trace: `t${id}` } }, payload_encoding: 'json', ...over,
});
const lines = (rows: readonly unknown[]): string => rows.map((each) => `${JSON.stringify(each)}\n`).join('');
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const summary = async (): Promise<number> => (await value(app, 'audit.summary', { deploymentId })).events;
type Order = { mode?: 'all-or-nothing' | 'keep-good'; dryRun?: boolean };
const run = (paths: readonly string[], order: Order = {}) => value(app, 'audit.import', { deploymentId, paths: [...paths], ...order });

describe('an import', () => {
  it('is written with its digest and a ledger entry, and adds nothing the second time', async () => {
    const path = file('rows.jsonl', lines([row(1), row(2), row(3)]));
    const report = await run([path]);
    expect(report).toMatchObject({ outcome: 'written', importId: 1, mode: 'all-or-nothing', problemCount: 0, files: [{ name: 'rows.jsonl', format: 'navi-jsonl', rows: 3, accepted: 3, skipped: 0, rejected: 0, changed: 0, oldestAt: '2026-11-22T05:37:01.285987Z', newestAt: '2026-11-22T05:37:03.285987Z' }] });
    expect(report.files[0]?.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    const entries = (await value(app, 'ledger.list', { before: null, limit: 10 })).entries.filter(({ action }) => action === 'audit.imported');
    expect(entries[0]).toMatchObject({ action: 'audit.imported', deployment: 'acme', subject: 'import 1' });
    expect(entries[0]?.outcome).toContain(report.files[0]?.sha256);
    expect(await value(app, 'audit.get', { deploymentId, id: 2 })).toMatchObject({ route: '/api/plan/2', payloadState: 'plain', payload: '{"query_params":{"trace":"t2"}}' });

    const again = await run([path]);
    expect(again.files[0]).toMatchObject({ accepted: 0, skipped: 3 });
    expect(again.problems).toMatchObject([1, 2, 3].map((line) => ({ line, outcome: 'skipped', reason: 'held already' })));
    expect(await summary()).toBe(3);
    const { imports } = await value(app, 'audit.importList', { deploymentId });
    expect(imports.map(({ importId, problemCount }) => [importId, problemCount])).toEqual([[2, 3], [1, 0]]);
  });

  it('R46: is all or nothing, file by file: a row that cannot be read refuses its file as a whole, and the others are written', async () => {
    const first = file('first.jsonl', lines([row(1), row(2)]));
    const bad = file('bad.json', `[${JSON.stringify(row(3))},\n{"id":4},\n${JSON.stringify(row(5))}]`);
    const last = file('last.jsonl', lines([row(6), row(1)]));
    expect(await run([first, bad], { dryRun: true })).toMatchObject({ outcome: 'dry-run', importId: null, files: [{ outcome: 'taken', accepted: 2 }, { outcome: 'refused', accepted: 0, rejected: 1 }], problemCount: 1 });
    expect(await summary()).toBe(0);

    const report = await run([first, bad, last]);
    expect(report).toMatchObject({
      outcome: 'partly-written', importId: 1, mode: 'all-or-nothing', problemCount: 2,
      files: [{ outcome: 'taken', rows: 2, accepted: 2 }, { outcome: 'refused', rows: 3, accepted: 0, skipped: 0, rejected: 1, changed: 0 }, { outcome: 'taken', accepted: 1, skipped: 1 }],
      problems: [{ file: 1, line: 2, outcome: 'rejected', excerpt: '{"id":4}' }, { file: 2, line: 2, outcome: 'skipped' }],
    });
    expect(report.files[1]?.sha256).toBe(createHash('sha256').update(readFileSync(bad)).digest('hex'));
    expect(await summary()).toBe(3);
    for (const id of [3, 5]) expect(await code(app, 'audit.get', { deploymentId, id })).toBe('event_not_found');
    const { imports } = await value(app, 'audit.importList', { deploymentId });
    expect(imports).toEqual([report]);
    expect((await value(app, 'audit.importProblems', { importId: 1 })).problems).toEqual(report.problems);
    const entry = (await value(app, 'ledger.list', { before: null, limit: 10 })).entries.find(({ action }) => action === 'audit.imported');
    expect(entry?.outcome).toContain(`bad.json sha256 ${report.files[1]?.sha256 ?? ''}: refused, 1 rejected`);

    expect(await run([first, bad], { mode: 'keep-good' })).toMatchObject({ outcome: 'written', problemCount: 3, files: [{ outcome: 'nothing-new', skipped: 2 }, { outcome: 'taken', accepted: 2, rejected: 1 }] });
    expect(await summary()).toBe(5);
  });

  it('R46: writes nothing when every file is refused, and says of each which row it was', async () => {
    const many = file('many-bad.jsonl', lines([row(1), ...Array.from({ length: 300 }, () => ({ id: 1 }))]));
    const other = file('other-bad.jsonl', lines([row(2), { id: 2 }]));
    const report = await run([many, other]);
    expect(report).toMatchObject({ outcome: 'refused', importId: null, problemCount: 301, files: [{ outcome: 'refused', rejected: 300 }, { outcome: 'refused', rejected: 1 }] });
    expect(report.problems.at(-1)).toMatchObject({ file: 1, line: 2, outcome: 'rejected' });
    expect(await run([many, other], { dryRun: true })).toMatchObject({ outcome: 'dry-run', importId: null, files: [{ outcome: 'refused' }, { outcome: 'refused' }] });
    expect(await summary()).toBe(0);
    expect((await value(app, 'audit.importList', { deploymentId })).imports).toEqual([]);
    expect((await value(app, 'ledger.list', { before: null, limit: 10 })).entries.some(({ action }) => action === 'audit.imported')).toBe(false);
  });

  it('tries without writing', async () => {
    const path = file('rows.jsonl', lines([row(1), row(2), row(1)]));
    expect(await run([path], { dryRun: true })).toMatchObject({ outcome: 'dry-run', importId: null, files: [{ accepted: 2, skipped: 1 }], problemCount: 1 });
    expect(await summary()).toBe(0);
    expect((await value(app, 'ledger.list', { before: null, limit: 10 })).entries.some(({ action }) => action === 'audit.imported')).toBe(false);
  });

  it('keeps the first version of a row, and names the columns in which another one differs', async () => {
    await run([file('first.jsonl', lines([row(1), row(2), row(3, { payload: undefined, payload_encoding: undefined })]))]);
    const report = await run([file('second.jsonl', lines([row(1, { route: '/other', status_code: 500 }), row(2, { payload: { query_params: { trace: 'forged' } } }), row(3), row(4)]))]);
    expect(report.files[0]).toMatchObject({ accepted: 2, skipped: 0, changed: 2 });
    expect(report.problems).toMatchObject([{ line: 1, outcome: 'changed', reason: expect.stringContaining('Differs in route, status_code') as string }, { line: 2, outcome: 'changed', reason: expect.stringContaining('payload') as string }]);
    expect(await value(app, 'audit.get', { deploymentId, id: 1 })).toMatchObject({ route: '/api/plan/1', statusCode: 200 });
    expect(await value(app, 'audit.get', { deploymentId, id: 3 })).toMatchObject({ payloadState: 'plain' });
  });

  it('takes a payload from CSV as the one that came as JSON, although Python spells the two differently', async () => {
    const payload = { query_params: { name: 'Zoë', list: [1, 2] } };
    await run([file('a.json', JSON.stringify([row(1, { payload })]))]);
    const csv = 'id,route,method,event_type,org_key,actor_sub,actor_email,resource_id,status_code,created_at,payload,payload_encoding\r\n'
      + '1,/api/plan/1,POST,http.request,acme,auth0|admin1,admin1@acme.test,1,200,2026-11-22T05:37:01.285987+00:00,"{""query_params"": {""name"": ""Zo\\u00eb"", ""list"": [1, 2]}}",json\r\n';
    expect((await run([file('a.csv', csv)])).files[0]).toMatchObject({ format: 'navi-csv', skipped: 1, changed: 0 });
  });

  it('reads gzip of several members, and refuses what is cut off, damaged or followed by something', async () => {
    const [first, second] = [gzipSync(lines([row(1)])), gzipSync(lines([row(2)]))];
    expect(await run([file('two.jsonl.gz', Buffer.concat([first, second, Buffer.alloc(512)]))])).toMatchObject({ outcome: 'written', files: [{ accepted: 2 }] });
    const big = gzipSync(lines(Array.from({ length: 5000 }, (_, index) => row(100 + index, { trace: createHash('sha256').update(String(index)).digest('hex') }))));
    const damaged = Buffer.from(big);
    damaged.fill(0xff, big.length - 3000, big.length - 2000);
    for (const [name, bytes, reason] of [['cut.gz', big.subarray(0, big.length - 100), 'cut off'], ['damaged.gz', damaged, 'damaged'], ['behind.gz', Buffer.concat([big, Buffer.from('and more')]), 'damaged'], ['zeros.gz', Buffer.concat([big, Buffer.alloc(5), first]), 'behind the end']] as const) {
      const report = await run([file(name, bytes)]);
      expect(report, name).toMatchObject({ outcome: 'refused' });
      expect(report.problems.map((problem) => problem.reason).join(' '), name).toContain(reason);
      expect(report.files[0]?.sha256, name).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
    expect(await code(app, 'audit.import', { deploymentId, paths: [file('tiny.gz', Buffer.concat([first, Buffer.from('and more')]))] })).toBe('unknown_format');
    expect(await summary()).toBe(2);
  });

  it('gives rows of AI-Karen ids of their own: the same file twice adds nothing, a line that is there twice stays twice', async () => {
    const entry = (message: string): string => JSON.stringify({ timestamp: '2026-11-22 05:42:05,587', level: 'INFO', logger: 'service.production_auth', message, module: 'm', function: '_record_auth_attempt', line: 3, event_type: 'authentication', email: 'ann@acme.test', ip_address: '10.1.2.3', success: true });
    const path = file('application.log', `${entry('a')}\n${entry('b')}\n${entry('a')}\n`);
    expect((await run([path])).files[0]).toMatchObject({ format: 'karen-application-log', accepted: 3, skipped: 0 });
    expect((await run([path])).files[0]).toMatchObject({ accepted: 0, skipped: 3 });
    appendFileSync(path, `${entry('a')}\n${entry('c')}\n`);
    expect((await run([path])).files[0]).toMatchObject({ accepted: 2, skipped: 3 });
    expect(await summary()).toBe(5);
  });

  it('keeps problems to be read page by page', async () => {
    const path = file('many.jsonl', lines(Array.from({ length: 450 }, (_, index) => row(index + 1))));
    await run([path]);
    const report = await run([path]);
    expect(report.problems).toHaveLength(200);
    expect(report.problemCount).toBe(450);
    const seen: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: { problems: { line: number }[]; next: number | null } = await value(app, 'audit.importProblems', { importId: report.importId ?? 0, after, limit: 200 });
      seen.push(...page.problems.map(({ line }) => line));
      after = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
    expect(await code(app, 'audit.importProblems', { importId: 99 })).toBe('import_not_found');
  });
});

describe('before anything is written', () => {
  it('a file is shown as what it is', async () => {
    const pretty = JSON.stringify({ event_id: 'e1', event_type: 'plan.created', timestamp: '2026-11-22T05:42:05', correlation_id: 'c1' }, null, 2);
    const cases: readonly (readonly [name: string, content: string | Buffer, format: string | null, finding: string])[] = [
      ['a.txt', JSON.stringify([row(1)]), 'navi-json', 'NAVI export'], ['b.csv', 'id,route,method,event_type,status_code,created_at,x\n1,/r,GET,e,200,2026-11-22,y\n', 'navi-csv', 'left out: x'], ['c.csv', 'id,route,method\n1,/r,GET\n', null, 'lacks event_type'],
      ['audit_2026-11-22.jsonl', `${pretty}\n${pretty}`, 'karen-audit-json', 'several lines'], ['model_orchestrator_audit.log', '{"timestamp":"2026-11-22T05:42:05Z","event_type":"model","model_id":"m","operation":"load","success":true}\n', 'karen-orchestrator-log', 'orchestrator'],
      ['rotated.log', 'rest of a line"}\n{"timestamp":"2026-11-22 05:42:05,587","level":"INFO","logger":"l","message":"m"}\n', 'karen-application-log', 'Line 1 cannot be read'], ['d.json.gz', gzipSync(JSON.stringify([row(1)])), 'navi-json', 'NAVI'],
      ['e.json', '[]', 'navi-json', 'no rows'], ['f.json', '', null, 'empty'], ['g.pdf', '%PDF-1.7\n', null, 'PDF'], ['h.db', Buffer.from('SQLite format 3\0rest'), null, 'SQLite'], ['i.log', '2026-11-22 05:42:05,587 - 127.0.0.1 - "POST /api HTTP/1.1" 400\n', null, 'text'], ['j.json', '{"rows":[1]}', null, 'members rows'],
      ['k.bin', Buffer.from([1, 0, 2, 0, 255]), null, 'no text'], ['l.csv', Buffer.from('\ufeffid,route', 'utf16le'), null, 'UTF-16'], ['m.html', '<html></html>', null, 'HTML'],
    ];
    const paths = cases.map(([name, content]) => file(name, content));
    const { files } = await value(app, 'audit.importInspect', { deploymentId, paths });
    cases.forEach(([name, , format, finding], index) => {
      expect([name, files[index]?.format], files[index]?.finding).toEqual([name, format]);
      expect(files[index]?.finding).toContain(finding);
    });
    expect(files[0]?.sample).toMatchObject([{ createdAt: '2026-11-22T05:37:01.285987Z', method: 'POST', route: '/api/plan/1', actor: 'admin1@acme.test' }]);
    expect(await summary()).toBe(0);
    expect(await code(app, 'audit.import', { deploymentId, paths: [paths[9] ?? ''] })).toBe('unknown_format');
  });

  it('a row above the cap as the very first one hides neither the format nor the other rows', { timeout: 120_000 }, async () => {
    const long = `{"id":9,"route":"${'x'.repeat(17_000_000)}"}`;
    const pretty = JSON.stringify([row(2), row(3)], null, 1).slice(1);
    const cases: readonly (readonly [name: string, content: string | Buffer, format: string])[] = [
      ['long.jsonl', `${long}\n${lines([row(1)])}`, 'navi-jsonl'], ['long.json', `[\n${long},\n${pretty}`, 'navi-json'], ['one-line.json.gz', gzipSync(`[${long},${JSON.stringify(row(4))}]`, { level: 1 }), 'navi-json'],
      ['broken.jsonl', `${long.slice(0, -2)}\n${lines([row(5)])}`, 'navi-jsonl'], ['cr.jsonl', `${long}\r${lines([row(6), row(7)]).replaceAll('\n', '\r')}`, 'navi-jsonl'],
    ];
    for (const [name, content, format] of cases) {
      const path = file(name, content);
      const [seen] = (await value(app, 'audit.importInspect', { deploymentId, paths: [path] })).files;
      expect([name, seen?.format], seen?.finding).toEqual([name, format]);
      expect(seen?.finding).toMatch(/ Line [12] cannot be read: longer than 16 MiB, the most that one row may have/);
      expect(seen?.sample.length).toBeGreaterThan(0);
    }
    const report = await run([join(folder, 'long.json'), join(folder, 'cr.jsonl')], { mode: 'keep-good' });
    const rejected = { outcome: 'rejected', reason: expect.stringContaining('16 MiB') as string };
    expect(report).toMatchObject({ outcome: 'written', problemCount: 2, files: [{ accepted: 2, rejected: 1 }, { accepted: 2, rejected: 1 }], problems: [{ file: 0, line: 2, ...rejected }, { file: 1, line: 1, ...rejected }] });
    const alone = file('alone.jsonl', long);
    expect((await value(app, 'audit.importInspect', { deploymentId, paths: [alone] })).files[0]).toMatchObject({ format: null });
    const blanks = file('blanks.txt', `${' '.repeat(400_000)}text`);
    expect((await value(app, 'audit.importInspect', { deploymentId, paths: [blanks] })).files[0]).toMatchObject({ format: null, finding: 'Not known: many blanks, and no JSON behind them.' });
  });

  it('rows whose payloads Holdfast opened are refused as a file and as a row: opened payloads never go into the cache', async () => {
    const opened = { ...row(1), outcome: 'opened', opened_with: 'audit-2026-01' };
    const whole = file('opened.jsonl', lines([opened, { ...opened, id: 2 }]));
    expect((await value(app, 'audit.importInspect', { deploymentId, paths: [whole] })).files[0]).toMatchObject({ format: null, finding: expect.stringContaining('opened') as unknown });
    expect(await code(app, 'audit.import', { deploymentId, paths: [whole] })).toBe('unknown_format');
    const mixed = file('mixed.jsonl', lines([row(3), opened]));
    expect(await run([mixed], { mode: 'keep-good' })).toMatchObject({ files: [{ accepted: 1, rejected: 1 }], problems: [{ line: 2, outcome: 'rejected', reason: expect.stringContaining('opened') as unknown }] });
    expect(await summary()).toBe(1);
  });

  it('a CSV with U+0000 in a field is still the CSV that its header says', async () => {
    const path = file('null.csv', `id,route,method,event_type,org_key,actor_sub,actor_email,resource_id,status_code,created_at\r\n1,/api/a\u0000b,POST,http.request,acme,,,,200,2026-11-22T05:37:01+00:00\r\n`);
    expect((await value(app, 'audit.importInspect', { deploymentId, paths: [path] })).files[0]).toMatchObject({ format: 'navi-csv' });
    expect(await run([path])).toMatchObject({ outcome: 'written', files: [{ accepted: 1 }] });
    const binary = file('binary.csv', Buffer.from([1, 0, 2, 0, 3]));
    expect((await value(app, 'audit.importInspect', { deploymentId, paths: [binary] })).files[0]).toMatchObject({ format: null });
  });

  it('what is missing or no file has its own error', async () => {
    expect(await code(app, 'audit.import', { deploymentId, paths: [join(folder, 'nowhere.json')] })).toBe('file_not_found');
    expect(await code(app, 'audit.importInspect', { deploymentId, paths: [folder] })).toBe('file_unreadable');
    expect(await code(app, 'audit.import', { deploymentId: 'd_0000000000000000', paths: [folder] })).toBe('deployment_not_found');
    expect(await code(app, 'audit.importInspect', { deploymentId, paths: ['/dev/zero'] })).toBe('file_unreadable');
  });
});

describe('while an import runs', () => {
  const many = (count: number): string => lines(Array.from({ length: count }, (_, index) => row(index + 1)));

  it('a cancel at any moment leaves the cache as it was', async () => {
    await run([file('held.jsonl', lines([row(1_000_001)]))]);
    const path = file('big.jsonl', many(60_000));
    let cancelled = 0;
    for (const afterReports of [1, 2, 3, 5]) {
      let reports = 0;
      const stop = app.onEvent((event) => {
        if (event.name !== 'job.progressed' || !/^(?:Checking|Writing)/.test((event.payload as { step: string }).step)) return;
        reports += 1;
        if (reports === afterReports) void app.dispatch('job.cancel', { jobId: (event.payload as { jobId: string }).jobId });
      });
      const answer = await app.dispatch('audit.import', { deploymentId, paths: [path] });
      stop();
      if (answer.ok) break;
      expect(answer.error.code).toBe('cancelled');
      cancelled += 1;
      expect(await summary()).toBe(1);
    }
    expect(cancelled).toBeGreaterThan(0);
    // The right to write is given back.
    expect((await run([path])).outcome).toBe('written');
    expect(await summary()).toBe(60_001);
  });

  it('a lock ends it, and nothing of it is in the cache', async () => {
    const path = file('big.jsonl', many(40_000));
    const stop = app.onEvent((event) => {
      if (event.name === 'job.progressed' && (event.payload as { step: string }).step.startsWith('Writing')) void app.lock('asked');
    });
    const answer = await app.dispatch('audit.import', { deploymentId, paths: [path] });
    stop();
    expect(answer.ok).toBe(false);
    expect((await app.dispatch('app.unlock', {})).ok).toBe(true);
    expect(await summary()).toBe(0);
  });

  it('a file that changes between the two readings is refused, and the cache is as before', async () => {
    const path = file('growing.jsonl', many(20_000));
    const stop = app.onEvent((event) => {
      if (event.name === 'job.progressed' && (event.payload as { step: string }).step.startsWith('Checking')) appendFileSync(path, lines([row(5_000_000 + Math.floor(performance.now()))]));
    });
    const answer = await app.dispatch('audit.import', { deploymentId, paths: [path] });
    stop();
    // Growing during the first reading is no harm; what counts is that what was checked is what was written.
    if (!answer.ok) expect(answer.error.code).toBe('file_unreadable');
    expect(await summary()).toBe(answer.ok ? answer.value.files[0]?.accepted : 0);
  });
});

it('ids made from content lie above every id of a server', async () => {
  await run([file('application.log', '{"timestamp":"2026-11-22 05:42:05,587","level":"INFO","logger":"l","message":"m"}\n')]);
  expect(FILE_ID_FLOOR).toBe(2 ** 52);
  expect(await summary()).toBe(1);
});
