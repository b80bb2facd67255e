// Asks for one page of the export: smaller when an answer is too large or too slow, with a wider end where the server reads times coarsely.
import type { NaviRows } from '../../deployments/service.ts';
import { AppError } from '#shared/errors.ts';
import { BEGINNING } from './coverage.ts';
import type { WalkLimits, WalkPorts, Window } from './walk-types.ts';

const TOO_MUCH: ReadonlySet<string> = new Set(['response_too_large', 'network_timeout', 'request_refused']);
/** A server that is slow for so few rows is slow for another reason. */
const SMALLEST_SLOW_PAGE = 500;
const GROW_AFTER = 3;
/** Servers that cut times to milliseconds or seconds, or take the end as exclusive, leave out the last instant: it is asked for up to the next of these. */
const COARSE_US = [1000, 1_000_000] as const;
/** A row that is newer than the end by more than this shows that the end is not heeded. */
const SLACK_US = 1_000_000;

export interface Asked extends NaviRows {
  /** Rows that were asked for. */
  readonly limit: number;
  /** The answer lacks payloads: one row with its payload was too large. */
  readonly isBare: boolean;
  /** Rows newer than the end that was asked for: the server does not heed it. */
  readonly isUnheeded: boolean;
  /** From here up to the end that was asked for the answer may lack rows: the server may cut times. null: it lacks none. */
  readonly unsureFromUs: number | null;
}

export interface ExportQuestions {
  /** A page up to `untilUs`; `edge` are ids of rows known at that instant, which a full answer repeats. Without them a bit more is asked for, unless `isExactly`. `isStart`: the end is the time of a row. */
  page(window: Window, edge: ReadonlySet<number>, options?: { readonly isExactly?: boolean; readonly isStart?: boolean }): Promise<Asked>;
  /** Rows of one instant, by one actor if given. */
  instant(atUs: number, options: { readonly actor?: string; readonly includePayload: boolean }): Promise<Asked>;
}

