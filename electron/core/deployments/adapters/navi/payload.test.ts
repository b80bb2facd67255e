// Keeps the reading of payloads honest: encrypted, failed and malformed are never called plain, and nobody's words are altered by reading them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyExported, classifyPayload } from './payload.ts';

const state = (body: string): string => classifyPayload(body).state;

describe('classifyPayload', () => {
  it.each([
    ['wrapper of core/crypto.py', '{"encrypted": true, "ciphertext": "gAAA", "key_id": "audit-2026-01"}', 'encrypted', 'audit-2026-01'],
    ['wrapper of audit_service/crypto.py', '{"encrypted":true,"key_id":"default","ciphertext":"gAAA"}', 'encrypted', 'default'],
    ['wrapper without a key id', '{"encrypted":true,"ciphertext":"gAAA"}', 'encrypted', null],
    ['wrapper with a key id of another type', '{"encrypted":true,"ciphertext":"gAAA","key_id":7}', 'encrypted', null],
    ['wrapper with a key id of null', '{"encrypted":true,"ciphertext":"gAAA","key_id":null}', 'encrypted', null],
    ['wrapper around something that is no token', '{"encrypted":true,"ciphertext":"not-fernet","key_id":"k"}', 'encrypted', 'k'],
    ['wrapper with an escaped name', '{"\\u0065ncrypted":true,"ciphertext":"gAAA"}', 'encrypted', null],
    ['failure marker of core', '{"encrypted":false,"error":"audit_encryption_failed"}', 'failed', null],
    ['failure marker of 21071f83', '{"encrypted":true,"error":"encryption_failed"}', 'failed', null],
    ['dialect A’s own record of a decryption', '{"audit_id":2,"reason":"INC-42","encrypted":true}', 'plain', null],
    ['the same without a reason', '{"audit_id":2,"reason":null,"encrypted":true}', 'plain', null],
    ['something like it with more', '{"audit_id":2,"reason":null,"encrypted":true,"x":1}', 'malformed', null],
    ['something like it with another type', '{"audit_id":"2","reason":null,"encrypted":true}', 'malformed', null],
    ['plain', '{"query_params":{"trace":"abc"}}', 'plain', null],
    ['plain and empty', '{}', 'plain', null],
    ['plain that says so', '{"encrypted":false,"x":1}', 'plain', null],
    ['encrypted, but as a word', '{"encrypted":"true","ciphertext":"gAAA"}', 'plain', null],
    ['encrypted without a ciphertext', '{"encrypted":true}', 'malformed', null],
    ['encrypted with an empty ciphertext', '{"encrypted":true,"ciphertext":""}', 'malformed', null],
    ['encrypted with a ciphertext of another type', '{"encrypted":true,"ciphertext":["gAAA"]}', 'malformed', null],
    ['encrypted said twice', '{"encrypted":false,"encrypted":true,"ciphertext":"gAAA"}', 'malformed', null],
    ['a ciphertext said twice', '{"encrypted":true,"ciphertext":"a","ciphertext":"b"}', 'malformed', null],
    ['a list', '[1, 2, 3]', 'malformed', null],
    ['a string', '"str"', 'malformed', null],
    ['a number', '7', 'malformed', null],
    ['null', 'null', 'malformed', null],
    ['no JSON', '{', 'malformed', null],
    ['nested beyond reading', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'malformed', null],
    ['hostile words inside a plain payload', '{"query_params":{"__proto__":"1","constructor":"x","n":12345678901234567890,"n":1e999}}', 'plain', null],
    ['hostile words beside a wrapper', '{"encrypted":true,"ciphertext":"gAAA","extra":{"__proto__":1}}', 'encrypted', null],
    ['__proto__ in the payload itself', '{"__proto__":{"encrypted":true}}', 'malformed', null],
  ])('%s', (...[_name, body, expected, keyId]) => {
    expect(classifyPayload(body)).toEqual({ state: expected, body, keyId });
  });

  it('whatever says encrypted with a ciphertext is encrypted, in any order and with any company', () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 })), fc.string({ minLength: 1 }), fc.nat(5), (others, ciphertext, at) => {
      const members = Object.entries(others).filter(([name]) => !['encrypted', 'ciphertext', 'key_id', 'error', '__proto__', 'constructor', 'prototype'].includes(name));
      members.splice(at, 0, ['encrypted', true], ['ciphertext', ciphertext]);
      const body = `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
      expect(state(body)).toBe('encrypted');
    }), { numRuns: 500 });
  });

  it('any JSON gets a state, keeps its text, and is never plain when it claims to be encrypted', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.record({ encrypted: fc.jsonValue({ maxDepth: 1 }), ciphertext: fc.jsonValue({ maxDepth: 1 }), error: fc.constantFrom('encryption_failed', 'audit_encryption_failed', 1), audit_id: fc.integer(), reason: fc.string() }, { requiredKeys: [] })), (value) => {
      const body = JSON.stringify(value);
      const result = classifyPayload(body);
      expect(result.body).toBe(body);
      const claims = typeof value === 'object' && value !== null && !Array.isArray(value) && (value as Record<string, unknown>)['encrypted'] === true;
      if (claims && result.state === 'plain') expect(Object.keys(value as object).sort()).toEqual(['audit_id', 'encrypted', 'reason']);
    }), { numRuns: 2000 });
  });

  it('20,000 arbitrary texts give a state and never an exception', () => {
    const states = new Set<string>();
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('{"encrypted":true', '{"encrypted":true,"ciphertext":"', '{"a":{"b":', '[[').chain((start) => fc.string().map((end) => start + end))), (text) => {
      states.add(state(text));
    }), { numRuns: 20_000 });
    expect(states.has('malformed')).toBe(true);
  });
});

describe('classifyExported', () => {
  const base64 = (text: string): string => JSON.stringify(Buffer.from(text).toString('base64'));

  it.each([
    ['json: an object', '{"a":1}', 'json', 'plain', '{"a":1}'],
    ['json: a string is no object, even if it looks like one', '"{\\"encrypted\\":true}"', 'json', 'malformed', '"{\\"encrypted\\":true}"'],
    ['plain: text', '"str"', 'plain', 'malformed', '"str"'],
    ['null', 'null', null, 'malformed', 'null'],
    ['base64 of an object', base64('{"a":1}'), 'base64', 'plain', '{"a":1}'],
    ['base64 of a wrapper', base64('{"encrypted":true,"ciphertext":"gAAA"}'), 'base64', 'encrypted', '{"encrypted":true,"ciphertext":"gAAA"}'],
    ['base64 of a list', base64('[1]'), 'base64', 'malformed', '[1]'],
    ['base64 of text', base64('hello'), 'base64', 'malformed', base64('hello')],
    ['base64 of bytes', '"/////w=="', 'base64', 'malformed', '"/////w=="'],
    ['base64 that is not canonical', '"eyJhIjoxfR=="', 'base64', 'malformed', '"eyJhIjoxfR=="'],
    ['base64 without padding', '"eyJhIjoxfQ"', 'base64', 'malformed', '"eyJhIjoxfQ"'],
    ['base64 with a line break', '"eyJh\\nIjoxfQ=="', 'base64', 'malformed', '"eyJh\\nIjoxfQ=="'],
    ['base64 that is no string', '{"a":1}', 'base64', 'malformed', '{"a":1}'],
  ])('%s', (...[_name, raw, encoding, expected, body]) => {
    expect(classifyExported(raw, encoding)).toMatchObject({ state: expected, body });
  });

  it('any object survives the way through base64 unchanged', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      expect(classifyExported(base64(text), 'base64')).toEqual(classifyPayload(text));
    }), { numRuns: 500 });
  });
});
