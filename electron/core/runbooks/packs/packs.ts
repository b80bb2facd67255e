// Loads runbooks: plain text, YAML, its form, what makes it sound. A broken one is refused with file, line, column and reason; none is used in part.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { HIDDEN_IN_RUNBOOK, runbookPack, runbookProblems } from '#shared/domain/runbook-pack.ts';
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { AppError } from '#shared/errors.ts';
import { parseYaml, pointsIn, YamlProblem } from '../../posture/yaml.ts';
import type { Point, ReadYaml } from '../../posture/yaml.ts';
import { digestOf } from '../../seal.ts';
import { UNKNOWN_KEY, wordsOfIssue } from './issue-words.ts';

export interface LoadedRunbook {
  readonly pack: RunbookPack;
  /** SHA-256 of the text, hex: what a run pins. */
  readonly digest: string;
  /** With \n line ends and without a byte order mark. */
  readonly text: string;
}

/** What is wrong, and where; line and column count from 1. */
export interface RunbookFault extends Point { readonly message: string }
interface Fault extends RunbookFault { /** Most often the one that is missing elsewhere. */ readonly isUnknownKey?: boolean }

export const MAX_RUNBOOK_BYTES = 1_048_576;
/** More than an author reads at once; a pack with that many is another kind of file. */
const MAX_FAULTS = 200;

/** The folder of the shipped runbooks: beside the bundle that this module became part of, or in the source tree. */
const BUNDLED = new URL('./packs/runbooks/', import.meta.url);
const SOURCE = new URL('../../../../shared/packs/runbooks/', import.meta.url);

type Looked = { readonly pack: RunbookPack } | { readonly faults: readonly Fault[] };

/** Reads a runbook. @param name of the file, for the message. @throws AppError invalid_runbook with file, line, column and the first reason */
export function readRunbook(text: string, name: string): LoadedRunbook {
  const same = plainOf(text);
  const looked = look(same);
  if ('pack' in looked) return { pack: looked.pack, digest: createHash('sha256').update(same, 'utf8').digest('hex'), text: same };
  const first = looked.faults.find(({ isUnknownKey }) => isUnknownKey === true) ?? looked.faults[0] ?? { line: 1, column: 1, message: 'this is no runbook' };
  const others = looked.faults.length - 1;
  throw new AppError('invalid_runbook', {
    message: `${name}, line ${first.line}, column ${first.column}: ${first.message}. Nothing was taken from this file.`,
    hint: others < 1 ? 'Correct that place, then import the file again.' : `Correct that place${others === 1 ? ' and one more' : ` and ${others} more`}; runbook lint lists them all.`,
    facts: { file: name, line: first.line, column: first.column, problems: looked.faults.length },
  });
}

/** Everything that is wrong with a runbook, by line and column; empty: readRunbook takes it. At most 200. */
export function lintRunbook(text: string): readonly RunbookFault[] {
  const looked = look(plainOf(text));
  return 'faults' in looked ? looked.faults.map(({ line, column, message }) => ({ line, column, message })) : [];
}

/** Digest of a step as its readers see it: a result is carried over to another version only where it is the same. */
export const stepDigest = (step: RunbookStep): string => digestOf(step);

/** Reads every runbook of a folder, in the order of their names. @throws AppError invalid_runbook, also where two have one id */
export function runbooksIn(folder: URL): readonly LoadedRunbook[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml')).toSorted();
  const loaded = names.map((name) => readRunbook(readFileSync(new URL(name, folder), 'utf8'), name));
  const files = new Map<string, string>();
  loaded.forEach(({ pack, text }, index) => {
    const name = names[index] ?? '';
    const other = files.get(pack.id);
    if (other !== undefined) {
      const { line, column } = parseYaml(text).pointOf(['id']);
      throw new AppError('invalid_runbook', { message: `${name}, line ${line}, column ${column}: ${other} has the id ${pack.id} too.`, hint: 'Give each runbook an id of its own.', facts: { file: name, line, column } });
    }
    files.set(pack.id, name);
  });
  return loaded;
}

let shipped: readonly LoadedRunbook[] | null = null;

/** The runbooks that ship with the program, read once. */
export function shippedRunbooks(): readonly LoadedRunbook[] {
  shipped ??= runbooksIn(existsSync(BUNDLED) ? BUNDLED : SOURCE);
  return shipped;
}

/** A checkout or an editor on Windows may change line ends and put a mark in front; that is the same runbook. */
const plainOf = (text: string): string => text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');

function look(text: string): Looked {
  if (text.length > MAX_RUNBOOK_BYTES || Buffer.byteLength(text) > MAX_RUNBOOK_BYTES) return { faults: [{ line: 1, column: 1, message: 'larger than 1 MiB' }] };
  const hidden = hiddenIn(text);
  if (hidden.length > 0) return { faults: hidden };
  try {
    return formed(parseYaml(text));
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    return { faults: inOrder([error, ...error.others].map(({ line, column, message }) => ({ line, column, message }))) };
  }
}

/** Tabs, and what nobody sees on a screen: also in comments and keys, where it would hide from a reviewer. */
function hiddenIn(text: string): RunbookFault[] {
  const found: RunbookFault[] = [];
  const pointAt = pointsIn(text);
  for (const { index, 0: sign } of text.matchAll(new RegExp(HIDDEN_IN_RUNBOOK, 'gu'))) {
    const what = sign === '\t' ? 'a tab; use spaces' : sign === '\ufffd' ? 'a character that cannot be seen, U+FFFD: this was no UTF-8; save the file as UTF-8' : `a character that cannot be seen, U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    found.push({ ...pointAt(index), message: what });
    // Of a file in another encoding each further place would say the same.
    if (found.length === MAX_FAULTS || sign === '\ufffd') break;
  }
  return found;
}

function formed(yaml: ReadYaml): Looked {
  if (yaml.value === null) return { faults: [{ line: 1, column: 1, message: 'nothing stands in this file' }] };
  const result = runbookPack.safeParse(yaml.value);
  const problems = result.success ? runbookProblems(result.data) : result.error.issues.flatMap(wordsOfIssue);
  if (result.success && problems.length === 0) return { pack: result.data };
  return { faults: inOrder(problems.slice(0, MAX_FAULTS).map(({ place, message }) => ({ ...yaml.pointOf(place), message: `${nameOf(yaml.value, place)}${message}`, isUnknownKey: message === UNKNOWN_KEY }))) };
}

const inOrder = (faults: readonly Fault[]): Fault[] => faults.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_FAULTS);

/** "step scope.auth, options.0.goes_to: ": where in the runbook, in its own words. */
function nameOf(value: unknown, place: readonly (string | number)[]): string {
  const [top, s, steps, t, ...rest] = place;
  if (top === undefined) return '';
  if (top !== 'sections' || steps !== 'steps' || typeof t !== 'number') return `${place.join('.')}: `;
  const id = [top, s, steps, t, 'id'].reduce<unknown>((at, key) => (typeof at === 'object' && at !== null && key !== undefined && Object.hasOwn(at, key) ? (at as Readonly<Record<string | number, unknown>>)[key] : undefined), value);
  return `step ${typeof id === 'string' ? id.slice(0, 80) : String(t + 1)}${rest.length === 0 ? '' : `, ${rest.join('.')}`}: `;
}
