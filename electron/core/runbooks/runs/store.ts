// One run as it is kept: its events, the runbook that it pins, the state that follows. The one way in is append: signed, in one transaction, on disk before it returns.
import { byTime } from '#shared/domain/runbook-history.ts';
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { EVENTS_MAX, PARENTS_MAX } from '#shared/domain/runbook-run.ts';
import type { RunEvent, RunEventBody } from '#shared/domain/runbook-run.ts';
import { runState } from '#shared/domain/runbook-state.ts';
import type { RunState } from '#shared/domain/runbook-state.ts';
import type { FullStanding } from '#shared/domain/runbook-steps.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { Emitter } from '../../emitter.ts';
import type { Clock } from '../../ports.ts';
import type { SigningKey } from '../../seal.ts';
import type { Session } from '../../session.ts';
import { strangerName } from '../merge/identities.ts';
import type { Identities, People, Signing } from '../merge/identities.ts';
import { meetIdentity } from '../merge/identity-queries.ts';
import { readRunbook, stepDigest } from '../packs/packs.ts';
import type { LoadedRunbook } from '../packs/packs.ts';
import { runIdOf, sealEvent } from './events.ts';
import { countEvents, eventsOfRun, insertEvent, insertRun, keepRunbook, packDigestOf, runbookText } from './run-queries.ts';

/** How long a change waits for a thread that holds the right to write. */
const WRITE_WAIT_MS = 10_000;
/** Runs and texts that are held in memory; a larger number is read again. */
const HELD = 64;

export interface LoadedRun {
  readonly id: string;
  readonly pack: RunbookPack;
  readonly packDigest: string;
  readonly packText: string;
  readonly events: readonly RunEvent[];
  readonly state: RunState;
  readonly people: People;
}

export interface RunStoreDeps { readonly session: Session; readonly emitter: Emitter; readonly clock: Clock; readonly signing: Signing; readonly identities: Identities }

export interface RunStore {
  /** @throws AppError run_not_found */
  load(runId: string): LoadedRun;
  /**
   * Adds signed events to a run: all of them or none, on disk before it returns.
   * @param make from the run as it stands inside the transaction; what it throws leaves everything as it was
   * @param what a review may still come when the run has ended
   * @throws AppError run_not_found, run_ended, busy, too_large
   */
  append(runId: string, make: (run: LoadedRun) => readonly RunEventBody[], what?: 'review'): Promise<LoadedRun>;
  /** Starts a run: its first event, then what follows it. */
  begin(runbook: LoadedRunbook, start: Extract<RunEventBody, { kind: 'started' }>, following: readonly RunEventBody[]): Promise<LoadedRun>;
}

/** Steps by their id, in order. */
export const stepsIn = (pack: RunbookPack): readonly RunbookStep[] => pack.sections.flatMap(({ steps }) => steps);

/** @throws AppError step_not_found */
export function findStep({ pack, state }: Pick<LoadedRun, 'pack' | 'state'>, stepId: string): { readonly step: RunbookStep; readonly found: FullStanding } {
  const step = stepsIn(pack).find(({ id }) => id === stepId);
  const found = state.standings.find(({ standing }) => standing.step === stepId);
  if (step === undefined || found === undefined) throw new AppError('step_not_found', { message: `This run has no step ${stepId}. Nothing was recorded.`, hint: 'See the steps of the run.' });
  return { step, found };
}

/** What each author called itself last in these events. */
export function claimedNames(events: readonly RunEvent[]): ReadonlyMap<string, string> {
  return new Map(events.filter(({ body }) => body.kind === 'person').sort(byTime).flatMap(({ author, body }) => (body.kind === 'person' ? [[author, body.name] as const] : [])));
}

export const runNotFound = (): AppError => new AppError('run_not_found', { message: 'There is no such run in this profile. Nothing was changed.', hint: 'See the list of runs, or import its file.' });

