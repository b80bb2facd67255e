// What the walk over the export is made of: its questions, what it hands over with each answer, and its windows. Types and limits only.
import type { NaviRow, NaviRows } from '../../deployments/service.ts';
import type { Piece } from './coverage.ts';

/** Rows asked for at once. The server allows 10,000 (contract section 3.2); reading so many takes longer than the 250 ms in which a cancel must be heard. */
export const EXPORT_LIMIT = 5_000;
/** An answer with fewer rows than this was not cut short by a limit of somebody else, where nothing else tells. */
const BELIEVABLE_ROWS = 100;

export interface WalkLimits { readonly page: number; readonly believable: number }
export const WALK_LIMITS: WalkLimits = { page: EXPORT_LIMIT, believable: BELIEVABLE_ROWS };

export interface WalkQuery {
  readonly sinceUs?: number | undefined;
  readonly untilUs?: number | undefined;
  readonly actor?: string | undefined;
  readonly limit: number;
  readonly includePayload: boolean;
}

/** Rows of one answer and what it proves of their stretch. */
export interface Proven {
  readonly rows: readonly NaviRow[];
  readonly pieces: readonly Piece[];
  /** Ids of the answer before, where a piece speaks of its last instant. */
  readonly shownBefore: readonly number[];
  /** After this instant there was no row but those given; null when the answer does not tell. */
  readonly emptyAboveUs: number | null;
  readonly observedAtUs: number;
}

export interface WalkPorts {
  ask(query: WalkQuery): Promise<NaviRows>;
  /** Stores the rows, and with the last of them what they prove. */
  keep(proven: Proven): Promise<void>;
  /** Actors that were seen, for splitting one instant. */
  actors(): Promise<readonly string[]>;
}

/** What is to be read: after `afterUs` (an instant that is known; it is asked for again), up to `untilUs` inclusive, null for the present. */
export interface Window { readonly afterUs: number; readonly untilUs: number | null }
