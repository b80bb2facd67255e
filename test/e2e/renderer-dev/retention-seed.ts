// Made-up retention for drawing the screen: a rule that does not delete, holds of every kind, a plan, purges and certificates; used by nothing that ships and by no test of behaviour.
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { Hold } from '#shared/domain/retention-hold.ts';
import type { PurgePlan, PurgePreview, PurgeRun, RetentionCertificate } from '#shared/domain/retention-plan.ts';
import { AppError } from '#shared/errors.ts';
import { ago } from './seed.ts';

type Answers = { [N in CallName]?: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>> };

export interface RetentionOptions {
  readonly verdict?: 'deleting' | 'not-deleting' | 'unknown';
  readonly isEmpty?: boolean;
  readonly isUnsettled?: boolean;
  readonly hasPlan?: boolean;
  readonly isQuiet?: boolean;
  readonly hasHeldPreview?: boolean;
}

const DAY = 86_400;
const HEX = (letter: string): string => letter.repeat(64);
const hold = (at: number, over: Partial<Hold>): Hold => ({
  id: `h_000000000000000${at}`, deploymentId: 'd_00000000000000a1', caseId: `LIT-20${at}`, owner: 'Legal, L. Marin', reason: 'Litigation about the device flow of October.', reviewOn: ago(-DAY * 60).slice(0, 10), query: 'route:/oauth/device since:2026-09-01', createdAt: ago(DAY * 30), released: null,
  counts: { rows: 1204, preserved: 1204, withoutPayload: 0, dueSoon: 0, due: 0, vanished: 0 }, nextDue: ago(-DAY * 31), isReviewOverdue: false, ...over,
});

const HOLDS: readonly Hold[] = [
  hold(1, {}),
  hold(2, { caseId: 'INC-204 token replay', owner: 'Security', query: 'actor:svc-planner status:>=400 since:2026-08-01 until:2026-09-15', counts: { rows: 318, preserved: 290, withoutPayload: 12, dueSoon: 41, due: 6, vanished: 2 }, nextDue: ago(3600), isReviewOverdue: true, reviewOn: ago(DAY * 4).slice(0, 10) }),
  hold(3, { caseId: 'AUDIT-2025', released: { at: ago(DAY * 9), reason: 'The auditor has what they asked for.' } }),
];

function bars(isEmpty: boolean): CallOutput<'retention.show'>['ages']['bars'] {
  if (isEmpty) return [];
  return Array.from({ length: 116 }, (_, at) => {
    const rows = at < 4 ? 6 + at : Math.max(0, Math.round(260 + 150 * Math.sin(at / 3.4) + (at % 7 > 4 ? -170 : 40) + at));
    return { from: ago(DAY * (116 - at)), to: ago(DAY * (115 - at)), rows, bytes: rows * 912, held: at > 20 && at < 34 ? Math.round(rows * 0.18) : at === 70 || at === 71 ? 40 : 0 };
  });
}

