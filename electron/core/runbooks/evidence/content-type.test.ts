// R31: what bytes are is told by the bytes alone.
import { describe, expect, it } from 'vitest';
import { contentTypeOf } from './content-type.ts';

describe('R31: the type of evidence', () => {
  it.each([
    ['89504e470d0a1a0a00', 'image/png'], ['ffd8ffe0', 'image/jpeg'], ['474946383961', 'image/gif'], ['474946383761', 'image/gif'], ['524946460000000057454250', 'image/webp'], ['255044462d312e37', 'application/pdf'],
    ['524946460000000057415645', 'application/octet-stream'], ['89504e47', 'application/octet-stream'], ['7f454c46', 'application/octet-stream'], ['4d5a90', 'application/octet-stream'], ['fffe4100', 'application/octet-stream'], ['c328', 'application/octet-stream'], ['', 'text/plain'],
  ])('of %s is %s', (hex, type) => {
    expect(contentTypeOf(Buffer.from(hex, 'hex'))).toBe(type);
  });

  it.each([
    ['<!doctype html><script>alert(1)</script>', 'text/plain'], ['<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>', 'text/plain'], ['#!/bin/sh\nrm -rf /', 'text/plain'], ['{"a":[1]}\n', 'application/json'], ['[]', 'application/json'],
    ['{"a":1}\n{"a":2}\n', 'text/plain'], ['17', 'text/plain'], ['\u001b[31mred\u001b[0m\r\n', 'text/plain'], ['ä€😀', 'text/plain'], ['a\0b', 'application/octet-stream'], ['a\u0001b', 'application/octet-stream'],
  ])('of %j is %s', (text, type) => {
    expect(contentTypeOf(Buffer.from(text))).toBe(type);
  });
});
