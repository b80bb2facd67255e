// kill -9 at each point of a purge: at most one request for each plan, an entry in the ledger for each that was sent, nothing sent again before somebody looked, and what looking finds is what happened.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { keptLog, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';
import { runAndKill } from './children/kill-child.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 20;
const DAY_MS = 86_400_000;
const folder = temporaryFolder('purge-kill');
const profileDir = join(folder.path, 'profile');
afterAll(() => folder.remove());

/** Where a kill comes: after this line, or some milliseconds later; null: as soon as the rows are gone, before the answer. */
const POINTS = [/^open/, /^planned/, /^step Reading what/, /^entry/, null, /^step Comparing/, /^entry/, /^step Asking for its clock/, /^entry/, /^ended/];

describe('kill -9 during a purge', () => {
  it(`${KILLS} times, seed ${seed}`, { timeout: 60_000 + 4 * KILLS * 30_000 }, async () => {
    const random = randomFrom(seed);
    /** Each round happens an hour after the one before, for both sides. */
    let offset = 0;
    const now = (): number => Date.now() + offset;
    const server = await startNaviDeployment({ config: { ...configFor('A', ['rate-limit-inert']) }, events: 0, now: () => new Date(now()) });
    const open = (): Promise<App> => createApp(testPorts(profileDir, { host: 'cli', log: keptLog(), clock: { ...systemClock, now } }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
    const posts = () => server.requests.filter(({ method, url }) => method === 'POST' && url.startsWith('/api/audit/purge')).length;
    let app = await open();
    const iat = Math.floor(Date.now() / 1000) - 60;
    const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'staging', readOnly: false, token: server.signToken({ sub: 'a', org_id: 'acme', role: 'admin', iat, exp: iat + 86_400 * 3650 }) });
    await value(app, 'deployment.test', { id });
    const seen = { unknown: 0, done: 0, notDone: 0, ended: 0, none: 0 };
    let made = 0;
    // On a machine that is busy kills may all come early: then there are more, until each outcome was met.
    const isMet = (): boolean => seen.none > 0 && seen.unknown > 0 && seen.ended > 0 && seen.done > 0;
    for (let round = 0; round < KILLS || (!isMet() && round < 4 * KILLS); round += 1) {
      // The last one stays: the table would give the number of its last row again once it is gone.
      const rows = Array.from({ length: 6 }, (_, index) => {
        made += 1;
        return { orgKey: 'acme', actorSub: 'a', actorEmail: null, route: `/r/${made}`, method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 200, createdAtMicros: Math.round((now() - (index === 5 ? 0 : 100) * DAY_MS) * 1000) + made };
      });
      const ids = server.insertRows(rows).slice(0, 5);
      await value(app, 'audit.sync', { deploymentId: id });
      const before = posts();
      await app.close();
      // An answer that comes late, or never, leaves room for a kill between the request and what is kept of it.
      const fault = ([null, 'slow', 'slow', 'lost-request', 'slow'] as const)[random(5)] ?? null;
      const point = POINTS[round % POINTS.length] ?? null;
      server.reconfigure({ purgeFault: point === null ? 'slow' : fault });
      const skip = point?.source === '^entry' ? 1 + random(2) : 0;
      let met = 0;
      const lines = await runAndKill('retention-purge-child', [profileDir, id, String(offset)], {
        arm: (line) => point?.test(line) === true && (met += 1) > skip, delayMs: random(3) === 0 ? 0 : random(60), ...(point === null ? { isDue: () => server.isGone(ids) } : {}),
      });
      const sent = posts() - before;
      expect(sent, `round ${round}`).toBeLessThanOrEqual(1);
      server.reconfigure({ purgeFault: null });
      app = await open();
      const { runs } = await value(app, 'retention.show', { deploymentId: id });
      const ours = runs.filter(({ startedAt }) => Date.parse(startedAt) >= now() - 600_000);
      expect(ours.length, lines.join(' | ')).toBeLessThanOrEqual(1);
      const [run] = ours;
      // Whatever was sent was noted before.
      if (sent === 1) expect(run, lines.join(' | ')).toBeDefined();
      const entries = (await value(app, 'ledger.list', { limit: 1000 })).entries;
      if (run === undefined) seen.none += 1;
      else {
        expect(entries.find(({ seq }) => seq === run.ledgerEntry)).toMatchObject({ action: 'retention.purge.requested', subject: `${run.id}, plan ${run.planId}` });
        expect(['unknown', 'answered']).toContain(run.state);
        const gone = server.isGone(ids);
        if (run.state === 'unknown') {
          seen.unknown += 1;
          // Nothing more is sent before somebody looked.
          const plan = await app.dispatch('retention.plan', { deploymentId: id });
          if (plan.ok) expect(await code(app, 'retention.arm', { deploymentId: id, planId: plan.value.id })).toBe('purge_unsettled');
          offset += 600_000;
          const settled = await value(app, 'retention.settle', { deploymentId: id, runId: run.id });
          expect(settled.state, lines.join(' | ')).toBe(gone ? 'found-done' : 'found-not-done');
          seen[gone ? 'done' : 'notDone'] += 1;
        } else {
          expect(gone).toBe(true);
          expect(run.deleted).toBe(5);
          seen.ended += 1;
        }
        // The plan is used up.
        expect(await code(app, 'retention.arm', { deploymentId: id, planId: run.planId })).toBe('plan_expired');
      }
      expect(posts() - before).toBe(sent);
      expect(['intact', 'intact-head-behind', 'head-behind', 'head-adopted']).toContain((await value(app, 'ledger.verify', {})).verdict);
      // What is left goes with a plan of its own, so that each round begins alike.
      offset += 3_600_000;
      await value(app, 'audit.sync', { deploymentId: id });
      const rest = await value(app, 'retention.plan', { deploymentId: id });
      const armed = await value(app, 'retention.arm', { deploymentId: id, planId: rest.id });
      const swept = await value(app, 'retention.purge', { deploymentId: id, planId: rest.id, token: armed.token, confirm: armed.confirm });
      expect(swept, `round ${round}: ${swept.message} ${lines.join(' | ')}`).toMatchObject({ state: 'answered', deleted: rest.preview.rows });
      expect(server.isGone(ids)).toBe(true);
      offset += 3_600_000;
    }
    // Every request that was noted has an end, or somebody looked.
    const entries = (await value(app, 'ledger.list', { limit: 1000 })).entries.map(({ action, subject }) => ({ action, run: subject.slice(0, 18) }));
    const closed = new Set(entries.filter(({ action }) => action === 'retention.purge.ended' || action === 'retention.purge.settled').map(({ run }) => run));
    expect(entries.filter(({ action, run }) => action === 'retention.purge.requested' && !closed.has(run))).toEqual([]);
    await app.close();
    await server.close();
    // Otherwise the kills came too early or too late to mean anything.
    expect(isMet(), JSON.stringify(seen)).toBe(true);
  });
});
