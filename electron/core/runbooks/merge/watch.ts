// A folder that several people share: files of runs that appear there are joined, and what this machine recorded is written there. It trusts nothing in it: links, huge files and hostile names are passed over.
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { CallOutput } from '#shared/contract.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import type { Emitter } from '../../emitter.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import { writingError } from '../../files/file-errors.ts';
import { refuseInside } from '../../files/keep-out.ts';
import type { Clock, Log } from '../../ports.ts';
import { keyFingerprint } from '../../seal.ts';
import type { Session } from '../../session.ts';
import { READ_FLAGS } from '../reading.ts';
import { runIds } from '../runs/run-queries.ts';
import type { RunStore } from '../runs/store.ts';
import type { Signing } from './identities.ts';
import { setWatchedFolder, watchedFolder } from './identity-queries.ts';
import { MAX_RUN_FILE_BYTES } from './run-file.ts';
import { readBounded } from './service.ts';
import type { Merging } from './service.ts';

export type Watching = CallOutput<'run.watching'>;

const EVERY_MS = 4_000;
const END = '.holdfast-run';
/** Files looked at in one round: a folder may hold millions. */
const NAMES_MAX = 2_000;
const RUNS_MAX = 1_000;
/** How often the same bytes are tried: a file may look finished before it is. */
const TRIES = 3;
/** What says something of a file itself; anything else passes, and is tried again. */
const OF_FILE: ReadonlySet<string> = new Set(['run_file_damaged', 'unknown_format', 'too_large', 'file_unreadable', 'file_not_found']);
/** A link in place of a file is not followed. */
const PLAIN_FLAGS = READ_FLAGS | (constants.O_NOFOLLOW ?? 0);

export interface Watch {
  show(): Watching;
  /** Watches from now on, and looks once before it returns. @throws AppError file_not_found, file_unwritable */
  set(path: string | null): Promise<Watching>;
  /** Ends the looking and waits for the round under way. */
  stop(): Promise<void>;
}

export interface WatchDeps {
  readonly session: Session; readonly store: RunStore; readonly merging: Merging; readonly emitter: Emitter; readonly clock: Clock; readonly log: Log; readonly signing: Signing; readonly profileDir: string;
  /** False for a host that ends after one command: it looks only when it is told to. */
  readonly polls: boolean;
}

interface Seen { readonly stamp: string; readonly tries: number; readonly problem: string | null }

/** What this machine has to say in a run, and what of its evidence is here: the file is written anew when that changes. */
interface Written { readonly what: string; readonly stamp: string; readonly at: number }
/** How soon a file of ours that somebody changed is put right again. */
const REPAIR_AFTER_MS = 60_000;

