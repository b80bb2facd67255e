// What planning, purging and proving need of legal holds, and where they get it.
import type { Hold } from '#shared/domain/retention-hold.ts';
import { deploymentNumber } from '../../audit/store.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';
import { hasActiveHolds, heldAmong } from '../holds/membership.ts';
import type { HeldAmong } from '../holds/membership.ts';
import { recordPresence } from '../holds/presence-queries.ts';
import type { Presence } from '../holds/presence-queries.ts';
import type { Holds } from '../holds/service.ts';
import type { VaultState } from '../holds/vault-row.ts';

export type { HeldAmong } from '../holds/membership.ts';
export type { Presence } from '../holds/presence-queries.ts';

export interface HoldsPort {
  /** Rows older than a time that are under holds that stand, cached or in the vault; `ids`: only of these. Reads in one go, so that it can decide inside a transaction. */
  heldBefore(db: ReadDb, deploymentId: string, stretch: { readonly toUs: number; readonly ids?: ReadonlySet<number> }): HeldAmong;
  /** Whether any hold stands. */
  isAnyStanding(db: ReadDb, deploymentId: string): boolean;
  /** Keeps what looking for single rows showed. */
  recordPresence(db: WriteDb, seen: readonly Presence[]): void;
  list(deploymentId: string, signal: AbortSignal): Promise<Hold[]>;
  /** Everything in the vault against its digests. */
  checkVault(deploymentId: string, signal: AbortSignal): Promise<VaultState>;
}

export function holdsPortOf(holds: Pick<Holds, 'list' | 'checkVault'>): HoldsPort {
  return {
    heldBefore: (db, deploymentId, stretch) => heldAmong(db, deploymentNumber(db, deploymentId), stretch),
    isAnyStanding: (db, deploymentId) => hasActiveHolds(db, deploymentNumber(db, deploymentId)),
    recordPresence,
    list: (deploymentId, signal) => holds.list(deploymentId, signal),
    checkVault: (deploymentId, signal) => holds.checkVault(deploymentId, signal),
  };
}