function preview(days: number, { hasHeldPreview = false }: RetentionOptions): PurgePreview {
  const rows = 6210;
  return {
    days, cutoff: ago(DAY * days), rows, bytes: rows * 912, byType: [{ value: 'http.request', rows: 6002 }, { value: 'auth.device.poll', rows: 208 }], byOrg: [{ value: 'acme', rows: 4870 }, { value: 'borealis', rows: 1301 }, { value: null, rows: 39 }],
    byActor: [{ value: 'svc-planner', rows: 3120 }, { value: 'admin-2@acme.example', rows: 1644 }, { value: 'auditor@acme.example', rows: 902 }, { value: null, rows: 544 }], byDay: Array.from({ length: 26 }, (_, at) => ({ day: ago(DAY * (116 - at)).slice(0, 10), rows: 180 + (at * 37) % 140 })),
    isShortened: false, first: { id: 5_802_113, createdAt: ago(DAY * 116), route: '/api/plan/7f2/step', eventType: 'http.request' }, last: { id: 5_808_322, createdAt: ago(DAY * 90 + 41), route: '/api/files/invoice\u202Efdp.exe', eventType: 'http.request' },
    held: hasHeldPreview ? [{ holdId: 'h_0000000000000002', caseId: 'INC-204 token replay', rows: 6 }] : [], heldRows: hasHeldPreview ? 6 : 0,
    gaps: [{ from: ago(DAY * 101), to: ago(DAY * 99), reason: 'The export was cut off at 10,000 rows within one second; rows with the same time may be missing.' }],
    alsoDue: { until: ago(DAY * days - 900), rows: 4, held: 0 }, serverCount: { rows: 6482, at: ago(3 * 3600), reason: 'Its status counts 6482 over all organisations; its database answered at that time.' }, rowsDigest: HEX('3'), alsoDueDigest: HEX('4'),
    warnings: [...(hasHeldPreview ? ['6 rows are under legal holds (INC-204 token replay: 6). No plan is made while they are.'] : []), 'The deployment deletes rows of EVERY organisation, at once, without a preview of its own, and nobody can bring them back.', 'A stretch before the cutoff was never read completely. What is in it goes too, is not counted here, and is nowhere else.', 'The deployment itself counted 6482 rows as due; the cache has 6210 rows.'],
  };
}

const planOf = ({ name, url, environment, dialect }: Deployment, options: RetentionOptions): PurgePlan => ({
  format: 'holdfast.retention-plan/1', id: 'p_00000000000000aa', deployment: { name, url, environment, dialect }, madeAt: ago(120), madeBy: 'admin', madeByKey: HEX('5'),
  windows: environment === 'production' ? [{ kind: 'approved', from: ago(120), until: ago(-780), days: 90 }, { kind: 'delayed', from: ago(-DAY + 120), until: ago(-DAY - 780), days: 91 }] : [{ kind: 'now', from: ago(120), until: ago(-780), days: 90 }],
  preview: preview(90, options), digest: '9b1c03ffae'.repeat(7).slice(0, 64),
});

const run = (at: number, over: Partial<PurgeRun>): PurgeRun => ({
  id: `r_000000000000000${at}`, deploymentId: 'd_00000000000000a1', planId: `p_000000000000000${at}`, planDigest: HEX(String(at)), startedAt: ago(DAY * 7 * at), endedAt: ago(DAY * 7 * at - 4), state: 'answered', planned: 5120 + at, alsoDue: 0, days: 90, cutoff: ago(DAY * (90 + 7 * at)), deleted: 5120 + at,
  serverCutoff: ago(DAY * (90 + 7 * at)), approvedBy: 'M. Ruiz', message: `The deployment answered that it deleted ${5120 + at} rows, as planned.`, ledgerEntry: 40 - at, ...over,
});

const CHECKS: RetentionCertificate['checks'] = [
  { id: 'policy', title: 'The rule is on', state: 'holds', message: 'The deployment says 90 days, and its cutoff fits its clock.', asked: 0, source: 'GET /api/admin/security/status' },
  { id: 'rows-gone', title: 'Rows past the cutoff are gone', state: 'holds', message: 'All 200 rows that were asked for answered that they are not there.', asked: 200, source: 'GET /api/audit/{id}/payload' },
  { id: 'rows-kept', title: 'Rows before it are still there', state: 'holds', message: '200 of 200 younger rows are there.', asked: 200, source: 'GET /api/audit/{id}/payload' },
  { id: 'holds-intact', title: 'Held rows are intact', state: 'fails', message: '2 of 318 held rows are not there. Both are in the vault with their digests.', asked: 318, source: 'GET /api/audit/{id}/payload' },
  { id: 'witness', title: 'The witness agrees', state: 'holds', message: 'The newest checkpoint covers every row that is held.', asked: 0, source: 'this workstation' },
  { id: 'overdue', title: 'Its own count', state: 'could-not', message: 'It says 0, but it says so too when its database is down.', asked: 0, source: 'GET /api/admin/security/status' },
];

