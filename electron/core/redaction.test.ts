// Keeps that nothing secret passes the log's filter, whatever shape it comes in, and that the filter ends.
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretKey, redact } from './redaction.ts';
import { Secret } from './secret.ts';

const secretText = fc.stringMatching(/^[A-Za-z0-9+/_-]{24,80}$/);

/** Object graphs with the secret somewhere: as Secret of text or bytes, in arrays, maps, sets, errors, and shared by several parents. */
function graphs(text: string): fc.Arbitrary<unknown> {
  const hidden = [new Secret(text), new Secret(Buffer.from(text))];
  return fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom<unknown>(...hidden),
      fc.oneof(fc.string(), fc.integer(), fc.bigInt(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined), fc.date()),
      fc.array(tie('node'), { maxLength: 5 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('token', 'note', '__proto__', 'constructor', 'toJSON')), tie('node'), { maxKeys: 5 }),
      fc.array(fc.tuple(fc.string(), tie('node')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      fc.array(tie('node'), { maxLength: 3 }).map((items) => new Set(items)),
      tie('node').map((cause) => new Error('it failed', { cause })),
    ),
  })).node.map((node) => ({ node, holders: hidden }));
}

function spellings(text: string): string[] {
  const bytes = Buffer.from(text);
  return [text, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex')];
}

function expectAbsent(shown: string, text: string): void {
  for (const form of spellings(text)) expect(shown.includes(form)).toBe(false);
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, item: unknown) => typeof item === 'bigint' ? item.toString() : item) ?? '';
  } catch (error) {
    // A graph may bring its own toJSON that is no function; only what was written counts.
    return String(error);
  }
}

function stringOf(value: unknown): string {
  try {
    return String(value);
  } catch (error) {
    return String(error);
  }
}

