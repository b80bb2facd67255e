// Who answers a search: two threads of the open profile, or this process. Newer questions of the same kind end those that they replace.
import { AppError } from '#shared/errors.ts';
import type { ReadDb } from '../../db/sql.ts';
import type { ThreadDatabase } from '../../db/open.ts';
import type { Log } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { startThread } from '../../workers/thread.ts';
import type { Thread } from '../../workers/thread.ts';
import { createRunner } from './runner.ts';
import type { SearchCall, SearchCalls, SearchRunner } from './runner.ts';
import { cancelledError, turnOfProcess } from './turn.ts';

export interface Asking {
  readonly deploymentId: string;
  /** Questions of one kind with the same subject stand beside each other (pages of one search); two newer subjects make them stale. */
  readonly subject: string;
  readonly signal: AbortSignal;
}

export interface Asker {
  /** @throws AppError cancelled when a newer question took its place, profile_locked when the profile was locked meanwhile; and what the search throws */
  ask<N extends SearchCall>(call: N, input: SearchCalls[N]['input'], asking: Asking): Promise<SearchCalls[N]['output']>;
}

/** Pages and completions do not wait for counts. */
const LANES: Readonly<Record<SearchCall, 'rows' | 'sums'>> = { search: 'rows', complete: 'rows', count: 'sums', histogram: 'sums', facets: 'sums' };
/** A screen asks the same of the view and of a part of it at once. With more subjects than this, the older ones are what somebody typed on the way. */
const SUBJECTS = 2;
/** A cancelled search ends between two slices; one that does not by then is left behind with its thread. */
const CANCEL_MS = 200;

type SearchThread = Thread<SearchCalls>;

export interface AskerDeps {
  readonly session: Pick<Session, 'read' | 'database' | 'onClosing'>;
  /** False where nobody is kept waiting: on the command line. */
  readonly inThread: boolean;
  readonly log: Log;
  /** Starts a thread; another one in tests. */
  readonly start?: typeof startSearchThread;
}

function startSearchThread(database: ThreadDatabase): SearchThread {
  return startThread<SearchCalls>('audit-search', database);
}

export function createAsker({ session, inThread, log, start = startSearchThread }: AskerDeps): Asker {
  const running = new Map<string, Set<{ readonly subject: string; readonly controller: AbortController }>>();
  const threads = new Map<string, SearchThread>();
  let here: { readonly db: ReadDb; readonly runner: SearchRunner } | null = null;

  session.onClosing(() => {
    for (const thread of threads.values()) void thread.end();
    threads.clear();
    here = null;
  });

  function threadFor(call: SearchCall): SearchThread {
    // Says why when the profile is not open.
    session.read();
    const lane = LANES[call];
    const held = threads.get(lane);
    if (held?.isAlive() === true) return held;
    const database = session.database();
    if (database === null) throw new Error('the session is open without a database');
    const thread = start(database.forThread());
    threads.set(lane, thread);
    return thread;
  }

  async function askThread<N extends SearchCall>(call: N, input: SearchCalls[N]['input'], signal: AbortSignal): Promise<SearchCalls[N]['output']> {
    for (let deaths = 0; ;) {
      const thread = threadFor(call);
      try {
        return await answerOf(thread, thread.call(call, input, { signal }), signal);
      } catch (error) {
        if (signal.aborted) throw cancelledError();
        const isEnded = error instanceof AppError && error.code === 'cancelled';
        if (thread.isAlive() || (error instanceof AppError && !isEnded)) throw error;
        // Another search was cancelled and left this thread behind: that is no fault of this one.
        if (isEnded) continue;
        deaths += 1;
        log.error('a search thread died', { call, deaths, cause: String(error) });
        if (deaths === 2) throw new AppError('internal', { message: 'The search broke off twice before it had an answer. Nothing was changed.', hint: 'Try again. If it happens again, make the query simpler and look at the log.', cause: error });
      }
    }
  }

  /** Settles at most CANCEL_MS after an abort. */
  async function answerOf<T>(thread: SearchThread, answer: Promise<T>, signal: AbortSignal): Promise<T> {
    let timer: NodeJS.Timeout | null = null;
    const abort = (): void => { timer = setTimeout(() => void thread.end(), CANCEL_MS); };
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener('abort', abort);
      if (timer !== null) clearTimeout(timer);
    }
  }

  async function askHere<N extends SearchCall>(call: N, input: SearchCalls[N]['input'], signal: AbortSignal): Promise<SearchCalls[N]['output']> {
    const db = session.read();
    if (here?.db !== db) here = { db, runner: createRunner(db) };
    const run: SearchRunner[N] = here.runner[call];
    return run(input, turnOfProcess(signal, () => { if (session.read() !== db) throw cancelledError(); }));
  }

  return {
    async ask(call, input, { deploymentId, subject, signal }) {
      const place = `${call} ${deploymentId}`;
      const beside = running.get(place) ?? new Set();
      // The oldest subjects make way; a set keeps the order in which they came.
      const subjects = [...new Set([...beside].map((other) => other.subject).filter((other) => other !== subject))];
      const stale = new Set(subjects.slice(0, Math.max(0, subjects.length - (SUBJECTS - 1))));
      for (const other of beside) if (stale.has(other.subject)) other.controller.abort();
      const mine = { subject, controller: new AbortController() };
      running.set(place, beside.add(mine));
      const ended = AbortSignal.any([signal, mine.controller.signal]);
      try {
        return await (inThread ? askThread(call, input, ended) : askHere(call, input, ended));
      } finally {
        beside.delete(mine);
        if (beside.size === 0) running.delete(place);
      }
    },
  };
}