export function retentionAnswers(find: (id: string) => Deployment, options: RetentionOptions = {}): Answers {
  const { verdict = 'not-deleting', isEmpty = false, isUnsettled = false, isQuiet = false } = options;
  let hasPlan = options.hasPlan === true;
  let armed = false;
  const certificates = [{ id: 'c_0000000000000002', issuedAt: ago(DAY * 2), outcome: 'open' as const, days: 90, runId: null }, { id: 'c_0000000000000001', issuedAt: ago(DAY * 7 - 60), outcome: 'fails' as const, days: 90, runId: 'r_0000000000000001' }];
  const offers = ({ dialect }: Deployment): boolean => dialect === 'A';
  const runs = [...(isUnsettled ? [run(1, { state: 'unknown', deleted: null, serverCutoff: null, message: 'The connection was lost before an answer came. Whether rows were deleted is not known.' })] : [run(1, {})]), run(2, { state: 'found-done', deleted: null, message: 'None of 64 rows that were asked for is there any more: it happened.', approvedBy: null })];
  const show = ({ deploymentId }: { deploymentId: string }): CallOutput<'retention.show'> => {
    const deployment = find(deploymentId);
    return {
      deploymentId, isReadOnly: deployment.readOnly,
      policy: isEmpty ? { state: 'unknown', days: null, cutoff: null, overdue: { said: null, rows: null, reason: 'Nobody was asked.' }, observedAt: null, reason: 'The security status of this address was not read with the present token yet: sync, or scan its security.' }
        : { state: 'on', days: 90, cutoff: ago(DAY * 90), overdue: verdict === 'not-deleting' ? { said: 6482, rows: 6482, reason: 'Counted by the deployment, over all organisations.' } : { said: 0, rows: null, reason: 'It says 0, but it says so too when its database is down.' }, observedAt: ago(3 * 3600), reason: 'Rows older than 90 days are due, for all organisations.' },
      verdict: isEmpty ? { state: 'unknown', message: 'Whether it deletes is not known. The security status of this address was not read with the present token yet.', evidence: [] } : {
        state: verdict, message: { 'not-deleting': 'Configured, but not deleting: rows older than 90 days were still there more than a day after they came due.', 'deleting': 'Deleting as configured: rows older than 90 days that were seen there are gone.', 'unknown': 'No row that was seen has come due yet, so whether it deletes is not known.' }[verdict],
        evidence: verdict === 'unknown' ? [] : [{ source: 'GET /api/audit', at: ago(3 * 3600), text: 'Row 5,802,113 was given, 26 days after it came due.' }, { source: 'GET /api/admin/security/status', at: ago(3 * 3600), text: 'overdue_count was 6482, and 6210 the day before: it grows.' }, { source: 'GET /api/audit', at: ago(DAY * 2), text: '112 rows that came due were still given.' }],
      },
      ages: { rows: isEmpty ? 0 : 31_204, oldestAt: isEmpty ? null : ago(DAY * 116), newestAt: isEmpty ? null : ago(3 * 3600), pastCutoff: isEmpty ? null : 6210, seenPastCutoff: isEmpty ? null : verdict === 'not-deleting' ? 5980 : 0, syncedAt: isEmpty ? null : ago(3 * 3600), gaps: isEmpty ? [] : preview(90, options).gaps, stepDays: 1, bars: bars(isEmpty) },
      due: isEmpty ? [] : [{ days: 7, by: ago(-DAY * 7), rows: 1902, bytes: 1_734_624, held: 0 }, { days: 30, by: ago(-DAY * 30), rows: 8211, bytes: 7_488_432, held: 402 }, { days: 90, by: ago(-DAY * 90), rows: 24_994, bytes: 22_794_528, held: 720 }],
      holds: isEmpty || isQuiet ? [] : [...HOLDS], purge: offers(deployment) ? { state: 'offered', reason: 'POST /api/audit/purge deletes rows of every organisation at once, and the deployment offers no preview.' } : { state: 'not-offered', reason: 'Purging is done by a script on the server; there is no route. Schedule that script instead.' },
      plan: hasPlan ? planOf(deployment, options) : null, runs: isEmpty || isQuiet || !offers(deployment) ? [] : runs, certificates: isEmpty || isQuiet ? [] : certificates,
    };
  };
  const file = ({ path }: { path: string }) => ({ path, sha256: HEX('a'), bytes: 4812 });
  const plan = ({ deploymentId }: { deploymentId: string }): PurgePlan => { hasPlan = true; return planOf(find(deploymentId), options); };
  return {
    'retention.show': show,
    'retention.preview': ({ days }) => preview(days ?? 90, options),
    'retention.plan': plan,
    'retention.dropPlan': () => { hasPlan = false; return {}; },
    'retention.arm': ({ deploymentId }) => {
      if (!hasPlan) throw new AppError('plan_expired', { message: 'There is no such plan. Nothing was sent.', hint: 'Make a new plan.' });
      armed = true;
      const made = planOf(find(deploymentId), options);
      return { token: 't'.repeat(48), planDigest: made.digest, name: made.deployment.name, rows: 6210, confirm: `${made.deployment.name} 6210`, window: made.windows[0] ?? { kind: 'now', from: ago(0), until: ago(0), days: 90 }, expiresAt: ago(-780) };
    },
    'retention.purge': ({ planId }) => {
      if (!armed) throw new AppError('plan_expired', { message: 'This purge is not armed. Nothing was sent.', hint: 'Arm it again.' });
      [armed, hasPlan] = [false, false];
      const done = run(1, { id: 'r_00000000000000aa', planId, planned: 6210, alsoDue: 4, deleted: 6212, startedAt: ago(4), endedAt: ago(1), message: 'The deployment answered that it deleted 6212 rows: those planned, and 2 of those that came due meanwhile.' });
      runs.unshift(done);
      return done;
    },
    'retention.settle': () => { runs[0] = run(1, { state: 'found-done', message: 'None of 64 rows that were asked for is there any more: it happened.', deleted: null }); return runs[0]; },
    'retention.verify': () => { throw new AppError('connection_refused', { message: 'Nothing answered at navi.acme.example:443.', hint: 'Check that the deployment runs and that this machine can reach it.' }); },
    'retention.certificate': ({ id }) => ({
      format: 'holdfast.retention-certificate/1', id, issuedAt: certificates.find((one) => one.id === id)?.issuedAt ?? ago(0), issuedBy: 'admin', program: 'Holdfast 0.1.0', deployment: { name: 'acme-prod', url: 'https://navi.acme.example', environment: 'production', dialect: 'A' }, policy: { state: 'on', days: 90, cutoff: ago(DAY * 92), observedAt: ago(DAY * 2) }, purge: null,
      counts: { before: 6210, after: 0, gone: 6210 }, holds: [{ caseId: 'INC-204 token replay', owner: 'Security', rows: 318, preserved: 290, vanished: 2 }], checks: CHECKS, outcome: certificates.find((one) => one.id === id)?.outcome ?? 'open', publicKey: 'mK1q0w5m3Ck8p0l9r6l1Yw2Z0r9i3N5w0c8m8Jp8m0nA=', seal: 'holdfast.local/retention\nabc\n\n— holdfast.local/retention abc\n',
    }),
    'retention.writeCertificate': file, 'retention.writePlan': file, 'retention.writeSchedule': file, 'retention.writeApproval': file,
    'retention.holdPreview': ({ query }) => {
      if (/since:\d+d/u.test(query)) throw new AppError('invalid_query', { message: 'since:30d counts back from now, so what it matches would slip away.', hint: 'Give a date, for example since:2026-10-01.' });
      return { rows: 318, oldestAt: ago(DAY * 92), newestAt: ago(DAY * 60), withoutPayload: 12, gaps: 1 };
    },
    'retention.holdAdd': (input) => hold(4, { caseId: input.caseId, owner: input.owner, reason: input.reason, query: input.query, reviewOn: input.reviewOn }),
    'retention.holdRelease': ({ reason }) => hold(1, { released: { at: ago(0), reason } }),
    'retention.holdList': () => ({ holds: [...HOLDS] }),
    'retention.schedule': ({ kind, workdir = '<<WORKDIR>>', python = '<<PYTHON>>' }) => ({
      kind, placeholders: [workdir, python].filter((one) => one.startsWith('<<')),
      files: kind === 'cron' ? [{ name: 'acme-prod-purge.cron', place: '/etc/cron.d/acme-prod-purge', text: `# Purges audit rows past their retention, each night at 03:17 UTC.\nCRON_TZ=UTC\n17 3 * * * navi cd ${workdir} && PYTHONPATH=${workdir} ${python} backend/scripts/purge_audit_logs.py\n`, check: 'holdfast retention lint acme-prod-purge.cron' }]
        : [{ name: 'acme-prod-purge.service', place: '/etc/systemd/system', text: `[Unit]\nDescription=Purge audit rows past their retention\n\n[Service]\nType=oneshot\nWorkingDirectory=${workdir}\nEnvironment=PYTHONPATH=${workdir}\nExecStart=${python} backend/scripts/purge_audit_logs.py\n`, check: 'systemd-analyze verify acme-prod-purge.service' }, { name: 'acme-prod-purge.timer', place: '/etc/systemd/system', text: '[Timer]\nOnCalendar=*-*-* 03:17:00 UTC\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n', check: 'systemctl list-timers acme-prod-purge.timer' }],
      steps: ['sudo install -m 0644 acme-prod-purge.cron /etc/cron.d/acme-prod-purge', 'journalctl -t CRON --since today'], notes: ['The script deletes the rows of all organisations that are older than AUDIT_RETENTION_DAYS, at once and without asking. A legal hold of this console does not stop it.', 'make audit-purge is not used: it runs the script without PYTHONPATH, which ends in ModuleNotFoundError before anything is deleted.'],
    }),
    'retention.lint': ({ text }) => ({ kind: text.includes('OnCalendar') ? 'systemd-timer' : 'cron', problems: [{ line: 1, level: 'error', rule: 'pythonpath', message: 'The script runs without PYTHONPATH and ends before anything is deleted.', fix: 'PYTHONPATH=/srv/navi python3 backend/scripts/purge_audit_logs.py' }, { line: 1, level: 'warning', rule: 'local-time', message: 'The time is local: on the day that the clocks change it runs twice, or not at all.', fix: 'Put CRON_TZ=UTC above the line.' }], ask: ['systemctl is-enabled cron'] }),
    'retention.ownPolicy': () => ({ rowDays: 400, exportDays: 30, reportDays: null }),
    'retention.setOwnPolicy': (input) => input,
    'retention.ownPreview': () => ({ token: 't'.repeat(48), digest: HEX('d'), policy: { rowDays: 400, exportDays: 30, reportDays: null }, cutoffs: { rows: ago(DAY * 400), exports: ago(DAY * 30), reports: null }, rows: { due: 2210, bytes: 2_015_520, held: 41, kept: 31_204, released: 12 }, files: [{ path: '/home/admin/acme-prod-audit-2026-10-01.jsonl', kind: 'export', writtenAt: ago(DAY * 52), bytes: 812_004, state: 'due' }, { path: '/home/admin/acme-prod-audit-2026-09-01.csv', kind: 'export', writtenAt: ago(DAY * 82), bytes: 92_113, state: 'changed' }], deployments: [{ deploymentId: 'd_00000000000000a1', name: 'acme-prod', due: 2210, held: 41 }], copies: [{ name: 'cache.db.before-4', bytes: 7_340_032 }] }),
    'retention.ownPurge': () => ({ rowsRemoved: 2210, rowsHeld: 41, releasedRemoved: 12, filesRemoved: 1, filesLeft: 1, copiesRemoved: 1, bytesBefore: 14_680_064, bytesAfter: 5_242_880, isCompacted: true, ledgerEntry: 48 }),
  };
}
