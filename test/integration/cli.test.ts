// The command line's whole job as a script would do it: real processes, a passphrase vault, the reference deployment.
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { EVENTS, REASON, useCliJob } from './cli-job.ts';

const job = useCliJob();
const { begin, holdfast, served, listed, refused } = job;
let events: AuditEvent[] = [];

describe('the whole job from the command line', { timeout: 120_000 }, () => {
  it('reads a profile that does not exist yet as an empty one, and leaves nothing behind that blocks it', async () => {
    expect(await served('deployment.list', ['deployment', 'list'])).toEqual({ deployments: [] });
    expect((await served('ledger.list', ['ledger', 'list'])).entries).toEqual([]);
  });

  it('adds a deployment with its token from stdin; a second one of that name is refused', async () => {
    const added = await served('deployment.add', ['deployment', 'add', 'Acme', '--url', job.navi.url, '--kind', 'navi', '--token-stdin'], { input: `${job.navi.token}\n` });
    expect(added).toMatchObject({ name: 'Acme', readOnly: true, environment: 'development', token: { stored: true, claims: { role: 'admin', org: 'acme' } } });
    expect(await refused(['deployment', 'add', 'Acme', '--url', job.navi.url])).toMatchObject({ code: 3, error: 'deployment_exists', stdout: '' });
    expect((await served('deployment.list', ['deployment', 'list'])).deployments.map((each) => each.name)).toEqual(['Acme']);
    expect((await served('deployment.get', ['deployment', 'show', 'Acme'])).id).toBe(added.id);
  });

  it('tests the deployment: dialect, capabilities with reasons, role', async () => {
    const tested = await served('deployment.test', ['deployment', 'test', 'Acme']);
    expect(tested).toMatchObject({ reached: true, dialect: 'C1', role: 'admin', token: 'accepted', anonymous: 'refused', transport: 'loopback' });
    expect(tested.capabilities.find((each) => each.name === 'audit-export')?.state).toBe('offered');
    expect(tested.capabilities.every((each) => each.reason !== '')).toBe(true);
  });

  it('says by its exit code that a token was refused, and still prints what was seen', async () => {
    await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: 'aaa.bbb.ccc' });
    const answer = await refused(['deployment', 'test', 'Acme']);
    expect(answer).toMatchObject({ code: 3, error: 'unauthorized' });
    expect(contract['deployment.test'].output.parse(JSON.parse(answer.stdout))).toMatchObject({ reached: true, token: 'refused' });
    await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: job.navi.token });
    await served('deployment.test', ['deployment', 'test', 'Acme']);
  });

  it('replaces a token, and a viewer\'s is told from an admin\'s', async () => {
    expect((await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: job.navi.viewerToken })).claims.role).toBe('viewer');
    expect((await served('deployment.test', ['deployment', 'test', 'Acme'])).role).not.toBe('admin');
    await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: job.navi.token });
    expect((await served('deployment.test', ['deployment', 'test', 'Acme'])).role).toBe('admin');
  });

  it('shows the security checks, each with its state', async () => {
    const view = await served('security.scan', ['security', 'show', 'Acme']);
    expect(view.checks.length).toBeGreaterThanOrEqual(30);
    expect(view.observedAt).not.toBeNull();
    const { code, stdout, stderr } = await holdfast(['security', 'show', 'Acme', '--offline']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const check of view.checks) expect(stdout).toContain(check.title);
  });

  it('syncs the audit log without a word on a piped stderr but the gaps', async () => {
    const first = await served('audit.sync', ['audit', 'sync', 'Acme']);
    expect(first.added).toBeGreaterThan(EVENTS / 2);
    expect(first.total).toBe(first.added);
    const again = await holdfast(['audit', 'sync', 'Acme']);
    expect(again.code).toBe(0);
    for (const trace of ['\r', '\u001b', '%']) expect(again.stderr).not.toContain(trace);
    expect(again.stdout).toContain('0 new events');
  });

  it('lists past one page, newest first, each row once, its id the server\'s number', async () => {
    const all = await listed(['audit', 'list', 'Acme', '--limit', '100000']);
    events = all.events;
    expect(events).toHaveLength(all.total);
    expect(all.total).toBeGreaterThan(1000);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    const times = events.map((event) => parseInstantUs(event.createdAt) ?? Number.NaN);
    expect(times.every((time, index) => index === 0 || (times[index - 1] ?? 0) >= time)).toBe(true);
    expect((await listed(['audit', 'list', 'Acme', '--limit', '1200'])).events).toEqual(events.slice(0, 1200));
  });

  it('shows one event by the server\'s number; an unknown number is an expected failure', async () => {
    const id = events[10]?.id ?? 0;
    expect((await served('audit.get', ['audit', 'show', 'Acme', String(id)])).id).toBe(id);
    expect((await holdfast(['audit', 'show', 'Acme', String(id)])).stdout).toMatch(new RegExp(`^Id +${id}$`, 'm'));
    expect(await refused(['audit', 'show', 'Acme', '999999999'])).toMatchObject({ code: 3, error: 'event_not_found' });
  });

  it('opens a payload here only with its key, for a reason, and says which key served', async () => {
    for (const { keyId, key } of job.navi.auditKeys) {
      const sealed = events.find((event) => event.payloadState === 'encrypted' && event.keyId === keyId);
      if (sealed === undefined) throw new Error(`the deployment made no event under ${keyId}`);
      const words = ['audit', 'decrypt', 'Acme', String(sealed.id), '--reason', REASON];
      expect(await refused(words)).toMatchObject({ code: 3, error: 'no_key', stdout: '' });
      const added = await served('audit.keyAdd', ['audit', 'key', 'add', 'Acme', '--key-id', keyId, '--key-stdin'], { input: `${key}\n` });
      expect(added.rows).toBeGreaterThan(0);
      const opened = await served('audit.decrypt', words);
      expect(opened).toMatchObject({ id: sealed.id, where: 'here', wasEncrypted: true, keyId, reason: REASON });
      expect(typeof JSON.parse(opened.payload)).toBe('object');
    }
    expect((await served('audit.keyList', ['audit', 'key', 'list', 'Acme'])).keys.map((each) => each.keyId).sort()).toEqual(job.navi.auditKeys.map((each) => each.keyId).sort());
    expect(await refused(['audit', 'decrypt', 'Acme', '1', '--reason', 'x'])).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(await refused(['audit', 'decrypt', 'Acme', '1'])).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(await refused(['audit', 'key', 'add', 'Acme', '--key-id', 'odd', '--key-stdin'], { input: 'no key' })).toMatchObject({ code: 3, error: 'invalid_key' });
  });

  it('lets the server open a payload, read-only as the deployment is', async () => {
    const newest = job.navi.auditKeys.at(-1)?.keyId;
    const sealed = events.find((event) => event.payloadState === 'encrypted' && event.keyId === newest);
    const opened = await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(sealed?.id), '--reason', REASON, '--server']);
    expect(opened).toMatchObject({ where: 'server', wasEncrypted: true });
    const here = await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(sealed?.id), '--reason', REASON]);
    expect(JSON.parse(opened.payload)).toEqual(JSON.parse(here.payload));
  });

  it('has every opening and every failed one in the ledger, and the chain verifies', async () => {
    const { entries } = await served('ledger.list', ['ledger', 'list', '--limit', '1000']);
    const decrypts = entries.filter((entry) => entry.action.startsWith('audit.decrypt') && entry.reason === REASON);
    // Two refused for want of a key, two opened here, one on the server, one more here.
    expect(decrypts.length).toBeGreaterThanOrEqual(6);
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => entries.length - index));
    expect(await served('ledger.verify', ['ledger', 'verify'])).toMatchObject({ verdict: 'intact', entries: entries.length });
    expect((await served('ledger.list', ['ledger', 'list', '--limit', '2'])).entries).toEqual(entries.slice(0, 2));
  });

  it('Ctrl-C stops a sync that waits for ever, says so, and exits 3', async () => {
    const reached = createServer();
    reached.listen(0, '127.0.0.1');
    await once(reached, 'listening');
    const { port } = reached.address() as AddressInfo;
    try {
      await served('deployment.add', ['deployment', 'add', 'Silent', '--url', `http://127.0.0.1:${port}`, '--token-stdin'], { input: 'opaque-token' });
      const connected = once(reached, 'connection');
      const { child, finished } = begin(['audit', 'sync', 'Silent', '--json']);
      await connected;
      child.kill('SIGINT');
      const { code, stderr, stdout } = await finished;
      expect({ code, error: (JSON.parse(stderr) as { code: string }).code, stdout }).toEqual({ code: 3, error: 'cancelled', stdout: '' });
    } finally {
      reached.close();
    }
    await holdfast(['deployment', 'remove', 'Silent', '--confirm', 'Silent']);
  });

  it('works from the cache when the deployment is gone, and says why it did not refresh', async () => {
    await job.navi.stop();
    const shown = await holdfast(['security', 'show', 'Acme']);
    expect(shown.code).toBe(0);
    expect(shown.stderr).toContain('Not looked at:');
    const view = await served('security.show', ['security', 'show', 'Acme', '--offline']);
    expect(view.lastFailure?.code).toBe('connection_refused');
    expect(view.observedAt).not.toBeNull();
    expect(await refused(['audit', 'sync', 'Acme'])).toMatchObject({ code: 3, error: 'connection_refused' });
    expect((await listed(['audit', 'list', 'Acme', '--limit', '100000'])).events).toEqual(events);
    const sealed = events.find((event) => event.payloadState === 'encrypted' && event.keyId === job.navi.auditKeys[0]?.keyId);
    expect((await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(sealed?.id), '--reason', REASON])).where).toBe('here');
    const late = await served('deployment.add', ['deployment', 'add', 'Down', '--url', job.navi.url, '--environment', 'staging']);
    expect(late.reachability.state).toBe('never-tried');
  });

  it('R23: removes only with the name confirmed, and then everything of it', async () => {
    const plan = await holdfast(['deployment', 'remove', 'Acme', '--json']);
    expect(plan.code).toBe(2);
    expect(JSON.parse(plan.stdout)).toEqual({ removed: false, name: 'Acme', events: events.length, keys: 2, kept: expect.arrayContaining([{ what: 'stored payloads', count: expect.any(Number) as number }]) as unknown, files: expect.any(Array) as unknown });
    expect(await refused(['deployment', 'remove', 'Acme', '--confirm', 'acme'])).toMatchObject({ code: 3, error: 'confirmation_mismatch', stdout: '' });
    expect((await served('deployment.list', ['deployment', 'list'])).deployments.map((each) => each.name).sort()).toEqual(['Acme', 'Down']);
    const removed = await holdfast(['deployment', 'remove', 'Acme', '--confirm', 'Acme', '--json']);
    expect(removed.code).toBe(0);
    expect(JSON.parse(removed.stdout)).toMatchObject({ removed: true, eventsRemoved: events.length, secretsRemoved: 4, left: { rows: 0, secrets: 0 } });
    expect((await served('deployment.list', ['deployment', 'list'])).deployments.map((each) => each.name)).toEqual(['Down']);
    expect((await served('ledger.verify', ['ledger', 'verify'])).verdict).toBe('intact');
  });

  it('R25: printed no token, no key and no passphrase in all of this', () => {
    job.expectNoSecrets();
    expect(existsSync(join(job.profile, 'cache.db'))).toBe(true);
  });
});
