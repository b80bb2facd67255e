// Which days an admin may give.
import { describe, expect, it } from 'vitest';
import { readDays } from './days-field.ts';

describe('days', () => {
  it('takes whole days that a purge takes, and nothing else', () => {
    expect([readDays('1').days, readDays(' 90 ').days, readDays('3650').days]).toEqual([1, 90, 3650]);
    for (const text of ['', '0', '3651', '-1', '1.5', '9e1', '90 days', '٩', '9999999999']) expect(readDays(text)).toMatchObject({ days: null, error: expect.stringContaining('3650') as string });
  });
});
