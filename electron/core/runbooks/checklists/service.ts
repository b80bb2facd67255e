// Checklists of others beside a run: a run as CKLB, a reviewer's fields of CKLB and CKL as step events, and either filled in from a run. Each row is told what became of it.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { RunbookStep } from '#shared/domain/runbook-pack.ts';
import type { RunEventBody, StepOutcome, StepStanding } from '#shared/domain/runbook-run.ts';
import { isSettled } from '#shared/domain/runbook-steps.ts';
import { visibleBlock, visibleLine } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import { readingError } from '../../files/file-errors.ts';
import type { Session } from '../../session.ts';
import { stepDigest } from '../packs/packs.ts';
import { READ_FLAGS } from '../reading.ts';
import { writeOut } from '../reports/service.ts';
import { stepBodies } from '../runs/recording.ts';
import type { EvidencePort } from '../runs/evidence-port.ts';
import type { LoadedRun, RunStore } from '../runs/store.ts';
import { readCkl } from './ckl.ts';
import { cklbOf, readCklb } from './cklb.ts';
import { fieldsOf, isRecorded, matchRows, standingOf, writtenByRun } from './rows.ts';
import type { Checklist, ChecklistRow, ReviewFields, Status } from './rows.ts';
import { XmlFault } from './xml.ts';

export const CHECKLIST_MAX_BYTES = 67_108_864;
const NOTE_MAX = 4000;
const ID_MAX = 200;
const OTHER_TEXT = 'It is about another text of this step.';

export interface Checklists {
  exportCklb(input: ParsedInput<'run.cklbExport'>): Promise<CallOutput<'run.cklbExport'>>;
  import(input: ParsedInput<'run.checklistImport'>): Promise<CallOutput<'run.checklistImport'>>;
  fill(input: ParsedInput<'run.cklFill'>): Promise<CallOutput<'run.cklFill'>>;
}

type ImportRow = CallOutput<'run.checklistImport'>['rows'][number];

const OUTCOMES: Readonly<Record<Exclude<Status, 'not_reviewed'>, Extract<StepOutcome, 'failed' | 'done' | 'not-applicable'>>> = { open: 'failed', not_a_finding: 'done', not_applicable: 'not-applicable' };

const unknownFormat = (name: string, why: string): AppError => new AppError('unknown_format', { message: `${name} is no checklist that can be read: ${why}. Nothing was taken and nothing was written.`, hint: 'Give a CKLB of STIG Viewer 3, or a CKL of STIG Viewer 2.' });

async function bytesOf(path: string): Promise<Buffer> {
  const name = visibleLine(basename(path));
  try {
    const handle = await open(path, READ_FLAGS);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw new AppError('file_unreadable', { message: `${name} is no file. Nothing was taken.`, hint: 'Choose a file.' });
      if (facts.size > CHECKLIST_MAX_BYTES) throw new AppError('too_large', { message: `${name} is larger than ${CHECKLIST_MAX_BYTES / 1_048_576} MiB. Nothing was taken.`, hint: 'Divide it by its STIGs.' });
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const told = readingError(error);
    if (told instanceof AppError && told.code === 'file_not_found') throw new AppError('file_not_found', { message: `There is no file ${name}. Nothing was taken.`, hint: 'Check the path.', cause: error });
    throw told;
  }
}

/** @throws AppError unknown_format */
function cklOf(bytes: Buffer, name: string): Checklist {
  try {
    const read = readCkl(bytes);
    if (read === null) throw unknownFormat(name, 'it is XML of another kind');
    return read;
  } catch (error) {
    if (error instanceof XmlFault) throw unknownFormat(name, `line ${error.line}: ${error.message}`);
    throw error;
  }
}

/** By its content. @throws AppError unknown_format */
function checklistOf(bytes: Buffer, name: string): Checklist {
  const first = bytes.subarray(0, 64).toString('latin1').replace(/^\xef\xbb\xbf/, '').trimStart();
  if (!first.startsWith('{')) return cklOf(bytes, name);
  try {
    const read = readCklb(bytes);
    if (read === null) throw unknownFormat(name, 'it is JSON of another kind');
    return read;
  } catch (error) {
    if (error instanceof AppError && error.code !== 'unknown_format') throw unknownFormat(name, 'its JSON cannot be read, or has two readings');
    throw error;
  }
}

interface Note { readonly text: string; readonly isCut: boolean }