export function createRunStore({ session, emitter, clock, signing, identities }: RunStoreDeps): RunStore {
  /** Texts never change under their digest. */
  const packs = new Map<string, LoadedRunbook & { readonly steps: ReadonlyMap<string, string> }>();
  /** Events are only ever added: the same number is the same set, as long as it is the same open database. */
  const held = new Map<string, { readonly db: unknown; readonly events: readonly RunEvent[] }>();

  function hold<T>(map: Map<string, T>, key: string, value: T): T {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > HELD && oldest !== undefined) map.delete(oldest);
    return value;
  }

  function packOf(digest: string): LoadedRunbook & { readonly steps: ReadonlyMap<string, string> } {
    const known = packs.get(digest);
    if (known !== undefined) return known;
    const text = runbookText(session.read(), digest);
    if (text === null) throw new AppError('database_corrupt', { message: 'The runbook of this run is not in the cache. Nothing was changed.', hint: 'Keep a copy of the profile, and import the file of the run into a new one.' });
    const loaded = readRunbook(text, `runbook ${digest.slice(0, 12)}`);
    return hold(packs, digest, { ...loaded, steps: new Map(stepsIn(loaded.pack).map((step) => [step.id, stepDigest(step)])) });
  }

  function eventsOf(runId: string): readonly RunEvent[] {
    const db = session.read();
    const known = held.get(runId);
    if (known !== undefined && known.db === db && known.events.length === countEvents(db, runId)) return known.events;
    return hold(held, runId, { db, events: eventsOfRun(db, runId) }).events;
  }

  function loadedOf(runId: string, packDigest: string, events: readonly RunEvent[]): LoadedRun {
    const { pack, text, steps } = packOf(packDigest);
    const people = identities.people();
    const claimed = claimedNames(events);
    const state = runState(events, pack, {
      nowMs: clock.now(), textOf: (step) => steps.get(step) ?? null,
      isTrusted: (author) => people.trustOf(author) === 'self' || people.trustOf(author) === 'trusted',
      isDistrusted: (author) => people.trustOf(author) === 'distrusted',
      isSamePerson: (a, b) => (people.trustOf(a) === 'self' && people.trustOf(b) === 'self') || (people.personOf(a) !== null && people.personOf(a) === people.personOf(b)),
      nameOf: (author) => people.nameOf(author) ?? strangerName(author, claimed.get(author) ?? null),
    });
    if (state === null) throw runNotFound();
    return { id: runId, pack, packDigest, packText: text, events, state, people };
  }

  function load(runId: string): LoadedRun {
    const packDigest = packDigestOf(session.read(), runId);
    if (packDigest === null) throw runNotFound();
    return loadedOf(runId, packDigest, eventsOf(runId));
  }

  /** What its author is called goes before the first thing that somebody says in a run, and again after a change. */
  function introduced(events: readonly RunEvent[], author: string, bodies: readonly RunEventBody[]): readonly RunEventBody[] {
    const name = identities.ownName();
    return claimedNames(events).get(author) === name ? bodies : [{ kind: 'person', name }, ...bodies];
  }

  /** Inside a transaction. Each event builds on all heads; more than one can name are joined first by events that only say who joins them. */
  function add(runId: string, { heads, bodies, key }: { readonly heads: readonly string[]; readonly bodies: readonly RunEventBody[]; readonly key: SigningKey }): readonly RunEvent[] {
    const db = session.write();
    const nowUs = clock.now() * 1000;
    const made: RunEvent[] = [];
    let open = [...heads];
    const put = (parents: readonly string[], body: RunEventBody): string => {
      const event = sealEvent({ run: runId, parents, at: formatInstantMs(clock.now()), body }, key);
      insertEvent(db, { runId, event, nowUs });
      made.push(event);
      return event.digest;
    };
    while (open.length > PARENTS_MAX) open = [...open.slice(PARENTS_MAX), put(open.slice(0, PARENTS_MAX), { kind: 'person', name: identities.ownName() })];
    for (const body of bodies) open = [put(open, body)];
    return made;
  }

  return {
    load,
    async append(runId, make, what) {
      // Without a run no key is made.
      if (packDigestOf(session.read(), runId) === null) throw runNotFound();
      const key = await signing.key();
      await session.whenWritable({ maxMs: WRITE_WAIT_MS });
      const author = key.publicKey.toString('base64');
      const db = session.write();
      const events = db.transaction(() => {
        const run = load(runId);
        if (run.state.ended !== null && what !== 'review') throw new AppError('run_ended', { message: 'This run has ended. Nothing was recorded.', hint: 'It can still be reviewed and exported. Start a new run for what comes now.' });
        const bodies = make(run);
        if (bodies.length === 0) return null;
        if (run.events.length + bodies.length >= EVENTS_MAX) throw new AppError('too_large', { message: `This run has ${run.events.length} events, which is all that one can hold. Nothing was recorded.`, hint: 'End it, and go on in a new run.' });
        meetIdentity(db, { publicKey: author, nowUs: clock.now() * 1000 });
        return [...run.events, ...add(runId, { heads: run.state.heads, bodies: introduced(run.events, author, bodies), key })];
      });
      // Only now: what a full disk takes back must not be remembered.
      if (events !== null) hold(held, runId, { db: session.read(), events });
      emitter.emit('run.changed', { runId });
      return load(runId);
    },
    async begin(runbook, start, following) {
      const key = await signing.key();
      await session.whenWritable({ maxMs: WRITE_WAIT_MS });
      const db = session.write();
      const nowUs = clock.now() * 1000;
      const first = sealEvent({ run: null, parents: [], at: formatInstantMs(clock.now()), body: start }, key);
      const runId = runIdOf(first.digest);
      db.transaction(() => {
        keepRunbook(db, { digest: runbook.digest, id: runbook.pack.id, text: runbook.text, importedAtUs: null }, nowUs);
        insertRun(db, { id: runId, packDigest: runbook.digest, nowUs });
        insertEvent(db, { runId, event: first, nowUs });
        meetIdentity(db, { publicKey: first.author, nowUs });
        add(runId, { heads: [first.digest], bodies: [{ kind: 'person', name: identities.ownName() }, ...following], key });
      });
      emitter.emit('run.changed', { runId });
      return load(runId);
    },
  };
}
