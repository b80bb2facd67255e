// Reads the export of one organisation into the cache: goes on where an unfinished walk stopped, reads a small log again whole, and a large one in turns.
import { formatInstantUs } from '#shared/domain/time.ts';
import type { NaviRows } from '../../deployments/service.ts';
import type { Session } from '../../session.ts';
import { BEGINNING, PRESENT, uncovered } from './coverage.ts';
import type { Range, Stretch } from './coverage.ts';
import { createComparing } from './comparing.ts';
import { putPieces } from './map-store.ts';
import { cutoffUs } from './retention.ts';
import type { Storing } from './storing.ts';
import { countHeld, endWalk, insertWalk, oldestHeld, raiseTop, stretches, unfinishedWalk } from './sync-queries.ts';
import type { ScopeKey } from './sync-queries.ts';
import { createWalk } from './walk.ts';
import type { Proven, WalkQuery, Window } from './walk-types.ts';

/** Up to so many rows of a deployment, every sync reads everything again. */
export const WHOLE_UP_TO = 100_000;
/** Beyond that, so many pages below the newest rows that were known … */
const PAGES_BELOW_TOP = 2;
/** … and so many of those that were confirmed longest ago. */
const PAGES_IN_TURN = 8;

export const EXPORT_SOURCE = 'the export';

/** The export gave rows of another organisation than the token names: its map is another one. */
export class OtherOrganisation extends Error {
  readonly org: string | null;
  constructor(org: string | null) {
    super('the export is of another organisation');
    this.org = org;
  }
}

export interface ExportReading {
  readonly session: Session;
  readonly storing: Storing;
  readonly key: ScopeKey;
  /** Whose rows the export gives; null when that is not known or not one: then nothing is compared. */
  readonly org: string | null;
  readonly isFull: boolean;
  readonly wholeUpTo: number;
  readonly nowUs: () => number;
  readonly signal: AbortSignal;
  ask(query: WalkQuery): Promise<NaviRows>;
  actors(): Promise<readonly string[]>;
  report(step: string, estimate: { readonly received: number; readonly fraction: number | null }): void;
}

/** Windows of a full walk: what it has not read yet, the newest first. */
function windowsOf(read: readonly Range[]): Window[] {
  const topUs = read.reduce((top, { toUs }) => Math.max(top, toUs), BEGINNING);
  if (read.length === 0) return [{ afterUs: BEGINNING, untilUs: null }];
  return [{ afterUs: topUs, untilUs: null }, ...uncovered(read, { fromUs: BEGINNING, toUs: topUs }).toReversed().map(windowFor)];
}

const windowFor = ({ fromUs, toUs }: Range): Window => ({ afterUs: fromUs === BEGINNING ? BEGINNING : fromUs - 1, untilUs: toUs });

/** @throws OtherOrganisation; AppError of the way, cancelled */
export async function readExport(reading: ExportReading): Promise<void> {
  const { session, storing, key, org, nowUs, signal, report } = reading;
  const db = session.read();
  const before = stretches(db, key);
  const knownTopUs = before.length === 0 ? null : Math.max(...before.map(({ toUs }) => toUs));
  const unfinished = unfinishedWalk(db, key);
  const isWhole = unfinished !== null || reading.isFull || before.length === 0 || countHeld(db, key.dep) <= reading.wholeUpTo;
  const floorUs = Math.min(oldestHeld(db, key.dep) ?? PRESENT, cutoffUs(storing.retentions(), nowUs()) ?? PRESENT);
  let walkId = unfinished?.id ?? 0;
  if (unfinished === null) await storing.write((to) => { walkId = insertWalk(to, key, { kind: isWhole ? 'full' : 'turn', startedAtUs: nowUs() }); });

  // Rows that the list gave first are compared too, once this export has shown that it is of their organisation.
  let isOrgShown = false;
  const comparing = createComparing({ session, storing, key, org, source: () => (isOrgShown ? null : EXPORT_SOURCE), nowUs, signal });
  let received = 0;
  let startUs: number | null = null;

  async function keep({ rows, pieces, shownBefore, emptyAboveUs, observedAtUs }: Proven): Promise<void> {
    const foreign = org === null ? undefined : rows.find((row) => row.org !== org);
    if (foreign !== undefined) throw new OtherOrganisation(foreign.org);
    isOrgShown ||= rows.length > 0;
    const above = emptyAboveUs === null ? [] : [{ fromUs: emptyAboveUs + 1, toUs: PRESENT }];
    const missing = org === null ? [] : await comparing.missingFrom([...rows.map((row) => row.id), ...shownBefore], [...pieces.filter(({ state }) => state === 'complete'), ...above]);
    const proof = { key, observedAtUs, walk: walkId };
    if (missing.length > 0) comparing.holdBack(missing, { pieces, reading: proof });
    await storing.rows(rows, EXPORT_SOURCE, (to) => {
      if (missing.length === 0) putPieces(to, pieces, proof);
      if (emptyAboveUs !== null && rows.length > 0) raiseTop(to, walkId, emptyAboveUs);
    });
    comparing.mark();
    received += rows.length;
    const downTo = pieces.reduce((low, { fromUs }) => Math.min(low, fromUs), PRESENT);
    startUs ??= emptyAboveUs;
    if (downTo === PRESENT || downTo <= BEGINNING) return report('Reading the export', { received, fraction: null });
    const share = startUs === null || floorUs >= startUs ? null : Math.min(1, Math.max(0, (startUs - downTo) / (startUs - floorUs)));
    report(`Reading the export, back to ${formatInstantUs(downTo).slice(0, 10)}${share === null ? '' : `, about ${Math.round(share * 100)} % of its time`}`, { received, fraction: share });
  }

  const walk = createWalk({ ask: reading.ask, keep, actors: reading.actors });
  comparing.mark();
  if (isWhole) {
    const read = unfinished === null ? [] : before.filter((stretch) => stretch.walk === walkId);
    for (const window of windowsOf(read)) await walk.run(window, knownTopUs);
  } else {
    let below = 0;
    await walk.run({ afterUs: BEGINNING, untilUs: null }, knownTopUs, (untilUs) => {
      if (untilUs !== null && untilUs <= (knownTopUs ?? BEGINNING)) below += 1;
      return below <= PAGES_BELOW_TOP;
    });
    let pages = PAGES_IN_TURN;
    const done = new Set<number>();
    while (pages > 0) {
      const next = longestAgo(stretches(session.read(), key), walkId, done);
      if (next === null) break;
      done.add(next.toUs);
      await walk.run(windowFor(next), knownTopUs, () => { pages -= 1; return pages >= 0; });
    }
  }
  await comparing.settle();
  await storing.write((to) => endWalk(to, walkId, nowUs()));
}

/** What this walk has not read and was confirmed longest ago, unread parts first; null when it has read everything. */
function longestAgo(map: readonly Stretch[], walkId: number, done: ReadonlySet<number>): Range | null {
  const topUs = map.reduce((top, { toUs }) => Math.max(top, toUs), BEGINNING);
  const unread = uncovered(map, { fromUs: BEGINNING, toUs: topUs }).map((range) => ({ ...range, observedAtUs: 0, walk: 0 }));
  const candidates = [...unread, ...map].filter((stretch) => stretch.walk !== walkId && !done.has(stretch.toUs));
  return candidates.toSorted((a, b) => a.observedAtUs - b.observedAtUs || b.toUs - a.toUs)[0] ?? null;
}
