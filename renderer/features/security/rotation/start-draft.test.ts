// The start form reads addresses and a length of time, and says what is wrong with them.
import { expect, it } from 'vitest';
import { MAX_NODES } from '#shared/domain/rotation.ts';
import { readStart } from './start-draft.ts';

const read = (over: Partial<Parameters<typeof readStart>[0]>) => readStart({ nodes: 'https://a.acme.example', life: '', unit: 'hours', ...over });

it('takes one address a line, each once', () => {
  expect(read({ nodes: ' https://a.acme.example\n\nhttps://b.acme.example \nhttps://a.acme.example' })).toMatchObject({ nodes: ['https://a.acme.example', 'https://b.acme.example'], nodesError: null, ttlSeconds: null, lifeError: null });
});

it('refuses none, too many, and what is no address', () => {
  expect(read({ nodes: ' \n' }).nodesError).toContain('at least one');
  expect(read({ nodes: Array.from({ length: MAX_NODES + 1 }, (_, at) => `https://n${at}.acme.example`).join('\n') }).nodesError).toContain('At most');
  expect(read({ nodes: 'acme.example' }).nodesError).toContain('acme.example');
  expect(read({ nodes: 'file:///etc/passwd' }).nodesError).not.toBeNull();
});

it('reads a length of time in its unit, within what is taken', () => {
  expect(read({ life: ' 2 ', unit: 'hours' }).ttlSeconds).toBe(7200);
  expect(read({ life: '366', unit: 'days' }).ttlSeconds).toBe(31_622_400);
  for (const life of ['0', '-1', '1.5', 'x', '1e3']) expect(read({ life, unit: 'hours' })).toMatchObject({ ttlSeconds: null, lifeError: expect.stringContaining('whole number') as string });
  expect(read({ life: '367', unit: 'days' }).lifeError).not.toBeNull();
});
