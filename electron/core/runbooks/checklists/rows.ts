// Rows of a checklist beside the steps of a run: which row is which step, and what a reviewer's fields say of it. A row is a step by its id, or by a reference that the step names; nothing is guessed.
import { createHash } from 'node:crypto';
import type { RunbookStep } from '#shared/domain/runbook-pack.ts';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import { visibleBlock } from '#shared/domain/visible-text.ts';
import { stepsIn } from '../runs/store.ts';
import type { LoadedRun } from '../runs/store.ts';

export const STATUSES = ['not_reviewed', 'open', 'not_a_finding', 'not_applicable'] as const;
export type Status = (typeof STATUSES)[number];

/** The fields that are a reviewer's to write. `override`: of the severity, in words; empty where there is none. */
export interface ReviewFields { readonly status: Status; readonly details: string; readonly comments: string; readonly override: string }

export interface ChecklistRow {
  /** From 1, over the whole file. */
  readonly row: number;
  /** As people call it. */
  readonly id: string;
  /** Under which it may be known: of the group, of the rule, of its version. */
  readonly ids: readonly string[];
  /** Null: why they cannot be read. */
  readonly fields: ReviewFields | { readonly problem: string };
  /** Digest of the step's text where the file tells it, and the runbook that it says it belongs to. */
  readonly textDigest: string | null;
  readonly packId: string | null;
}

/** A checklist as it lies in a file: its rows, and the same file with a reviewer's fields written; everything else stays byte for byte. */
export interface Checklist { readonly rows: readonly ChecklistRow[]; /** Writes fields of rows, by their number. */ filled(changes: ReadonlyMap<number, Partial<ReviewFields>>): Buffer }

export type Matched = { readonly step: RunbookStep } | { readonly problem: string } | null;

/** For each row its step; null: none. Two rows for one step, or two steps for one row, are a problem of all of them. */
export function matchRows(rows: readonly ChecklistRow[], pack: LoadedRun['pack']): readonly Matched[] {
  const known = new Map<string, Set<RunbookStep>>();
  const note = (id: string, step: RunbookStep): void => {
    const steps = known.get(id);
    if (steps === undefined) known.set(id, new Set([step]));
    else steps.add(step);
  };
  for (const step of stepsIn(pack)) {
    note(step.id, step);
    note(`${step.id}_rule`, step);
    for (const reference of step.references) note(reference.trim(), step);
  }
  const found = rows.map((row): Matched => {
    if (row.packId !== null && row.packId !== pack.id) return null;
    const steps = new Set(row.ids.flatMap((id) => [...known.get(id.trim()) ?? []]));
    const [step] = steps;
    if (step === undefined) return null;
    return steps.size > 1 ? { problem: `It names several steps: ${[...steps].map(({ id }) => id).slice(0, 3).join(', ')}.` } : { step };
  });
  const times = new Map<string, number>();
  for (const one of found) if (one !== null && 'step' in one) times.set(one.step.id, (times.get(one.step.id) ?? 0) + 1);
  return found.map((one) => (one !== null && 'step' in one && (times.get(one.step.id) ?? 0) > 1 ? { problem: `The step ${one.step.id} has more than one row.` } : one));
}

/** Text that both formats can hold: what XML does not allow is spelled out as well. */
const shown = (text: string): string => visibleBlock(text.replaceAll(/\r\n?/g, '\n')).replaceAll(/[\ufffe\uffff]/g, (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}⟩`);

function statusOf({ state, isTrusted }: StepStanding): Status {
  // What was not proven, and what nobody who is trusted says, is not reviewed.
  if (state === 'done') return isTrusted ? 'not_a_finding' : 'not_reviewed';
  if (state === 'not-applicable') return isTrusted ? 'not_applicable' : 'not_reviewed';
  return state === 'failed' || state === 'overridden' ? 'open' : 'not_reviewed';
}

function detailsOf(run: LoadedRun, standing: StepStanding): string {
  const { check } = standing;
  return shown([
    `Standing: ${standing.state}${standing.by === null ? '' : `, by ${standing.by}`}${standing.at === null ? '' : ` at ${standing.at}`}${standing.by === null || standing.isTrusted ? '' : ', who is not trusted'}.`,
    ...(standing.override === null ? [] : [`Overridden: ${standing.override}`]),
    ...(check === null ? [] : [`Check: ${check.result}${check.attestedBy === null ? '' : `, attested by ${check.attestedBy}`}. ${check.seen} ${check.because} (${check.source}, ${check.observedAt})`]),
    ...(standing.state === 'conflict' ? standing.claims.map((claim) => `Conflict: ${claim.by} says ${claim.outcome} at ${claim.at}.`) : []),
    ...standing.evidence.map(({ name, digest }) => `Evidence: ${name}, sha256 ${digest}`),
    `Runbook ${run.pack.id} ${run.pack.version}, sha256 ${run.packDigest}; ${run.id}`,
  ].join('\n'));
}

const mark = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
/** The last line of what a run wrote: marks of the text above it, and of the whole row. */
const MARKED = /^([^]*)\nWritten by Holdfast, ([0-9a-f]{16}) ([0-9a-f]{16})$/;

/** Whether a run wrote the details as they stand, and whether it wrote all of the row: nobody has reviewed that since. */
export function writtenByRun({ status, details, comments }: ReviewFields): { readonly details: boolean; readonly row: boolean } {
  const [, text, ofText, ofRow] = MARKED.exec(details.trim()) ?? [];
  if (text === undefined || ofText !== mark(text)) return { details: false, row: false };
  return { details: true, row: ofRow === mark(text, status, comments.trim()) };
}

/** What a run says of a step, in a reviewer's fields. */
export function fieldsOf(run: LoadedRun, standing: StepStanding): ReviewFields {
  const [status, text, comments] = [statusOf(standing), detailsOf(run, standing), shown(standing.note)];
  return { status, details: `${text}\nWritten by Holdfast, ${mark(text)} ${mark(text, status, comments.trim())}`, comments, override: '' };
}

/** Whether anything was ever recorded for a step. */
export const isRecorded = ({ state, check, evidence }: StepStanding): boolean => (state !== 'open' && state !== 'waiting') || check !== null || evidence.length > 0;

export function standingOf({ state }: LoadedRun, step: RunbookStep): StepStanding {
  const found = state.steps.find((each) => each.step === step.id);
  if (found === undefined) throw new Error(`the step ${step.id} has no standing`);
  return found;
}
