// Schedules and their examination through the whole core: what is written for a deployment is clean when it is examined, and everything fits the contract.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { SCHEDULE_KINDS } from '#shared/domain/retention-schedule.ts';
import { code, value } from '../support/calls.ts';
import { keptLog, temporaryFolder, testPorts } from '../support/ports.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

async function setUp(): Promise<{ readonly app: App; readonly id: string; readonly karen: string; readonly log: ReturnType<typeof keptLog> }> {
  const folder = temporaryFolder('retention-schedule');
  cleanups.push(folder.remove);
  const log = keptLog();
  const app = await createApp(testPorts(`${folder.path}/profile`, { log }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  const { id } = await value(app, 'deployment.add', { name: 'Acme Prod', url: 'https://navi.acme.example', kind: 'navi', environment: 'production' });
  const { id: karen } = await value(app, 'deployment.add', { name: 'karen', url: 'https://karen.acme.example', kind: 'karen', environment: 'staging' });
  return { app, id, karen, log };
}

describe('schedules', () => {
  it('are written for a deployment, and lint refuses them exactly while placeholders are left', async () => {
    const { app, id, log } = await setUp();
    const before = (await value(app, 'ledger.list', {})).total;
    for (const kind of SCHEDULE_KINDS) {
      const open = await value(app, 'retention.schedule', { deploymentId: id, kind });
      expect(open.placeholders).toContain('<<WORKDIR>>');
      const openProblems = (await Promise.all(open.files.map(({ text, name }) => value(app, 'retention.lint', { text, name })))).flatMap(({ problems }) => problems);
      expect(openProblems.some(({ level, rule }) => level === 'error' && rule === 'placeholder')).toBe(true);
      const whole = await value(app, 'retention.schedule', { deploymentId: id, kind, workdir: '/srv/navi', python: '/srv/navi/.venv/bin/python', image: 'ghcr.io/acme/navi:1.2.3', namespace: 'navi-prod' });
      expect(whole.placeholders).toEqual([]);
      for (const { text, name } of whole.files) expect(await value(app, 'retention.lint', { text, name })).toMatchObject({ problems: [] });
    }
    // Nobody was asked, and nothing was kept.
    expect((await value(app, 'ledger.list', {})).total).toBe(before);
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('a file of one is written whole, byte for byte, over nothing, and only under a name that it makes', async () => {
    const { app, id } = await setUp();
    const folder = temporaryFolder('schedule-files');
    cleanups.push(folder.remove);
    const asked = { deploymentId: id, kind: 'systemd', workdir: '/srv/navi', python: '/srv/navi/.venv/bin/python' } as const;
    for (const { name, text } of (await value(app, 'retention.schedule', asked)).files) {
      const path = join(folder.path, name);
      const written = await value(app, 'retention.writeSchedule', { ...asked, name, path });
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(written).toEqual({ path, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') });
      writeFileSync(path, 'mine');
      expect(await code(app, 'retention.writeSchedule', { ...asked, name, path })).toBe('file_exists');
      expect(readFileSync(path, 'utf8')).toBe('mine');
      await value(app, 'retention.writeSchedule', { ...asked, name, path, overwrite: true });
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
    expect(await code(app, 'retention.writeSchedule', { ...asked, name: 'other.service', path: join(folder.path, 'other.service') })).toBe('file_not_found');
    expect(readdirSync(folder.path)).toHaveLength(2);
  });

  it('are refused for an AI-Karen, for a deployment that is not known, and for values that would leave their field', async () => {
    const { app, id, karen } = await setUp();
    expect(await code(app, 'retention.schedule', { deploymentId: karen, kind: 'cron' })).toBe('not_offered');
    expect(await code(app, 'retention.schedule', { deploymentId: 'd_0123456789abcdef', kind: 'cron' })).toBe('deployment_not_found');
    expect(await code(app, 'retention.schedule', { deploymentId: id, kind: 'cron', workdir: '/srv\n* * * * * root sh' })).toBe('invalid_input');
    expect(await code(app, 'retention.schedule', { deploymentId: id, kind: 'kubernetes', namespace: 'x; rm -rf /' })).toBe('invalid_input');
  });

  it('the documented crontab, service and timer are found to delete nothing', async () => {
    const { app } = await setUp();
    const lint = async (text: string, name = ''): Promise<string[]> => (await value(app, 'retention.lint', { text, name })).problems.filter(({ level }) => level === 'error').map(({ rule }) => rule);
    expect(await lint('15 2 * * * cd /srv/aep && make audit-purge >> /var/log/aep/audit-purge.log 2>&1\n')).toEqual(['make-audit-purge', 'local-time']);
    expect(await lint('[Service]\nExecStart=/bin/bash -lc "cd /srv/aep && make audit-purge"\n', 'aep-audit-purge.service')).toEqual(['make-audit-purge']);
    expect(await lint('[Timer]\nOnCalendar=*-*-* 02:15:00\nPersistent=true\n', 'aep-audit-purge.timer')).toEqual(['no-install', 'local-time']);
  });
});

describe('the own rule through the core', () => {
  it('is set, looked at and carried out; the ledger tells of it', async () => {
    const { app } = await setUp();
    expect(await value(app, 'retention.ownPolicy', {})).toEqual({ rowDays: null, exportDays: null, reportDays: null });
    expect(await code(app, 'retention.setOwnPolicy', { rowDays: 0, exportDays: null, reportDays: null })).toBe('invalid_input');
    await value(app, 'retention.setOwnPolicy', { rowDays: 90, exportDays: 30, reportDays: null });
    const { token, digest, rows } = await value(app, 'retention.ownPreview', {});
    expect(rows).toEqual({ due: 0, bytes: 0, held: 0, kept: 0, released: 0 });
    expect(await value(app, 'retention.ownPurge', { token, digest })).toMatchObject({ rowsRemoved: 0, filesRemoved: 0, isCompacted: true });
    expect(await code(app, 'retention.ownPurge', { token, digest })).toBe('plan_expired');
    expect((await value(app, 'ledger.list', {})).entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['retention.own.policy', 'retention.own.purged']));
  });
});
