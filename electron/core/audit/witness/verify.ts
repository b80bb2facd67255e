// The verdict of the witness: puts leaves, roots, rows, key and head together. It never says intact when anything could not be checked.
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { AppError } from '#shared/errors.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Session } from '../../session.ts';
import { deploymentNumber } from '../store.ts';
import { closedBatch } from './catch-up.ts';
import { createMismatchNames } from './leaf-mismatch.ts';
import { createLetGo } from './let-go.ts';
import type { Pace } from './pace.ts';
import { createProblemList } from './problem-list.ts';
import type { ProblemList } from './problem-list.ts';
import { createProvenance } from './provenance.ts';
import { walkLeaves } from './verify-leaves.ts';
import { createRootTrack } from './verify-roots.ts';
import { findUnwitnessed } from './verify-rows.ts';
import type { Unwitnessed } from './verify-rows.ts';
import { verdictOf } from './verdict-text.ts';
import { keysOfLedger, readHead, readWitnessKey } from './witness-key.ts';
import type { RememberedHead, WitnessKey } from './witness-key.ts';
import { countCheckpoints, countFindings, highestOf, lastBlock, lastCheckpoint, roughRows } from './witness-queries.ts';
import type { StoredCheckpoint } from './witness-queries.ts';

export interface Verification {
  readonly session: Session;
  readonly ledger: LedgerService;
  readonly deploymentId: string;
  readonly pace: Pace;
  readonly report: (progress: { readonly step: string; readonly done: number; readonly total: number | null }) => void;
}

/** What the secret store gives: a value, null when it is sure that there is none, or the sentence that says why it could not be read. */
type FromStore<T> = { readonly value: T } | { readonly failed: string };

async function fromStore<T>(read: () => Promise<T>): Promise<FromStore<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof AppError && error.code !== 'profile_locked') return { failed: error.message };
    throw error;
  }
}

/** Hashes everything again. Reads only. @throws AppError deployment_not_found, cancelled, profile_locked */
export async function verifyWitness({ session, ledger, deploymentId, pace, report }: Verification): Promise<WitnessVerdict> {
  const read = session.read;
  const dep = deploymentNumber(read(), deploymentId);
  const problems = createProblemList();
  // In this order what is read later is never older than what was read before, also while another process goes on writing.
  const highest = highestOf(read(), dep);
  const storedHead = await fromStore(() => readHead(session, deploymentId));
  const storedKey = await fromStore(() => readWitnessKey(session));
  const last = lastCheckpoint(read(), dep);
  const end = lastBlock(read(), dep);
  const leaves = end === null ? 0 : end.first + end.leaves;

  const keys = await checkKeys({ session, ledger, problems, storedKey, isNeeded: last !== null });
  const head = checkHead(problems, storedHead, last);
  const total = leaves + roughRows(read(), dep);
  const seen = createProvenance(read, dep);
  const names = createMismatchNames(problems, seen);
  const roots = createRootTrack({ read, dep, deploymentId, keys: keys.known, head, lastNumber: last?.number ?? 0, problems, onSettled: (settled) => names.settle(settled) });
  const walked = await walkLeaves({ read, dep, leaves, seen, pace, problems, names, roots, letGo: createLetGo({ read, dep, deploymentId, keys: keys.known, problems }), onProgress: (done) => report({ step: 'Hashing every row again', done, total }) });
  const unwitnessed = await findUnwitnessed({ read, dep, highest, walked, closed: closedBatch(read, dep, last?.size ?? 0), seen, pace, problems, onProgress: (rows) => report({ step: 'Looking for rows without a leaf', done: leaves + rows, total: Math.max(total, leaves + rows) }) });
  checkTail({ problems, head, last, leaves, unwitnessed });
  // The deployment may have been removed by another process meanwhile: then nothing of this holds.
  deploymentNumber(read(), deploymentId);

  const checkpoint = last === null ? null : { size: last.size, root: last.root, at: last.at, note: last.note };
  return {
    ...verdictOf({ problems, leaves, signedLeaves: last?.size ?? 0, checkpoints: last?.number ?? 0, unwitnessed, letGo: walked.letGo, wasHeadBehind: head !== null && last !== null && last.number === head.number + 1 }),
    leaves, root: leaves === 0 ? null : roots.root(), checkpoint, checkpoints: countCheckpoints(read(), dep),
    publicKey: keys.shown?.toString('base64') ?? null, problems: problems.shown(), problemCount: problems.count(), findings: countFindings(read(), dep, null),
  };
}

