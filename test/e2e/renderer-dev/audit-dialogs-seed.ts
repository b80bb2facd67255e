// Made-up answers for the dialogs and panels of the audit screen while they are drawn; used by nothing that ships and by no test of behaviour.
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { BulkPlan, BulkRow, BulkRun } from '#shared/domain/audit-bulk.ts';
import type { ImportReport, InspectedFile } from '#shared/domain/audit-import.ts';
import type { AuditFinding, WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { AppError } from '#shared/errors.ts';
import { ago, makeEvents, PROD } from './seed.ts';

export type DialogAnswers = { [N in CallName]?: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>> };
const hex = (seed: number): string => Array.from({ length: 64 }, (_, at) => ((seed * 31 + at * 7 + (at >> 2) * 5) % 16).toString(16)).join('');
const PAYLOAD = '{"query_params":{"device_code":"Jx3-Rk77-q9","trace":"2f1c09","note":"invoice\u202Efdp.exe","amount":9007199254740993}}';

const SAMPLE: InspectedFile['sample'] = [
  { createdAt: ago(86_400 * 4), method: 'POST', route: '/api/plan/7f2/step', actor: 'admin-2@acme.example', payload: 'encrypted, audit-2026-01' },
  { createdAt: ago(86_400 * 4 + 12), method: 'DELETE', route: '/api/admin/rbac/roles/grant', actor: null, payload: '{"role":"admin\u202Erotcudnoc"}' },
  { createdAt: ago(86_400 * 4 + 40), method: 'PATCH', route: '/oauth/device/poll', actor: 'svc-planner', payload: 'encrypted, audit-2025-12' },
];
const INSPECTED: readonly InspectedFile[] = [
  { path: '/home/admin/Downloads/navi-export-2026-11-14.json.gz', name: 'navi-export-2026-11-14.json.gz', bytes: 48_120_331, isGzip: true, format: 'navi-json', finding: 'A JSON array of objects with the fields of the export, among them payload_encoding.', sample: SAMPLE },
  { path: '/home/admin/Downloads/audit.jsonl', name: 'audit.jsonl', bytes: 918_204, isGzip: false, format: 'karen-audit-json', finding: 'Called .jsonl, but it holds pretty-printed objects one after the other. They are read as such.', sample: SAMPLE.slice(0, 1) },
  { path: '/home/admin/Downloads/holiday\u202Egpj.exe', name: 'holiday\u202Egpj.exe', bytes: 2_301_004, isGzip: false, format: null, finding: 'Begins with the bytes FF D8 FF: a JPEG picture. No format that is known here.', sample: [] },
];

function makeReport(over: Partial<ImportReport>, rejected = 3): ImportReport {
  return {
    importId: 4, notes: [], deploymentId: PROD.id, at: ago(5), mode: 'keep-good', outcome: 'written',
    files: [
      { name: 'navi-export-2026-11-14.json.gz', bytes: 48_120_331, sha256: hex(3), format: 'navi-json', outcome: over.outcome === 'refused' ? 'refused' : 'taken', rows: 120_400, accepted: 118_204, skipped: 2190, rejected, changed: 3, oldestAt: ago(86_400 * 30), newestAt: ago(86_400 * 4) },
      { name: 'audit.jsonl', bytes: 918_204, sha256: hex(5), format: 'karen-audit-json', outcome: over.outcome === 'refused' ? 'refused' : 'taken', rows: 812, accepted: 812, skipped: 0, rejected: 0, changed: 0, oldestAt: ago(86_400 * 12), newestAt: ago(86_400 * 11) },
    ],
    problems: [
      ...Array.from({ length: rejected }, (_, at) => ({ file: 0, line: 20_311 + at * 977, outcome: 'rejected' as const, reason: at === 1 ? 'created_at is no time: "yesterday".' : 'The row is cut off in the middle of a string.', excerpt: `{"id":91${at}204,"route":"/api/navi/chat\u001B[31m","method":"POST","crea` })),
      ...Array.from({ length: 3 }, (_, at) => ({ file: 0, line: 88_120 + at, outcome: 'changed' as const, reason: 'Held with another status code (200, here 403). The first version stays.', excerpt: `{"id":88${at}120,"status_code":403}` })),
      ...Array.from({ length: 190 }, (_, at) => ({ file: 0, line: 90_000 + at, outcome: 'skipped' as const, reason: 'Held already, with the same content.', excerpt: null })),
    ],
    problemCount: 2196, ...over,
  };
}

const PLAN: BulkPlan = {
  rows: 1204, others: 34, withoutPayload: 12, byKey: [{ keyId: 'audit-2026-01', rows: 910, isHeld: true }, { keyId: 'audit-2025-12', rows: 291, isHeld: false }, { keyId: null, rows: 3, isHeld: false }], digest: hex(9), fitsInMemory: true,
};
const RUN: BulkRun = { bulkId: 'b1', deploymentId: PROD.id, rows: 1204, digest: PLAN.digest, counts: { opened: 913, noKey: 281, damaged: 9, notObject: 1 }, byKey: [{ keyId: 'audit-2026-01', rows: 913 }], reason: 'INC-204 token replay', ledgerEntry: 3311, openedAt: ago(30), seconds: 0.42 };
const ROWS: readonly BulkRow[] = makeEvents(2600).filter(({ payloadState }) => payloadState === 'encrypted').slice(0, 1204).map((event, at) => {
  const outcome = at % 133 === 7 ? 'damaged' : at % 4 === 3 ? 'no-key' : at === 12 ? 'not-object' : 'opened';
  return { event, outcome, keyId: outcome === 'opened' || outcome === 'not-object' ? 'audit-2026-01' : null, sealedAt: outcome === 'damaged' ? null : event.createdAt, payload: outcome === 'opened' ? PAYLOAD.replace('Jx3', `Jx${at}`) : null, isCut: at === 4 };
});

const row = (over: Record<string, unknown>): string => JSON.stringify({ id: 918_170, created_at: '2026-11-20T09:14:02.118Z', route: '/api/admin/rbac/roles/grant', method: 'POST', event_type: 'http.request', org: 'acme', actor_sub: 'auth0|8f2c11', actor_email: 'admin-2@acme.example', resource_id: 'step', status_code: 403, ...over });
const FINDINGS: readonly AuditFinding[] = [
  { seq: 4, kind: 'changed', eventId: 918_170, createdAt: ago(86_400 * 2), foundAt: ago(7000), message: 'The server now gives this row with another actor and another status code.', held: row({}), found: row({ actor_email: 'auditor@acme.example', status_code: 200, trace: '9f\u200B' }) },
  { seq: 3, kind: 'vanished', eventId: 917_400, createdAt: ago(86_400 * 3), foundAt: ago(7000), message: 'The server no longer gives this row, 87 days before its retention ends.', held: row({ id: 917_400 }), found: null },
  { seq: 2, kind: 'back-dated', eventId: 918_300, createdAt: ago(86_400 * 6), foundAt: ago(90_000), message: 'This row appeared inside a stretch that had been read completely before.', held: null, found: row({ id: 918_300 }) },
  { seq: 1, kind: 'id-backwards', eventId: 400, createdAt: ago(86_400 * 6), foundAt: ago(90_000), message: 'A newer row with a lower id than one held before: the table was restored, or its sequence reset.', held: row({ id: 918_299 }), found: row({ id: 400 }) },
];
const NOTE = `holdfast.local/witness/acme-prod\n5000\n${Buffer.from(hex(11), 'hex').toString('base64')}\n\n— holdfast.local/witness/acme-prod Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n`;
const VERDICT: WitnessVerdict = {
  verdict: 'intact', leaves: 5000, root: hex(11), checkpoint: { size: 5000, root: hex(11), at: ago(3 * 3600), note: NOTE }, checkpoints: 41, publicKey: Buffer.from(hex(13), 'hex').toString('base64'), problems: [], problemCount: 0, findings: 4,
  message: 'All 5,000 rows fit the checkpoint signed 3 h ago, and it is the one that the keychain remembers.',
  limits: 'This proves that the rows held here are those that were synced and signed. It cannot show what the server removed or changed before the first sync, nor a row that never reached this workstation.',
};
export const BROKEN: WitnessVerdict = {
  ...VERDICT, verdict: 'broken', problemCount: 3, message: '3 places do not fit what was signed; the first is position 2,114.',
  problems: [
    { kind: 'row-changed', position: 2114, eventId: 917_004, message: 'The content of this row is not the one that was signed.' },
    { kind: 'row-removed', position: 2120, eventId: null, message: 'A row that was signed at this position is not there.' },
    { kind: 'tail-removed', position: 4990, eventId: null, message: '10 rows that were signed are missing at the end.' },
  ],
};

/** What of it a picture wants to change. */
export interface DialogOptions { readonly plan?: Partial<BulkPlan>; readonly verdict?: WitnessVerdict; readonly refuse?: boolean; readonly noFindings?: boolean; readonly noFits?: boolean }

/** Answers to every call that the dialogs and panels make. */
export function dialogAnswers(options: DialogOptions = {}): DialogAnswers {
  const folder = (path: string | null): CallOutput<'files.folders'> => {
    const at = path ?? '/home/admin';
    if (at.includes('secret')) throw new AppError('file_unreadable', { message: 'The folder /home/admin/secret cannot be read.', hint: 'Choose another folder.' });
    return { path: at, parent: at === '/' ? null : at.split('/').slice(0, -1).join('/') || '/', separator: '/', folders: at === '/home/admin' ? ['Archive', 'Desktop', 'Documents', 'Downloads', 'Evidence INC-204', 'Pictures', 'secret'] : at === '/' ? ['etc', 'home', 'media'] : ['2025', '2026'], files: at === '/home/admin' ? ['acme-prod-audit-2026-10-01.jsonl', 'notes.txt'] : [], isWritable: at !== '/', places: [{ name: 'Home', path: '/home/admin' }, { name: 'Documents', path: '/home/admin/Documents' }, { name: 'STICK', path: '/media/admin/STICK' }] };
  };
  return {
    'files.folders': ({ path = null }) => folder(path),
    'audit.importInspect': ({ paths }) => ({ files: paths.map((path) => INSPECTED.find((file) => file.path === path) ?? { ...(INSPECTED[0] as InspectedFile), path }) }),
    'audit.import': ({ mode = 'all-or-nothing', dryRun = false }) => (dryRun ? makeReport({ outcome: 'dry-run', mode, importId: null }) : mode === 'all-or-nothing' ? makeReport({ outcome: 'refused', mode, importId: null, problemCount: 196 }) : makeReport({ mode })),
    'audit.importList': () => ({ imports: [makeReport({ at: ago(86_400) }, 0), makeReport({ importId: 3, at: ago(86_400 * 9), problemCount: 0, problems: [] }, 0)] }),
    'audit.importProblems': ({ after = 0 }) => ({ problems: makeReport({}).problems, next: after + 196 }),
    'audit.coverage': () => ({ segments: [{ from: null, to: ago(86_400 * 16), state: 'unread', reason: 'Older than the first row that the server gave.', observedAt: null }, { from: ago(86_400 * 16), to: ago(86_400 * 9), state: 'complete', reason: null, observedAt: ago(10_000) }, { from: ago(86_400 * 9), to: ago(86_400 * 8), state: 'gap', reason: 'The export was cut off at 10,000 rows within one second; rows with the same time may be missing.', observedAt: ago(10_000) }, { from: ago(86_400 * 8), to: ago(10_000), state: 'complete', reason: null, observedAt: ago(10_000) }] }),
    'audit.export': ({ path }) => { if (options.refuse === true) throw new AppError('disk_full', { message: 'The disk is full. No file was left behind.', hint: 'Free some room, or choose another folder.' }); return { path, manifestPath: `${path}.manifest.json`, rows: 18_204, bytes: 9_310_224, sha256: hex(7) }; },
    'audit.bulkPlan': () => ({ ...PLAN, ...(options.noFits === true ? { fitsInMemory: false, rows: 918_204 } : {}), ...options.plan }),
    'audit.bulkDecrypt': ({ reason }) => ({ ...RUN, reason }),
    'audit.bulkResults': ({ text = '', outcome = null, offset = 0, limit = 100 }) => { const hits = ROWS.filter((one) => (outcome === null || one.outcome === outcome) && (text === '' || one.payload?.includes(text) === true)); return { rows: hits.slice(offset, offset + limit), matching: hits.length }; },
    'audit.bulkList': () => ({ runs: [] }),
    'audit.bulkForget': () => ({}),
    'audit.bulkExport': ({ path }) => ({ path, rows: 1204, counts: RUN.counts, bytes: 1_310_224, sha256: hex(2), digest: PLAN.digest, ledgerEntry: 3313 }),
    'audit.verify': () => options.verdict ?? VERDICT,
    'audit.findings': () => (options.noFindings === true ? { findings: [], total: 0 } : { findings: [...FINDINGS], total: 4 }),
    'audit.checkpoints': () => ({ checkpoints: Array.from({ length: 41 }, (_, at) => ({ size: 5000 - at * 100, root: hex(11 + at), at: ago(3 * 3600 + at * 7000), note: NOTE })), total: 41 }),
    'audit.checks': () => ({ checks: [
      { id: 'sealed-time', title: 'Sealed when it happened', state: 'found', rows: 12, message: '12 rows were sealed more than a minute after their own time. Re-written rows look like this.', query: 'id:918170 OR id:918171', examples: [918_170, 918_171] },
      { id: 'plain-while-encrypted', title: 'Encrypted as the server claims', state: 'found', rows: 1650, message: 'The server says that payloads are encrypted; 1,650 rows arrived in plain text.', query: 'encrypted:no', examples: [918_204] },
      { id: 'failure-markers', title: 'No failed encryption', state: 'clean', rows: 0, message: 'No row carries the marker of a failed encryption.', query: 'event:none', examples: [] },
      { id: 'malformed', title: 'Whole wrappers', state: 'clean', rows: 0, message: 'Every row that says it is encrypted holds a token.', query: null, examples: [] },
      { id: 'new-key-ids', title: 'Known key ids', state: 'unknown', rows: 0, message: 'Fewer than two syncs brought key ids, so nothing can be called new.', query: null, examples: [] },
    ] }),
  };
}
