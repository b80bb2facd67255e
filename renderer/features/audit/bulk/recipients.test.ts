// Recipients out of a field: what age makes is taken, a secret key is never taken for one, and a slip is said.
import fc from 'fast-check';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { readRecipients } from './recipients.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 7);
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 1500;

describe('age recipients', () => {
  it('takes what age itself makes, however it is laid out, once each', async () => {
    const made = await Promise.all([1, 2, 3].map(async () => identityToRecipient(await generateIdentity())));
    const text = `# the on-call team\n  ${made[0]}\r\n${made[1]}, ${made[2]}\n${made[0]}\n`;
    expect(readRecipients(text)).toEqual({ recipients: made, error: null });
  });

  it('never takes a secret key, and says what it is', async () => {
    const identity = await generateIdentity();
    for (const text of [identity, identity.toLowerCase(), `${await identityToRecipient(identity)}\n${identity}`]) expect(readRecipients(text).error).toMatch(/secret key/u);
  });

  it('says what is wrong with everything else', () => {
    expect(readRecipients(' \n# only a remark\n').error).toMatch(/at least one/u);
    expect(readRecipients('ssh-ed25519 AAAAC3').error).toMatch(/SSH/u);
    expect(readRecipients('age1short').error).toMatch(/62 characters/u);
    expect(readRecipients(`age1${'B'.repeat(58)}`).error).toMatch(/lower case/u);
    expect(readRecipients(`age1${'q'.repeat(58)}\nage1b`).error).toMatch(/^Number 2/u);
    expect(readRecipients(Array.from({ length: 21 }, (_, at) => `age1${'q'.repeat(56)}${'qpzry9x8gf2tvdw0s3jn54'[at] ?? 'k'}q`).join('\n')).error).toMatch(/at most 20/u);
  });

  it('takes nothing by accident', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), (text) => {
      expect(readRecipients(text).error).not.toBeNull();
    }), { seed: SEED, numRuns: RUNS });
  });
});