export function createWatch({ session, store, merging, emitter, clock, log, signing, profileDir, polls }: WatchDeps): Watch {
  const seen = new Map<string, Seen>();
  const written = new Map<string, Written>();
  /** Runs that did not change since they were looked at. */
  const looked = new Set<string>();
  let lastAt: string | null = null;
  let folderProblem: string | null = null;
  let cancelTimer: () => void = () => undefined;
  let round: Promise<void> = Promise.resolve();
  let isOn = false;

  function forgetFiles(): void {
    seen.clear();
    written.clear();
    looked.clear();
  }

  function forget(): void {
    forgetFiles();
    lastAt = null;
    folderProblem = null;
  }

  function show(): Watching {
    const [first = null] = [...seen.values()].flatMap(({ problem }) => problem ?? []);
    return { path: watchedFolder(session.read()), lastAt, problem: folderProblem ?? first };
  }

  async function stampOf(path: string): Promise<string | null> {
    const facts = await lstat(path, { bigint: true }).catch(() => null);
    return facts === null ? null : `${facts.isFile() ? 'file' : 'other'} ${facts.size} ${facts.mtimeNs} ${facts.ino}`;
  }

  async function namesIn(folder: string): Promise<string[]> {
    const names = await readdir(folder, { encoding: 'buffer' });
    return names.flatMap((bytes) => (isUtf8(bytes) ? [bytes.toString('utf8')] : [])).filter((name) => name.endsWith(END) && !name.startsWith('.')).sort();
  }

  async function takeIn(folder: string, name: string): Promise<void> {
    const path = join(folder, name);
    const stamp = await stampOf(path);
    if (stamp === null) return;
    const before = seen.get(name);
    const tries = before?.stamp === stamp ? before.tries : 0;
    if (tries >= TRIES || (before?.stamp === stamp && before.problem === null)) return;
    const shown = visibleLine(name);
    if (!stamp.startsWith('file ')) return void seen.set(name, { stamp, tries: TRIES, problem: `${shown} is no file and was passed over.` });
    if (Number(stamp.split(' ')[1]) > MAX_RUN_FILE_BYTES) return void seen.set(name, { stamp, tries: TRIES, problem: `${shown} is larger than 64 MiB and was passed over.` });
    try {
      const { refused } = await merging.join(await readBounded(path, PLAIN_FLAGS), 'from the watched folder');
      const [first] = refused;
      seen.set(name, { stamp, tries: TRIES, problem: first === undefined ? null : `${shown}: ${refused.length} refused. Event ${first.index}: ${visibleLine(first.reason)}` });
    } catch (error) {
      if (error instanceof AppError && !OF_FILE.has(error.code)) throw error;
      // One file that we cannot deal with must not hold up the others.
      if (!(error instanceof AppError)) log.error('a file of the watched folder could not be joined', { cause: error instanceof Error ? error.stack : String(error) });
      seen.set(name, { stamp, tries: tries + 1, problem: `${shown}: ${error instanceof AppError ? error.message : 'it could not be joined.'}` });
    }
  }

  async function giveOut(folder: string, names: ReadonlySet<string>, tag: string): Promise<void> {
    const own = new Set(signing.known().map((key) => key.toString('base64')));
    for (const runId of runIds(session.read(), RUNS_MAX)) {
      if (!isOn) return;
      const name = `${runId}.${tag}${END}`;
      const path = join(folder, name);
      const before = written.get(runId);
      const isThere = names.has(name) && (before === undefined || clock.monotonicMs() - before.at < REPAIR_AFTER_MS || await stampOf(path) === before.stamp);
      if (looked.has(runId) && (before === undefined || isThere)) continue;
      // Noted first: what changes while we write must not be lost.
      looked.add(runId);
      try {
        const run = store.load(runId);
        const mine = run.events.filter(({ author }) => own.has(author)).length;
        const what = `${mine} ${merging.evidenceHere(run)}`;
        if (mine === 0 || (before?.what === what && isThere)) continue;
        const { problem, bytes } = await write(path, runId);
        const stamp = await stampOf(path) ?? '';
        // Somebody may have changed it already: what has another size is not what we wrote.
        written.set(runId, { what, stamp: stamp.startsWith(`file ${bytes} `) ? stamp : '', at: clock.monotonicMs() });
        seen.set(name, { stamp: '', tries: TRIES, problem: problem === null ? null : `${name}: ${problem}` });
      } catch (error) {
        looked.delete(runId);
        throw error;
      }
    }
  }

  /** @returns what of the run is not in the file, null: nothing; and the bytes of the file, null: it was not written */
  async function write(path: string, runId: string): Promise<{ readonly problem: string | null; readonly bytes: number | null }> {
    try {
      const { text, left, damaged } = await merging.fileOf(runId, true);
      const file = await openAtomicFile(path, { profileDir, mayReplace: () => Promise.resolve(true) });
      let bytes: number;
      try {
        await file.write(text);
        ({ bytes } = await file.commit());
      } finally {
        await file.abort();
      }
      const problems = [...(damaged.length === 0 ? [] : [`${damaged.length} pieces of evidence are damaged and left out.`]), ...(left.length === 0 ? [] : [`${left.length} pieces of evidence are left out: with them it would be larger than 64 MiB.`])];
      return { problem: problems.length === 0 ? null : problems.join(' '), bytes };
    } catch (error) {
      if (error instanceof AppError && error.code === 'too_large') return { problem: error.message, bytes: null };
      throw error;
    }
  }

  async function look(): Promise<void> {
    let folder: string | null = null;
    try {
      if (!isOn) return;
      folder = watchedFolder(session.read());
      if (folder === null) return;
      const all = await namesIn(folder);
      const present = new Set(all);
      for (const name of seen.keys()) if (!present.has(name)) seen.delete(name);
      const tags = signing.known().map((key) => keyFingerprint(key).slice(0, 16));
      const isOurs = (name: string): boolean => tags.some((tag) => name.endsWith(`.${tag}${END}`));
      // Ours first, as far as it is not as we wrote it: a copy of this profile may have written there what is lost here, and we are about to write over it.
      const names = [...all.filter(isOurs), ...all.filter((name) => !isOurs(name))].slice(0, NAMES_MAX);
      const asWritten = new Set([...written.values()].map(({ stamp }) => stamp));
      for (const name of names) if (isOn && !(isOurs(name) && asWritten.has(await stampOf(join(folder, name)) ?? ''))) await takeIn(folder, name);
      const tag = tags.at(-1);
      // Without a key nothing of any run is ours.
      if (isOn && tag !== undefined) await giveOut(folder, present, tag);
      lastAt = formatInstantMs(clock.now());
      folderProblem = all.length <= NAMES_MAX ? null : `It holds ${all.length} files of runs. Only the first ${NAMES_MAX} by name are looked at.`;
    } catch (error) {
      if (!isOn) return;
      const translated = writingError(error);
      if (!(translated instanceof AppError)) log.error('looking at the watched folder failed', { cause: error instanceof Error ? error.stack : String(error) });
      folderProblem = translated instanceof AppError ? translated.message : 'Looking at the folder failed.';
      // It may be another folder when it comes back.
      if (folder === null || await stampOf(folder) === null) forgetFiles();
    }
  }

  function next(): void {
    cancelTimer();
    if (!isOn || !polls) return;
    cancelTimer = clock.after(EVERY_MS, () => {
      round = round.then(look).finally(next);
    });
  }

  function turnOn(): void {
    isOn = session.state() === 'open' && session.access() === 'write' && watchedFolder(session.read()) !== null;
    next();
  }

  async function stop(): Promise<void> {
    isOn = false;
    cancelTimer();
    await round;
  }

  emitter.listen((event) => {
    if (event.name === 'run.changed') looked.delete((event.payload as { readonly runId: string }).runId);
    if (event.name !== 'app.opened') return;
    forget();
    if (polls) turnOn();
  });
  session.onClosing(() => {
    isOn = false;
    cancelTimer();
  });

  return {
    show, stop,
    async set(path) {
      if (path !== null) await usable(path, profileDir);
      await stop();
      setWatchedFolder(session.write(), path, clock.now() * 1000);
      forget();
      isOn = path !== null;
      round = round.then(look);
      await round;
      next();
      return show();
    },
  };
}

/** @throws AppError file_not_found, file_unwritable */
async function usable(path: string, profileDir: string): Promise<void> {
  const facts = isAbsolute(path) ? await stat(path).catch(() => null) : null;
  if (facts === null || !facts.isDirectory()) throw new AppError('file_not_found', { message: 'There is no such folder. Nothing was changed.', hint: 'Name an existing folder from the root on.' });
  try {
    await refuseInside(profileDir, join(path, 'file'));
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writingError(error);
  }
}
