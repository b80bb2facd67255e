// What follows a sync or an import: leaves for what is new, then a signed checkpoint, then the head in the secret store. It signs nothing on top of a log that does not stand as it was left.
import { formatInstantMs } from '#shared/domain/time.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { deploymentNumber } from '../store.ts';
import { catchUp, readLogEnd } from './catch-up.ts';
import { EMPTY_ROOT, hexOf } from './merkle.ts';
import { originOf, signCheckpoint } from './note.ts';
import type { Adoption } from './note.ts';
import { createPace } from './pace.ts';
import { standingOf } from './standing.ts';
import { ensureWitnessKey, keysOfLedger, readHead, readWitnessKey, writeHead } from './witness-key.ts';
import type { WitnessKey } from './witness-key.ts';
import { insertCheckpoint, lastCheckpoint } from './witness-queries.ts';
import type { StoredCheckpoint } from './witness-queries.ts';

export interface Witnessed {
  readonly leaves: number;
  readonly checkpoint: StoredCheckpoint | null;
  /** What is wrong, and why something was not signed; null when all is well. */
  readonly problem: string | null;
}

export interface WitnessDeps { readonly session: Session; readonly ledger: LedgerService; readonly clock: Clock }
export interface WitnessOptions { readonly signal?: AbortSignal; readonly onProgress?: (added: number) => void }

/** Keys that may have signed a checkpoint: the one in the store, and those that the ledger names. */
async function knownKeys(session: Session, inStore: WitnessKey | null): Promise<Buffer[]> {
  return [...(inStore === null ? [] : [inStore.publicKey]), ...keysOfLedger(session.read()).map(({ publicKey }) => publicKey)];
}

/**
 * Witnesses what came since the last time.
 * @throws AppError deployment_not_found, cancelled, profile_locked, disk_full, ledger_broken, keychain_… : the rows are kept in any case, and the next run goes on.
 */
export async function witnessNow({ session, ledger, clock }: WitnessDeps, deploymentId: string, { signal, onProgress }: WitnessOptions): Promise<Witnessed> {
  const dep = deploymentNumber(session.read(), deploymentId);
  const head = await readHead(session, deploymentId);
  const inStore = await readWitnessKey(session);
  const standing = standingOf({ read: session.read, dep, deploymentId, head, keys: await knownKeys(session, inStore) });
  if (!standing.stands) return { leaves: 0, checkpoint: null, problem: `The witness signs nothing more for this deployment: ${standing.why}. Run audit verify.` };
  const { last } = standing;
  if (inStore !== null && isStranger(session, inStore)) return { leaves: 0, checkpoint: null, problem: 'The witness signs nothing more: the key in the secret store is not one that the ledger names. Run audit verify.' };

  const { added: leaves, strangers } = await catchUp({ session, dep, checkpointSize: last?.size ?? 0, pace: createPace(signal ?? null, () => clock.monotonicMs()), signal, onProgress });
  const problem = strangers === 0 ? null : `${strangers} ${strangers === 1 ? 'row was' : 'rows were'} put into the cache by no sync and no import, and ${strangers === 1 ? 'was' : 'were'} not signed. Run audit verify.`;
  const { tree } = readLogEnd(session.read, dep);
  if (tree.size() === (last?.size ?? 0)) {
    if (standing.behind && last !== null) await writeHead(session, { deploymentId, signal }, last);
    return { leaves, checkpoint: null, problem };
  }
  const { key, anew } = await ensureWitnessKey(session, ledger, signal);
  // From here on a head that is missing was taken away: a kill cannot leave a checkpoint without one.
  if (head === null && last === null) await writeHead(session, { deploymentId, signal }, { number: 0, size: 0, root: hexOf(EMPTY_ROOT) });
  const adopted: Adoption[] = [...standing.adopted, ...(anew && last !== null ? ['key-missing' as const] : [])];
  const at = formatInstantMs(clock.now());
  const number = (last?.number ?? 0) + 1;
  const note = signCheckpoint({ origin: originOf(deploymentId), size: tree.size(), root: tree.root(), at, number, adopted }, key);
  const checkpoint: StoredCheckpoint = { number, size: tree.size(), root: hexOf(tree.root()), at, note };
  await session.whenWritable({ signal });
  const db = session.write();
  db.transaction(() => {
    if ((lastCheckpoint(db, dep)?.number ?? 0) !== number - 1) throw new Error('two runs sign the same witness log');
    insertCheckpoint(db, dep, checkpoint);
  });
  await writeHead(session, { deploymentId, signal }, checkpoint);
  return { leaves, checkpoint, problem };
}

/** A key that the ledger does not name, although it names others. */
function isStranger(session: Session, key: WitnessKey): boolean {
  const recorded = keysOfLedger(session.read());
  return recorded.length > 0 && !recorded.some(({ publicKey }) => publicKey.equals(key.publicKey));
}
