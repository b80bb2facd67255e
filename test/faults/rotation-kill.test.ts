// kill -9 in the middle of a rotation: between a probe and its record, between a step and its signature, between the secret store and the record. What was said to be done is done, nothing is half done, and the next start goes on.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { rotationPrefix } from '#core/credentials/names.ts';
import { verifyRotationRecord } from '#core/posture/rotation/record.ts';
import type { RotationPhase } from '#shared/domain/rotation.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { configFor } from '../deployments/navi/config.ts';
import { temporaryFolder } from '../support/ports.ts';
import { NEW_KEY, OLD_KEY, openRotationBench, rollOut } from '../support/rotation-bench.ts';
import { sharedFastClock } from '../support/shared-clock.ts';
import { startChild } from './children/db-processes.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 200 : 20;
const KEYS: Readonly<Record<RotationPhase, readonly [string, ...string[]]>> = { prepare: [OLD_KEY], deploy: [NEW_KEY, OLD_KEY], validate: [NEW_KEY, OLD_KEY], cutover: [NEW_KEY] };
const folder = temporaryFolder('rotation-kill');
const profileDir = join(folder.path, 'profile');
const origin = Date.now();
const clock = sharedFastClock(origin);
let node: NaviDeployment;
let id = '';

const reopened = (): ReturnType<typeof openRotationBench> => openRotationBench({ profileDir, clock });

beforeAll(async () => {
  node = await startNaviDeployment({ config: configFor('C1'), events: 1, now: () => new Date(clock.now()) });
  const bench = await reopened();
  ({ id } = await bench.deployments.add({ name: 'acme', url: node.url, kind: 'navi', environment: 'staging', caPem: null, pin: null, readOnly: true }));
  await bench.close();
});
afterAll(async () => {
  await node.close();
  folder.remove();
});

interface Said { readonly phases: ReadonlySet<string>; readonly probed: ReadonlyMap<string, number>; readonly advanced: readonly string[]; readonly wasAsking: boolean }

/** Runs the child, rolls out what each phase means, and kills it `delayMs` after its `count`-th line. */
async function runAndKill(count: number, delayMs: number): Promise<Said> {
  const child = startChild('rotation-child', [profileDir, id, String(origin)]);
  let read = 0;
  const following = setInterval(() => {
    for (; read < child.lines.length; read += 1) {
      const phase = /^phase (\w+)$/.exec(child.lines[read] ?? '')?.[1] as RotationPhase | undefined;
      if (phase !== undefined) rollOut(node, KEYS[phase]);
    }
  }, 2);
  try {
    await child.printed(count);
    await new Promise((resolve) => { setTimeout(resolve, delayMs); });
    child.process.kill('SIGKILL');
    expect(await child.ended).toBe('SIGKILL');
  } finally {
    clearInterval(following);
  }
  expect(child.lines.filter((line) => line.startsWith('problem'))).toEqual([]);
  const of = (word: string): string[][] => child.lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(' '));
  return {
    phases: new Set(of('phase').map(([, phase = '']) => phase)),
    probed: new Map(of('probed').map(([, rotationId = '', seq]) => [rotationId, Number(seq)])),
    advanced: of('advanced').map(([, rotationId = '', phase = '']) => `${rotationId} ${phase}`),
    wasAsking: child.lines.at(-1)?.startsWith('probing') === true,
  };
}

it(`${KILLS} times: what was said stands in a record that verifies, the rotation goes on, and no token outlives its rotation`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
  const random = randomFrom(seed);
  const advanced = new Set<string>();
  const phases = new Set<string>();
  let asking = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const said = await runAndKill(2 + random(14), random(60));
    for (const step of said.advanced) advanced.add(step);
    for (const phase of said.phases) phases.add(phase);
    if (said.wasAsking) asking += 1;

    const bench = await reopened();
    const hint = `seed ${seed}, round ${round}`;
    const { rotation, all } = bench.rotation.show(id);
    expect(all.slice(1).map(({ outcome }) => outcome), hint).toEqual(all.slice(1).map(() => 'finished'));
    const steps: string[] = [];
    for (const { rotationId, outcome } of all) {
      const record = bench.record(id, rotationId);
      const { verdict, message } = verifyRotationRecord(JSON.parse(JSON.stringify(record)), bench.known());
      expect(verdict, `${hint}: ${message}`).toBe(outcome === 'finished' ? 'intact' : 'open');
      for (const entry of record.entries) if (entry.kind === 'advanced') steps.push(`${rotationId} ${entry.from}`);
      // A probe is there with all its answers or not at all.
      for (const entry of record.entries) if (entry.kind === 'probed') expect(entry.rows.map(({ token }) => token), hint).toEqual(['anonymous', 'old-test-1', 'new', 'broken']);
      expect(record.entries.length, hint).toBeGreaterThanOrEqual(said.probed.get(rotationId) ?? 0);
      // No step twice.
      expect(new Set(steps).size, hint).toBe(steps.length);
    }
    for (const step of advanced) expect(steps, hint).toContain(step);
    const held = (): string[] => bench.session.secretNames().filter((name) => name.startsWith(rotationPrefix(id)));
    // The start lets go of what a kill left after the signature.
    if (rotation?.outcome !== 'open') await vi.waitFor(() => expect(held(), hint).toEqual([]), { timeout: 10_000 });
    const verdict = await bench.ledger.verify();
    expect(['intact', 'intact-head-behind', 'head-behind', 'head-adopted'], `${hint}: ${verdict.message}`).toContain(verdict.verdict);
    const told = bench.ledger.list(null, 1000).entries.filter(({ action }) => action === 'security.rotation.advanced' || action === 'security.rotation.ended').length;
    // Every step was told before it was made; one that a kill prevented was told and not made.
    if (bench.ledger.list(null, 1000).entries.length < 1000) expect(told, hint).toBeGreaterThanOrEqual(steps.length);
    await bench.close();
  }
  // Otherwise the kills came too early, or never in the middle of a look, to mean anything.
  expect([...phases].toSorted(), `seed ${seed}`).toEqual(['cutover', 'deploy', 'prepare', 'validate']);
  expect(asking, `seed ${seed}`).toBeGreaterThan(0);
});
