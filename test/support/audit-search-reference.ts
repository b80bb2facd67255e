// What a search of the audit log must find, said once more in plain JavaScript over rows in memory; it shares nothing with the search but the tree of the query.
import type { QueryNode, TextPart, ValueMatch } from '#shared/domain/audit-query-tree.ts';
import type { AuditSort } from '#shared/domain/audit-search.ts';
import type { RowToStore } from '#core/audit/store.ts';

/** Letters, digits and private characters make words; marks and case fall away, as in the text index. */
function tokens(text: string): string[] {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
}

function holdsPhrase(text: string, wanted: readonly string[], prefix: boolean): boolean {
  const words = tokens(text);
  return words.some((_, start) => start + wanted.length <= words.length
    && wanted.every((word, index) => (prefix && index === wanted.length - 1 ? words[start + index]?.startsWith(word) === true : words[start + index] === word)));
}

function textsOf(row: RowToStore, part: TextPart): string[] {
  const texts: Record<Exclude<TextPart, 'any'> | 'other', string> = {
    route: row.route, actor: `${row.actorSub ?? ''} ${row.actorEmail ?? ''}`, other: `${row.method} ${row.eventType} ${row.org ?? ''} ${row.resourceId ?? ''}`, payload: row.payload?.state === 'plain' ? row.payload.body : '',
  };
  return part === 'any' ? Object.values(texts) : [texts[part]];
}

const ascii = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
const sameCase = (held: string, wanted: string): boolean => [wanted, wanted.toLowerCase(), wanted.toUpperCase()].some((each) => ascii(each) === ascii(held));

function fits(held: string | null, match: ValueMatch): boolean {
  switch (match.how) {
    case 'none': return held === null;
    case 'any': return held !== null;
    case 'exactly': return held === match.value;
    case 'same': return held !== null && sameCase(held, match.value);
    case 'prefix': return held !== null && sameCase([...held].slice(0, [...match.value].length).join(''), match.value);
  }
}

/** True when the row fulfils the query at this time of evaluation. */
export function fulfils(row: RowToStore, node: QueryNode, nowUs: number): boolean {
  switch (node.kind) {
    case 'and': return node.items.every((item) => fulfils(row, item, nowUs));
    case 'or': return node.items.some((item) => fulfils(row, item, nowUs));
    case 'not': return !fulfils(row, node.item, nowUs);
    case 'text': return textsOf(row, node.part).some((text) => holdsPhrase(text, tokens(node.text), node.prefix));
    case 'value': {
      const held: Record<string, readonly (string | null)[]> = { org: [row.org], method: [row.method], event: [row.eventType], resource: [row.resourceId], key: [row.payload?.keyId ?? null], route: [row.route], actor: [row.actorSub, row.actorEmail] };
      return node.matches.some((match) => (match.how === 'none' ? held[node.field]?.every((value) => fits(value, match)) : held[node.field]?.some((value) => fits(value, match))));
    }
    case 'number': return node.ranges.some(({ min, max }) => {
      const value = node.field === 'id' ? row.id : row.statusCode;
      return (min === null || value >= min) && (max === null || value <= max);
    });
    case 'state': return node.states.includes(row.payload?.state ?? null);
    case 'time': {
      const us = 'us' in node.at ? node.at.us : nowUs - node.at.agoUs;
      return node.side === 'since' ? row.createdAtUs >= us : row.createdAtUs <= us;
    }
  }
}

const columns: Record<AuditSort['by'], (row: RowToStore) => string | number | null> = {
  time: () => null, id: () => null, method: (row) => row.method, route: (row) => row.route, actor: (row) => row.actorEmail ?? row.actorSub, org: (row) => row.org, status: (row) => row.statusCode,
  event: (row) => row.eventType, resource: (row) => row.resourceId, payload: (row) => row.payload?.state ?? null,
};

/** In order: rows without a value first when ascending; ties newest first; texts by code point. */
export function inOrder(rows: readonly RowToStore[], { by, direction }: AuditSort): RowToStore[] {
  const sign = direction === 'asc' ? 1 : -1;
  const newest = (a: RowToStore, b: RowToStore): number => b.createdAtUs - a.createdAtUs || b.id - a.id;
  const compare = (a: string | number | null, b: string | number | null): number => {
    if (a === null || b === null) return Number(a !== null) - Number(b !== null);
    if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
    const [left, right] = [[...a], [...b]];
    const at = left.findIndex((character, index) => character !== right[index]);
    return at === -1 ? left.length - right.length : (left[at]?.codePointAt(0) ?? -1) - (right[at]?.codePointAt(0) ?? -1);
  };
  return [...rows].sort((a, b) => {
    if (by === 'id') return sign * (a.id - b.id);
    if (by === 'time') return -sign * newest(a, b);
    return sign * compare(columns[by](a), columns[by](b)) || newest(a, b);
  });
}
