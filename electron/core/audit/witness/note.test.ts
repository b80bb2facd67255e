// Signed notes: the form that others read, and no other form than that.
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { isSignedBy, keyIdOf, originOf, rawPublicKey, readNote, signCheckpoint } from './note.ts';
import type { CheckpointText } from './note.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const pair = generateKeyPairSync('ed25519');
const key = { publicKey: rawPublicKey(pair.publicKey), sign: (text: string) => sign(null, Buffer.from(text), pair.privateKey) };
const checkpoint: CheckpointText = { origin: originOf('d_0123456789abcdef'), size: 20_852_163, root: createHash('sha256').update('root').digest().toString('latin1'), at: '2026-11-22T12:00:00.285000Z', number: 17, adopted: [] };

describe('a note', () => {
  it('has the lines of the specification, and any Ed25519 verifies it', () => {
    const note = signCheckpoint(checkpoint, key);
    const [origin, size, root, time, number, blank, signature, end, ...rest] = note.split('\n');
    expect([origin, size, time, number, blank, end, rest]).toEqual(['holdfast.local/audit/d_0123456789abcdef', '20852163', 'time 2026-11-22T12:00:00.285000Z', 'checkpoint 17', '', '', []]);
    expect(Buffer.from(root ?? '', 'base64').toString('latin1')).toBe(checkpoint.root);
    const [dash, name, text] = (signature ?? '').split(' ');
    expect([dash, name]).toEqual(['\u2014', origin]);
    const bytes = Buffer.from(text ?? '', 'base64');
    expect(bytes.length).toBe(68);
    const id = createHash('sha256').update(Buffer.concat([Buffer.from(`${origin}\n`), Buffer.of(1), key.publicKey])).digest().subarray(0, 4);
    expect(bytes.subarray(0, 4)).toEqual(id);
    // The text that is signed ends with its own newline; the blank line is not part of it.
    expect(verify(null, Buffer.from(`${[origin, size, root, time, number].join('\n')}\n`), pair.publicKey, bytes.subarray(4))).toBe(true);
  });

  it('comes back as it went in', () => {
    const parts = fc.record({ size: fc.nat(), root: fc.uint8Array({ minLength: 32, maxLength: 32 }), number: fc.integer({ min: 1, max: 1_000_000 }), adopted: fc.subarray(['head-missing', 'head-behind', 'key-missing'] as const) });
    fc.assert(fc.property(parts, ({ size, root, number, adopted }) => {
      const made = { ...checkpoint, size, root: Buffer.from(root).toString('latin1'), number, adopted };
      const read = readNote(signCheckpoint(made, key));
      expect(read).toMatchObject(made);
      expect(read !== null && isSignedBy(read, key.publicKey)).toBe(true);
    }), { seed, numRuns: 100 });
  });

  it('no byte of it can be another one', () => {
    const note = Buffer.from(signCheckpoint({ ...checkpoint, adopted: ['head-missing'] }, key));
    const values = isLong ? Array.from({ length: 255 }, (_, index) => index + 1) : [1, 2, 4, 8, 16, 32, 64, 128, 7, 90];
    let tried = 0;
    for (let at = 0; at < note.length; at += 1) {
      for (const value of values) {
        const other = Buffer.from(note);
        other[at] = (other[at] ?? 0) ^ value;
        const read = readNote(other.toString('utf8'));
        expect(read !== null && isSignedBy(read, key.publicKey), `byte ${at} ^ ${value}`).toBe(false);
        tried += 1;
      }
    }
    expect(tried).toBe(note.length * values.length);
    for (let at = 0; at < note.length; at += 1) expect(readNote(Buffer.concat([note.subarray(0, at), note.subarray(at + 1)]).toString('utf8')), `without byte ${at}`).toSatisfy((read: ReturnType<typeof readNote>) => read === null || !isSignedBy(read, key.publicKey));
  });

  it('another key, another name and the twin of a signature are refused', () => {
    const note = signCheckpoint(checkpoint, key);
    const read = readNote(note);
    if (read === null) throw new Error('not read');
    const other = generateKeyPairSync('ed25519');
    expect(isSignedBy(read, rawPublicKey(other.publicKey))).toBe(false);
    const stranger = { publicKey: key.publicKey, sign: (text: string) => sign(null, Buffer.from(text), other.privateKey) };
    const forged = readNote(signCheckpoint(checkpoint, stranger));
    expect(forged !== null && isSignedBy(forged, key.publicKey)).toBe(false);
    expect(readNote(note.replace(/\u2014 \S+/, '\u2014 holdfast.local/audit/other'))).toBeNull();
    expect(keyIdOf('a', key.publicKey)).not.toBe(keyIdOf('b', key.publicKey));
    const twin = Buffer.from(read.signature);
    let scalar = BigInt(`0x${Buffer.from(twin.subarray(32)).reverse().toString('hex')}`) + 2n ** 252n + 27742317777372353535851937790883648493n;
    for (let at = 32; at < 64; at += 1, scalar >>= 8n) twin[at] = Number(scalar & 255n);
    expect(isSignedBy({ ...read, signature: twin }, key.publicKey)).toBe(false);
  });

  it('anything else is no note', () => {
    fc.assert(fc.property(fc.string(), (text) => readNote(text) === null), { seed, numRuns: isLong ? 20_000 : 2000 });
    const note = signCheckpoint(checkpoint, key);
    for (const other of [`${note}\n`, `\n${note}`, note.trimEnd(), note.replace('20852163', '020852163'), note.replace('checkpoint 17', 'checkpoint 0'), note.replace('time 2026', 'time  2026'), note.replaceAll('\n', '\r\n'), `${note}${note}`]) expect(readNote(other)).toBeNull();
  });
});
