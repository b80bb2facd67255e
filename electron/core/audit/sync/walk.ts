// The walk over the export, backwards in time: every answer is taken for what it proves and no more, and what the server makes impossible becomes a named gap.
import { formatInstantUs } from '#shared/domain/time.ts';
import type { NaviRow } from '../../deployments/service.ts';
import { BEGINNING, PRESENT, withGaps } from './coverage.ts';
import type { Piece, Range } from './coverage.ts';
import { createExportQuestions } from './export-questions.ts';
import type { Asked } from './export-questions.ts';
import { isNewestFirst, newestOf, oldestOf, rejectionsOf } from './page.ts';
import { WALK_LIMITS } from './walk-types.ts';
import type { WalkLimits, WalkPorts, Window } from './walk-types.ts';

/** At most so many actors are asked for to split one instant. */
const ACTORS_OF_AN_INSTANT = 50;
const PROBES_OF_AN_INSTANT = 3;
const DAY_US = 86_400_000_000;

/** An answer that ends inside one instant: whether the instant is complete shows only with what lies below. */
interface OpenInstant { readonly atUs: number; readonly page: Asked }

export interface Walk {
  /**
   * Reads a window from its end down. `mayGoOn` is asked before each page, with the end of what is still to be read.
   * @returns true when the window was read to its beginning, gaps included
   */
  run(window: Window, knownTopUs: number | null, mayGoOn?: (untilUs: number | null) => boolean): Promise<boolean>;
}

