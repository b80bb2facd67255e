// Where batches came from, as the leaves of the witness say it; remembers the batches that it was asked for last.
import type { Session } from '../../session.ts';
import type { Provenance } from './leaf-data.ts';
import { batchProvenance } from './witness-queries.ts';

/** A page of a sync is a batch of its own, so that neighbours in the log share few of them. */
const REMEMBERED = 4096;

export function createProvenance(read: Session['read'], dep: number): Provenance {
  const known = new Map<number, string>();
  return (batch) => {
    const remembered = known.get(batch);
    if (remembered !== undefined) return remembered;
    if (known.size >= REMEMBERED) known.clear();
    const found = batchProvenance(read(), dep, batch);
    known.set(batch, found);
    return found;
  };
}