/** A reviewer's words as a note; what this run itself wrote into the file is not said back to it. */
function noteOf(fields: ReviewFields): Note {
  const parts = [fields.comments.trim(), fields.details.trim() === '' || writtenByRun(fields).details ? '' : `Finding details: ${fields.details.trim()}`, fields.override === '' ? '' : `Severity override: ${fields.override}`];
  const whole = visibleBlock(parts.filter((part) => part !== '').join('\n\n'));
  return { text: whole.slice(0, NOTE_MAX).replace(/[\ud800-\udbff]$/u, ''), isCut: whole.length > NOTE_MAX };
}

/** The run as it stands once this step is settled too: rows of one file build on each other. */
function withSettled(run: LoadedRun, stepId: string, state: StepStanding['state']): LoadedRun {
  const next = new Map(run.state.standings.map((each) => [each.standing.step, each.standing.step === stepId ? { ...each, standing: { ...each.standing, state, isTrusted: true } } : each]));
  const standings = run.pack.sections.flatMap(({ steps }) => {
    let isHeldBack = false;
    return steps.flatMap((step) => {
      const found = next.get(step.id);
      if (found === undefined) return [];
      const held = { ...found, isHeldBack };
      if (step.gate === 'blocks' && !isSettled(found.standing)) isHeldBack = true;
      return [held];
    });
  });
  return { ...run, state: { ...run.state, standings, steps: standings.map(({ standing }) => standing) } };
}

interface Judged { readonly outcome: ImportRow['outcome']; readonly reason: string; readonly bodies?: readonly RunEventBody[]; readonly state?: StepStanding['state'] }

function judge(run: LoadedRun, row: ChecklistRow, { step, lost }: { readonly step: RunbookStep; readonly lost: (step: RunbookStep) => string | null }): Judged {
  if ('problem' in row.fields) return { outcome: 'refused', reason: row.fields.problem };
  // Viewers write a carriage return as a reference, which survives the reading of XML.
  const lines = (text: string): string => text.replaceAll(/\r\n?/g, '\n');
  if (row.textDigest !== null && row.textDigest !== stepDigest(step)) return { outcome: 'refused', reason: OTHER_TEXT };
  const fields = { ...row.fields, details: lines(row.fields.details), comments: lines(row.fields.comments) };
  const standing = standingOf(run, step);
  const ours = fieldsOf(run, standing);
  if (fields.status === ours.status && fields.details.trim() === ours.details.trim() && fields.comments.trim() === ours.comments.trim() && fields.override === '') return { outcome: 'unchanged', reason: 'The run says the same.' };
  if (writtenByRun(fields).row && fields.override === '') return { outcome: 'unchanged', reason: 'It is as a run wrote it before; nobody reviewed it since.' };
  if (fields.status === 'not_reviewed') return { outcome: 'unchanged', reason: 'It is not reviewed, so nothing of it was taken.' };
  const note = noteOf(fields);
  const outcome = OUTCOMES[fields.status];
  // Whoever leaves an overridden step open says nothing of its outcome.
  const keepsOverride = standing.state === 'overridden' && fields.status === 'open';
  if (standing.isTrusted && (standing.state === outcome || keepsOverride) && standing.note === note.text) return { outcome: 'unchanged', reason: 'The run says the same.' };
  try {
    const bodies = stepBodies(run, { runId: run.id, step: step.id, outcome: keepsOverride ? 'done' : outcome, note: note.text, evidence: [], override: keepsOverride ? standing.override : null }, { files: [], lost: lost(step), at: null });
    return { outcome: 'taken', reason: `Recorded as ${keepsOverride ? 'overridden' : outcome}.${note.isCut ? ` Its words were cut at ${NOTE_MAX} characters.` : ''}`, bodies, state: keepsOverride ? 'overridden' : outcome };
  } catch (error) {
    if (error instanceof AppError) return { outcome: 'refused', reason: error.message };
    throw error;
  }
}

export interface ChecklistsDeps { readonly session: Session; readonly store: RunStore; readonly evidence: Pick<EvidencePort, 'isHere'>; readonly profileDir: string }

