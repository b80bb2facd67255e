// What a certificate may be called: green when it holds, and in no other case.
import { describe, expect, it } from 'vitest';
import { asClaim, checkLook, countWord, outcomeLook, outcomeSentence, signerLook } from './certificate-words.ts';

describe('a certificate', () => {
  it('is green when it holds, and in no other case', () => {
    expect((['holds', 'fails', 'open'] as const).filter((outcome) => outcomeLook(outcome).tone === 'pass')).toEqual(['holds']);
    expect((['holds', 'fails', 'could-not'] as const).filter((state) => checkLook(state).tone === 'pass')).toEqual(['holds']);
    const check = (state: 'holds' | 'fails' | 'could-not') => ({ id: 'count' as const, title: '', state, message: '', asked: 0, source: '' });
    expect(outcomeSentence({ outcome: 'holds', checks: [check('holds'), check('holds')] })).toBe('All 2 checks hold.');
    expect(outcomeSentence({ outcome: 'fails', checks: [check('fails'), check('could-not')] })).toBe('1 check fails, and 1 check could not be made.');
    expect(outcomeSentence({ outcome: 'open', checks: [check('holds'), check('could-not'), check('could-not')] })).toContain('proves nothing yet');
    expect([countWord(null), countWord(0)]).toEqual(['not known', '0 rows']);
  });

  it('of somebody is green for a key that is known, and a claim without colour for any other', () => {
    const signers = ['self', 'trusted', 'distrusted', 'unknown', null] as const;
    const look = (signer: (typeof signers)[number]) => signerLook({ signer, signerName: null });
    expect(signers.filter((signer) => look(signer).tone === 'good')).toEqual(['self', 'trusted']);
    expect(signers.filter((signer) => look(signer).isKnown)).toEqual(['self', 'trusted']);
    expect(signerLook({ signer: 'trusted', signerName: 'Ada' }).text).toContain('Ada');
    expect(asClaim(outcomeLook('holds'))).toEqual({ tone: 'unknown', word: 'holds' });
  });
});
