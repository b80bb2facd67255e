// A reference deployment with rows of chosen ages and a console that knows it, each with a clock of its own that tests move.
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import type { Ports } from '#core/ports.ts';
import type { NewAuditRow } from '../deployments/navi/audit-row.ts';
import { configFor } from '../deployments/navi/config.ts';
import type { Dialect, NaviConfig } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { value } from './calls.ts';
import { keptLog, systemClock, temporaryFolder, testPorts } from './ports.ts';

export const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 22, 12);

export interface WorldOptions {
  readonly dialect?: Dialect;
  /** Days of retention; null: off. */
  readonly days?: number | null;
  /** How far the server's clock is ahead of the console's. */
  readonly aheadMs?: number;
  readonly org?: string;
  readonly config?: Partial<NaviConfig>;
  readonly ports?: Partial<Ports>;
  readonly readOnly?: boolean;
}

export type RetentionWorld = Awaited<ReturnType<typeof retentionWorld>>;

/** @param cleanups what must run at the end, in reverse order */
export async function retentionWorld(cleanups: (() => unknown)[], { dialect = 'A', days = 90, aheadMs = 0, org = 'acme', config = {}, ports = {}, readOnly = true }: WorldOptions = {}) {
  const folder = temporaryFolder('retention');
  cleanups.push(folder.remove);
  let nowMs = START_MS;
  let jumpedMs = 0;
  const log = keptLog();
  const server = await startNaviDeployment({ config: { ...configFor(dialect), retention: { isEnabled: days !== null, days: days ?? 90 }, ...config }, seed: 3, events: 0, now: () => new Date(nowMs + aheadMs + jumpedMs) });
  cleanups.push(() => server.close());
  const profileDir = `${folder.path}/profile`;
  const clock = { ...systemClock, now: () => nowMs };
  const open = async (): Promise<App> => {
    const app = await createApp(testPorts(profileDir, { host: 'cli', log, clock, ...ports }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
    cleanups.push(() => app.close());
    return app;
  };
  const app = await open();
  const iat = Math.floor((nowMs + aheadMs) / 1000) - 86_400 * 3;
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'staging', readOnly, token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin', iat, exp: iat + 86_400 * 3650 }) });
  await value(app, 'deployment.test', { id });
  let made = 0;
  const times = new Map<number, number>();
  return {
    app, id, server, log, profileDir, open,
    nowMs: () => nowMs,
    /** When each row was written, microseconds. */
    times,
    pass(ms: number) { nowMs += ms; },
    /** Sets the server's clock alone. */
    jump(ms: number) { jumpedMs += ms; },
    /** Rows so many days old by the server's clock; gives their ids. */
    rows(ages: readonly number[], over: Partial<NewAuditRow> = {}): readonly number[] {
      const written = ages.map((age): NewAuditRow => {
        made += 1;
        return {
          orgKey: org, actorSub: `auth0|user${made % 5}`, actorEmail: null, route: `/api/plan/${made}`, method: 'POST', eventType: 'http.request', resourceId: null, payload: { query_params: { n: String(made) } }, statusCode: 200,
          createdAtMicros: Math.round((nowMs + aheadMs - age * DAY_MS) * 1000) - made, ...over,
        };
      });
      const ids = server.insertRows(written);
      written.forEach((row, index) => times.set(ids[index] ?? 0, row.createdAtMicros));
      return ids;
    },
    sync: () => value(app, 'audit.sync', { deploymentId: id }),
    show: () => value(app, 'retention.show', { deploymentId: id }),
  };
}
