// Follows the roots of the log while its leaves go by, and holds each against the signed checkpoints and the remembered head. A root that does not fit is located between two checkpoints.
import type { Session } from '../../session.ts';
import { emptyFrontier, hexOf } from './merkle.ts';
import type { Frontier } from './merkle.ts';
import { isSignedBy } from './note.ts';
import type { Pace } from './pace.ts';
import type { ProblemList } from './problem-list.ts';
import { readCheckpoint } from './standing.ts';
import type { RememberedHead } from './witness-key.ts';
import { checkpointsAfter } from './witness-queries.ts';
import type { StoredCheckpoint } from './witness-queries.ts';

/**
 * What the leaves up to a checkpoint turned out to be. stored: the stored hashes are what was signed. recomputed: the rows are, and stored hashes were rewritten.
 * neither: not even the rows give what was signed. unsigned: no checkpoint says anything of them.
 */
export type Settled = 'stored' | 'recomputed' | 'neither' | 'unsigned';

export interface RootTrack {
  /** The next leaf: its stored hash, and the one that its row gives now (null when there is no row). */
  add(stored: string, recomputed: string | null): void;
  /** After the last leaf of a block: the frontier that is stored with it. */
  endBlock(frontier: Buffer): void;
  /** Leaves are missing here: no later root can be told. */
  lose(): void;
  /** After the last leaf. */
  end(pace: Pace): Promise<void>;
  root(): string;
}

const PAGE = 64;

export interface RootInput {
  readonly read: Session['read'];
  readonly dep: number;
  readonly deploymentId: string;
  readonly keys: readonly Buffer[];
  readonly head: RememberedHead | null;
  readonly lastNumber: number;
  readonly problems: ProblemList;
  /** Says what the leaves since the last call were. */
  readonly onSettled: (settled: Settled) => void;
}

/** Signed checkpoints in order, each examined; what is not whole and signed is told and left out. */
function* signedCheckpoints({ read, dep, deploymentId, keys, lastNumber, problems }: RootInput): Generator<StoredCheckpoint> {
  let number = 0;
  let size = 0;
  while (number < lastNumber) {
    const page = checkpointsAfter(read(), dep, { after: number, limit: PAGE }).filter((each) => each.number <= lastNumber);
    for (const each of page) {
      if (each.number !== number + 1) problems.add('signature-invalid', `Checkpoints ${number + 1} to ${each.number - 1} are missing: they are numbered without a gap.`, { position: each.size });
      number = each.number;
      const note = readCheckpoint(each, deploymentId);
      if (note === null) problems.add('signature-invalid', `Checkpoint ${number} is not as it was signed: its text or its columns were changed.`, { position: each.size });
      else if (!keys.some((key) => isSignedBy(note, key))) problems.add('signature-invalid', `Checkpoint ${number} is not signed by a key of this profile.`, { position: each.size });
      else if (each.size < size) problems.add('root-mismatch', `Checkpoint ${number} covers fewer leaves than the one before it.`, { position: each.size });
      else {
        size = each.size;
        for (const why of note.adopted) {
          if (why === 'key-missing') problems.add('key-missing', `At checkpoint ${number} the signing key was missing and another was made: what was signed before can only be checked by the key that the ledger names.`, { position: each.size });
          else problems.add('head-missing', `At checkpoint ${number} the remembered head was ${why === 'head-missing' ? 'missing' : 'behind'} and was taken over: a tail that was removed before that would not show.`, { position: each.size });
        }
        yield each;
      }
    }
    if (page.length === 0) {
      problems.add('signature-invalid', `Checkpoints ${number + 1} to ${lastNumber} are missing.`);
      return;
    }
  }
}

export function createRootTrack(input: RootInput): RootTrack {
  const { head, problems, onSettled } = input;
  const checkpoints = signedCheckpoints(input);
  let tree = emptyFrontier();
  let shadow: Frontier | null = null;
  let isShadowLost = false;
  let isLost = false;
  let isFrontierTold = false;
  let last: StoredCheckpoint | null = null;
  let next = checkpoints.next();

  function settle(settled: Settled): void {
    onSettled(settled);
    if (settled === 'recomputed' && shadow !== null) tree = shadow;
    if (settled === 'stored' || settled === 'recomputed') {
      shadow = null;
      isShadowLost = false;
    }
  }

  function compare(checkpoint: StoredCheckpoint): void {
    const from = last;
    last = checkpoint;
    if (isLost) return;
    if (hexOf(tree.root()) === checkpoint.root) settle('stored');
    else if (shadow !== null && !isShadowLost && hexOf(shadow.root()) === checkpoint.root) settle('recomputed');
    else {
      settle('neither');
      isLost = true;
      const where = from === null ? `before checkpoint ${checkpoint.number} (leaves 0 to ${checkpoint.size})` : `between checkpoint ${from.number} and checkpoint ${checkpoint.number} (leaves ${from.size} to ${checkpoint.size})`;
      problems.add('root-mismatch', `The log was rewritten ${where}: its leaves do not give the root that was signed. Nothing can be said of the roots after it.`, { position: from?.size ?? 0 });
    }
  }

  function arrive(): void {
    const size = tree.size();
    while (!next.done && next.value.size === size) {
      compare(next.value);
      next = checkpoints.next();
    }
    if (head !== null && head.size === size && !isLost && hexOf(tree.root()) !== head.root) {
      problems.add('root-mismatch', `The first ${size} leaves do not give the root that the secret store remembers: the log was rewritten, or the remembered head was exchanged.`, { position: Math.max(0, size - 1) });
    }
  }
  arrive();

  return {
    add(stored, recomputed) {
      if (recomputed !== stored && shadow === null) shadow = tree.copy();
      if (recomputed === null) isShadowLost = true;
      shadow?.add(recomputed ?? stored);
      tree.add(stored);
      arrive();
    },
    endBlock(frontier) {
      const fits = tree.bytes().equals(frontier) || (shadow !== null && shadow.bytes().equals(frontier));
      if (fits || isLost || isFrontierTold) return;
      isFrontierTold = true;
      problems.add('root-mismatch', `The stored end of the log after leaf ${tree.size() - 1} is not what its leaves give.`, { position: tree.size() - 1 });
    },
    lose() {
      onSettled('neither');
      isLost = true;
    },
    async end(pace) {
      // Those that no leaf was left for are examined all the same.
      for (; !next.done; next = checkpoints.next()) await pace.turn();
      onSettled('unsigned');
    },
    root: () => hexOf(tree.root()),
  };
}
