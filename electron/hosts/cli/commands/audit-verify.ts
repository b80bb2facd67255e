// The command that verifies the cached audit log against the witness, and tells what comparisons with the server found.
import type { AuditFinding, FindingKind, WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { visibleBlock } from '#shared/domain/visible-text.ts';
import { command } from '../command.ts';
import type { Command, Failing, Served } from '../command.ts';
import { counted, fields, say, table, utc } from '../print.ts';
import type { Look, Tone } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

/** The contract's largest page. */
const PAGE = 500;
/** Findings told one by one; all are counted and looked at. */
const TOLD = 1000;
/** Findings that mean the server took away or rewrote what it had given. */
const GRAVE: ReadonlySet<FindingKind> = new Set(['vanished', 'changed', 'payload-changed']);
const TONES: Readonly<Record<WitnessVerdict['verdict'], Tone>> = { intact: 'good', 'unsigned-tail': 'doubtful', empty: 'quiet', doubtful: 'doubtful', broken: 'bad' };

interface Found { readonly findings: readonly AuditFinding[]; readonly total: number; readonly grave: number }

async function allFindings(app: Served<'audit.findings'>, deploymentId: string): Promise<Found> {
  const told: AuditFinding[] = [];
  let total = 0;
  let grave = 0;
  for (let before: number | null = null; ;) {
    const page: { findings: AuditFinding[]; total: number } = await app.call('audit.findings', { deploymentId, before, limit: PAGE });
    total += page.findings.length;
    grave += page.findings.filter(({ kind }) => GRAVE.has(kind)).length;
    told.push(...page.findings.slice(0, TOLD - told.length));
    before = page.findings.at(-1)?.seq ?? null;
    if (before === null) return { findings: told, total, grave };
  }
}

const verify = command({
  words: ['audit', 'verify'],
  summary: 'Check the cached audit log against what was signed, and list findings. Asks nobody.',
  arguments: [NAME],
  options: {},
}, async ({ args: [name] }, context) => {
  const { verdict, found } = await context.serve(['deployment.list', 'audit.verify', 'audit.findings'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    return { verdict: await app.call('audit.verify', { deploymentId }), found: await allFindings(app, deploymentId) };
  });
  const parts = [verdictText(verdict, context.look), problemText(verdict, context.look), findingText(found), verdict.checkpoint === null ? '' : `The last checkpoint, as it was signed:\n\n${visibleBlock(verdict.checkpoint.note)}`];
  return { document: { ...verdict, findingList: found.findings }, text: parts.filter((part) => part !== '').join('\n\n'), failing: failingOf(verdict, found) };
});

/** Doubtful fails too: a script cannot see that nothing was proven. */
function failingOf(verdict: WitnessVerdict, { grave }: Found): Failing | undefined {
  const hint = 'Keep this profile as it is, and compare it with a backup and with the server.';
  if (verdict.verdict === 'broken' || verdict.verdict === 'doubtful') return { code: 'witness_broken', message: verdict.message, hint };
  if (grave > 0) return { code: 'witness_broken', message: `The cached log fits what was signed, but the server gave ${counted(grave, 'event')} differently later, or not at all.`, hint: 'Look at the findings: both versions are kept.' };
  return undefined;
}

function verdictText(verdict: WitnessVerdict, look: Look): string {
  return fields([
    ['Verdict', { text: verdict.verdict, tone: TONES[verdict.verdict] }],
    ['Leaves', verdict.leaves],
    ['Root', verdict.root],
    ['Checkpoints', verdict.checkpoints],
    ['Last signed', verdict.checkpoint === null ? null : `${verdict.checkpoint.size} leaves at ${utc(verdict.checkpoint.at)}`],
    ['Public key', verdict.publicKey === null ? null : `ed25519 ${verdict.publicKey}`],
    ['Problems', verdict.problemCount],
    ['Findings', verdict.findings],
    ['Says', verdict.message],
    ['Limits', verdict.limits],
  ], look);
}

function problemText({ problems, problemCount }: WitnessVerdict, look: Look): string {
  if (problems.length === 0) return '';
  const rows = problems.map(({ kind, position, eventId, message }) => [{ text: kind, tone: kind === 'head-missing' || kind === 'key-missing' ? 'doubtful' as const : 'bad' as const }, eventId, position, message]);
  const more = problemCount > problems.length ? `\n\n${problems.length} of ${problemCount} problems are shown.` : '';
  return `${table([{ title: 'PROBLEM' }, { title: 'EVENT', align: 'right' }, { title: 'POSITION', align: 'right' }, { title: 'WHAT', cut: true }], rows, look)}${more}`;
}

function findingText({ findings, total }: Found): string {
  if (findings.length === 0) return '';
  const lines = findings.flatMap(({ kind, eventId, foundAt, message, held, found }) => [
    say`${kind}: event ${eventId}, found ${utc(foundAt)}: ${message}`,
    say`  held   ${held ?? '(nothing)'}`,
    say`  server ${found ?? '(nothing)'}`,
  ]);
  return [`Findings, newest first${total > findings.length ? ` (${findings.length} of ${total})` : ''}:`, ...lines].join('\n');
}

export const auditVerifyCommands: readonly Command[] = [verify];
