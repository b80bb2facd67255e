// Keeps the generated audit events deterministic, realistic and complete in their payload kinds.
import { describe, expect, it } from 'vitest';
import { fernetDecrypt, InvalidFernetToken } from '../deployments/navi/fernet-writer.ts';
import { generateAuditRows, type GeneratedRow } from '../deployments/navi/generator.ts';
import { HOSTILE_TEXTS } from '../deployments/navi/generator-content.ts';
import { PAYLOAD_KINDS, RARE_PAYLOAD_KINDS, ROWS_FOR_EVERY_RARE_KIND } from '../deployments/navi/generator-payload.ts';
import { SPAN_DAYS } from '../deployments/navi/generator-time.ts';
import { secretsFor } from '../deployments/navi/secrets.ts';

const NOW = new Date('2026-11-20T15:30:00Z');
const DAY_MICROS = 86_400_000_000;

function rows(seed: number, count: number, now = NOW): readonly GeneratedRow[] {
  return [...generateAuditRows({ seed, count, now, secrets: secretsFor(seed) })];
}

function ciphertextOf(row: GeneratedRow): string {
  const text: unknown = Reflect.get(Object(row.payload), 'ciphertext');
  if (typeof text !== 'string') throw new Error(`row of kind ${row.payloadKind} has no ciphertext`);
  return text;
}

describe('generated audit events', () => {
  it('are the same for the same seed and anchor, and differ for another seed', () => {
    expect(rows(7, 500)).toEqual(rows(7, 500));
    expect(rows(8, 500)).not.toEqual(rows(7, 500));
  });

  it('keep the keys of a seed whatever the anchor', () => {
    const later = rows(7, 300, new Date(NOW.getTime() + 40 * 86_400_000));
    const encrypted = later.find((row) => row.payloadKind === 'encrypted-service');
    if (encrypted === undefined) throw new Error('no row of the newer writer');
    expect(JSON.parse(fernetDecrypt(secretsFor(7).activeAuditKey.key, ciphertextOf(encrypted)))).toHaveProperty('query_params');
  });

  it.each([0, 1, 63, 5000])('are exactly %d when that many are asked for', (count) => {
    expect(rows(3, count)).toHaveLength(count);
  });

  it('contain every payload kind from the promised number of rows on', () => {
    const few = new Set(rows(5, ROWS_FOR_EVERY_RARE_KIND).map((row) => row.payloadKind));
    expect(RARE_PAYLOAD_KINDS.filter((kind) => !few.has(kind))).toEqual([]);
    const many = new Set(rows(5, 1000).map((row) => row.payloadKind));
    expect(PAYLOAD_KINDS.filter((kind) => !many.has(kind))).toEqual([]);
  });

  it('are mostly encrypted, under two keys and in both writer shapes, and the keys open them', () => {
    const all = rows(1, 4000);
    const { activeAuditKey, olderAuditKey } = secretsFor(1);
    const encrypted = all.filter((row) => row.payloadKind === 'encrypted-core' || row.payloadKind === 'encrypted-service');
    expect(encrypted.length / all.length).toBeGreaterThan(0.6);
    const shapes = new Set<string>();
    for (const row of encrypted) {
      const keyId: unknown = Reflect.get(Object(row.payload), 'key_id');
      const key = keyId === activeAuditKey.keyId ? activeAuditKey : olderAuditKey;
      expect(keyId).toBe(key.keyId);
      expect(JSON.parse(fernetDecrypt(key.key, ciphertextOf(row)))).toHaveProperty('query_params');
      shapes.add(`${key.keyId} ${Object.keys(Object(row.payload)).join()}`);
    }
    expect([...shapes].toSorted()).toEqual([
      `${olderAuditKey.keyId} encrypted,ciphertext,key_id`,
      `${activeAuditKey.keyId} encrypted,ciphertext,key_id`,
      `${activeAuditKey.keyId} encrypted,key_id,ciphertext`,
    ].toSorted());
  });

  it('cannot be opened where they are malformed', () => {
    const { activeAuditKey, olderAuditKey } = secretsFor(1);
    const broken = rows(1, 4000).filter((row) => ['garbage-ciphertext', 'truncated-ciphertext', 'lost-key'].includes(row.payloadKind));
    expect(broken.length).toBeGreaterThan(3);
    for (const row of broken) {
      for (const { key } of [activeAuditKey, olderAuditKey]) expect(() => fernetDecrypt(key, ciphertextOf(row))).toThrow(InvalidFernetToken);
    }
  });

  it('lie in ascending order within the span before the anchor, with ties, whole seconds and quiet weekends', () => {
    const times = rows(2, 6000).map((row) => row.createdAtMicros);
    const end = NOW.getTime() * 1000;
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(Math.max(...times)).toBeLessThanOrEqual(end);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(end - SPAN_DAYS * DAY_MICROS);
    expect(times.filter((time, index) => time === times[index - 1]).length).toBeGreaterThan(20);
    expect(times.filter((time) => time % 1_000_000 === 0).length).toBeGreaterThan(10);
    const isWeekend = (time: number): boolean => [0, 6].includes(new Date(time / 1000).getUTCDay());
    const weekend = times.filter(isWeekend).length;
    expect(weekend / times.length).toBeLessThan(0.15);
    expect(weekend).toBeGreaterThan(0);
  });

  it('come from several organisations and from none, with refusals among them and hostile text in every kind of column', () => {
    const all = rows(4, 20_000);
    expect(new Set(all.map((row) => row.orgKey))).toEqual(new Set(['acme', 'borealis', 'cobalt', null]));
    expect(all.filter((row) => row.orgKey === null).every((row) => row.actorSub === null)).toBe(true);
    expect(new Set(all.map((row) => row.statusCode)).size).toBeGreaterThan(10);
    const isHostile = (text: string | null): boolean => text !== null && HOSTILE_TEXTS.some((hostile) => text.includes(hostile));
    const untouched = (['route', 'actorEmail', 'resourceId', 'actorSub'] as const).filter((column) => !all.some((row) => isHostile(row[column])));
    expect(untouched).toEqual([]);
  });
});
