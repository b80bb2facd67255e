// The door into core: R20 (strict schemas, 10,000 cases), R21 (errors carry four fields), R22 (prototype keys), and the gate before every call.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { contract } from '#shared/contract.ts';
import type { CallName } from '#shared/contract.ts';
import type { CallSpec } from '#shared/contract/call.ts';
import { ERROR_CODES } from '#shared/errors.ts';
import { keptLog, temporaryFolder, testPorts } from '../support/ports.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const names = Object.keys(contract) as CallName[];
const log = keptLog();
const folder = temporaryFolder('dispatch');
let app: App;

beforeAll(async () => {
  app = await createApp(testPorts(`${folder.path}/profile`, { log }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
});
afterAll(async () => {
  await app.close();
  folder.remove();
});

/** The calls that fuzzing may not reach with valid input, because they lock the app or change where secrets lie. */
const QUIET: readonly CallName[] = names.filter((name) => !['app.lock', 'app.setPassphrase', 'app.removePassphrase', 'credentials.choose', 'deployment.startSample'].includes(name));

function expectEnvelope(answer: unknown): void {
  const envelope = answer as { ok: boolean; error?: Record<string, unknown> };
  if (envelope.ok) return;
  expect(Object.keys(envelope.error ?? {}).sort()).toEqual(['code', 'hint', 'id', 'message']);
  expect(ERROR_CODES).toContain(envelope.error?.['code']);
  expect(JSON.stringify(envelope)).not.toMatch(/\bat .*\.ts:\d+/);
}

describe('fuzzed input', () => {
  it(`R20: ${isLong ? '100,000' : '10,000'} inputs over all calls give an envelope, and never an internal error`, async () => {
    const input = fc.oneof(fc.anything({ maxDepth: 3 }), fc.dictionary(fc.constantFrom('id', 'deploymentId', 'limit', 'cursor', 'filter', 'name', 'url', 'reason', 'token', 'key', 'keyId', 'extra'), fc.anything({ maxDepth: 2 })));
    const codes = new Map<string, number>();
    await fc.assert(fc.asyncProperty(fc.constantFrom(...QUIET), input, async (name, value) => {
      const answer = await app.dispatchUnknown(name, value);
      expectEnvelope(answer);
      const code = answer.ok ? 'ok' : answer.error.code;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      expect(code).not.toBe('internal');
    }), { seed, numRuns: isLong ? 100_000 : 10_000 });
    expect(codes.get('invalid_input')).toBeGreaterThan(1000);
    expect(await app.dispatch('deployment.list', {})).toEqual({ ok: true, value: { deployments: [] } });
  });

  it('names that are no call are refused, whatever they are', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), fc.anything(), fc.constantFrom('__proto__', 'toString', 'constructor', 'hasOwnProperty')), async (name) => {
      if (typeof name === 'string' && names.includes(name as CallName)) return;
      expect(await app.dispatchUnknown(name, {})).toMatchObject({ ok: false, error: { code: 'unknown_call' } });
    }), { seed, numRuns: 1000 });
  });

  it('unknown fields are refused by every call', async () => {
    for (const name of names) expect(await app.dispatchUnknown(name, { surplus: 1 }), name).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  });

  it('R22: prototype keys anywhere are refused and reach no prototype', async () => {
    for (const text of ['{"__proto__":{"polluted":1}}', '{"filter":{"constructor":{"prototype":{"polluted":1}}}}', '{"a":[{"prototype":1}]}']) {
      expect(await app.dispatchUnknown('audit.search', JSON.parse(text))).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('too large and too deep are refused before a schema sees them', async () => {
    expect(await app.dispatchUnknown('audit.search', { deploymentId: 'x'.repeat(3_000_000) })).toMatchObject({ error: { code: 'too_large' } });
    let deep: unknown = 1;
    for (let level = 0; level < 5_000; level += 1) deep = [deep];
    expect(await app.dispatchUnknown('audit.search', { deep })).toMatchObject({ error: { code: 'too_large' } });
  });
});

describe('the contract itself', () => {
  it('every call has strict schemas both ways, so that nothing unnamed passes', () => {
    for (const [name, spec] of Object.entries(contract) as [string, CallSpec][]) {
      expect(spec.input.safeParse({ surplus: 1 }).success, `${name} input`).toBe(false);
      expect(spec.output.safeParse({ surplus: 1 }).success, `${name} output`).toBe(false);
    }
  });
  it('R23: every destructive call asks for a token', () => {
    const destructive = (Object.entries(contract) as [string, CallSpec][]).filter(([, spec]) => spec.effect === 'destructive');
    expect(destructive.map(([name]) => name)).toEqual(['deployment.remove', 'retention.purge', 'retention.ownPurge']);
    for (const [name, spec] of destructive) expect(spec.input.safeParse({ id: 'd_0123456789abcdef', confirmName: 'x' }).error?.issues.some((issue) => issue.path[0] === 'token'), name).toBe(true);
  });
  it('while locked only the few named calls are served', async () => {
    await app.dispatch('app.lock', {});
    const served: string[] = [];
    for (const name of names) {
      const answer = await app.dispatchUnknown(name, { surplus: 1 });
      if (!answer.ok && answer.error.code !== 'profile_locked') served.push(name);
    }
    expect(served.sort()).toEqual(['app.about', 'app.lock', 'app.status', 'app.touch', 'app.unlock', 'credentials.check', 'credentials.choose', 'credentials.status', 'retention.lint', 'runbook.lint', 'settings.get']);
    expect(await app.dispatch('app.unlock', {})).toEqual({ ok: true, value: {} });
    expect((await app.dispatch('deployment.list', {})).ok).toBe(true);
  });
  it('no undeclared error code left a call in this suite', () => {
    expect(log.lines.filter((line) => line.includes('undeclared'))).toEqual([]);
  });
});
