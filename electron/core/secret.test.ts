// Keeps that a Secret shows itself in no way but `reveal`.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';

const TEXT = 'tok_9f1c0a77e2b84d6e';

describe('Secret', () => {
  it('gives its value only through reveal', () => {
    const bytes = Buffer.from(TEXT);
    expect(new Secret(TEXT).reveal()).toBe(TEXT);
    expect(new Secret(bytes).reveal()).toBe(bytes);
  });

  it.each([['text', new Secret(TEXT)], ['bytes', new Secret(Buffer.from(TEXT))]] as const)('R25: %s is written as [redacted] by every implicit conversion', (_kind, secret) => {
    const shown = [
      String(secret), `${secret}`, JSON.stringify(secret), JSON.stringify({ nested: [secret] }), secret.toString(), `${secret as unknown as string}x`,
      inspect(secret), inspect({ deep: { secret } }, { depth: null }), new Error(`failed with ${secret}`).message, [secret].join(),
    ];
    for (const text of shown) expect(text).toContain('[redacted]');
    const silent = [...shown, inspect(secret, { customInspect: false, showHidden: true, depth: null }), JSON.stringify(structuredClone({ ...secret })), JSON.stringify(Object.entries(secret)), JSON.stringify(Reflect.ownKeys(secret).map(String))];
    for (const text of silent) {
      expect(text).not.toContain(TEXT);
      expect(text).not.toContain(Buffer.from(TEXT).toString('hex'));
      expect(text).not.toContain([...Buffer.from(TEXT)].slice(0, 6).join(','));
    }
  });

  it('R25: it is no number either', () => {
    expect(Number(new Secret('12345'))).toBeNaN();
  });
});
