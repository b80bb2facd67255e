// Searching, listing and counting from the command line, as a script would: real processes over a synced log.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { useCliJob } from './cli-job.ts';

const job = useCliJob();
const { holdfast, listed, refused } = job;
let events: readonly AuditEvent[] = [];
beforeAll(async () => {
  await job.connect();
  ({ events } = job);
}, 60_000);

describe('queries from the command line', { timeout: 120_000 }, () => {
  it('filters as the options say', async () => {
    const posts = await listed(['audit', 'list', 'Acme', '--method', 'post', '--status', '4xx', '--limit', '5000']);
    const wanted = events.filter((event) => event.method === 'POST' && event.statusCode >= 400 && event.statusCode <= 499);
    expect(wanted.length).toBeGreaterThan(0);
    expect(posts.events.map((event) => event.id)).toEqual(wanted.map((event) => event.id));
    const day = (events[700]?.createdAt ?? '').slice(0, 10);
    const ofDay = await listed(['audit', 'list', 'Acme', '--since', day, '--until', day, '--limit', '5000']);
    expect(ofDay.events.map((event) => event.id)).toEqual(events.filter((event) => event.createdAt.startsWith(day)).map((event) => event.id));
    const org = await listed(['audit', 'list', 'Acme', '--org', 'acme', '--limit', '3']);
    expect(org.events.map((event) => event.org)).toEqual(['acme', 'acme', 'acme']);
    expect(await refused(['audit', 'list', 'Acme', '--until', 'tomorrow'])).toMatchObject({ code: 2, error: 'invalid_input', stdout: '' });
    expect(await refused(['audit', 'list', 'Acme', '--status', '9xx'])).toMatchObject({ code: 2, error: 'invalid_input' });
  });

  it('R62: searches by a query, in any order and form', async () => {
    const query = 'method:POST status:4xx';
    const wanted = events.filter((event) => event.method === 'POST' && event.statusCode >= 400 && event.statusCode <= 499);
    const found = await listed(['audit', 'search', 'Acme', query, '--limit', '5000']);
    expect(found).toMatchObject({ matching: wanted.length, total: events.length, nextCursor: null });
    expect(found.events).toEqual(wanted);
    expect((await listed(['audit', 'search', 'Acme', '', '--limit', '3'])).events).toEqual(events.slice(0, 3));
    expect((await listed(['audit', 'search', 'Acme', '--limit', '2'])).nextCursor).not.toBeNull();
    const oldest = await listed(['audit', 'search', 'Acme', query, '--sort', 'time:asc', '--limit', '4']);
    expect(oldest.events.map((event) => event.createdAt)).toEqual(wanted.map((event) => event.createdAt).sort((a, b) => (parseInstantUs(a) ?? 0) - (parseInstantUs(b) ?? 0)).slice(0, 4));
    const lines = await holdfast(['audit', 'search', 'Acme', query, '--format', 'jsonl', '--limit', '5000']);
    expect(lines.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown)).toEqual(wanted);
    expect(lines.stderr).toBe('');
    const csv = await holdfast(['audit', 'search', 'Acme', query, '--format', 'csv', '--limit', '1']);
    expect(csv.stdout.split('\r\n')[0]).toMatch(/^id,created_at,method,route,/);
    expect(csv.stdout.split('\r\n')[1]).toMatch(new RegExp(`^${wanted[0]?.id},`));
    expect(csv.stderr).toContain('more than 1 event');
    const json = await holdfast(['audit', 'search', 'Acme', query, '--format', 'json', '--limit', '2']);
    expect((JSON.parse(json.stdout) as { events: unknown }).events).toEqual(wanted.slice(0, 2));
    expect((await holdfast(['audit', 'search', 'Acme', 'zzz-no-such-word', '--format', 'jsonl'])).stdout).toBe('');
    expect((await holdfast(['audit', 'search', 'Acme', query, '--limit', '2'])).stdout).toContain(`2 of ${wanted.length} matching events, ${events.length} in the cache.`);
  });

  it('R62: counts by day, actor, route and status', async () => {
    const counts = async (by: string, ...query: string[]): Promise<Record<string, unknown>> => {
      const { code, stdout, stderr } = await holdfast(['audit', 'count', 'Acme', ...query, '--by', by, '--json']);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const tally = (of: (event: AuditEvent) => string | null, rows = events): Map<string | null, number> => rows.reduce((all, event) => all.set(of(event), (all.get(of(event)) ?? 0) + 1), new Map<string | null, number>());
    const values = (found: Record<string, unknown>): Map<string | null, number> => new Map((found['values'] as { value: string | null; count: number }[]).map(({ value, count }) => [value, count]));
    expect(values(await counts('day'))).toEqual(tally((event) => event.createdAt.slice(0, 10)));
    expect(values(await counts('actor', 'status:2xx'))).toEqual(tally((event) => event.actorEmail ?? event.actorSub, events.filter((event) => event.statusCode >= 200 && event.statusCode <= 299)));
    expect(values(await counts('route'))).toEqual(tally((event) => event.route));
    expect(values(await counts('status', 'method:POST'))).toEqual(tally((event) => String(event.statusCode), events.filter((event) => event.method === 'POST')));
    const plain = await holdfast(['audit', 'count', 'Acme', '--', '-method:POST']);
    expect(plain.stdout).toBe(`${events.filter((event) => event.method !== 'POST').length} matching events, ${events.length} in the cache.\n`);
  });

  it('points at what is wrong in a query', async () => {
    const { code, stdout, stderr } = await holdfast(['audit', 'search', 'Acme', 'login acter:bob']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('  login acter:bob\n        ^^^^^\n');
    expect(stderr).toContain('Did you mean actor?');
    expect(await refused(['audit', 'count', 'Acme', 'status:abc'])).toMatchObject({ code: 2, error: 'invalid_query', stdout: '' });
    expect(await refused(['audit', 'search', 'Acme', '--format', 'xml'])).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(await refused(['audit', 'search', 'Acme', '--sort', 'sideways'])).toMatchObject({ code: 2, error: 'invalid_input' });
  });

  it('R25: printed no token, no key and no passphrase in all of this', () => {
    job.expectNoSecrets();
    expect(existsSync(join(job.profile, 'cache.db'))).toBe(true);
  });
});
