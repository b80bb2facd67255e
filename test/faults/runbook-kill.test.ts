// kill -9 while a run is being recorded: nothing that was acknowledged is lost, and a call that adds several events adds all of them or none.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { historyOf } from '#shared/domain/runbook-history.ts';
import { checkEvent } from '#core/runbooks/runs/events.ts';
import { temporaryFolder } from '../support/ports.ts';
import { importPack, openRunbookProfile, START_INPUT } from '../support/runbook-profile.ts';
import { startChild } from './children/db-processes.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 10;
const folder = temporaryFolder('runbook-kill');
const profileDir = join(folder.path, 'profile');
afterAll(() => folder.remove());

describe('kill -9 while recording', () => {
  it(`${KILLS} times: every acknowledged event is there, signed, and the run goes on`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const first = await openRunbookProfile(profileDir);
    await importPack(first, folder.path);
    const { runId } = await first.runs.start(START_INPUT);
    await first.close();
    const random = randomFrom(seed);
    const acknowledged = new Set<string>();
    let before = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const child = startChild('runbook-recorder', [profileDir, runId]);
      await child.printed(2 + random(6));
      await new Promise((resolve) => { setTimeout(resolve, random(30)); });
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      for (const line of child.lines) if (line.startsWith('kept ')) for (const digest of line.slice(5).split(' ')) acknowledged.add(digest);

      const profile = await openRunbookProfile(profileDir);
      const { events, state } = profile.store.load(runId);
      const here = new Set(events.map(({ digest }) => digest));
      expect([...acknowledged].filter((digest) => !here.has(digest)), `seed ${seed}, round ${round}`).toEqual([]);
      expect(events.filter((event) => 'reason' in checkEvent(event, runId))).toEqual([]);
      expect(state).toMatchObject({ missing: [], waiting: 0 });
      expect(state.heads).toHaveLength(1);
      // A decision and the tick that it brings are one act.
      expect(events.filter(({ body }) => body.kind === 'step' && body.step === 'choose')).toHaveLength(events.filter(({ body }) => body.kind === 'decision').length);
      expect(historyOf(events).events).toHaveLength(events.length);
      expect(events.length).toBeGreaterThan(before);
      before = events.length;
      await profile.runs.entry({ runId, text: `round ${round}`, occurredAt: null });
      expect(['intact', 'intact-head-behind', 'head-adopted']).toContain((await profile.ledger.verify()).verdict);
      await profile.close();
    }
  });
});

describe('kill -9 while importing and keeping evidence', () => {
  const rounds = isLong ? 30 : 4;
  it(`${rounds} times: a file is taken whole or not at all, and evidence that was acknowledged is whole`, { timeout: 60_000 + rounds * 30_000 }, async () => {
    const files = join(folder.path, 'files');
    mkdirSync(files);
    const author = await openRunbookProfile(join(folder.path, 'author'));
    await importPack(author, folder.path);
    const events = new Map<string, number>();
    for (let run = 0; run < rounds * 8; run += 1) {
      const { runId } = await author.runs.start(START_INPUT);
      await author.store.append(runId, () => Array.from({ length: 40 }, (_, index) => ({ kind: 'entry', text: `line ${index}`, occurredAt: null })));
      await author.merging.export({ runId, path: join(files, `${String(run).padStart(4, '0')}.holdfast-run`), overwrite: false, withEvidence: true });
      events.set(runId, 42);
    }
    await author.close();
    const other = join(folder.path, 'other');
    await (await openRunbookProfile(other)).close();
    const random = randomFrom(seed);
    let from = 0;
    for (let round = 0; round < rounds; round += 1) {
      const child = startChild('runbook-importer', [other, files, String(from)]);
      await child.printed(2 + random(6));
      await new Promise((resolve) => { setTimeout(resolve, random(40)); });
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      from += child.lines.filter((line) => line.startsWith('joined ')).length;

      const profile = await openRunbookProfile(other);
      for (const line of child.lines) {
        const [kind, run = '', digest = ''] = line.split(' ');
        if (kind === 'joined') expect(profile.store.load(run).events.filter(({ author: key }) => profile.store.load(run).people.trustOf(key) !== 'self'), `seed ${seed}, round ${round}`).toHaveLength(events.get(run) ?? -1);
        if (kind === 'evidence') expect((await profile.kept.read(digest)).length, `seed ${seed}, round ${round}`).toBe(1_100_000);
      }
      for (const { runId } of profile.runs.list(1000).runs) {
        const { events: held, people, state } = profile.store.load(runId);
        expect(held.filter(({ author: key }) => people.trustOf(key) !== 'self'), `seed ${seed}, round ${round}: all of a file or nothing`).toHaveLength(42);
        expect(state).toMatchObject({ missing: [], waiting: 0 });
        for (const { digest } of state.evidence) expect(profile.kept.isHere(digest), `seed ${seed}, round ${round}: no event names bytes that are not here`).toBe(true);
      }
      expect(['intact', 'intact-head-behind', 'head-adopted']).toContain((await profile.ledger.verify()).verdict);
      await profile.close();
    }
  });
});
