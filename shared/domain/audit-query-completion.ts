// Tells what is being written at the cursor of a query: a field's name, one of its values, or nothing that can be completed.
import { describeField, fieldNamed } from './audit-query-fields.ts';
import type { QueryField } from './audit-query-tree.ts';

export interface Completion {
  readonly kind: 'field' | 'value' | 'none';
  /** Of a value. */
  readonly field: QueryField | null;
  /** What stands before the cursor, without quotes, `=` and `>=`. */
  readonly prefix: string;
  /** What a choice replaces: UTF-16 offsets, `to` not included. */
  readonly from: number;
  readonly to: number;
}

const SPACE = /\s/;
const isEnd = (character: string | undefined): boolean => character === undefined || character === '(' || character === ')' || SPACE.test(character);

/** What can be completed at the cursor; the text need not be a whole query. Never throws. */
export function completionAt(text: string, cursor: number): Completion {
  const at = Math.min(Math.max(0, Math.trunc(cursor)), text.length);
  const nothing: Completion = { kind: 'none', field: null, prefix: '', from: at, to: at };
  let from = 0;
  while (from < at) {
    if (isEnd(text[from]) || text[from] === '-') {
      from += 1;
      continue;
    }
    const to = wordEnd(text, from);
    if (at <= to) return inWord(text, { from, to }, at) ?? nothing;
    from = to;
  }
  return { kind: 'field', field: null, prefix: '', from: at, to: at };
}

/** Quotes hold spaces together, also in the value of a field; an open one runs to the end. */
function wordEnd(text: string, from: number): number {
  let at = from;
  let isQuoted = false;
  while (at < text.length && (isQuoted || !isEnd(text[at]))) {
    if (isQuoted && text[at] === '\\') at += 1;
    else if (text[at] === '"') isQuoted = !isQuoted;
    at += 1;
  }
  return Math.min(at, text.length);
}

function inWord(text: string, word: { readonly from: number; readonly to: number }, at: number): Completion | null {
  const whole = text.slice(word.from, word.to);
  const name = /^([A-Za-z]+):/.exec(whole)?.[1];
  const field = name === undefined ? null : fieldNamed(name);
  const valueFrom = word.from + (name?.length ?? 0) + 1;
  if (field === null || name === undefined || at < valueFrom) {
    const isName = /^[A-Za-z]*$/.test(text.slice(word.from, at));
    return isName ? { kind: 'field', field: null, prefix: text.slice(word.from, at), from: word.from, to: field === null ? word.to : valueFrom } : null;
  }
  const { from, to } = describeField(field).isList ? pieceAround(text, { from: valueFrom, to: word.to }, at) : { from: valueFrom, to: word.to };
  const prefix = text.slice(from, at).replace(/^=?"?/, '').replace(/\\(.)/gs, '$1').replace(/"$/, '');
  return { kind: 'value', field, prefix, from, to };
}

/** The piece of a list that the cursor stands in or behind. */
function pieceAround(text: string, value: { readonly from: number; readonly to: number }, cursor: number): { readonly from: number; readonly to: number } {
  let { from } = value;
  let isQuoted = false;
  for (let at = value.from; at < value.to; at += 1) {
    if (isQuoted && text[at] === '\\') at += 1;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === ',' && !isQuoted) {
      if (at >= cursor) return { from, to: at };
      from = at + 1;
    }
  }
  return { from, to: value.to };
}