export function createExportQuestions({ ask }: Pick<WalkPorts, 'ask'>, limits: WalkLimits): ExportQuestions {
  let limit = limits.page;
  /** What was refused or came too late is not asked for again. */
  let ceiling = limits.page;
  let successes = 0;
  let coarseUs = 0;
  /** Ways of cutting times that were shown not to be this server's. */
  const excluded = new Set<number>();
  /** Ways of cutting that could hide a row here: times between their steps were seen. */
  const possible = new Set<number>();
  let isProven = false;

  /** The size for the next try; null when a smaller page would not help. */
  function smaller(error: unknown): number | null {
    if (!(error instanceof AppError) || !TOO_MUCH.has(error.code) || error.facts['notAsked'] === true) return null;
    if (error.code === 'response_too_large') return limit > 1 ? Math.floor(limit / 2) : null;
    // A refusal of a size comes with the first request, or it is about something else.
    if (error.code === 'request_refused' && isProven) return null;
    const next = Math.floor(limit / 4);
    return next >= Math.min(SMALLEST_SLOW_PAGE, limits.page) ? next : null;
  }

  async function sized(range: { readonly sinceUs: number | undefined; readonly untilUs: number | undefined }, endUs: number | null): Promise<Asked> {
    for (;;) {
      try {
        const asked = limit;
        const found = await ask({ ...range, limit: asked, includePayload: true });
        isProven = true;
        for (const { createdAtUs } of found.rows) see(createdAtUs);
        successes += 1;
        // Rows differ in size: after some smaller pages a larger one is tried.
        if (successes >= GROW_AFTER) limit = Math.min(ceiling, limit * 2);
        return { ...found, limit: asked, isBare: false, isUnheeded: isBeyond(found, endUs), unsureFromUs: null };
      } catch (error) {
        const next = smaller(error);
        const isTooLarge = error instanceof AppError && error.code === 'response_too_large';
        if (next === null && !isTooLarge) throw error;
        if (next === null) {
          const found = await ask({ ...range, limit: ceiling, includePayload: false });
          return { ...found, limit: ceiling, isBare: true, isUnheeded: isBeyond(found, endUs), unsureFromUs: null };
        }
        successes = 0;
        limit = next;
        if (!isTooLarge) ceiling = next;
      }
    }
  }

  const see = (us: number): void => { for (const coarse of COARSE_US) if (us % coarse !== 0) possible.add(coarse); };
  const isBeyond = ({ rows }: NaviRows, endUs: number | null): boolean => endUs !== null && rows.some((row) => row.createdAtUs > endUs + SLACK_US);
  const reach = (untilUs: number, coarse: number): number => (coarse === 0 ? untilUs : (Math.floor(untilUs / coarse) + 1) * coarse);
  const repeats = ({ rows }: NaviRows, edge: ReadonlySet<number>): boolean => rows.some((row) => edge.has(row.id));

  /** How widely an end is asked for where no known row can show whether it is heeded exactly. */
  const doubtUs = (): number => (coarseUs > 0 ? coarseUs : Math.max(0, ...COARSE_US.filter((coarse) => possible.has(coarse) && !excluded.has(coarse))));

  /** Where an answer may lack rows that was asked for exactly up to its end: at the end itself, or since the time that the server may have made of it. */
  function unsureFrom({ rows }: NaviRows, untilUs: number): number | null {
    const doubt = doubtUs();
    if (doubt === 0 || rows.some((row) => row.createdAtUs === untilUs)) return null;
    const cutUs = Math.floor(untilUs / doubt) * doubt;
    return rows.some((row) => row.createdAtUs > cutUs && row.createdAtUs < untilUs) ? untilUs : cutUs;
  }

  return {
    async page({ afterUs, untilUs }, edge, { isExactly = false, isStart = false } = {}) {
      const sinceUs = afterUs === BEGINNING ? undefined : afterUs;
      if (untilUs === null) return sized({ sinceUs, untilUs: undefined }, null);
      const upTo = (us: number): Promise<Asked> => sized({ sinceUs, untilUs: us }, us);
      if (isStart) see(untilUs);
      if (isExactly) {
        const exact = await upTo(untilUs);
        return { ...exact, unsureFromUs: unsureFrom(exact, untilUs) };
      }
      if (edge.size === 0) return upTo(reach(untilUs, doubtUs()));
      const found = await upTo(reach(untilUs, coarseUs));
      if (found.isUnheeded) return found;
      if (repeats(found, edge)) {
        if (coarseUs === 0) for (const coarse of COARSE_US) if (untilUs % coarse !== 0) excluded.add(coarse);
        return found;
      }
      let isShown = false;
      for (const coarse of COARSE_US) {
        if (coarse <= coarseUs) continue;
        const wider = await upTo(reach(untilUs, coarse));
        isShown ||= wider.received === 0 || wider.rows.some((row) => row.createdAtUs <= untilUs);
        if (!repeats(wider, edge)) continue;
        coarseUs = coarse;
        return wider;
      }
      // Either the rows of the edge are gone since, or nothing shows what lies at the edge.
      return isShown ? found : { ...found, unsureFromUs: unsureFrom(found, untilUs) };
    },
    async instant(atUs, { actor, includePayload }) {
      const query = { sinceUs: atUs, untilUs: reach(atUs, doubtUs()), ...(actor === undefined ? {} : { actor }), limit: ceiling };
      for (const withPayload of includePayload ? [true, false] : [false]) {
        try {
          return { ...await ask({ ...query, includePayload: withPayload }), limit: ceiling, isBare: !withPayload, isUnheeded: false, unsureFromUs: null };
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'response_too_large') throw error;
        }
      }
      // Too large even without payloads: as good as an answer that was cut short before its first row.
      return { rows: [], rejected: [], received: ceiling, requestLine: '', observedAt: 0, limit: ceiling, isBare: true, isUnheeded: false, unsureFromUs: null };
    },
  };
}
