// Deployments for end-to-end tests of retention: rows of chosen ages, and a way on which requests can be held up.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configFor } from '../deployments/navi/config.ts';
import type { Dialect } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';

export const DAY_MS = 86_400_000;

/** Ten rows of each age in days: sixty are older than 90. Two organisations, and a route that would like to be more than text. */
export async function startWithAges(seed: number, dialect: Dialect): Promise<NaviDeployment> {
  const navi = await startNaviDeployment({ config: { ...configFor(dialect, ['rate-limit-inert']), retention: { isEnabled: true, days: 90 } }, seed, events: 0 });
  const nowMs = Date.now();
  let n = 0;
  for (const age of [200, 150, 120, 100, 95, 92, 60, 30, 10, 1]) {
    navi.insertRows(Array.from({ length: 10 }, () => {
      n += 1;
      return {
        orgKey: n % 4 === 0 ? 'initech' : 'acme', actorSub: `auth0|u${n % 3}`, actorEmail: null, route: n === 10 ? '/api/<img src=x onerror="__pwned=1">\u202e' : `/api/plan/${n}`, method: 'POST', eventType: n % 5 === 0 ? 'plan.deleted' : 'http.request', resourceId: null, payload: { n }, statusCode: 200,
        createdAtMicros: Math.round((nowMs - age * DAY_MS) * 1000) - n,
      };
    }));
  }
  return navi;
}

export interface Front { readonly url: string; /** Requests of this method wait until it is null again. */ hold(method: 'GET' | 'POST' | null): void; close(): Promise<void> }

/** A way to a deployment on which requests can be held up. */
export async function startFront(navi: NaviDeployment): Promise<Front> {
  let held: string | null = null;
  let waiting: (() => void)[] = [];
  const server = createServer((incoming, outgoing) => {
    const pass = (): void => {
      const on = request(new URL(incoming.url ?? '/', navi.url), { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      on.on('error', () => outgoing.destroy());
      incoming.pipe(on);
    };
    if (incoming.method === held) waiting.push(pass);
    else pass();
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(method) {
      held = method;
      for (const pass of waiting) pass();
      waiting = [];
    },
    close: () => { server.closeAllConnections(); return new Promise((resolve) => { server.close(() => resolve()); }); },
  };
}
