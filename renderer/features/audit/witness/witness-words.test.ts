// The words of the witness: only what was proven is green, and every kind has its word.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditCheck } from '#shared/domain/audit-bulk.ts';
import { FINDING_KINDS, witnessProblem, witnessVerdict } from '#shared/domain/audit-witness.ts';
import { CHECK_LOOKS, FINDING_LOOKS, keyFingerprint, PROBLEM_NAMES, VERDICT_LOOKS } from './witness-words.ts';

describe('witness words', () => {
  it('is green for intact and for a clean check, and for nothing else', () => {
    const verdicts = witnessVerdict.shape.verdict.options;
    expect(verdicts.filter((verdict) => VERDICT_LOOKS[verdict].tone === 'pass')).toEqual(['intact']);
    expect(auditCheck.shape.state.options.filter((state) => CHECK_LOOKS[state].tone === 'pass')).toEqual(['clean']);
    expect(FINDING_KINDS.filter((kind) => FINDING_LOOKS[kind].tone === 'pass')).toEqual([]);
  });

  it('has a word for each kind of problem', () => {
    for (const kind of witnessProblem.shape.kind.options) expect(PROBLEM_NAMES[kind]).toMatch(/^[a-z ]+$/u);
  });

  it('shortens a public key by its SHA-256', async () => {
    const key = randomBytes(32);
    const hex = createHash('sha256').update(key).digest('hex');
    expect(await keyFingerprint(key.toString('base64'))).toBe(`${hex.slice(0, 4)} ${hex.slice(4, 8)} ${hex.slice(8, 12)} ${hex.slice(12, 16)}`);
  });
});
