// Two versions of a text line by line, with what differs marked; every line of both is there, in its order, and long texts are compared only as far as that stays cheap.

export interface DiffRow {
  /** The line of the first version; null where only the second has one. */
  readonly left: string | null;
  readonly right: string | null;
  readonly isSame: boolean;
}

/** Above this many comparisons the middle is taken as different as a whole. */
const MAX_CELLS = 4_000_000;

/** Lines side by side. Equal lines share a row; what differs between two equal lines stands side by side as far as it goes. */
export function diffLines(left: readonly string[], right: readonly string[]): readonly DiffRow[] {
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < left.length - head && tail < right.length - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const same = (lines: readonly string[]): DiffRow[] => lines.map((line) => ({ left: line, right: line, isSame: true }));
  return [
    ...same(left.slice(0, head)),
    ...diffMiddle(left.slice(head, left.length - tail), right.slice(head, right.length - tail)),
    ...same(left.slice(left.length - tail)),
  ];
}

function diffMiddle(left: readonly string[], right: readonly string[]): readonly DiffRow[] {
  if (left.length * right.length > MAX_CELLS) return pairUp(left, right);
  const width = right.length + 1;
  // common[i * width + j]: length of the longest common run of lines of left from i and right from j.
  const common = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = left[i] === right[j] ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const rows: DiffRow[] = [];
  let onlyLeft: string[] = [];
  let onlyRight: string[] = [];
  const settle = (): void => {
    rows.push(...pairUp(onlyLeft, onlyRight));
    onlyLeft = [];
    onlyRight = [];
  };
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const a = left[i];
    const b = right[j];
    if (a !== undefined && a === b) {
      settle();
      rows.push({ left: a, right: b, isSame: true });
      i += 1;
      j += 1;
    } else if (b === undefined || (a !== undefined && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))) {
      onlyLeft.push(a ?? '');
      i += 1;
    } else {
      onlyRight.push(b);
      j += 1;
    }
  }
  settle();
  return rows;
}

function pairUp(left: readonly string[], right: readonly string[]): readonly DiffRow[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => ({ left: left[at] ?? null, right: right[at] ?? null, isSame: false }));
}
