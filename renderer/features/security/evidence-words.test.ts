// Keeps: no item of evidence is lost by grouping, statements read as sentences only when they are ones, and held files are named once.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Evidence } from '#shared/domain/evidence.ts';
import { bySource, heldFiles, statementOf } from './evidence-words.ts';

const item = (over: Partial<Evidence>): Evidence => ({ kind: 'declared', source: 'GET /a', path: '$.x', value: '1', observedAt: '2026-11-20T10:00:00Z', ...over });

test('items of one source and time stand together, in their order, and none is lost', () => {
  const items = fc.array(fc.record({ source: fc.constantFrom('GET /a', 'GET /b'), observedAt: fc.constantFrom('2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z'), path: fc.string() }).map(item), { maxLength: 20 });
  fc.assert(fc.property(items, (evidence) => {
    const groups = bySource(evidence);
    expect(new Set(groups.map(({ source, observedAt }) => `${source} ${observedAt}`)).size).toBe(groups.length);
    expect(new Set(groups.flatMap((group) => group.items))).toEqual(new Set(evidence));
    expect(groups.reduce((sum, group) => sum + group.items.length, 0)).toBe(evidence.length);
    for (const group of groups) for (const one of group.items) expect([one.source, one.observedAt]).toEqual([group.source, group.observedAt]);
  }));
});

test('a statement is read as one; anything else stays raw', () => {
  expect(statementOf(JSON.stringify({ holds: true, by: 'A', on: '2026-11-20', statement: 'Seen.' }))).toEqual({ statement: 'Seen.', holds: true });
  for (const odd of [null, 'null', '"text"', '{', '[]', '7', '{"statement":7,"holds":true}', '{"statement":"x"}', '{"statement":"x","holds":"yes"}']) expect(statementOf(odd), String(odd)).toBeNull();
});

test('files are named once, the newest first; answers of a server are no files', () => {
  const old = item({ source: 'production.json, sha256 c4aa858649619ba3' });
  const later = item({ source: 'security_production.yml, sha256 00aa858649619ba3', observedAt: '2026-11-21T10:00:00Z' });
  expect(heldFiles([{ evidence: [old, old, item({}), item({ source: 'this console' })] }, { evidence: [later, item({ ...later, kind: 'attested', source: 'A, 2026-11-20; x.pdf, sha256 00aa858649619ba3' })] }])).toEqual([
    { source: later.source, observedAt: later.observedAt }, { source: old.source, observedAt: old.observedAt },
  ]);
});
