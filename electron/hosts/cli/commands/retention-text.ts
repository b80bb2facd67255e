// What the retention commands show, as text for people: policy, ages, plans, purges, certificates. Whatever is not known is called unknown.
import type { AgeBar, CachedAges, RetentionPolicy, RetentionVerdict } from '#shared/domain/retention.ts';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { rowsToGo } from '#shared/domain/retention-plan.ts';
import type { CertificateReading, PurgePlan, PurgePreview, PurgeRun, RetentionCertificate, RetentionCheck } from '#shared/domain/retention-plan.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { counted, fields, say, table, utc } from '../print.ts';
import type { Cell, Look, Tone } from '../print.ts';

const us = (instant: string): number => parseInstantUs(instant) ?? Number.NaN;

const MOST_BARS = 20;
const BAR_CELLS = 30;
const MOST_VALUES = 8;

/** As a word of a command that somebody types. */
export const quoted = (text: string): string => (/^[\p{L}\p{N}_.@:/+-]+$/u.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** 12345678 as "11.8 MiB". */
export function size(bytes: number): string {
  if (bytes < 1024) return counted(bytes, 'byte');
  const exponent = Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** exponent).toFixed(1)} ${['', 'KiB', 'MiB', 'GiB', 'TiB'][exponent]}`;
}

export const bullets = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [[title, ...lines.map((line) => say`  - ${line}`)].join('\n')]);

const VERDICTS: Readonly<Record<RetentionVerdict['state'], { readonly text: string; readonly tone: Tone }>> = {
  deleting: { text: 'deleting as configured', tone: 'good' }, 'not-deleting': { text: 'configured but not deleting', tone: 'bad' }, unknown: { text: 'unknown', tone: 'doubtful' },
};

function overdueWords({ overdue: { said, rows, reason } }: RetentionPolicy): string {
  const number = rows === null ? 'unknown' : String(rows);
  return `${number}${rows === null && said !== null ? ` (it says ${said})` : ''}.${reason === '' ? '' : ` ${reason}`}`;
}

export function describeTruth({ policy, verdict }: { readonly policy: RetentionPolicy; readonly verdict: RetentionVerdict }, look: Look): string {
  const state = policy.state === 'on' ? `on, ${policy.days === null ? 'days unknown' : counted(policy.days, 'day')}` : policy.state;
  const head = fields([
    ['Verdict', VERDICTS[verdict.state]], ['', verdict.message], ['Policy', { text: state, tone: policy.state === 'on' ? 'good' : 'doubtful' }], ...(policy.reason === '' ? [] : [['', policy.reason] as const]),
    ['Cutoff', policy.cutoff === null ? 'unknown' : utc(policy.cutoff)], ['Overdue there', overdueWords(policy)], ['Observed', utc(policy.observedAt)],
  ], look);
  return [head, ...bullets('Evidence, newest first:', verdict.evidence.map(({ source, at, text }) => `${utc(at)} ${source}: ${text}`))].join('\n\n');
}

/** Neighbours put together until there are few enough lines; those without rows at both ends are left out. */
function merged(bars: readonly AgeBar[]): AgeBar[] {
  const first = bars.findIndex(({ rows }) => rows > 0);
  const last = bars.findLastIndex(({ rows }) => rows > 0);
  const shown = first === -1 ? [] : bars.slice(first, last + 1);
  const step = Math.ceil(shown.length / MOST_BARS);
  const out: AgeBar[] = [];
  for (let at = 0; at < shown.length; at += step) {
    const part = shown.slice(at, at + step);
    const sum = (of: (bar: AgeBar) => number): number => part.reduce((total, bar) => total + of(bar), 0);
    out.push({ from: part[0]?.from ?? '', to: part.at(-1)?.to ?? '', rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes), held: sum(({ held }) => held) });
  }
  return out;
}

export function describeAges(ages: CachedAges, cutoff: string | null, look: Look): string {
  const { rows, oldestAt, newestAt, pastCutoff, seenPastCutoff, syncedAt, gaps } = ages;
  const before = cutoff === null ? '' : ' before the cutoff';
  const head = fields([
    ['Cached', `${counted(rows, 'row')}${oldestAt === null ? '' : `, ${utc(oldestAt)} to ${utc(newestAt)}`}`], ['Synced', utc(syncedAt)],
    ['Past the cutoff', pastCutoff === null ? 'unknown: there is no cutoff' : `${pastCutoff}${seenPastCutoff === null || seenPastCutoff === 0 ? '' : `, at least ${seenPastCutoff} of them seen there a day after they came due`}`],
    ['Never read', gaps.length === 0 ? `nothing${before}` : { text: `${counted(gaps.length, 'stretch', 'stretches')}${before}; see audit coverage`, tone: 'doubtful' }],
  ], look);
  const bars = merged(ages.bars);
  if (bars.length === 0) return head;
  const most = Math.max(...bars.map((bar) => bar.rows));
  const cutoffUs = cutoff === null ? Number.NEGATIVE_INFINITY : us(cutoff);
  const place = (bar: AgeBar): string => (us(bar.from) >= cutoffUs ? '' : us(bar.to) <= cutoffUs ? 'due' : '<- cutoff');
  const lines = bars.map((bar) => [bar.from.slice(0, 10), bar.rows, bar.held === 0 ? null : bar.held, { text: place(bar), tone: 'doubtful' as const }, '#'.repeat(bar.rows === 0 ? 0 : Math.max(1, Math.round((bar.rows / most) * BAR_CELLS)))]);
  return `${head}\n\n${table([{ title: 'FROM' }, { title: 'ROWS', align: 'right' }, { title: 'HELD', align: 'right' }, { title: '' }, { title: 'AGES, OLDEST FIRST' }], lines, look)}`;
}

export function describeHolds(holds: readonly Hold[], look: Look): string {
  if (holds.length === 0) return 'No legal hold was set.';
  const rows = holds.map(({ id, caseId, owner, reviewOn, isReviewOverdue, released, counts, nextDue, query }): Cell[] => [
    id, caseId, owner, released === null ? { text: 'stands', tone: 'good' } : { text: `released ${utc(released.at)}`, tone: 'quiet' },
    counts.rows, { text: `${counts.preserved}`, tone: counts.preserved < counts.rows ? 'doubtful' : 'good' }, counts.dueSoon, counts.due, { text: `${counts.vanished}`, tone: counts.vanished > 0 ? 'bad' : 'quiet' },
    nextDue === null ? null : utc(nextDue), { text: `${reviewOn}${isReviewOverdue ? ' (over)' : ''}`, tone: isReviewOverdue ? 'bad' : 'quiet' }, query,
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  return table([{ title: 'HOLD' }, { title: 'CASE', cut: true }, { title: 'OWNER', cut: true }, { title: 'STATE' }, right('ROWS'), right('IN VAULT'), right('DUE IN 14 D'), right('DUE'), right('VANISHED'), { title: 'OLDEST DUE' }, { title: 'REVIEW' }, { title: 'QUERY', cut: true }], rows, look);
}

/** What must be known of holds whatever the table says. */
export function holdWarnings(holds: readonly Hold[]): string[] {
  return holds.filter(({ released }) => released === null).flatMap(({ caseId, counts: { rows, preserved, withoutPayload, dueSoon, due, vanished }, isReviewOverdue, reviewOn }) => [
    ...(preserved < rows ? [`${caseId}: ${counted(rows - preserved, 'row')} not in the vault yet.`] : []),
    ...(withoutPayload > 0 ? [`${caseId}: of ${counted(withoutPayload, 'row')} the payload was never obtained; a sync asks for it.`] : []),
    ...(due + dueSoon > 0 ? [`${caseId}: ${due} due now and ${dueSoon} within 14 days. The server's own schedule does not know of holds.`] : []),
    ...(vanished > 0 ? [`${caseId}: ${counted(vanished, 'row')} GONE at the server.`] : []),
    ...(isReviewOverdue ? [`${caseId}: it was to be reviewed on ${reviewOn}.`] : []),
  ]);
}

