// The signed record: it verifies as it was written, and any change of it is found without the profile.
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RotationRecord } from '#shared/domain/rotation.ts';
import { finished, ROTATION, withTokens } from '../../../../test/support/rotation-entries.ts';
import type { Story } from '../../../../test/support/rotation-entries.ts';
import { chained, sealRecord, verifyRotationRecord } from './record.ts';
import type { EntryDraft, Signer } from './record.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';

function newKey(): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { publicKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32), sign: (text) => sign(null, Buffer.from(text), privateKey) };
}
const key = newKey();

function sealed(told: Story, by: Signer = key): RotationRecord {
  const entries = [...told.entries()];
  const last = entries.at(-1);
  if (last === undefined) throw new Error('no entry');
  return { format: 'holdfast-rotation-1', rotationId: ROTATION, entries, seal: { publicKey: by.publicKey.toString('base64'), note: sealRecord(ROTATION, { last, outcome: told.state().outcome === 'finished' ? 'finished' : 'abandoned' }, by) } };
}
const copy = (record: RotationRecord): RotationRecord => JSON.parse(JSON.stringify(record)) as RotationRecord;
const verdict = (record: unknown): string => verifyRotationRecord(record, [key.publicKey]).verdict;

/** Every leaf of a value, as the path to it. */
function leaves(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, each]) => leaves(each, [...path, Array.isArray(value) ? Number(name) : name]));
}
function changed(record: RotationRecord, path: readonly (string | number)[], to: (before: unknown) => unknown): unknown {
  const whole = copy(record) as unknown as Record<string | number, unknown>;
  const parent = path.slice(0, -1).reduce<Record<string | number, unknown>>((at, name) => at[name] as Record<string | number, unknown>, whole);
  const name = path.at(-1) ?? '';
  parent[name] = to(parent[name]);
  return whole;
}

describe('a record', () => {
  const whole = sealed(finished({ nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] }));

  it('verifies as it was written, also after a way through JSON', () => {
    expect(verdict(copy(whole))).toBe('intact');
    expect(verdict(sealed(withTokens().add(9, { kind: 'abandoned', reason: 'x' })))).toBe('intact');
    expect(verifyRotationRecord(whole).verdict).toBe('key-unknown');
    expect(verifyRotationRecord(whole, [newKey().publicKey]).verdict).toBe('key-unknown');
    expect(verdict({ ...whole, seal: null, entries: whole.entries.slice(0, -1) })).toBe('open');
  });

  it('does not verify with any one value changed', () => {
    const all = leaves(whole);
    expect(all.length).toBeGreaterThan(300);
    for (const path of isLong ? all : all.filter((_, index) => index % 5 === seed % 5)) {
      const other = changed(whole, path, (before) => (typeof before === 'number' ? before + 1 : before === null ? 'x' : `${String(before).slice(0, -1)}${String(before).endsWith('0') ? '1' : '0'}`));
      expect(verdict(other), path.join('.')).toBe('broken');
    }
  });

  it('does not verify with an entry removed, doubled, moved or put in, or a field added', () => {
    fc.assert(fc.property(fc.nat(whole.entries.length - 1), fc.nat(whole.entries.length - 1), fc.constantFrom('remove', 'double', 'swap', 'cut', 'field'), (one, two, how) => {
      const record = copy(whole);
      const [a, b] = [record.entries[one], record.entries[two]];
      if (a === undefined || b === undefined || (how === 'swap' && one === two)) return;
      if (how === 'remove') record.entries.splice(one, 1);
      else if (how === 'double') record.entries.splice(two, 0, a);
      else if (how === 'cut') record.entries.splice(one);
      else if (how === 'field') Object.assign(a, { note: 'x' });
      else [record.entries[one], record.entries[two]] = [b, a];
      expect(verdict(record), `${how} ${one} ${two}`).toBe('broken');
    }), { seed, numRuns: isLong ? 500 : 100 });
  });

  it('does not verify with any bit of the signature turned, or in another spelling', () => {
    const note = whole.seal?.note ?? '';
    const text = note.slice(0, note.lastIndexOf(' ') + 1);
    const bytes = Buffer.from(note.slice(text.length), 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += isLong ? 1 : 7) {
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verdict({ ...whole, seal: { publicKey: whole.seal?.publicKey, note: `${text}${other.toString('base64')}\n` } }), String(bit)).toBe('broken');
    }
    for (const spelling of [`${note}\n`, note.trimEnd(), note.replace('\n', '\r\n'), note.replace(/=*\n$/, '\n')]) expect(verdict({ ...whole, seal: { publicKey: whole.seal?.publicKey, note: spelling } })).toBe(spelling === note ? 'intact' : 'broken');
  });

  it('written anew by another hand is known by its key; a step that was never proven is found although every digest fits', () => {
    expect(verdict(sealed(finished(), newKey()))).toBe('key-unknown');
    const early = withTokens().probe(10).advance(20).probe(30, { new: 'refused' }).advance(40);
    expect(verifyRotationRecord({ format: 'holdfast-rotation-1', rotationId: ROTATION, entries: early.entries(), seal: null })).toMatchObject({ verdict: 'broken', firstBrokenSeq: 8, message: expect.stringContaining('The step was not proven') as string });
  });

  it('of another rotation does not verify under this name', () => {
    expect(verdict({ ...whole, rotationId: 'r_ffffffffffffffff' })).toBe('broken');
    const draft = { kind: 'abandoned', reason: 'x', at: '2026-11-22T12:00:00Z', actor: 'a' } as EntryDraft;
    expect(chained(ROTATION, draft, null).digest).not.toBe(chained('r_ffffffffffffffff', draft, null).digest);
  });
});
