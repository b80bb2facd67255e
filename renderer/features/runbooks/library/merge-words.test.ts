// A merge report in words: nothing sounds better than it is.
import { describe, expect, it } from 'vitest';
import type { MergeReport } from '#shared/domain/runbook-run.ts';
import { HEAD_WORDS, inFours, mergeSentence, needsEyes, plainFingerprint, sameName } from './merge-words.ts';

const clean: MergeReport = { run: `run_${'0'.repeat(32)}`, title: 'A run', isNew: true, added: 3, known: 0, bySigner: [], refused: [], missing: [], waiting: 0, head: 'fits', conflicts: [], evidenceAdded: 0, evidenceRefused: [] };

describe('the first sentence', () => {
  it('counts what was taken and what was here', () => {
    expect(mergeSentence({ isNew: true, added: 1, known: 0 })).toBe('This run is new here. 1 event was taken.');
    expect(mergeSentence({ isNew: false, added: 0, known: 4 })).toBe('Nothing new: all 4 sound events of the file were here already.');
    expect(mergeSentence({ isNew: false, added: 0, known: 0 })).toBe('No event was taken.');
    expect(mergeSentence({ isNew: false, added: 2, known: 1 })).toBe('2 events were joined with what is here; 1 event was here already.');
    expect(mergeSentence({ isNew: false, added: 2, known: 0 })).toContain('none of the file was here before');
  });
});

describe('what needs a person', () => {
  it('is everything but a whole file of people who are trusted', () => {
    expect(needsEyes(clean)).toBe(false);
    const signer = { fingerprint: '0'.repeat(64), name: null, added: 1 };
    expect(needsEyes({ ...clean, bySigner: [{ ...signer, trust: 'self' }, { ...signer, trust: 'trusted' }] })).toBe(false);
    const cases: readonly Partial<MergeReport>[] = [{ head: 'absent' }, { head: 'altered' }, { head: 'unknown-signer' }, { refused: [{ index: 0, digest: null, reason: 'x' }] }, { missing: ['0'.repeat(64)] }, { waiting: 1 }, { conflicts: [{ step: 'a', title: 'A' }] }, { evidenceRefused: ['0'] }, { bySigner: [{ ...signer, trust: 'not-trusted-yet' }] }, { bySigner: [{ ...signer, trust: 'distrusted' }] }];
    for (const one of cases) expect(needsEyes({ ...clean, ...one }), JSON.stringify(one)).toBe(true);
  });

  it('only a file that fits is called good', () => {
    expect(Object.entries(HEAD_WORDS).filter(([, { tone }]) => tone === 'good').map(([head]) => head)).toEqual(['fits']);
  });
});

describe('a fingerprint', () => {
  it('is shown in fours, and read however it was written down', () => {
    const whole = '0123456789abcdef'.repeat(4);
    expect(inFours(whole)).toHaveLength(16);
    expect(inFours(whole).join('')).toBe(whole);
    expect(plainFingerprint(` ${inFours(whole.toUpperCase()).join(' ')}\n`)).toBe(whole);
    expect(plainFingerprint('01:23-45.67')).toBe('01234567');
  });
});

describe('a name', () => {
  it('is the same however it is spaced, cased or padded with what nobody sees', () => {
    expect(sameName('Ada Example', ' ada\u00a0EXAMPLE\u200b')).toBe(true);
    expect(sameName('Ada', 'Ada E')).toBe(false);
  });
});