describe('redact', () => {
  it('R25: 1,000 object graphs with a Secret inside show it in no serialised form, raw or redacted', () => {
    fc.assert(fc.property(secretText.chain((text) => fc.tuple(fc.constant(text), graphs(text))), ([text, graph]) => {
      const clean = redact(graph, [new Secret(text)]);
      for (const value of [graph, clean]) {
        expectAbsent(jsonOf(value), text);
        expectAbsent(stringOf(value), text);
        expectAbsent(inspect(value, { depth: null, showHidden: true, maxArrayLength: null, maxStringLength: null }), text);
      }
      expect(jsonOf(clean)).toContain('[redacted]');
    }), { numRuns: 1_000 });
  });

  it('R25: a known secret is masked inside any string and key, as text, base64, hex and percent-encoded', () => {
    fc.assert(fc.property(secretText, fc.string(), fc.string(), (text, before, after) => {
      const secret = new Secret(text);
      for (const form of [...spellings(text), encodeURIComponent(text)]) {
        const line = `${before}${form}${after}`;
        const shown = JSON.stringify(redact({ line, [line]: 1, error: new Error(line), list: [line], map: new Map([[line, line]]) }, [secret]));
        expectAbsent(shown, text);
        expect(shown.includes(form)).toBe(false);
      }
    }), { numRuns: 300 });
  });

  it('R25: known bytes are masked as hex and base64', () => {
    const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
    const shown = JSON.stringify(redact([`PRAGMA key = "x'${key.toString('hex')}'"`, key.toString('hex').toUpperCase(), key.toString('base64'), key], [new Secret(key)]));
    expect(shown).toBe(`["PRAGMA key = \\"x'[redacted]'\\"","[redacted]","[redacted]=","[32 bytes]"]`);
  });

  it.each(['token', 'accessToken', 'access_token', 'Authorization', 'proxy-authorization', 'password', 'dbPassword', 'clientSecret', 'secret', 'passphrase', 'key', 'databaseKey', 'api_key', 'apiKey', 'APIKEY', 'x-api-key', 'token_value', 'keyHex', 'Set-Cookie', 'authtoken'])('R25: the value under %s is masked', (name) => {
    expect(isSecretKey(name)).toBe(true);
    expect(redact({ [name]: 'plain words', deep: [{ [name]: { inner: 'plain words' } }] })).toEqual({ [name]: '[redacted]', deep: [{ [name]: '[redacted]' }] });
    expect(redact(new Map([[name, 'plain words']]))).toEqual([[name, '[redacted]']]);
  });

  it.each(['keyId', 'key_id', 'keychain', 'tokenCount', 'monkey', 'status', 'path', 'actor', 'keyboard'])('the value under %s stays readable', (name) => {
    expect(redact({ [name]: 'plain words' })).toEqual({ [name]: 'plain words' });
  });

  it.each([
    ['a JWT', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl from it', 'got [redacted] from it'],
    ['a JWT that was cut', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWI', 'got [redacted]'],
    ['a Fernet token', 'payload gAAAAABlZ0example0example0example0example== end', 'payload [redacted] end'],
    ['a Fernet key', 'with cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4= here', 'with [redacted] here'],
    ['a header', 'Authorization: Bearer abc.def', 'Authorization: [redacted]'],
    ['a bearer', 'sent bearer abcdefgh1234', 'sent bearer [redacted]'],
    ['a pair in a URL', 'GET /x?token=abc&page=2', 'GET /x?token=[redacted]&page=2'],
    ['a pair in JSON', '{"password":"abc","user":"x"}', '{"password":"[redacted]","user":"x"}'],
    ['credentials in a URL', 'https://user:pw@host/path', 'https://[redacted]@host/path'],
  ])('R25: %s inside a string is masked without being known', (_name, line, expected) => {
    expect(redact(line)).toBe(expected);
  });

  it('plain sentences, digests and times pass unchanged', () => {
    for (const line of ['The keychain did not answer within 5 s.', 'f'.repeat(64), '2026-01-02T03:04:05.678Z', 'connect ECONNREFUSED 127.0.0.1:8080']) expect(redact(line)).toBe(line);
  });

  it('ends on cycles, depth, width and size, and says so', () => {
    const cycle: Record<string, unknown> = { name: 'a' };
    cycle['self'] = cycle;
    expect(redact(cycle)).toEqual({ name: 'a', self: '[cycle]' });
    let deep: unknown = 'end';
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    expect(JSON.stringify(redact(deep))).toContain('[too deep]');
    expect(redact(Array.from({ length: 100_000 }, (_item, index) => index))).toHaveLength(200);
    const wide = Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => 'x'));
    expect(JSON.stringify(redact(wide))).toContain('[too many values]');
    expect(JSON.stringify(redact('x'.repeat(10_000_000))).length).toBeLessThan(9_000);
    expect(Object.keys(redact(Object.fromEntries(Array.from({ length: 500 }, (_item, index) => [`field${index}`, 1]))) as object)).toHaveLength(201);
  });

  it('R25: a secret that straddles the cut of a long string is not shown in part', () => {
    const text = 'q7Zr'.repeat(20);
    for (const lead of [8_150, 65_500, 65_536 - 40]) {
      const shown = redact(`${' '.repeat(lead)}${text}${' '.repeat(100)}`, [new Secret(text)]) as string;
      expect(shown).not.toContain('q7Zr');
    }
    const shrinking = redact(`${text.repeat(819)}q7Zrq7Zr`, [new Secret(text)]) as string;
    expect(shrinking).not.toContain('q7Zr');
  });

  it('hostile text takes time in proportion to its length', () => {
    const started = performance.now();
    for (const piece of ['eyJ', 'gAAAA', '//a:', 'token', 'token=', 'bearer ', 'a', '=', ' ']) redact(piece.repeat(Math.ceil(65_536 / piece.length)));
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('runs no accessor and no toJSON, and survives objects that throw', () => {
    let ran = false;
    const trap = { get token(): string { ran = true; return 'x'; }, get note(): string { ran = true; return 'x'; }, toJSON: () => { ran = true; return 'x'; } };
    expect(redact(trap)).toEqual({ token: '[accessor]', note: '[accessor]', toJSON: '[function]' });
    expect(ran).toBe(false);
    const hostile = new Proxy({}, { ownKeys: () => { throw new Error('no'); } });
    expect(redact({ hostile, bytes: Buffer.from('abc'), url: new URL('https://a:b@c/'), none: undefined, nothing: null, nan: Number.NaN, big: 1n, date: new Date(0) }))
      .toEqual({ hostile: '[unreadable]', bytes: '[3 bytes]', url: 'https://[redacted]@c/', none: undefined, nothing: null, nan: 'NaN', big: '1', date: '1970-01-01T00:00:00.000Z' });
  });

  it('keeps what makes an error useful: name, message, code, stack and cause', () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'EACCES' });
    expect(redact(error)).toMatchObject({ name: 'Error', message: 'outer', code: 'EACCES', stack: expect.stringContaining('outer'), cause: { message: 'inner' } });
  });

  it('shows an own __proto__ key without changing the copy', () => {
    const clean = redact(JSON.parse('{"__proto__":{"polluted":true}}')) as Record<string, unknown>;
    expect(Object.getPrototypeOf(clean)).toBe(Object.prototype);
    expect(JSON.stringify(clean)).toBe('{"__proto__":{"polluted":true}}');
  });
});