interface KeyCheck { readonly session: Session; readonly ledger: LedgerService; readonly problems: ProblemList; readonly storedKey: FromStore<WitnessKey | null>; /** Something is signed. */ readonly isNeeded: boolean }

/** The public keys that may have signed: the one in the store and those that the ledger names. */
async function checkKeys({ session, ledger, problems, storedKey, isNeeded }: KeyCheck): Promise<{ readonly known: readonly Buffer[]; readonly shown: Buffer | null }> {
  const recorded = keysOfLedger(session.read());
  const inStore = 'failed' in storedKey ? null : storedKey.value;
  const known = [...(inStore === null ? [] : [inStore.publicKey]), ...recorded.map(({ publicKey }) => publicKey)];
  const shown = inStore?.publicKey ?? recorded.at(-1)?.publicKey ?? null;
  if (!isNeeded) return { known, shown };
  if ('failed' in storedKey) problems.add('key-missing', `The signing key could not be read from the secret store. ${storedKey.failed}`);
  else if (inStore === null) problems.add('key-missing', recorded.length === 0 ? 'The signing key is not in the secret store, and the ledger names none: no signature can be checked.' : 'The signing key is not in the secret store. Signatures were checked by the key that the ledger names.');
  if (inStore !== null && recorded.length === 0) problems.add('key-missing', 'The ledger does not name the signing key, although it notes every key that is made.');
  if (inStore !== null && recorded.length > 0 && !recorded.some(({ publicKey }) => publicKey.equals(inStore.publicKey))) {
    problems.add('signature-invalid', 'The signing key in the secret store is not one that the ledger names: it was exchanged.');
    // Whoever exchanged the key could sign with the new one.
    return { known: recorded.map(({ publicKey }) => publicKey), shown };
  }
  for (const { anew, ledgerEntry } of recorded) if (anew) problems.add('key-missing', `The signing key was made anew (ledger entry ${ledgerEntry}) because the one before it was gone.`);
  const verdict = await fromStore(() => ledger.verify());
  const ledgerSays = 'failed' in verdict ? verdict.failed : verdict.value.verdict === 'broken' || verdict.value.verdict === 'tail-removed' ? verdict.value.message : null;
  if (ledgerSays !== null) problems.add('key-missing', `The ledger, which names the signing key, does not verify. ${ledgerSays}`);
  return { known, shown };
}

function checkHead(problems: ProblemList, stored: FromStore<RememberedHead | null | 'unreadable'>, last: StoredCheckpoint | null): RememberedHead | null {
  if ('failed' in stored) {
    problems.add('head-missing', `The remembered head could not be read from the secret store, so a removed tail would not show. ${stored.failed}`);
    return null;
  }
  const { value } = stored;
  if (value === 'unreadable') {
    problems.add('head-missing', 'The remembered head in the secret store cannot be read, so a removed tail would not show.');
    return null;
  }
  if (value === null && last !== null) problems.add('head-missing', 'The secret store remembers no head for this deployment, so a removed tail would not show.');
  if (value !== null && last !== null && last.number > value.number + 1) problems.add('head-missing', `${last.number - value.number} checkpoints are newer than the remembered head. A crash leaves one: the secret store could not be written, or an older head was put back.`);
  return value;
}

interface Tail { readonly problems: ProblemList; readonly head: RememberedHead | null; readonly last: StoredCheckpoint | null; readonly leaves: number; readonly unwitnessed: Unwitnessed }

/** An older database fits together to its last row, and only the secret store knows of more; where the end is ragged, something was cut off. */
function checkTail({ problems, head, last, leaves, unwitnessed }: Tail): void {
  const signed = last?.size ?? 0;
  const isAhead = head !== null && (head.size > leaves || head.number > (last?.number ?? 0));
  const isWhole = !problems.isBroken() && leaves === signed && unwitnessed.rows === 0 && unwitnessed.payloads === 0;
  if (isAhead && isWhole) problems.add('older-database', `The secret store remembers checkpoint ${head.number} over ${head.size} leaves; here the log ends with checkpoint ${last?.number ?? 0} over ${signed}. An older database was put back, or its whole tail was removed.`, { position: signed });
  else if (isAhead) problems.add('tail-removed', `The secret store remembers checkpoint ${head.number} over ${head.size} leaves; ${leaves} leaves and checkpoint ${last?.number ?? 0} are here. The tail was removed.`, { position: Math.min(leaves, signed) });
  else if (signed > leaves) problems.add('tail-removed', `The last checkpoint covers ${signed} leaves; ${leaves} are here. The tail was removed.`, { position: leaves });
}
