// Whether a cached row is still at its deployment, as far as anybody has seen. A row is taken to be there until something shows that it is gone.

/** What is known of one row. Times are microseconds since the epoch, by our clock. */
export interface RowTraces {
  readonly createdAtUs: number;
  /** When a sync of this address brought it; null when it came from a file or another address. */
  readonly cameUs: number | null;
  /** The newest look for it alone. */
  readonly look: { readonly isThere: boolean; readonly atUs: number } | null;
  /** When a sync that compared missed it. */
  readonly vanishedUs: number | null;
}

/** At some moment of a span the address had nothing left that is older than a cutoff: what came before its begin is gone by its end; what came later may have come after it. */
export interface Emptied { readonly fromUs: number; readonly atUs: number; readonly cutoffUs: number }

export function isGone({ createdAtUs, cameUs, look, vanishedUs }: RowTraces, emptied: readonly Emptied[]): boolean {
  let goneUs = Number.NEGATIVE_INFINITY;
  if (look?.isThere === false) goneUs = look.atUs;
  if (vanishedUs !== null) goneUs = Math.max(goneUs, vanishedUs);
  for (const { fromUs, atUs, cutoffUs } of emptied) if (createdAtUs < cutoffUs && (cameUs === null || cameUs <= fromUs)) goneUs = Math.max(goneUs, atUs);
  if (goneUs === Number.NEGATIVE_INFINITY) return false;
  return goneUs >= Math.max(cameUs ?? Number.NEGATIVE_INFINITY, look?.isThere === true ? look.atUs : Number.NEGATIVE_INFINITY);
}
