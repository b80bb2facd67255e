// What a key means in the audit grid; it acts on nothing itself.
export type GridCommand =
  | { readonly kind: 'move'; readonly row: number; readonly column: number; readonly extends: boolean }
  | { readonly kind: 'enter' | 'pick' | 'pick-from' | 'pick-all' | 'clear' | 'copy-json' | 'copy-csv' };

export interface GridPosition {
  /** -1 is the header. */
  readonly row: number;
  readonly column: number;
}

export interface GridSize { readonly rows: number; readonly columns: number; readonly pageRows: number }
export interface Key { readonly key: string; readonly shift: boolean; readonly control: boolean; readonly alt: boolean }

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** The command of a key; null when the key is none of ours. `control` is Ctrl or Cmd. */
export function gridCommand({ key, shift, control, alt }: Key, at: GridPosition, { rows, columns, pageRows }: GridSize): GridCommand | null {
  if (alt) return null;
  const lastRow = Math.max(0, rows - 1);
  const lastColumn = columns - 1;
  const move = (row: number, column: number, mayExtend = false): GridCommand => ({ kind: 'move', row: clamp(row, -1, lastRow), column: clamp(column, 0, lastColumn), extends: mayExtend && shift });
  const { row, column } = at;
  if (control) {
    if (key === 'Home') return move(0, 0, true);
    if (key === 'End') return move(lastRow, lastColumn, true);
    return key.toLowerCase() === 'a' && !shift ? { kind: 'pick-all' } : null;
  }
  switch (key) {
    // Shift stays among the rows: the header cannot be picked.
    case 'ArrowDown': return move(row + 1, column, true);
    case 'ArrowUp': return move(shift ? Math.max(0, row - 1) : row - 1, column, true);
    case 'j': return move(row + 1, column);
    case 'k': return move(Math.max(0, row - 1), column);
    case 'ArrowRight': return move(row, column + 1);
    case 'ArrowLeft': return move(row, column - 1);
    case 'PageDown': return move(row + pageRows, column, true);
    case 'PageUp': return move(Math.max(0, row - pageRows), column, true);
    case 'Home': return move(row, 0);
    case 'End': return move(row, lastColumn);
    case 'Enter': return { kind: 'enter' };
    case 'Escape': return { kind: 'clear' };
    case 'x': return { kind: 'pick' };
    case 'X': return { kind: 'pick-from' };
    case 'c': return { kind: 'copy-json' };
    case 'C': return { kind: 'copy-csv' };
    default: return null;
  }
}
