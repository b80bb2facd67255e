// Runs on their way between people: written to a file that is signed, and joined from one. Joining is a union, so the order in which files come does not matter.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { MergeReport } from '#shared/domain/runbook-run.ts';
import { AppError } from '#shared/errors.ts';
import type { Emitter } from '../../emitter.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import { readingError } from '../../files/file-errors.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import type { Session } from '../../session.ts';
import { READ_FLAGS } from '../reading.ts';
import type { EvidencePort } from '../runs/evidence-port.ts';
import { packDigestOf } from '../runs/run-queries.ts';
import { conflictsIn } from '../runs/service.ts';
import { claimedNames } from '../runs/store.ts';
import type { LoadedRun, RunStore } from '../runs/store.ts';
import { fingerprintOf } from './identities.ts';
import type { Identities, Signing } from './identities.ts';
import { checkFile, joinInto } from './join.ts';
import type { CheckedFile, Joined } from './join.ts';
import { MAX_RUN_FILE_BYTES, readRunFile, writeRunFile } from './run-file.ts';

export interface RunText { readonly text: string; readonly events: number; /** Digests of evidence that does not fit. */ readonly left: readonly string[]; /** And of what is not as it was kept. */ readonly damaged: readonly string[] }

export interface Merging {
  export(input: ParsedInput<'run.export'>): Promise<CallOutput<'run.export'>>;
  import(path: string): Promise<MergeReport>;
  /** The text of a run's file. Evidence that would make it larger than 64 MiB, and what is damaged, is left out and named. @throws AppError too_large when its events alone are */
  fileOf(runId: string, withEvidence: boolean): Promise<RunText>;
  /** How many pieces of a run's evidence are here. */
  evidenceHere(run: LoadedRun): number;
  /** Joins a file; nothing is written to the ledger when nothing in it is new. */
  join(bytes: Buffer, from: string): Promise<MergeReport>;
}

export interface MergingDeps {
  readonly session: Session; readonly store: RunStore; readonly ledger: LedgerService; readonly emitter: Emitter; readonly clock: Clock; readonly signing: Signing; readonly identities: Identities; readonly evidence: EvidencePort; readonly profileDir: string;
}

/** The bytes of a file that is not larger than a run can be. @throws AppError file_not_found, file_unreadable, too_large */
export async function readBounded(path: string, flags: number = READ_FLAGS): Promise<Buffer> {
  const name = basename(path);
  try {
    const handle = await open(path, flags);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw new AppError('file_unreadable', { message: `${name} is no file. Nothing was taken.`, hint: 'Choose a file.' });
      if (facts.size > MAX_RUN_FILE_BYTES) throw new AppError('too_large', { message: `${name} is larger than 64 MiB, which no file of a run is. Nothing was taken.`, hint: 'Ask for the run without its evidence.' });
      const bytes = Buffer.alloc(facts.size);
      let at = 0;
      for (let read = -1; at < bytes.length && read !== 0; at += read) ({ bytesRead: read } = await handle.read(bytes, at, bytes.length - at, at));
      return bytes.subarray(0, at);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const translated = readingError(error);
    if (translated instanceof AppError && translated.code === 'file_not_found') throw new AppError('file_not_found', { message: `There is no file ${name}. Nothing was taken.`, hint: 'Check the path.', cause: error });
    throw translated;
  }
}

