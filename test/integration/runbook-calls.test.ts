// Runbooks through the one door, as a screen or a command calls them: every answer has the form of the contract, every refusal a code that its call declares.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import type { CallName } from '#shared/contract.ts';
import { COMMON_ERRORS } from '#shared/contract/call.ts';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { staleKeys } from '../../renderer/lib/stale-keys.ts';
import { fakeClock, keptLog, temporaryFolder, testPorts } from '../support/ports.ts';
import type { FakeClock, KeptLog } from '../support/ports.ts';
import { PACK } from '../support/runbook-profile.ts';

let folder: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let log: KeptLog;
const apps: App[] = [];

beforeEach(() => {
  folder = temporaryFolder('calls');
  clock = fakeClock();
  log = keptLog();
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  folder.remove();
});

async function openApp(name: string): Promise<(call: CallName, input: unknown) => Promise<Record<string, unknown>>> {
  const app = await createApp(testPorts(join(folder.path, name), { host: 'cli', clock, log, actor: name }), { version: '0', secrets: { store: 'keychain', passphrase: null } });
  apps.push(app);
  return async (call, input) => {
    const answer = await app.dispatchUnknown(call, input);
    if (!answer.ok) throw new Error(`${call}: ${answer.error.code} ${answer.error.message}`);
    return answer.value as Record<string, unknown>;
  };
}
const codeOf = async (run: Promise<unknown>): Promise<string> => run.then(() => 'none', (error: unknown) => (error instanceof Error ? error.message : '').split(' ')[1] ?? '');

describe('the calls of runbooks', () => {
  it('take a run from its start to its end, to another profile and back', async () => {
    const ada = await openApp('ada');
    const bob = await openApp('bob');
    expect((await ada('runbook.list', {}))['runbooks']).toHaveLength(24);
    expect(await ada('runbook.show', { id: 'navi-incident' })).toMatchObject({ head: { isShipped: true, applies: ['navi'] } });
    const pack = join(folder.path, 'small.yaml');
    writeFileSync(pack, PACK);
    expect(await ada('runbook.lint', { path: pack })).toMatchObject({ problems: [], steps: 7 });
    await ada('runbook.import', { path: pack });
    const { runId } = await ada('run.start', { packId: 'small', severity: 'high', drill: true });
    const evidence = join(folder.path, 'seen.txt');
    writeFileSync(evidence, 'seen');
    expect(await ada('run.step', { runId, step: 'look', outcome: 'done', evidence: [evidence] })).toMatchObject({ state: 'done' });
    await ada('run.attest', { runId, step: 'health', by: 'Ada', result: 'pass', seen: 'it answered' });
    await ada('run.step', { runId, step: 'health', outcome: 'done' });
    await ada('run.timer', { runId, step: 'soak', action: 'started' });
    await ada('run.decide', { runId, step: 'choose', option: 'go', reason: 'all is well' });
    await ada('run.entry', { runId, text: 'now: going on' });
    await ada('run.action', { runId, text: 'write it up', owner: 'Ada' });
    await ada('run.role', { runId, role: 'lead', name: 'Ada' });
    await ada('run.severity', { runId, severity: 'low', reason: 'calmer' });
    await ada('run.milestone', { runId, what: 'mitigated' });
    await ada('run.sign', { runId, role: 'lead', name: 'Ada', verdict: 'approved' });
    const { reviews } = await ada('run.submit', { runId });
    expect(await codeOf(ada('run.review', { runId, of: 'x', verdict: 'accepted' }))).toBe('review_refused');
    await ada('run.export', { runId, path: join(folder.path, 'run') });
    expect(await bob('run.import', { path: join(folder.path, 'run') })).toMatchObject({ run: runId, isNew: true, refused: [], evidenceAdded: 1, head: 'unknown-signer' });
    await bob('run.review', { runId, of: (reviews as { submission: string }[])[0]?.submission, verdict: 'accepted' });
    await bob('identity.rename', { name: 'Bob' });
    const { self } = await bob('identity.list', {});
    await bob('run.export', { runId, path: join(folder.path, 'back') });
    await ada('run.import', { path: join(folder.path, 'back') });
    expect(await ada('identity.trust', { fingerprint: (self as { fingerprint: string }).fingerprint, name: 'Bob', isTrusted: true })).toMatchObject({ trust: 'trusted', name: 'Bob' });
    expect((await ada('run.show', { runId }))['reviews']).toMatchObject([{ state: 'accepted' }]);
    expect(await codeOf(ada('run.end', { runId, outcome: 'completed', note: '' }))).toBe('none');
    expect(await codeOf(ada('run.entry', { runId, text: 'late' }))).toBe('run_ended');
    expect((await ada('run.list', {}))['runs']).toMatchObject([{ runId, packId: 'small', packTitle: expect.stringMatching(/./), isDrill: true, outcome: 'completed', conflicts: 0, people: 2 }]);
    await ada('run.watch', { path: folder.path });
    expect(await ada('run.watching', {})).toMatchObject({ path: folder.path, problem: null });
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('refuse with codes that they declare', async () => {
    const ada = await openApp('ada');
    const none = `run_${'0'.repeat(32)}`;
    const tries: readonly (readonly [CallName, unknown, string])[] = [
      ['runbook.show', { id: 'none' }, 'runbook_not_found'], ['runbook.lint', { path: join(folder.path, 'none') }, 'file_not_found'], ['runbook.import', { path: folder.path }, 'file_unreadable'],
      ['run.start', { packId: 'none' }, 'runbook_not_found'], ['run.start', { packId: 'post-mortem', deploymentId: 'd_0123456789abcdef' }, 'deployment_not_found'], ['run.show', { runId: none }, 'run_not_found'],
      ['run.step', { runId: none, step: 'x', outcome: 'done' }, 'run_not_found'], ['run.review', { runId: none, of: 'x', verdict: 'accepted' }, 'run_not_found'], ['run.export', { runId: none, path: join(folder.path, 'x') }, 'run_not_found'],
      ['run.import', { path: join(folder.path, 'none') }, 'file_not_found'], ['run.watch', { path: join(folder.path, 'none') }, 'file_not_found'], ['identity.trust', { fingerprint: '0'.repeat(64), name: 'x', isTrusted: true }, 'identity_not_found'],
    ];
    for (const [call, input, code] of tries) {
      expect(await codeOf(ada(call, input)), call).toBe(code);
      expect([...contract[call].errors, ...COMMON_ERRORS], call).toContain(code);
    }
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('tell screens when a name or the trust in a key changed, because every run may stand otherwise', async () => {
    const ada = await openApp('ada');
    const heard: string[] = [];
    apps.at(-1)?.onEvent(({ name }) => { if (name === 'identity.changed') heard.push(name); });
    await ada('identity.rename', { name: 'Ada' });
    expect(heard).toEqual(['identity.changed']);
    expect(staleKeys({ name: 'identity.changed', payload: {} })?.('run.show {}')).toBe(true);
    expect(staleKeys({ name: 'identity.changed', payload: {} })?.('audit.get {}')).toBe(false);
  });
});
