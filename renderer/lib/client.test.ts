// Keeps: a refused call is an error with its code, never an undefined that a screen would draw as nothing.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ClientError, openEnvelope, pathOf, toClientError } from './client.ts';

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

describe('the path of a file', () => {
  const file = new File(['content'], 'log.jsonl');
  const withBridge = (answer: (asked: File) => Promise<unknown>): void => void vi.stubGlobal('window', { holdfast: { pathOf: answer } });
  afterEach(() => vi.unstubAllGlobals());

  test('is what the host says, for that very file', async () => {
    const asked: File[] = [];
    withBridge((given) => { asked.push(given); return Promise.resolve('/a/log.jsonl'); });
    expect(await pathOf(file)).toBe('/a/log.jsonl');
    expect(asked).toEqual([file]);
    expect(asked[0]).toBe(file);
  });

  test.each([null, '', undefined, 7, {}])('%j is no path', async (answer) => {
    withBridge(() => Promise.resolve(answer));
    expect(await pathOf(file)).toBeNull();
  });

  test('outside Holdfast there is none; a refusal is an error that says so', async () => {
    vi.stubGlobal('window', {});
    expect(await pathOf(file)).toBeNull();
    withBridge(() => Promise.reject(new Error('too_many_calls')));
    await expect(pathOf(file)).rejects.toMatchObject({ wire: { code: 'too_many_calls' } });
  });
});