function counts(title: string, list: readonly { readonly value: string | null; readonly rows: number }[]): readonly [string, string] {
  const shown = list.slice(0, MOST_VALUES).map(({ value, rows }) => `${value ?? '(none)'} ${rows}`).join(', ');
  return [title, `${shown === '' ? '-' : shown}${list.length > MOST_VALUES ? `, and ${list.length - MOST_VALUES} more` : ''}`];
}

const endWords = (row: PurgePreview['first']): string | null => (row === null ? null : `${row.id}, ${utc(row.createdAt)}, ${row.eventType} ${row.route}`);

export function describePreview(preview: PurgePreview, look: Look): string {
  const { alsoDue, serverCount, heldRows, held, byDay } = preview;
  const days = byDay.length === 0 ? '-' : `${counted(byDay.length, 'day')}, ${byDay[0]?.day ?? ''} to ${byDay.at(-1)?.day ?? ''}`;
  const body = fields([
    ['Cutoff', `${preview.cutoff} (${counted(preview.days, 'day')})`], ['Rows before it', `${preview.rows}, ${size(preview.bytes)} cached`], ['May go as well', `${counted(alsoDue.rows, 'row')} until ${alsoDue.until}`],
    ['It counts', serverCount.rows === null ? `unknown. ${serverCount.reason}` : `${serverCount.rows}, ${utc(serverCount.at)}`], ['Under holds', heldRows + alsoDue.held === 0 ? '0' : { text: `${heldRows + alsoDue.held}: ${held.map(({ caseId, rows }) => `${caseId} ${rows}`).join(', ')}`, tone: 'bad' }],
    ['Never read', preview.gaps.length === 0 ? 'nothing' : { text: counted(preview.gaps.length, 'stretch', 'stretches'), tone: 'bad' }],
    ['First', endWords(preview.first)], ['Last', endWords(preview.last)], ['Days', days],
    counts('Types', preview.byType), counts('Organisations', preview.byOrg), counts('Actors', preview.byActor), ['Digest of rows', preview.rowsDigest],
  ], look);
  return [...bullets('Know before:', preview.warnings), preview.isShortened ? `${body}\nOnly the most frequent values and the first days are listed; the counts above are of all.` : body].join('\n\n');
}

