// Joins the history of a file with the one that is here: the union of both. What is forged or altered is refused and named by its place; the rest is taken in one transaction, or nothing is.
import { EVENTS_MAX } from '#shared/domain/runbook-run.ts';
import type { MergeReport, RunEvent, RunFile } from '#shared/domain/runbook-run.ts';
import { AppError } from '#shared/errors.ts';
import type { WriteDb } from '../../db/sql.ts';
import { readRunbook } from '../packs/packs.ts';
import type { LoadedRunbook } from '../packs/packs.ts';
import { checkEvent } from '../runs/events.ts';
import { eventsOfRun, insertEvent, insertRun, keepRunbook, packDigestOf } from '../runs/run-queries.ts';
import { claimedNames } from '../runs/store.ts';
import { meetIdentity, nameIdentity } from './identity-queries.ts';
import { sha256, verdictOfHead } from './run-file.ts';
import type { HeadVerdict } from './run-file.ts';

/** Events checked between two breaths: others want to run too. A signature takes about 0.1 ms. */
const CHECKED_AT_ONCE = 200;

export interface CheckedFile {
  readonly run: string;
  readonly runbook: LoadedRunbook;
  readonly events: readonly RunEvent[];
  readonly refused: MergeReport['refused'];
  readonly head: HeadVerdict;
  /** Bytes that an event of the file names, by their digest. */
  readonly evidence: ReadonlyMap<string, Buffer>;
  readonly evidenceRefused: readonly string[];
}

const damaged = (message: string): AppError => new AppError('run_file_damaged', { message: `${message} Nothing was taken.`, hint: 'Ask for the file again, and compare its digest.' });

/** Everything about a file that can be checked without what is here. @throws AppError run_file_damaged when nothing of it can be taken */
export async function checkFile(file: RunFile, known: { readonly packDigest: string | null }): Promise<CheckedFile> {
  const events = new Map<string, RunEvent>();
  const refused: MergeReport['refused'] = [];
  for (const [index, given] of file.events.entries()) {
    if (index > 0 && index % CHECKED_AT_ONCE === 0) await new Promise((resolve) => { setImmediate(resolve); });
    const checked = checkEvent(given, file.run);
    if ('reason' in checked) refused.push({ index, digest: checked.digest, reason: checked.reason });
    else if (events.has(checked.event.digest)) refused.push({ index, digest: checked.event.digest, reason: 'It stands in the file twice.' });
    else events.set(checked.event.digest, checked.event);
  }
  const start = [...events.values()].find(({ body }) => body.kind === 'started');
  const pinned = start?.body.kind === 'started' ? start.body.pack.digest : known.packDigest;
  if (pinned === null) throw damaged(`The event that starts this run is not in the file, or was altered${refused.length === 0 ? '' : ` (${refused.length} refused; event ${refused[0]?.index ?? 0}: ${refused[0]?.reason ?? ''})`}.`);
  if (sha256(file.pack) !== pinned) throw damaged('The runbook in this file is not the one that the run pins.');
  return { run: file.run, runbook: runbookOf(file.pack, pinned), events: [...events.values()], refused, head: verdictOfHead(file, [...events.keys()]), ...evidenceOf(file, [...events.values()]) };
}

function runbookOf(text: string, digest: string): LoadedRunbook {
  try {
    const loaded = readRunbook(text, 'the runbook of the run');
    // Another spelling of the same text has another digest here.
    if (loaded.digest === digest) return loaded;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw damaged(`The runbook in this file cannot be read: ${error.message}`);
  }
  throw damaged('The runbook in this file is not written in the form that a run pins.');
}

function evidenceOf(file: RunFile, events: readonly RunEvent[]): Pick<CheckedFile, 'evidence' | 'evidenceRefused'> {
  // Each size that is named: whoever lies about one must not keep the bytes out.
  const named = new Map<string, Set<number>>();
  for (const { body } of events) if (body.kind === 'evidence') named.set(body.digest, new Set([...named.get(body.digest) ?? [], body.bytes]));
  const evidence = new Map<string, Buffer>();
  const evidenceRefused: string[] = [];
  for (const [digest, text] of Object.entries(file.evidence)) {
    const bytes = Buffer.from(text, 'base64');
    if (named.get(digest)?.has(bytes.length) === true && bytes.toString('base64') === text && sha256(bytes) === digest) evidence.set(digest, bytes);
    else evidenceRefused.push(digest);
  }
  return { evidence, evidenceRefused };
}

export interface Joined { readonly isNew: boolean; readonly added: readonly RunEvent[]; readonly known: number }

/** Inside the caller's transaction. @param isOwn whether a key is one of this profile @throws AppError too_large when the two together are more than one run can hold */
export function joinInto(db: WriteDb, { run, runbook, events }: CheckedFile, { nowUs, isOwn }: { readonly nowUs: number; readonly isOwn: (author: string) => boolean }): Joined {
  const isNew = packDigestOf(db, run) === null;
  if (isNew) {
    keepRunbook(db, { digest: runbook.digest, id: runbook.pack.id, text: runbook.text, importedAtUs: null }, nowUs);
    insertRun(db, { id: run, packDigest: runbook.digest, nowUs });
  }
  const here = new Set(eventsOfRun(db, run).map(({ digest }) => digest));
  const added = events.filter(({ digest }) => !here.has(digest));
  if (here.size + added.length > EVENTS_MAX) throw new AppError('too_large', { message: `Both histories together have more than ${EVENTS_MAX} events. Nothing was taken.`, hint: 'End this run, and go on in a new one.' });
  for (const event of added) {
    meetIdentity(db, { publicKey: event.author, nowUs });
    insertEvent(db, { runId: run, event, nowUs });
  }
  // One's own name is what one says here, not what an old file says.
  for (const [publicKey, name] of claimedNames(added)) if (!isOwn(publicKey)) nameIdentity(db, { publicKey, name });
  return { isNew, added, known: events.length - added.length };
}
