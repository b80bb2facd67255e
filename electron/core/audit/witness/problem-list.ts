// The problems of one verification: the first ones in words, all of them counted.
import type { WitnessProblem } from '#shared/domain/audit-witness.ts';

/** Problems that are told one by one. */
export const PROBLEMS_SHOWN = 200;

export interface Place { readonly position?: number | null; readonly eventId?: number | null }

export interface ProblemList {
  add(kind: WitnessProblem['kind'], message: string, place?: Place): void;
  shown(): WitnessProblem[];
  count(): number;
  /** Whether one of them says that the log was tampered with, and not only that something to check it with is missing. */
  isBroken(): boolean;
}

const DOUBTS: ReadonlySet<WitnessProblem['kind']> = new Set(['head-missing', 'key-missing']);

export function createProblemList(): ProblemList {
  const shown: WitnessProblem[] = [];
  let count = 0;
  let broken = false;
  return {
    add(kind, message, { position = null, eventId = null } = {}) {
      count += 1;
      broken ||= !DOUBTS.has(kind);
      if (shown.length < PROBLEMS_SHOWN) shown.push({ kind, position, eventId, message });
    },
    shown: () => shown,
    count: () => count,
    isBroken: () => broken,
  };
}
