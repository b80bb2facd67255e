// R57: the verifier finds and names the first broken entry, a removed tail and an older ledger put back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#shared/domain/ledger.ts';
import { entryDigest, GENESIS_DIGEST, verifyChain } from './chain.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

function chain(length: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  let prevDigest = GENESIS_DIGEST;
  for (let seq = 1; seq <= length; seq += 1) {
    const rest = { seq, at: `2026-11-22T10:00:${String(seq % 60).padStart(2, '0')}Z`, actor: 'admin', deployment: seq % 3 === 0 ? null : 'acme', action: 'audit.decrypt' as const, subject: `event ${seq}`, reason: `INC-${seq}`, outcome: 'shown', prevDigest };
    const digest = entryDigest(rest);
    entries.push({ ...rest, digest });
    prevDigest = digest;
  }
  return entries;
}
const headOf = (entries: readonly LedgerEntry[]) => ({ entries: entries.length, digest: entries.at(-1)?.digest ?? GENESIS_DIGEST });

describe('an untouched ledger', () => {
  it('is intact with its head, and says so for none and for one entry', () => {
    for (const length of [0, 1, 2, 40]) expect(verifyChain(chain(length), headOf(chain(length))).verdict).toBe('intact');
    expect(verifyChain([], null)).toMatchObject({ verdict: 'intact', message: 'The ledger is empty.' });
    expect(verifyChain([], headOf([]))).toMatchObject({ verdict: 'intact', message: 'The ledger is empty.' });
  });
  it('may be one entry ahead of the head after a crash, and that is told apart', () => {
    expect(verifyChain(chain(5), headOf(chain(4)))).toMatchObject({ verdict: 'intact-head-behind', firstBrokenSeq: null });
    expect(verifyChain(chain(1), headOf([]))).toMatchObject({ verdict: 'intact-head-behind', firstBrokenSeq: null });
  });
  it('is broken behind a head without entries that is not the beginning', () => {
    for (const length of [0, 1]) expect(verifyChain(chain(length), { entries: 0, digest: 'f'.repeat(64) }).verdict).toBe('broken');
  });
  it('further behind than a crash leaves it is not called intact', () => {
    expect(verifyChain(chain(5), headOf(chain(3))).verdict).toBe('head-behind');
    expect(verifyChain(chain(5), headOf(chain(0))).verdict).toBe('head-behind');
  });
  it('that took over a missing head says so for ever', () => {
    const entries = chain(2);
    const rest = { seq: 3, at: '2026-11-22T10:00:00Z', actor: 'admin', deployment: null, action: 'ledger.head.adopted' as const, subject: 'entry 2', reason: null, outcome: 'no head was remembered', prevDigest: entries[1]?.digest ?? '' };
    entries.push({ ...rest, digest: entryDigest(rest) });
    expect(verifyChain(entries, headOf(entries))).toMatchObject({ verdict: 'head-adopted', firstBrokenSeq: null });
    expect(verifyChain(entries, headOf(entries)).message).toContain('entry 3');
  });
  it('without a remembered head is not called intact', () => {
    expect(verifyChain(chain(5), null).verdict).toBe('head-unknown');
  });
});

describe('tampering, each located', () => {
  const lengths = fc.integer({ min: 2, max: 40 });
  const runs = { seed, numRuns: 300 };

  it('an edited field', () => {
    fc.assert(fc.property(lengths, fc.nat(), fc.constantFrom('at', 'actor', 'deployment', 'subject', 'reason', 'outcome', 'action', 'prevDigest', 'digest'), (length, at, field) => {
      const entries = chain(length);
      const index = at % length;
      entries[index] = { ...entries[index], [field]: field.endsWith('igest') ? 'f'.repeat(64) : 'changed' } as LedgerEntry;
      expect(verifyChain(entries, headOf(chain(length)))).toMatchObject({ verdict: 'broken', firstBrokenSeq: index + 1 });
    }), runs);
  });
  it('a removed entry in the middle', () => {
    fc.assert(fc.property(lengths, fc.nat(), (length, at) => {
      const entries = chain(length);
      const index = at % (length - 1);
      entries.splice(index, 1);
      expect(verifyChain(entries, headOf(chain(length)))).toMatchObject({ verdict: 'broken', firstBrokenSeq: index + 1 });
    }), runs);
  });
  it('two entries exchanged', () => {
    fc.assert(fc.property(lengths, fc.nat(), (length, at) => {
      const entries = chain(length);
      const index = at % (length - 1);
      [entries[index], entries[index + 1]] = [entries[index + 1] as LedgerEntry, entries[index] as LedgerEntry];
      expect(verifyChain(entries, headOf(chain(length)))).toMatchObject({ verdict: 'broken', firstBrokenSeq: index + 1 });
    }), runs);
  });
  it('an entry put in', () => {
    fc.assert(fc.property(lengths, fc.nat(), (length, at) => {
      const entries = chain(length);
      const index = at % length;
      entries.splice(index, 0, entries[index] as LedgerEntry);
      expect(verifyChain(entries, headOf(chain(length)))).toMatchObject({ verdict: 'broken', firstBrokenSeq: index + 2 });
    }), runs);
  });
  it('a removed tail, and an older ledger put back', () => {
    fc.assert(fc.property(lengths, fc.nat(), (length, cut) => {
      const keep = cut % length;
      expect(verifyChain(chain(length).slice(0, keep), headOf(chain(length)))).toMatchObject({ verdict: 'tail-removed', firstBrokenSeq: keep + 1 });
    }), runs);
  });
  it('a chain rewritten from some entry on with correct digests', () => {
    fc.assert(fc.property(lengths, fc.nat(), (length, at) => {
      const index = at % length;
      let prevDigest = GENESIS_DIGEST;
      const forged = chain(length).map((entry, position) => {
        const changed = { ...entry, subject: position >= index ? 'forged' : entry.subject, prevDigest };
        const { digest: old, ...rest } = changed;
        const digest = entryDigest(rest);
        expect(old).not.toBe('');
        prevDigest = digest;
        return { ...rest, digest };
      });
      expect(verifyChain(forged, headOf(chain(length)))).toMatchObject({ verdict: 'broken', firstBrokenSeq: length });
    }), runs);
  });
});

it('no two entries share a spelling: a separator moved between fields changes the digest', () => {
  const base = { seq: 1, at: '2026-11-22T10:00:00Z', actor: 'a', deployment: null, action: 'audit.decrypt' as const, subject: 'b', reason: null, outcome: 'c', prevDigest: GENESIS_DIGEST };
  expect(entryDigest({ ...base, actor: 'a","b', subject: '' })).not.toBe(entryDigest({ ...base, actor: 'a', subject: 'b' }));
  expect(entryDigest({ ...base, deployment: '' })).not.toBe(entryDigest(base));
});