export function createChecklists({ session, store, evidence, profileDir }: ChecklistsDeps): Checklists {
  const lostIn = (run: LoadedRun) => (step: RunbookStep): string | null => {
    const named = standingOf(run, step).evidence;
    return step.evidence !== undefined && named.length > 0 && !named.some(({ digest }) => evidence.isHere(digest)) ? 'The bytes of its evidence are not here.' : null;
  };
  const shownId = ({ id }: ChecklistRow): string => visibleLine(id).slice(0, ID_MAX);

  return {
    exportCklb: ({ runId, path, overwrite }) => {
      const run = store.load(runId);
      return writeOut(() => cklbOf(run), { path, overwrite, profileDir });
    },
    async import({ runId, path }) {
      const before = store.load(runId);
      if (before.state.ended !== null) throw new AppError('run_ended', { message: 'This run has ended. Nothing was recorded.', hint: 'It can still be reviewed and exported. Start a new run for what comes now.' });
      session.write();
      const { rows } = checklistOf(await bytesOf(path), visibleLine(basename(path)));
      let found: ImportRow[] = [];
      await store.append(runId, (run) => {
        const lost = lostIn(run);
        const matched = matchRows(rows, run.pack);
        const judged = new Map<number, Judged>();
        const order = new Map(run.pack.sections.flatMap(({ steps }) => steps).map(({ id }, index) => [id, index]));
        const placed = rows.flatMap((row, index) => { const match = matched[index]; return match !== null && match !== undefined && 'step' in match ? [{ row, step: match.step }] : []; });
        const bodies: RunEventBody[] = [];
        let now = run;
        // In the order of the runbook: a step that waits for another finds it settled when the same file settles it.
        for (const { row, step } of placed.sort((a, b) => (order.get(a.step.id) ?? 0) - (order.get(b.step.id) ?? 0))) {
          const one = judge(now, row, { step, lost });
          judged.set(row.row, one);
          if (one.bodies === undefined || one.state === undefined) continue;
          bodies.push(...one.bodies);
          now = withSettled(now, step.id, one.state);
        }
        found = rows.map((row, index): ImportRow => {
          const match = matched[index];
          const about = { row: row.row, id: shownId(row) };
          if (match === null || match === undefined) return { ...about, outcome: 'not-in-runbook', reason: row.packId !== null && row.packId !== run.pack.id ? `It belongs to the runbook ${row.packId}.` : 'No step of this runbook has its id or names it.' };
          if ('problem' in match) return { ...about, outcome: 'refused', reason: match.problem };
          const { outcome, reason } = judged.get(row.row) ?? { outcome: 'refused' as const, reason: 'It was not read.' };
          return { ...about, outcome, reason };
        });
        return bodies;
      });
      return { taken: found.filter(({ outcome }) => outcome === 'taken').length, unchanged: found.filter(({ outcome }) => outcome === 'unchanged').length, rows: found };
    },
    async fill({ runId, from, path, overwrite }) {
      const run = store.load(runId);
      const checklist = checklistOf(await bytesOf(from), visibleLine(basename(from)));
      const matched = matchRows(checklist.rows, run.pack);
      const changes = new Map<number, ReviewFields>();
      const rows = checklist.rows.map((row, index): CallOutput<'run.cklFill'>['rows'][number] => {
        const match = matched[index];
        const about = { row: row.row, id: shownId(row) };
        if (match === null || match === undefined) return { ...about, outcome: 'not-in-runbook', reason: 'No step of this runbook has its id or names it.' };
        if ('problem' in match) return { ...about, outcome: 'unchanged', reason: match.problem };
        if ('problem' in row.fields) return { ...about, outcome: 'unchanged', reason: row.fields.problem };
        if (row.textDigest !== null && row.textDigest !== stepDigest(match.step)) return { ...about, outcome: 'unchanged', reason: OTHER_TEXT };
        const standing = standingOf(run, match.step);
        if (isRecorded(standing) && standing.claims.length > 0 && !standing.isTrusted && standing.state !== 'conflict') return { ...about, outcome: 'unchanged', reason: 'What is recorded for this step comes from somebody who is not trusted yet.' };
        if (!isRecorded(standing)) return { ...about, outcome: 'unchanged', reason: 'The run has recorded nothing for this step.' };
        const ours = fieldsOf(run, standing);
        // A run without a comment has nothing to say against one that is there.
        const fields = ours.comments === '' ? { ...ours, comments: row.fields.comments } : ours;
        if (fields.status === row.fields.status && fields.details === row.fields.details && fields.comments === row.fields.comments) return { ...about, outcome: 'unchanged', reason: 'The file says the same.' };
        changes.set(row.row, fields);
        return { ...about, outcome: 'written', reason: `Standing: ${standing.state}.` };
      });
      return { ...await writeOut(() => checklist.filled(changes), { path, overwrite, profileDir }), rows };
    },
  };
}