export const confirmOf = ({ deployment, preview }: PurgePlan): string => `${deployment.name} ${rowsToGo(preview)}`;

const KINDS: Readonly<Record<PurgePlan['windows'][number]['kind'], string>> = { now: 'as it is', approved: 'with a second person\'s approval', delayed: 'without one' };

export function describePlan(plan: PurgePlan, look: Look): string {
  const { name, url, environment, dialect } = plan.deployment;
  const head = fields([
    ['Plan', plan.id], ['Deployment', `${name}, ${url}, ${environment}${dialect === null ? '' : `, dialect ${dialect}`}`], ['Made', `${utc(plan.madeAt)} by ${plan.madeBy}`], ['Digest', plan.digest],
    ...plan.windows.map(({ kind, from, until, days }) => ['May go ahead', `${utc(from)} to ${utc(until)}, ${KINDS[kind]} (days=${days})`] as const),
  ], look);
  return `${head}\n\n${describePreview(plan.preview, look)}`;
}

const RUN_TONES: Readonly<Record<PurgeRun['state'], Tone>> = { requested: 'doubtful', answered: 'good', refused: 'quiet', unknown: 'bad', 'found-done': 'doubtful', 'found-not-done': 'quiet' };
export const isOpenRun = ({ state }: PurgeRun): boolean => state === 'requested' || state === 'unknown';

export function describeRun(run: PurgeRun, look: Look): string {
  return fields([
    ['Purge', run.id], ['State', { text: run.state, tone: RUN_TONES[run.state] }], ['Says', run.message], ['Planned', `${run.planned}${run.alsoDue === 0 ? '' : `, and up to ${run.alsoDue} more`}, before ${run.cutoff}`],
    ['Deleted', run.deleted === null ? 'unknown' : `${run.deleted}, by its answer${run.serverCutoff === null ? '' : `, before ${run.serverCutoff}`}`], ['Approved by', run.approvedBy],
    ['Started', utc(run.startedAt)], ['Ended', run.endedAt === null ? 'no end is known' : utc(run.endedAt)], ['Ledger entry', run.ledgerEntry],
  ], look);
}

export function describeRuns(runs: readonly PurgeRun[], look: Look): string {
  return table([{ title: 'PURGE' }, { title: 'STARTED' }, { title: 'STATE' }, { title: 'PLANNED', align: 'right' }, { title: 'DELETED', align: 'right' }, { title: 'APPROVED BY', cut: true }],
    runs.map((run) => [run.id, utc(run.startedAt), { text: run.state, tone: RUN_TONES[run.state] }, run.planned, run.deleted, run.approvedBy]), look);
}

const CHECKS: Readonly<Record<RetentionCheck['state'], { readonly text: string; readonly tone: Tone }>> = { holds: { text: 'holds', tone: 'good' }, fails: { text: 'FAILS', tone: 'bad' }, 'could-not': { text: 'could not', tone: 'doubtful' } };
export const OUTCOMES: Readonly<Record<RetentionCertificate['outcome'], { readonly text: string; readonly tone: Tone }>> = {
  holds: { text: 'everything that was checked holds', tone: 'good' }, fails: { text: 'something fails', tone: 'bad' }, open: { text: 'nothing fails, but not everything could be checked', tone: 'doubtful' },
};

const numberOf = (value: number | null): string => (value === null ? 'unknown' : String(value));

export function describeCertificate({ id, outcome, issuedAt, deployment, purge, counts: { before, after, gone }, checks }: RetentionCertificate, look: Look): string {
  const head = fields([
    ['Outcome', OUTCOMES[outcome]], ['Certificate', id], ['Issued', utc(issuedAt)], ['Deployment', `${deployment.name}, ${deployment.url}`], ['Of', purge === null ? 'this day' : `purge ${purge.run.id}, plan ${purge.plan.id}`],
    ['Past the cutoff', `before ${numberOf(before)}, after ${numberOf(after)}, known to be gone ${numberOf(gone)}`],
  ], look);
  const rows = checks.map((check): Cell[] => [CHECKS[check.state], check.title, check.asked, check.message]);
  return `${head}\n\n${table([{ title: 'STATE' }, { title: 'CHECK' }, { title: 'ASKED', align: 'right' }, { title: 'SEEN' }], rows, look)}`;
}

/** Whose key signed a certificate, as far as it is known here. */
export function describeSigner({ signer, signerName }: Pick<CertificateReading, 'signer' | 'signerName'>): Cell {
  switch (signer) {
    case 'self': return { text: `this profile${signerName === null ? '' : ` (${signerName})`}`, tone: 'good' };
    case 'trusted': return { text: `${signerName ?? 'somebody'}, whose key is trusted here`, tone: 'good' };
    case 'distrusted': return { text: 'a key that this profile does not trust', tone: 'bad' };
    default: return { text: 'a key that nobody here vouched for', tone: 'doubtful' };
  }
}