export function createWalk(ports: WalkPorts, limits: WalkLimits = WALK_LIMITS): Walk {
  const questions = createExportQuestions(ports, limits);
  /** Most rows that one answer brought: a fixed limit of somebody else's is not below it. */
  let largest = 0;
  /** Fewest rows of an answer that was cut short without having been asked for so few. */
  let cutAt = PRESENT;

  const observedUs = (page: Asked): number => page.observedAt * 1000;
  /** Whether an answer is believed to hold all that it was asked for. */
  const isWhole = ({ received, limit }: Asked): boolean => received < limit && received < cutAt && (received < largest || received < limits.believable);

  function noteCut({ received, limit }: Asked): void {
    if (received < limit) cutAt = Math.min(cutAt, received);
  }

  async function ask(window: Window, edge: ReadonlySet<number>, isStart: boolean): Promise<Asked> {
    const page = await questions.page(window, edge, { isStart });
    largest = Math.max(largest, page.received);
    const isFullOfKnown = window.untilUs !== null && !page.isUnheeded && page.received > 0 && page.rejected.length === 0 && page.rows.every((row) => row.createdAtUs > (window.untilUs ?? PRESENT))
      && (page.received >= page.limit || page.received >= cutAt || page.received >= largest);
    if (!isFullOfKnown) return page;
    // As many known rows lie above the end as an answer may hold: what is below it shows only when exactly that is asked for.
    const exact = await questions.page(window, edge, { isExactly: true });
    largest = Math.max(largest, exact.received);
    return exact;
  }

  /** Asks for one instant actor by actor; gives the rows that came beyond those known. */
  async function byActor({ atUs, page }: OpenInstant, most: number, others: readonly string[]): Promise<NaviRow[]> {
    const here = page.rows.filter((row) => row.createdAtUs === atUs);
    const known = new Set(here.map((row) => row.id));
    const actors = [...new Set([...here.map((row) => row.actorSub), ...others].filter((actor) => actor !== null && actor !== ''))].slice(0, most);
    const found: NaviRow[] = [];
    for (const actor of actors) {
      const { rows } = await questions.instant(atUs, { actor: actor ?? '', includePayload: !page.isBare });
      for (const row of rows) {
        if (row.createdAtUs !== atUs || known.has(row.id)) continue;
        known.add(row.id);
        found.push(row);
      }
    }
    return found;
  }

  /** Says of an instant whether it is complete, and reads more of it where it may not be. `below` counts the rows of the answer about what is older. */
  async function settle(instant: OpenInstant | null, below: { readonly readable: number; readonly unreadable: number }): Promise<{ readonly pieces: readonly Piece[]; readonly rows: readonly NaviRow[] }> {
    if (instant === null) return { pieces: [], rows: [] };
    const { atUs, page } = instant;
    const complete: Piece = { fromUs: atUs, toUs: atUs, state: 'complete', reason: null };
    const gap = (reason: string, rows: readonly NaviRow[]) => ({ pieces: [{ ...complete, state: 'gap' as const, reason }], rows });
    // Unreadable rows at the end of an answer may be older: then they come again.
    const unreadable = page.rejected.length - Math.min(rejectionsOf(page).trailing, below.unreadable);
    const hasOlder = below.readable > 0 || below.unreadable > rejectionsOf(page).trailing;
    if (hasOlder) noteCut(page);
    else if (isWhole(page)) {
      // Where nothing else tells how many rows an answer may have here, the actors of the instant may know more of it.
      const isDoubtful = page.received >= largest && page.received > 1;
      const rows = isDoubtful ? await byActor(instant, PROBES_OF_AN_INSTANT, []) : [];
      if (unreadable > 0) return gap(`${unreadable === 1 ? 'A row' : `${unreadable} rows`} of this instant could not be read: ${page.rejected[0]?.reason ?? ''}`, rows);
      if (rows.length === 0) return { pieces: [complete], rows };
      noteCut(page);
    }
    if (page.limit < limits.page && unreadable === 0) {
      const bare = await questions.instant(atUs, { includePayload: false });
      largest = Math.max(largest, bare.received);
      if (isWhole(bare) && bare.rejected.length === 0) return { pieces: [complete], rows: bare.rows.filter((row) => row.createdAtUs === atUs) };
    }
    const rows = await byActor(instant, ACTORS_OF_AN_INSTANT, await ports.actors());
    const read = page.rows.filter((row) => row.createdAtUs === atUs).length + rows.length;
    return gap(`At least ${read} rows share one instant, more than an answer can be shown to hold; the export cannot page inside it. These ${read} were read, more may exist.`, rows);
  }

  const unsure = ({ unsureFromUs }: Asked): (Range & { readonly reason: string })[] => (unsureFromUs === null ? [] : [{ fromUs: unsureFromUs, toUs: PRESENT, reason: 'The export may read the end of a window coarsely, and more rows lie close to this than an answer holds.' }]);

  /** What an answer with rows below its end proves: everything after its oldest instant. */
  function proves(page: Asked, range: Range): Piece[] {
    if (range.fromUs > range.toUs) return [];
    if (!isNewestFirst(page.rows)) return [{ ...range, state: 'gap', reason: 'An answer of the export was not in the order of time, so nothing shows that it was complete.' }];
    return withGaps({ ...range, state: 'complete', reason: null }, [...unsure(page), ...rejectionsOf(page).places]);
  }

  /** What an answer without rows at or below its end says: that there are none, or that they cannot be read. */
  function endOf(page: Asked, { fromUs, toUs }: Range, endUs: number): Piece[] {
    const reason = page.rejected[0]?.reason ?? null;
    if (reason === null && (page.received === 0 || isWhole(page))) return fromUs <= toUs ? withGaps({ fromUs, toUs, state: 'complete', reason: null }, unsure(page)) : [];
    const count = page.rejected.length;
    const words = reason === null ? 'An answer of the export was full of rows that are newer than was asked for, so what is older is not known.'
      : isWhole(page) ? `${count === 1 ? 'One row' : `${count} rows`} at the end of the log could not be read: ${reason}`
        : `An answer of the export could not be read (${reason}), so what is older is not known.`;
    // Unreadable rows after a readable one may be as new as that one, where more was asked for than up to the end.
    return [{ fromUs, toUs: Math.min(oldestOf(page.rows) ?? endUs, observedUs(page)), state: 'gap', reason: words }];
  }

  const unheeded = (range: Range, endUs: number): Piece => ({ ...range, state: 'gap', reason: `The export gave newer rows than it was asked for: it does not heed the end of a window, so what is older than ${formatInstantUs(endUs)} cannot be read.` });

  return {
    async run({ afterUs, untilUs }, knownTopUs, mayGoOn = () => true) {
      const lowest = afterUs === BEGINNING ? BEGINNING : afterUs + 1;
      let until = untilUs;
      let edge: ReadonlySet<number> = new Set();
      let instant: OpenInstant | null = null;
      let previous: Asked | null = null;
      for (;;) {
        if (instant === null && !mayGoOn(until)) return false;
        const page: Asked = await ask({ afterUs, untilUs: until }, edge, until === untilUs);
        const end: number = until ?? PRESENT;
        const inside: readonly NaviRow[] = page.rows.filter((row) => row.createdAtUs <= end);
        const oldest = oldestOf(inside);
        // Of an answer without an end, the newest row tells up to when it speaks. An empty log has none: a clock that is wrong by less than a day does no harm.
        const top: number = until ?? Math.max(newestOf(inside, observedUs(page)) ?? BEGINNING, knownTopUs ?? BEGINNING, inside.length === 0 ? observedUs(page) - DAY_US : BEGINNING);
        const stretch = { fromUs: lowest, toUs: Math.min(top, observedUs(page)) };
        const settled = await settle(instant, { readable: inside.length, unreadable: page.rejected.length });
        if (previous !== null && oldest !== null && oldest < end) noteCut(previous);

        const isLast = page.isUnheeded || oldest === null || oldest < lowest;
        const proven = page.isUnheeded ? [unheeded(stretch, end)]
          : oldest === null ? endOf(page, stretch, end)
            : oldest < end ? proves(page, { ...stretch, fromUs: Math.max(lowest, oldest + 1) }) : [];
        const isNewest = until === null && isNewestFirst(page.rows) && !rejectionsOf(page).places.some(({ toUs }) => toUs === PRESENT);
        // Nothing is complete beyond the moment of the answer, whatever time a row carries.
        const pieces = [...settled.pieces, ...proven].filter(({ fromUs }) => fromUs <= observedUs(page));
        await ports.keep({ rows: [...page.rows, ...settled.rows], pieces, shownBefore: instant === null ? [] : instant.page.rows.map((row) => row.id), emptyAboveUs: isNewest ? Math.max(top, oldest ?? BEGINNING) : null, observedAtUs: observedUs(page) });
        if (isLast || oldest === null) return true;

        const isInsideInstant = oldest === end;
        instant = isInsideInstant ? { atUs: end, page } : null;
        previous = isInsideInstant ? null : page;
        until = isInsideInstant ? end - 1 : oldest;
        edge = new Set(isInsideInstant ? [] : inside.filter((row) => row.createdAtUs === oldest).map((row) => row.id));
      }
    },
  };
}
