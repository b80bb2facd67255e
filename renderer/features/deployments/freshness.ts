// How near a deployment is, in words: what the last attempt saw and when an answer last came; it never calls an old success a connection.
import { parseInstantUs } from '#shared/domain/time.ts';
import type { Reachability } from '#shared/domain/deployment.ts';

/** A success older than this says nothing about now. */
const CONNECTED_FOR_MS = 10 * 60_000;

export interface Freshness {
  readonly tone: 'pass' | 'stale' | 'fail' | 'unknown';
  readonly word: string;
  /** When an answer last came; null when none ever did. */
  readonly asOf: string | null;
  readonly detail: string;
}

/** @param sinceMs when this window was loaded: what was reached before that says nothing about now */
export function freshnessOf(reachability: Reachability, nowMs: number, sinceMs = performance.timeOrigin): Freshness {
  const { state, at, lastReachedAt, message } = reachability;
  const asOf = lastReachedAt;
  switch (state) {
    case 'never-tried': return { tone: 'unknown', word: 'Not contacted yet', asOf, detail: 'No request has been sent to this deployment.' };
    case 'unreachable': return { tone: 'stale', word: 'Offline', asOf, detail: message ?? 'The last attempt got no answer.' };
    case 'refused': return { tone: 'fail', word: 'Refused', asOf, detail: message ?? 'It answered, and refused the request.' };
    case 'reached': {
      const us = at === null ? null : parseInstantUs(at);
      const isRecent = us !== null && us / 1000 >= sinceMs && nowMs - us / 1000 < CONNECTED_FOR_MS;
      return { tone: isRecent ? 'pass' : 'unknown', word: isRecent ? 'Connected' : 'Not asked lately', asOf, detail: 'The last request was answered.' };
    }
  }
}
