// Whether the log stands where it was left, so that more may be signed on top of it. It refuses to let a checkpoint bury what does not fit.
import type { Session } from '../../session.ts';
import type { Adoption, SignedCheckpoint } from './note.ts';
import { isSignedBy, originOf, readNote } from './note.ts';
import { EMPTY_ROOT, hexOf, openFrontier } from './merkle.ts';
import type { RememberedHead } from './witness-key.ts';
import { blockEndingAt, lastBlock, lastCheckpoint } from './witness-queries.ts';
import type { StoredCheckpoint } from './witness-queries.ts';

export type Standing =
  | { readonly stands: true; readonly last: StoredCheckpoint | null; readonly adopted: readonly Adoption[]; /** The head is one behind: a kill came between the checkpoint and remembering it. */ readonly behind: boolean }
  | { readonly stands: false; readonly why: string };

/** Root after so many leaves, hex; null where the stored log has no such end. */
function rootAt(read: Session['read'], dep: number, size: number): string | null {
  if (size === 0) return hexOf(EMPTY_ROOT);
  const block = blockEndingAt(read(), dep, size);
  const tree = block === null ? null : openFrontier(size, block.frontier);
  return tree === null ? null : hexOf(tree.root());
}

/** A stored checkpoint whose columns say what its note says, for this deployment; else null. */
export function readCheckpoint(stored: StoredCheckpoint, deploymentId: string): SignedCheckpoint | null {
  const note = readNote(stored.note);
  if (note === null || note.origin !== originOf(deploymentId) || note.size !== stored.size || note.number !== stored.number || note.at !== stored.at || hexOf(note.root) !== stored.root) return null;
  return note;
}

export interface StandingInput {
  readonly read: Session['read'];
  readonly dep: number;
  readonly deploymentId: string;
  readonly head: RememberedHead | null | 'unreadable';
  /** Public keys that may have signed. */
  readonly keys: readonly Buffer[];
}

export function standingOf({ read, dep, deploymentId, head, keys }: StandingInput): Standing {
  const refuse = (why: string): Standing => ({ stands: false, why });
  const last = lastCheckpoint(read(), dep);
  const end = lastBlock(read(), dep);
  const size = end === null ? 0 : end.first + end.leaves;
  if (head === 'unreadable') return refuse('the remembered head cannot be read');
  if (last !== null) {
    const note = readCheckpoint(last, deploymentId);
    if (note === null || !keys.some((key) => isSignedBy(note, key))) return refuse('the last checkpoint is not signed by a key of this profile');
    if (rootAt(read, dep, last.size) !== last.root) return refuse('the stored leaves do not give the root of the last checkpoint');
  }
  if (head !== null) {
    if (head.size > size || head.number > (last?.number ?? 0)) return refuse('the secret store remembers more than is here');
    if (rootAt(read, dep, head.size) !== head.root) return refuse('the stored leaves do not give the root that the secret store remembers');
  }
  if (last === null) return { stands: true, last, adopted: [], behind: false };
  if (head === null) return { stands: true, last, adopted: ['head-missing'], behind: false };
  return { stands: true, last, adopted: last.number > head.number + 1 ? ['head-behind'] : [], behind: last.number === head.number + 1 };
}
