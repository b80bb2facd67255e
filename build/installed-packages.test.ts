// Owns the proof that a wrong node_modules is seen; refuses to install anything.
import { describe, expect, test } from 'vitest';
import { differenceOf } from './installed-packages.mjs';

const zod = { version: '4.0.0', integrity: 'sha512-a' };
const otherPlatform = process.platform === 'win32' ? 'linux' : 'win32';

describe('node_modules against the lockfile', () => {
  test('the same packages are no difference', () => {
    expect(differenceOf({ '': {}, 'node_modules/zod': zod }, { 'node_modules/zod': zod })).toBeNull();
  });

  test('a missing package is a difference, a missing optional one is not', () => {
    expect(differenceOf({ 'node_modules/zod': zod }, {})).toBe('node_modules/zod is not installed');
    expect(differenceOf({ 'node_modules/zod': { ...zod, optional: true } }, {})).toBeNull();
  });

  test('another version or another content under the same version is a difference', () => {
    expect(differenceOf({ 'node_modules/zod': zod }, { 'node_modules/zod': { ...zod, version: '4.0.1' } })).toContain('another version');
    expect(differenceOf({ 'node_modules/zod': zod }, { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } })).toContain('another version');
  });

  test('a package that the lockfile does not name is a difference', () => {
    expect(differenceOf({}, { 'node_modules/zod': zod })).toBe('node_modules/zod is not in the lockfile');
  });

  test.each([
    ['os', otherPlatform, true],
    ['os', [otherPlatform], true],
    ['os', `!${process.platform}`, true],
    ['cpu', 'no-such-processor', true],
    ['os', process.platform, false],
    ['os', [otherPlatform, process.platform], false],
    ['os', `!${otherPlatform}`, false],
    ['cpu', 'any', false],
  ])('node_modules copied from another machine is a difference: %s %j: %s', (field, rule, isDifferent) => {
    const present = { ...zod, optional: true, [field]: rule };
    expect(differenceOf({ 'node_modules/x': present }, { 'node_modules/x': present })).toBe(isDifferent ? 'node_modules/x is for another platform' : null);
  });
});
