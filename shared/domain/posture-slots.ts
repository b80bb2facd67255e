// Reads all paths of a pack in one walk over the documents, each part of a path once; expressions then read what was found by its number.
import { UNKNOWN } from './posture-compile.ts';
import type { Answer, Facts, SlotOf } from './posture-compile.ts';
import { formatEvidencePath } from './posture-expression.ts';
import type { EvidencePath, Json } from './posture-expression.ts';

interface Node {
  readonly key: string;
  /** Where what stands here goes; -1 when no path ends here. */
  slot: number;
  /** A key that every object has: only an own property counts. */
  readonly isEverywhere: boolean;
  readonly below: Node[];
}

export interface Slots {
  readonly slotOf: SlotOf;
  /** What stands at each path that was compiled. */
  read(documents: Facts['documents']): readonly Answer[];
}

const nodeFor = (nodes: Node[], key: string): Node => {
  const found = nodes.find((node) => node.key === key);
  if (found !== undefined) return found;
  const made: Node = { key, slot: -1, isEverywhere: key in {}, below: [] };
  nodes.push(made);
  return made;
};

function fill(nodes: readonly Node[], table: Readonly<Record<string, Json | undefined>>, slots: Answer[]): void {
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index] as Node;
    const { key, slot, below } = node;
    const value = node.isEverywhere && !Object.hasOwn(table, key) ? undefined : table[key];
    if (value === undefined) continue;
    if (slot !== -1) slots[slot] = typeof value === 'number' && !Number.isFinite(value) ? UNKNOWN : value;
    if (below.length > 0 && typeof value === 'object' && value !== null && !Array.isArray(value)) fill(below, value as Readonly<Record<string, Json>>, slots);
  }
}

export function createSlots(): Slots {
  const top: Node[] = [];
  const numbers = new Map<string, number>();
  const nothing: Answer[] = [];

  function numberOf(path: EvidencePath): number {
    const text = formatEvidencePath(path);
    const known = numbers.get(text);
    if (known !== undefined) return known;
    let node = nodeFor(top, path.document);
    for (const key of path.keys) node = nodeFor(node.below, key);
    node.slot = numbers.size;
    numbers.set(text, node.slot);
    nothing.push(UNKNOWN);
    return node.slot;
  }

  return {
    slotOf: numberOf,
    read(documents) {
      const slots = [...nothing];
      fill(top, documents, slots);
      return slots;
    },
  };
}
