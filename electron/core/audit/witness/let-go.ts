// Rows that this workstation let go by its own rule, as the witness sees them: a missing row is excused only by a packet whose seal a key of this profile gave.
import { formatInstantUs } from '#shared/domain/time.ts';
import { digestOf, isSealedBy } from '../../seal.ts';
import type { Session } from '../../session.ts';
import { findPacket, hasLetGo, letGoById, letGoBySeq, rowsOfPacket } from './let-go-queries.ts';
import type { LetGoPacket, LetGoRow } from './let-go-queries.ts';
import type { Leaf } from './leaf-block.ts';
import type { ProblemList } from './problem-list.ts';

export const LET_GO_ORIGIN = 'holdfast.local/retention/let-go';
/** Packets whose verdict is remembered. */
const REMEMBERED = 4096;

/** What the seal of a packet stands for: SHA-256, hex. `rows` in order of seq. */
export function packetDigest(deploymentId: string, packet: Pick<LetGoPacket, 'id' | 'atUs' | 'ledgerEntry'>, rows: readonly LetGoRow[]): string {
  return digestOf(['holdfast-let-go-1', deploymentId, packet.id, packet.atUs, packet.ledgerEntry, rows.map(({ seq, id, createdAtUs, batch, late }) => [seq, id, createdAtUs, batch, late])]);
}

/** What a packet says of its rows beside the list of them. */
export function packetEnds(rows: readonly LetGoRow[]): Pick<LetGoPacket, 'rows' | 'newestUs' | 'lastSeq' | 'lastLate'> {
  const highest = (of: (row: LetGoRow) => number, floor: number): number => rows.reduce((high, row) => Math.max(high, of(row)), floor);
  return { rows: rows.length, newestUs: highest((row) => row.createdAtUs, Number.MIN_SAFE_INTEGER), lastSeq: highest((row) => row.seq, 0), lastLate: highest((row) => row.late ?? 0, 0) };
}

export interface LetGo {
  /** For leaves whose row is not there, or whose late payload's row may be another by now: gives those that were let go, with proof. Call it after reading the rows. */
  among(leaves: readonly Leaf[]): ReadonlySet<Leaf>;
}

export interface LetGoInput { readonly read: Session['read']; readonly dep: number; readonly deploymentId: string; readonly keys: readonly Buffer[]; readonly problems: ProblemList }

export function createLetGo({ read, dep, deploymentId, keys, problems }: LetGoInput): LetGo {
  const verdicts = new Map<number, boolean>();

  function isProven(number: number): boolean {
    const known = verdicts.get(number);
    if (known !== undefined) return known;
    if (verdicts.size >= REMEMBERED) verdicts.clear();
    const packet = findPacket(read(), dep, number);
    const rows = rowsOfPacket(read(), number);
    const ends = packetEnds(rows);
    const holds = packet !== null && packetDigest(deploymentId, packet, rows) === packet.digest && keys.some((publicKey) => isSealedBy(packet.seal, { origin: LET_GO_ORIGIN, digest: packet.digest, publicKey }))
      && ends.rows === packet.rows && ends.newestUs === packet.newestUs && ends.lastSeq === packet.lastSeq && ends.lastLate === packet.lastLate;
    if (!holds) problems.add('signature-invalid', `The note that this workstation let ${rows.length} rows go${packet === null ? '' : ` on ${formatInstantUs(packet.atUs)}`} is not as it was signed, or not signed by a key of this profile: it excuses nothing.`);
    verdicts.set(number, holds);
    return holds;
  }

  return {
    among(leaves) {
      const found = new Set<Leaf>();
      if (leaves.length === 0 || !hasLetGo(read(), dep)) return found;
      const rows = leaves.filter((leaf) => leaf.kind === 'row');
      const lates = leaves.filter((leaf) => leaf.kind === 'late');
      const bySeq = new Map((rows.length === 0 ? [] : letGoBySeq(read(), dep, rows.map((leaf) => leaf.number))).map((each) => [each.row.seq, each]));
      const byLate = new Map((lates.length === 0 ? [] : letGoById(read(), dep, lates.map((leaf) => leaf.eventId))).map((each) => [each.row.late, each]));
      for (const leaf of leaves) {
        const gone = (leaf.kind === 'row' ? bySeq : byLate).get(leaf.number);
        if (gone !== undefined && gone.row.id === leaf.eventId && isProven(gone.packet)) found.add(leaf);
      }
      return found;
    },
  };
}
