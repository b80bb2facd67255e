// Keeps the reference AI-Karen true to the captured backends: every captured read is replayed, or listed with the reason why not.
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILDS, configFor, type Build } from '../deployments/karen/config.ts';
import { parseOptions, UsageError } from '../deployments/karen/options.ts';
import { startKarenDeployment, type KarenDeployment } from '../deployments/karen/server.ts';

interface Capture {
  readonly label: string;
  readonly build: Build;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  /** Only the beginning of the body was kept. */
  readonly isTrimmed?: boolean;
}

const { captures: CAPTURES } = JSON.parse(readFileSync(new URL('../fixtures/karen-captures.json', import.meta.url), 'utf8')) as { captures: readonly Capture[] };

/** Routes that the reference deployment does not have, by reason. */
const OUTSIDE: readonly { readonly reason: string; readonly path: RegExp; readonly captures: number }[] = [
  { reason: 'the degraded mode is not offered', path: /^\/api\/health\/degraded-mode/, captures: 2 },
  { reason: 'health and recovery of single extensions are not offered', path: /^\/api\/health\/extensions\//, captures: 2 },
  { reason: 'the two database health routes are not offered', path: /^\/api\/health\/database\//, captures: 2 },
  { reason: 'plugins are not offered', path: /^\/api\/plugins\//, captures: 1 },
  { reason: 'the summary of metrics is not offered', path: /^\/api\/validation\/metrics\//, captures: 1 },
  { reason: 'the public description of the system is not offered', path: /^\/api\/public\/system\//, captures: 1 },
];
const REPLAYED = 37;

const outside = (capture: Capture): string | null => OUTSIDE.find(({ path }) => path.test(capture.path))?.reason ?? null;
const toReplay = CAPTURES.filter((capture) => outside(capture) === null);

/** Values that differ from run to run: compared by their type. */
const VOLATILE = new Set(['timestamp', 'correlation_id', 'last_check', 'response_time_ms', 'uptime_seconds', 'platform', 'python_version']);

function shape(value: unknown, key = ''): unknown {
  // The one timestamp that never changes is part of the contract (section 3.1).
  if (VOLATILE.has(key) && value !== '2025-08-25T20:00:00Z') return `(${typeof value})`;
  if (Array.isArray(value)) return value.map((item) => shape(item));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner, name)]));
  return value;
}

interface Replayed { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: string }

function send(deployment: KarenDeployment, { method, path, headers }: Pick<Capture, 'method' | 'path' | 'headers'>): Promise<Replayed> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${deployment.url}${path}`, { method, headers, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => { body += chunk; });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('captured AI-Karen requests', () => {
  it(`accounts for all ${CAPTURES.length}: ${REPLAYED} replayed, the others listed by reason`, () => {
    expect(OUTSIDE.map(({ reason }) => ({ reason, captures: CAPTURES.filter((capture) => outside(capture) === reason).length }))).toEqual(OUTSIDE.map(({ reason, captures }) => ({ reason, captures })));
    expect(toReplay).toHaveLength(REPLAYED);
  });

  it.each([[['--build', 'B']], [['--state', 'nonsense']], [['--port', '-1']], [['--unknown']]])('refuses %j as wrong usage', (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });
});

describe.each(BUILDS)('replay: %s', (build) => {
  let deployment: KarenDeployment;
  beforeAll(async () => { deployment = await startKarenDeployment({ config: configFor(build) }); });
  afterAll(() => deployment.close());

  it.each(toReplay.filter((capture) => capture.build === build).map((capture) => [`${capture.label} (${capture.path})`, capture] as const))('%s', async (_, capture) => {
    const replayed = await send(deployment, capture);
    expect(replayed.status).toBe(capture.status);
    for (const [name, value] of Object.entries(capture.answerHeaders)) expect([name, replayed.headers[name]]).toEqual([name, value]);
    for (const name of ['strict-transport-security', 'access-control-allow-origin']) expect([name, replayed.headers[name]]).toEqual([name, capture.answerHeaders[name]]);
    if (capture.json !== undefined) expect(shape(JSON.parse(replayed.body))).toEqual(shape(capture.json));
    else if (capture.isTrimmed !== true) expect(replayed.body).toBe(capture.text);
  });
});
