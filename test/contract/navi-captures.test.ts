// Keeps the reference deployment true to the captured backend: every capture is replayed, or listed with the reason why not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routesOf } from '../deployments/navi/routes.ts';
import { CAPTURED_BACKENDS, CAPTURES, startReplay, type Capture, type Replay } from './navi-capture-replay.ts';
import { differences } from './navi-capture-compare.ts';

/** Routes that the reference deployment does not have, by reason. */
const OUTSIDE: readonly { readonly reason: string; readonly path: RegExp; readonly captures: number }[] = [
  { reason: 'role administration (rbac) is not offered', path: /^\/api\/admin\/rbac\//, captures: 10 },
  { reason: 'the device flow is not offered', path: /^\/oauth\/device\//, captures: 18 },
  { reason: 'plan replay is not offered', path: /^\/api\/plan\//, captures: 4 },
  { reason: 'rate-limit administration is not offered', path: /^\/api\/admin\/rate-limit\//, captures: 4 },
  { reason: 'the editor routes are not offered', path: /^\/api\/navi\//, captures: 1 },
  { reason: 'feedback is not offered', path: /^\/api\/feedback\//, captures: 1 },
];

const REPLAYED = 157;

/** Routing's own 404 and the rate limiter's refusal come before any route: they are replayed on every path. */
function isGivenBeforeRouting(capture: Capture): boolean {
  const { status, json } = capture.response;
  return status === 429 || (status === 404 && JSON.stringify(json) === '{"detail":"Not Found"}');
}

function outsideReason(capture: Capture): string | null {
  const path = capture.request.path.split('?')[0] ?? '';
  if (isGivenBeforeRouting(capture)) return null;
  return OUTSIDE.find((entry) => entry.path.test(path))?.reason ?? null;
}

/** What happened between two captures without being captured itself, or through a route that is outside. */
const BEFORE: Readonly<Record<string, (replay: Replay, capture: Capture) => Promise<void> | void>> = {
  'viewer JWT + DB admin': ({ deployment }) => deployment.grantRole('acme', 'auth0|view1', 'admin'),
  'viewer after revoke': ({ deployment }) => deployment.revokeRole('acme', 'auth0|view1'),
  'A purge again': async (replay, capture) => {
    expect(await replay.send(capture)).toMatchObject({ status: 200, json: { deleted: 1 } });
  },
  'fb 2 -> 429 shape': async (replay, capture) => {
    expect((await replay.send(capture)).status).toBe(404);
  },
};

const toReplay = CAPTURES.filter((capture) => outsideReason(capture) === null);

describe('captured NAVI requests', () => {
  it(`accounts for all ${CAPTURES.length}: ${REPLAYED} replayed, the others listed by reason`, () => {
    const listed = OUTSIDE.map(({ reason }) => ({ reason, captures: CAPTURES.filter((capture) => outsideReason(capture) === reason).length }));
    expect(listed).toEqual(OUTSIDE.map(({ reason, captures }) => ({ reason, captures })));
    expect(toReplay).toHaveLength(REPLAYED);
    expect(REPLAYED + OUTSIDE.reduce((sum, entry) => sum + entry.captures, 0)).toBe(CAPTURES.length);
    expect(CAPTURES.map((capture) => capture.number)).toEqual(CAPTURES.map((_, index) => index));
  });

  it('lists no route as outside that the deployment has', () => {
    const paths = routesOf('A').concat(routesOf('C0'), routesOf('C1')).map((route) => route.path);
    expect(OUTSIDE.flatMap((entry) => paths.filter((path) => entry.path.test(path)))).toEqual([]);
  });

  it('names a backend for every captured config', () => {
    expect([...new Set(CAPTURES.map((capture) => capture.config))].toSorted()).toEqual(Object.keys(CAPTURED_BACKENDS).toSorted());
  });
});

describe.each(Object.keys(CAPTURED_BACKENDS))('replay: %s', (configName) => {
  const captures = toReplay.filter((capture) => capture.config === configName);
  let replay: Replay;

  beforeAll(async () => {
    replay = await startReplay(configName);
  });
  afterAll(() => replay.close());

  // In captured order on one backend: later answers depend on rows that earlier requests wrote.
  it.each(captures.map((capture) => [`#${capture.number} ${capture.label}`, capture] as const))('%s', async (_, capture) => {
    await BEFORE[capture.label]?.(replay, capture);
    const replayed = await replay.send(capture);
    expect(differences(replayed, capture.response)).toEqual([]);
  });
});
