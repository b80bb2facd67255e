// Keeps: a refused call is an error with its code, never an undefined that a screen would draw as nothing.
import { describe, expect, test } from 'vitest';
import { ClientError, openEnvelope, toClientError } from './client.ts';

describe('envelope', () => {
  test('a good answer is opened', () => {
    expect(openEnvelope({ ok: true, value: { a: 1 } })).toEqual({ a: 1 });
  });

  test('a refusal keeps code, message, hint and id', () => {
    const error = { code: 'read_only', message: 'm', hint: 'h', id: 'i' };
    expect(() => openEnvelope({ ok: false, error })).toThrow(ClientError);
    try {
      openEnvelope({ ok: false, error });
    } catch (caught) {
      expect(toClientError(caught).wire).toEqual(error);
    }
  });

  test.each([undefined, null, 1, 'text', {}, { ok: true }, { ok: true, value: undefined }, { ok: false }, { ok: false, error: { code: 'x' } }])('%j is refused, not drawn', (answer) => {
    expect(() => openEnvelope(answer)).toThrow('cannot read');
  });

  test('anything else that is thrown becomes one sentence without its text', () => {
    expect(toClientError(new Error('secret stack')).wire.message).not.toContain('secret');
  });
});