export function createMerging({ session, store, ledger, emitter, clock, signing, identities, evidence, profileDir }: MergingDeps): Merging {
  /** Null: not here, or not as they were kept. */
  async function wholeOf(digest: string): Promise<Buffer | null> {
    try {
      return await evidence.read(digest);
    } catch (error) {
      if (error instanceof AppError && (error.code === 'evidence_damaged' || error.code === 'evidence_not_found')) return null;
      throw error;
    }
  }

  async function bytesOf(run: LoadedRun, withEvidence: boolean): Promise<{ readonly kept: ReadonlyMap<string, Buffer>; readonly left: readonly string[]; readonly damaged: readonly string[] }> {
    const kept = new Map<string, Buffer>();
    const left: string[] = [];
    const damaged: string[] = [];
    // What the rest of the file takes at most: texts may double when they are escaped.
    let room = MAX_RUN_FILE_BYTES - 2 * run.packText.length - 8192 - run.events.reduce((sum, event) => sum + JSON.stringify(event).length * 2, 0);
    for (const digest of new Set(withEvidence ? run.state.evidence.map((each) => each.digest) : [])) {
      if (!evidence.isHere(digest)) continue;
      const bytes = await wholeOf(digest);
      // By their own length: what an event says of it may be wrong.
      const need = 4 * Math.ceil((bytes?.length ?? 0) / 3) + 80;
      if (bytes === null) damaged.push(digest);
      else if (need > room) left.push(digest);
      else {
        kept.set(digest, bytes);
        room -= need;
      }
    }
    return { kept, left, damaged };
  }

  async function fileOf(runId: string, withEvidence: boolean): Promise<RunText> {
    const key = await signing.key();
    const { kept, left, damaged } = await bytesOf(store.load(runId), withEvidence);
    const run = store.load(runId);
    const text = writeRunFile(run, { evidence: kept, key, nowMs: clock.now() });
    if (Buffer.byteLength(text) > MAX_RUN_FILE_BYTES) throw new AppError('too_large', { message: `The ${run.events.length} events of this run do not fit into a file of 64 MiB. Nothing was written.`, hint: 'End it, and go on in a new run.' });
    return { text, events: run.events.length, left, damaged };
  }

  function reportOf(checked: CheckedFile, { isNew, added, known }: Joined, evidenceAdded: number): MergeReport {
    const run = store.load(checked.run);
    const names = claimedNames(run.events);
    const counts = new Map<string, number>();
    for (const { author } of added) counts.set(author, (counts.get(author) ?? 0) + 1);
    const here = new Set(run.events.map(({ digest }) => digest));
    const { head, author, heads } = checked.head;
    const isTrusted = author !== null && ['self', 'trusted'].includes(run.people.trustOf(author));
    return {
      run: run.id, title: run.state.title, isNew, added: added.length, known,
      bySigner: [...counts].map(([key, n]) => ({ fingerprint: fingerprintOf(key), name: run.people.nameOf(key) ?? names.get(key) ?? null, trust: run.people.trustOf(key), added: n })).sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
      refused: checked.refused, missing: [...new Set([...run.state.missing, ...heads.filter((digest) => !here.has(digest))])].sort(), waiting: run.state.waiting,
      head: head === 'fits' && !isTrusted ? 'unknown-signer' : head, conflicts: conflictsIn(run), evidenceAdded, evidenceRefused: [...checked.evidenceRefused],
    };
  }

  /** Whether anything of the file is new here. */
  function isNews({ run, events, evidence: bytes }: CheckedFile): boolean {
    if (packDigestOf(session.read(), run) === null) return true;
    const here = new Set(store.load(run).events.map(({ digest }) => digest));
    return events.some(({ digest }) => !here.has(digest)) || [...bytes.keys()].some((digest) => !evidence.isHere(digest));
  }

  async function take(checked: CheckedFile): Promise<MergeReport> {
    await session.whenWritable({ maxMs: 10_000 });
    // Bytes first: they lie under their own digest and mean nothing until an event names them.
    let evidenceAdded = 0;
    const notKept: string[] = [];
    for (const [digest, bytes] of checked.evidence) {
      // What is damaged here is mended by the bytes of the file.
      if (evidence.isHere(digest) && await wholeOf(digest) !== null) continue;
      try {
        await evidence.keep(bytes);
        evidenceAdded += 1;
      } catch (error) {
        // What is too large to be kept must not keep the events out; it is named.
        if (!(error instanceof AppError) || error.code !== 'too_large') throw error;
        notKept.push(digest);
      }
    }
    await session.whenWritable({ maxMs: 10_000 });
    const db = session.write();
    const joined = db.transaction(() => joinInto(db, checked, { nowUs: clock.now() * 1000, isOwn: (author) => identities.people().trustOf(author) === 'self' }));
    emitter.emit('run.changed', { runId: checked.run });
    return reportOf({ ...checked, evidenceRefused: [...checked.evidenceRefused, ...notKept] }, joined, evidenceAdded);
  }

  async function checkedFrom(bytes: Buffer): Promise<CheckedFile> {
    const file = readRunFile(bytes);
    return checkFile(file, { packDigest: packDigestOf(session.read(), file.run) });
  }

  const entry = (checked: CheckedFile, from: string) => ({
    action: 'run.imported' as const, deployment: null, subject: checked.run,
    outcome: `${checked.events.length} sound events, ${checked.refused.length} refused, head ${checked.head.head}${checked.head.author === null ? '' : ` by ${fingerprintOf(checked.head.author).slice(0, 16)}`}; ${from}`.slice(0, 500),
  });

  return {
    fileOf,
    evidenceHere: ({ state }) => new Set(state.evidence.map(({ digest }) => digest).filter((digest) => evidence.isHere(digest))).size,
    async export({ runId, path, overwrite, withEvidence }) {
      store.load(runId);
      session.write();
      const { text, events, left, damaged } = await fileOf(runId, withEvidence);
      if (damaged.length > 0) throw new AppError('evidence_damaged', { message: `${damaged.length} ${damaged.length === 1 ? 'piece' : 'pieces'} of evidence of this run ${damaged.length === 1 ? 'is' : 'are'} damaged: sha256 ${damaged.slice(0, 3).join(', ')}. Nothing was written.`, hint: 'Add the same files again, or export the run without evidence.' });
      if (left.length > 0) throw new AppError('too_large', { message: `With its evidence this run is larger than 64 MiB: ${left.length} of its files do not fit. Nothing was written.`, hint: 'Export it without evidence, and hand the files over by themselves.' });
      const file = await openAtomicFile(path, { profileDir, mayReplace: () => Promise.resolve(overwrite) });
      try {
        await file.write(text);
        const { sha256 } = await file.seal();
        const { bytes } = await recorded(ledger, { action: 'run.exported', deployment: null, subject: runId, outcome: `${events} events, sha256 ${sha256}` }, () => file.commit());
        return { path: file.path, sha256, bytes, events };
      } finally {
        await file.abort();
      }
    },
    async import(path) {
      const bytes = await readBounded(path);
      session.write();
      const checked = await checkedFrom(bytes);
      return recorded(ledger, entry(checked, basename(path)), () => take(checked));
    },
    async join(bytes, from) {
      const checked = await checkedFrom(bytes);
      if (!isNews(checked)) return reportOf(checked, { isNew: false, added: [], known: checked.events.length }, 0);
      return recorded(ledger, entry(checked, from), () => take(checked));
    },
  };
}
